// Convolution of 3 x 3 by fewer multiplications: 16 in place of 36 for each 2 x 2 places of the result. An image is taken
// apart into 16 tables of tiles, each is multiplied by a table of weights, and the results are put together again; all of it
// stays in the second cache. What is added more is 0.5 and 1 times what there is: nothing is lost but a bit or so.
#include "winograd.h"
#include <string.h>

#define WIDE
#define SET plain
#define LANES 4
#include "winograd.inc"
#undef WIDE
#undef SET
#undef LANES
#if defined(__x86_64__) && defined(__clang__)
#define WIDE __attribute__((target("avx2,fma")))
#define SET avx2
#define LANES 8
#include "winograd.inc"
#undef WIDE
#undef SET
#undef LANES
#define WIDE __attribute__((target("avx512f"), min_vector_width(512)))
#define SET avx512
#define LANES 16
#include "winograd.inc"
#undef WIDE
#undef SET
#undef LANES
#endif

typedef struct {
    void (*take)(const winograd *, int64_t, int64_t, const float *, float *);
    void (*times)(int64_t, int64_t, int64_t, const float *, const float *, float *);
    void (*give)(const winograd *, int64_t, int64_t, const float *, const float *, int, float *);
} ways;
static ways ways_here(void) {
#if defined(__x86_64__) && defined(__clang__)
    if (__builtin_cpu_supports("avx512f")) return (ways){take_avx512, times_avx512, give_avx512};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return (ways){take_avx2, times_avx2, give_avx2};
#endif
    return (ways){take_plain, times_plain, give_plain};
}

enum { BAND = 96 * 1024 };
int siam_winograd_of(const siam_window *s, winograd *n) {
    if (s->kernel_height != 3 || s->kernel_width != 3 || s->stride_height != 1 || s->stride_width != 1
        || s->dilation_height != 1 || s->dilation_width != 1 || s->channels % 16 != 0 || s->filters % 32 != 0
        || s->channels < 16 || s->filters < 32 || s->channels * s->filters > 64 * 64 || s->out_height < 4
        || s->out_width < 4) return 0;
    n->down = (s->out_height + 1) / 2;
    n->across = (s->out_width + 1) / 2;
    n->height = 2 * n->down + 2;
    n->width = 2 * n->across + 2;
    n->channels = s->channels;
    n->filters = s->filters;
    n->out_height = s->out_height;
    n->out_width = s->out_width;
    // As many rows at a time as the second cache holds with the weights.
    int64_t one = 16 * n->across * (n->channels + n->filters);
    n->band = BAND / one < 1 ? 1 : BAND / one > n->down ? n->down : BAND / one;
    // A line of the cache apart, so that the tables do not fall on one another.
    n->inner = n->band * n->across * n->channels + 16;
    n->outer = n->band * n->across * n->filters + 16;
    return one <= 2 * BAND;
}

int64_t siam_winograd_weights(const winograd *n) { return 16 * n->channels * n->filters; }
int64_t siam_winograd_room(const winograd *n) { return n->height * n->width * n->channels + 16 * (n->inner + n->outer); }

/// One line of the weights' tables: a, (a + b + c) / 2, (a - b + c) / 2, c.
CLONES static void line(int64_t n, const float *restrict a, const float *restrict b, const float *restrict c, float *restrict o,
                        int64_t apart) {
    for (int64_t i = 0; i < n; i++) {
        o[i] = a[i];
        o[apart + i] = 0.5f * (a[i] + b[i] + c[i]);
        o[2 * apart + i] = 0.5f * (a[i] - b[i] + c[i]);
        o[3 * apart + i] = c[i];
    }
}
void siam_winograd_prepare(const winograd *n, const float *w, float *u) {
    int64_t table = n->channels * n->filters;
    for (int64_t at = 0; at < table; at += 32) {
        float t[3][4 * 32];
        for (int j = 0; j < 3; j++) line(32, w + j * table + at, w + (3 + j) * table + at, w + (6 + j) * table + at, t[j], 32);
        for (int i = 0; i < 4; i++) line(32, t[0] + 32 * i, t[1] + 32 * i, t[2] + 32 * i, u + 4 * i * table + at, table);
    }
}

void siam_winograd_pad(const siam_window *s, const winograd *n, const float *x, float *room) {
    int64_t c = n->channels;
    int64_t rows = n->height - s->pad_top < s->height ? n->height - s->pad_top : s->height;
    int64_t columns = n->width - s->pad_left < s->width ? n->width - s->pad_left : s->width;
    for (int64_t y = 0; y < rows; y++)
        memcpy(room + ((y + s->pad_top) * n->width + s->pad_left) * c, x + y * s->width * c,
               (size_t)(columns > 0 ? columns * c : 0) * sizeof(float));
}

void siam_winograd_rows(const winograd *n, int64_t tile, const float *u, const float *bias, int relu, float *room, float *y) {
    ways way = ways_here();
    float *v = room + n->height * n->width * n->channels, *m = v + 16 * n->inner;
    if (tile % n->band == 0) {
        int64_t rows = n->down - tile < n->band ? n->down - tile : n->band;
        way.take(n, tile, rows, room, v);
        for (int64_t p = 0; p < 16; p++)
            way.times(rows * n->across, n->channels, n->filters, v + p * n->inner, u + p * n->channels * n->filters,
                      m + p * n->outer);
    }
    way.give(n, tile % n->band, n->out_height - 2 * tile < 2 ? 1 : 2, m, bias, relu, y);
}
