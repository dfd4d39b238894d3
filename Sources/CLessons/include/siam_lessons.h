#ifndef SIAM_LESSONS_H
#define SIAM_LESSONS_H
#include <stdint.h>

/// The lessons' pages, as they stand in tutorials.
int32_t siam_lesson_count(void);
const char *siam_lesson_name(int32_t k);
const uint8_t *siam_lesson_text(int32_t k);
int32_t siam_lesson_size(int32_t k);

#endif
