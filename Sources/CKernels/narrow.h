// Convolution of images with few channels, in 32 bits.
#ifndef SIAM_NARROW_H
#define SIAM_NARROW_H
#include "common.h"
enum { NARROW_TAPS = 147 };
/// The padded image and where in it the taps of a place are.
typedef struct {
    int64_t height, width, taps, filters, step, down;
    int32_t at[NARROW_TAPS];
} narrow;
/// Whether this method supports a convolution; fills in what the other functions need.
int siam_narrow_of(const siam_window *s, narrow *n);
/// Floats of a padded image. The first is padded into room that is 0.
int64_t siam_narrow_room(const siam_window *s, const narrow *n);
void siam_narrow_pad(const siam_window *s, const narrow *n, const float *x, float *padded);
/// So many rows of the result, the first one `from`.
void siam_narrow_rows(const siam_window *s, const narrow *n, int64_t from, int64_t rows, const float *padded, const float *w,
                      const float *bias, int relu, float *y);
#endif
