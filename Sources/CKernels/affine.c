// The gradients of activation(x w + b). Losses with a margin leave many rows of a batch without a gradient: their rows are
// left out of the products where that is an eighth or more of the work, which multiplies by 0 and adds nothing.
#include "common.h"
#include <stdatomic.h>
#include <string.h>

enum { ROWS = 16, STEP = 16 };
typedef struct {
    int kind;
    int64_t rows, count, padded, k, n;
    /// For each row its place among those that count, or -1.
    const int32_t *place;
    const float *x, *y, *g;
    float *xs, *hs, *gs, *gx;
    _Atomic int stays;
} live_job;

CLONES static void masked(int64_t n, const float *restrict g, const float *restrict y, float *restrict h) {
    for (int64_t i = 0; i < n; i++) h[i] = y[i] > 0 ? g[i] : 0;
}
/// Rows side by side: those that count, and behind them rows of 0 up to a whole number of steps, so that the shapes are few.
static void pick_tile(void *context, int64_t tile) {
    live_job *j = context;
    int64_t end = (tile + 1) * ROWS < j->rows ? (tile + 1) * ROWS : j->rows;
    for (int64_t r = tile * ROWS; r < end; r++) {
        const float *x = j->x + r * j->k, *g = j->g + r * j->n, *y = j->y + r * j->n;
        if (j->place[r] < 0) {
            // What is not finite stays visible: 0 times infinity is no number.
            if (j->xs && !siam_all_finite(0, j->k, x)) j->stays = 1;
            continue;
        }
        float *h = j->hs + j->place[r] * j->n;
        if (j->kind == SIAM_RELU_GRADIENT) masked(j->n, g, y, h);
        else if (j->kind < 0) memcpy(h, g, (size_t)j->n * sizeof(float));
        else siam_binary_flat(j->kind, 0, j->n, g, y, h, 0);
        if (j->xs) memcpy(j->xs + j->place[r] * j->k, x, (size_t)j->k * sizeof(float));
    }
    if (end < j->rows) return;
    size_t more = (size_t)(j->padded - j->count) * sizeof(float);
    memset(j->hs + j->count * j->n, 0, more * (size_t)j->n);
    if (j->xs) memset(j->xs + j->count * j->k, 0, more * (size_t)j->k);
}
static void spread_tile(void *context, int64_t tile) {
    live_job *j = context;
    int64_t end = (tile + 1) * ROWS < j->rows ? (tile + 1) * ROWS : j->rows;
    for (int64_t r = tile * ROWS; r < end; r++) {
        if (j->place[r] < 0) memset(j->gx + r * j->k, 0, (size_t)j->k * sizeof(float));
        else memcpy(j->gx + r * j->k, j->gs + j->place[r] * j->k, (size_t)j->k * sizeof(float));
    }
}
static int is_zero(int64_t n, const float *g) {
    for (int64_t i = 0; i < n; i++) if (g[i] != 0) return 0;
    return 1;
}

/// 1 where it did all, 0 where nothing is done yet, -1 where memory is short.
static int by_live_rows(int kind, int64_t rows, int64_t n, int64_t k, const float *x, const float *w, const float *y,
                        const float *g, float *gx, float *gw, int adds, float *gb) {
    ptrdiff_t listed = (ptrdiff_t)rows * 4;
    int32_t *place = siam_memory_take(listed);
    if (!place) return -1;
    int64_t count = 0;
    for (int64_t r = 0; r < rows && count * 8 <= rows * 7; r++) place[r] = is_zero(n, g + r * n) ? -1 : (int32_t)count++;
    int serves = count * 8 <= rows * 7;
    int64_t padded = (count + STEP - 1) / STEP * STEP;
    ptrdiff_t bytes = (ptrdiff_t)(padded * (n + (gw ? k : 0) + (gx ? k : 0)) * 4);
    float *hs = serves ? siam_memory_take(bytes) : NULL;
    if (!hs) {
        siam_memory_give(place, listed);
        return serves ? -1 : 0;
    }
    float *xs = gw ? hs + padded * n : NULL, *gs = gx ? hs + padded * (n + (gw ? k : 0)) : NULL;
    live_job j = {kind, rows, count, padded, k, n, place, x, y, g, xs, hs, gs, gx, 0};
    int64_t tiles = (rows + ROWS - 1) / ROWS;
    siam_threads_run(tiles, pick_tile, &j);
    serves = !j.stays;
    if (serves) {
        if (gx) {
            siam_matmul(0, 0, 1, padded, k, n, hs, w, gs, 0);
            siam_threads_run(tiles, spread_tile, &j);
        }
        if (gw) siam_matmul(0, 1, 0, k, n, padded, xs, hs, gw, adds);
        if (gb) siam_reduce(SIAM_SUM, 0, 1, padded, n, hs, gb);
    }
    siam_memory_give(hs, bytes);
    siam_memory_give(place, listed);
    return serves;
}

int siam_affine_gradient(int precision, int activation, int64_t rows, int64_t n, int64_t k, const void *x, const void *w,
                         const void *y, const void *g, void *gx, void *gw, int adds, void *gb) {
    static const int kinds[] = {-1, SIAM_RELU_GRADIENT, SIAM_TANH_GRADIENT, SIAM_SIGMOID_GRADIENT};
    int kind = kinds[activation & 3];
    if (precision == 0 && rows >= 2 * STEP && (double)rows * (double)n * (double)k >= 1 << 20) {
        int done = by_live_rows(kind, rows, n, k, x, w, y, g, gx, gw, adds, gb);
        if (done != 0) return done > 0;
    }
    ptrdiff_t bytes = (ptrdiff_t)(rows * n * (precision == 0 ? 4 : 8));
    void *own = kind < 0 ? NULL : siam_memory_take(bytes);
    if (kind >= 0) {
        if (!own) return 0;
        siam_binary_flat(kind, precision, rows * n, g, y, own, 0);
        g = own;
    }
    if (gx) siam_matmul(precision, 0, 1, rows, k, n, g, w, gx, 0);
    if (gw) siam_matmul(precision, 1, 0, k, n, rows, x, g, gw, adds);
    if (gb) siam_reduce(SIAM_SUM, precision, 1, rows, n, g, gb);
    if (own) siam_memory_give(own, bytes);
    return 1;
}
