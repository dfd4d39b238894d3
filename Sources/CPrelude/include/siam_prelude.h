#ifndef SIAM_PRELUDE_H
#define SIAM_PRELUDE_H
#include <stdint.h>

/// The prelude's files, as they stand in Sources/SiamCompiler/Prelude.
int32_t siam_prelude_count(void);
const char *siam_prelude_name(int32_t k);
const uint8_t *siam_prelude_text(int32_t k);
int32_t siam_prelude_size(int32_t k);

#endif
