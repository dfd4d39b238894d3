// The gradients of activation(x w + b). Losses with a margin leave many rows of a batch without a gradient: their rows are
// left out of the products where that is an eighth or more of the work, which multiplies by 0 and adds nothing.
#include "common.h"
#include <string.h>

enum { ROWS = 32, STEP = 16 };
typedef struct {
    int kind;
    int64_t count, padded, k, n;
    const int32_t *live;
    const float *x, *y, *g;
    float *xs, *hs;
} pick_job;

CLONES static void masked(int64_t n, const float *restrict g, const float *restrict y, float *restrict h) {
    for (int64_t i = 0; i < n; i++) h[i] = y[i] > 0 ? g[i] : 0;
}
/// Rows side by side: those that count, then rows of 0 up to a whole number of steps, so that the shapes are few.
static void pick_tile(void *context, int64_t tile) {
    pick_job *j = context;
    int64_t end = (tile + 1) * ROWS < j->padded ? (tile + 1) * ROWS : j->padded;
    for (int64_t r = tile * ROWS; r < end; r++) {
        float *h = j->hs + r * j->n, *x = j->xs ? j->xs + r * j->k : NULL;
        if (r >= j->count) {
            memset(h, 0, (size_t)j->n * sizeof(float));
            if (x) memset(x, 0, (size_t)j->k * sizeof(float));
            continue;
        }
        const float *g = j->g + j->live[r] * j->n, *y = j->y + j->live[r] * j->n;
        if (j->kind == SIAM_RELU_GRADIENT) masked(j->n, g, y, h);
        else if (j->kind < 0) memcpy(h, g, (size_t)j->n * sizeof(float));
        else siam_binary_flat(j->kind, 0, j->n, g, y, h, 0);
        if (x) memcpy(x, j->x + j->live[r] * j->k, (size_t)j->k * sizeof(float));
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
    int32_t *live = siam_memory_take(listed);
    if (!live) return -1;
    int64_t count = 0;
    // What is not finite stays visible: 0 times infinity is no number.
    int serves = 1;
    for (int64_t r = 0; r < rows && serves; r++) {
        if (!is_zero(n, g + r * n)) live[count++] = (int32_t)r;
        else if (gw && !siam_all_finite(0, k, x + r * k)) serves = 0;
        if (count * 8 > rows * 7) serves = 0;
    }
    int64_t padded = (count + STEP - 1) / STEP * STEP;
    ptrdiff_t bytes = (ptrdiff_t)(padded * (n + (gw ? k : 0) + (gx ? k : 0)) * 4);
    float *hs = serves ? siam_memory_take(bytes) : NULL;
    if (!hs) {
        siam_memory_give(live, listed);
        return serves ? -1 : 0;
    }
    float *xs = gw ? hs + padded * n : NULL, *gs = gx ? hs + padded * (n + (gw ? k : 0)) : NULL;
    pick_job j = {kind, count, padded, k, n, live, x, y, g, xs, hs};
    siam_threads_run((padded + ROWS - 1) / ROWS, pick_tile, &j);
    if (gx) {
        siam_matmul(0, 0, 1, padded, k, n, hs, w, gs, 0);
        for (int64_t r = 0, l = 0; r < rows; r++) {
            if (l < count && live[l] == r) memcpy(gx + r * k, gs + l++ * k, (size_t)k * sizeof(float));
            else memset(gx + r * k, 0, (size_t)k * sizeof(float));
        }
    }
    if (gw) siam_matmul(0, 1, 0, k, n, padded, xs, hs, gw, adds);
    if (gb) siam_reduce(SIAM_SUM, 0, 1, padded, n, hs, gb);
    siam_memory_give(hs, bytes);
    siam_memory_give(live, listed);
    return 1;
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
