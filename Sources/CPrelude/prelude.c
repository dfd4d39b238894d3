#include "siam_prelude.h"

// The texts are put into the binary by the compiler, so that starting reads no file.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t layers[] = {
#embed "../SiamRuntime/Prelude/layers.siam"
};
static const uint8_t losses[] = {
#embed "../SiamRuntime/Prelude/losses.siam"
};

static const struct {
    const char *name;
    const uint8_t *text;
    int32_t size;
} files[] = {
    {"layers.siam", layers, sizeof layers},
    {"losses.siam", losses, sizeof losses},
};

int32_t siam_prelude_count(void) { return sizeof files / sizeof files[0]; }
const char *siam_prelude_name(int32_t k) { return files[k].name; }
const uint8_t *siam_prelude_text(int32_t k) { return files[k].text; }
int32_t siam_prelude_size(int32_t k) { return files[k].size; }
