// Convolution of images with few channels, such as grey or colour pictures: too few for oneDNN's method, which works on
// blocks of channels. The image is padded once; positions of a row stay in registers over all taps.
#include "narrow.h"
#include <string.h>

#define WIDE
#define SET plain
#define LANES 4
#define MOST 5
#define MIDDLE 2
#include "narrow.inc"
#undef WIDE
#undef SET
#undef LANES
#undef MOST
#undef MIDDLE
#if defined(__x86_64__) && defined(__clang__)
#define WIDE __attribute__((target("avx2,fma")))
#define SET avx2
#define LANES 8
#define MOST 5
#define MIDDLE 2
#include "narrow.inc"
#undef WIDE
#undef SET
#undef LANES
#undef MOST
#undef MIDDLE
#define WIDE __attribute__((target("avx512f"), min_vector_width(512)))
#define SET avx512
#define LANES 16
#define MOST 8
#define MIDDLE 4
#include "narrow.inc"
#undef WIDE
#undef SET
#undef LANES
#undef MOST
#undef MIDDLE
#endif

typedef void (*row_kernel)(const narrow *, int64_t, const float *, const float *, const float *, int, float *);
static row_kernel kernel_here(void) {
#if defined(__x86_64__) && defined(__clang__)
    if (__builtin_cpu_supports("avx512f")) return row_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return row_avx2;
#endif
    return row_plain;
}

int siam_narrow_of(const siam_window *s, narrow *n) {
    int64_t taps = s->kernel_height * s->kernel_width * s->channels;
    if (s->channels > 3 || taps < 1 || taps > NARROW_TAPS || s->filters % 32 != 0 || s->out_height < 1 || s->out_width < 1) return 0;
    int64_t reach_down = (s->kernel_height - 1) * s->dilation_height, reach_right = (s->kernel_width - 1) * s->dilation_width;
    n->height = (s->out_height - 1) * s->stride_height + reach_down + 1;
    n->width = (s->out_width - 1) * s->stride_width + reach_right + 1;
    if (n->height > 1 << 12 || n->width > 1 << 12) return 0;
    n->taps = taps;
    n->filters = s->filters;
    n->step = s->stride_width * s->channels;
    n->down = s->stride_height * n->width * s->channels;
    int64_t t = 0;
    for (int64_t ky = 0; ky < s->kernel_height; ky++)
        for (int64_t kx = 0; kx < s->kernel_width; kx++)
            for (int64_t c = 0; c < s->channels; c++)
                n->at[t++] = (int32_t)((ky * s->dilation_height * n->width + kx * s->dilation_width) * s->channels + c);
    return 1;
}

int64_t siam_narrow_room(const siam_window *s, const narrow *n) { return n->height * n->width * s->channels; }

void siam_narrow_pad(const siam_window *s, const narrow *n, const float *x, float *padded) {
    // The border stays 0 from image to image: the caller clears the memory before the first.
    int64_t rows = n->height - s->pad_top < s->height ? n->height - s->pad_top : s->height;
    int64_t columns = n->width - s->pad_left < s->width ? n->width - s->pad_left : s->width;
    for (int64_t y = 0; y < rows; y++)
        memcpy(padded + ((y + s->pad_top) * n->width + s->pad_left) * s->channels, x + y * s->width * s->channels,
               (size_t)(columns > 0 ? columns * s->channels : 0) * sizeof(float));
}

void siam_narrow_rows(const siam_window *s, const narrow *n, int64_t from, int64_t rows, const float *padded, const float *w,
                      const float *bias, int relu, float *y) {
    row_kernel row = kernel_here();
    for (int64_t r = 0; r < rows; r++)
        row(n, s->out_width, padded + (from + r) * n->down, w, bias, relu, y + r * s->out_width * s->filters);
}
