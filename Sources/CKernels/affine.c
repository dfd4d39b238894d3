// The gradients of activation(x w + b). Losses with a margin leave many rows of a batch without a gradient: the products
// skip these rows, since they would only add zeros.
#include "common.h"
#include "panels.h"
#include <stdatomic.h>
#include <string.h>

enum { ROWS = 16, LEAST = 1 << 16 };
typedef struct {
    int kind;
    int64_t rows, k, n;
    /// For each row its index among the rows with a gradient, or -1.
    const int32_t *place;
    const float *x, *y, *g;
    float *hs, *gx;
    _Atomic int stays;
} live_job;

CLONES static void masked(int64_t n, const float *restrict g, const float *restrict y, float *restrict h) {
    for (int64_t i = 0; i < n; i++) h[i] = y[i] > 0 ? g[i] : 0;
}
static void rows_tile(void *context, int64_t tile) {
    live_job *j = context;
    int64_t end = (tile + 1) * ROWS < j->rows ? (tile + 1) * ROWS : j->rows;
    for (int64_t r = tile * ROWS; r < end; r++) {
        if (j->place[r] < 0) {
            // A row with a number that is not finite counts: 0 times infinity is NaN, and that must stay visible.
            if (j->x && !siam_all_finite(0, j->k, j->x + r * j->k)) j->stays = 1;
            if (j->gx) memset(j->gx + r * j->k, 0, (size_t)j->k * sizeof(float));
            continue;
        }
        if (!j->hs) continue;
        const float *g = j->g + r * j->n, *y = j->y + r * j->n;
        float *h = j->hs + j->place[r] * j->n;
        if (j->kind == SIAM_RELU_GRADIENT) masked(j->n, g, y, h);
        else if (j->kind < 0) memcpy(h, g, (size_t)j->n * sizeof(float));
        else siam_binary_flat(j->kind, 0, j->n, g, y, h, 0);
    }
}
CLONES static uint32_t any_bits(int64_t n, const uint32_t *x) {
    uint32_t any = 0;
    for (int64_t i = 0; i < n; i++) any |= x[i] << 1;
    return any;
}
static int is_zero(int64_t n, const float *g) {
    const uint32_t *bits = (const uint32_t *)(const void *)g;
    for (int64_t i = 0; i < n; i += 64) if (any_bits(n - i < 64 ? n - i : 64, bits + i)) return 0;
    return 1;
}

/// Returns 0 if memory cannot be allocated.
static int by_panels(int kind, int64_t rows, int64_t n, int64_t k, const float *x, const float *w, const float *y,
                     const float *g, float *gx, float *gw, int adds, float *gb) {
    ptrdiff_t listed = (ptrdiff_t)rows * 8;
    int32_t *place = siam_memory_take(listed), *live = place + rows;
    if (!place) return 0;
    int64_t count = 0;
    for (int64_t r = 0; r < rows; r++) {
        place[r] = is_zero(n, g + r * n) ? -1 : (int32_t)count;
        if (place[r] >= 0) live[count++] = (int32_t)r;
    }
    // For relu the mask is applied while columns are packed. Other activations need the gradient before the activation in a
    // matrix of its own, computed first.
    int is_early = kind >= 0 && kind != SIAM_RELU_GRADIENT;
    int apart = is_early || (gx && (kind >= 0 || count < rows)) || (gb && !gw);
    ptrdiff_t bytes = (ptrdiff_t)(rows * n * 4);
    float *hs = apart ? siam_memory_take(bytes) : NULL;
    if (apart && !hs) {
        siam_memory_give(place, listed);
        return 0;
    }
    live_job j = {kind, rows, k, n, place, gw ? x : NULL, y, g, hs, gx, 0};
    int64_t tiles = (rows + ROWS - 1) / ROWS;
    for (int done = 0; !done;) {
        const int32_t *some = count < rows ? live : NULL;
        int rest = hs || some, products = 0;
        siam_panels p[2];
        if (gw && count > 0) {
            p[products++] = (siam_panels){
                .m = k, .n = n, .k = count, .lda = k, .ldb = n, .ldc = n, .ta = 1, .accumulate = adds, .a = x,
                .b = is_early ? hs : g, .c = gw, .mask = kind == SIAM_RELU_GRADIENT ? y : NULL, .a_rows = some,
                .b_rows = is_early ? NULL : some, .sums = gb};
        }
        if (gx && count > 0) {
            p[products++] = (siam_panels){.m = count, .n = k, .k = n, .lda = n, .ldb = n, .ldc = k, .tb = 1,
                                          .a = hs ? hs : g, .b = w, .c = gx, .c_rows = some};
        }
        if (rest && is_early) siam_threads_run(tiles, rows_tile, &j);
        done = !j.stays && siam_panels_run_all(p, products, rows_tile, &j, rest && !is_early ? tiles : 0, &j.stays);
        if (!done) {
            for (int64_t r = 0; r < rows; r++) place[r] = live[r] = (int32_t)r;
            count = rows;
            j.stays = 0;
        }
    }
    if (gw && count == 0 && !adds) memset(gw, 0, (size_t)(k * n) * sizeof(float));
    if (gb && count == 0) memset(gb, 0, (size_t)n * sizeof(float));
    else if (gb && !gw) siam_reduce(SIAM_SUM, 0, 1, count, n, hs, gb);
    if (hs) siam_memory_give(hs, bytes);
    siam_memory_give(place, listed);
    return 1;
}

int siam_affine_gradient(int precision, int activation, int64_t rows, int64_t n, int64_t k, const void *x, const void *w,
                         const void *y, const void *g, void *gx, void *gw, int adds, void *gb) {
    static const int kinds[] = {-1, SIAM_RELU_GRADIENT, SIAM_TANH_GRADIENT, SIAM_SIGMOID_GRADIENT};
    int kind = kinds[activation & 3];
    if (precision == 0 && rows > 0 && rows < INT32_MAX && (double)rows * (double)n * (double)k >= LEAST
        && siam_panels_serve(k, n, 1, 0) && (!gx || siam_panels_serve(rows, k, 0, 1))) {
        return by_panels(kind, rows, n, k, x, w, y, g, gx, gw, adds, gb);
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
