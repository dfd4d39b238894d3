#include "reflect.h"
#include <string.h>

/// DEEP reflections are applied at once, as I - V T V'; ACROSS vectors at a time, HIGH rows of a product.
enum { DEEP = 32, ACROSS = 16, HIGH = 8 };
#define WIDE
#define SET plain
#define LANES 2
#include "reflect.inc"
#undef WIDE
#undef SET
#undef LANES
#if defined(__x86_64__) && defined(__clang__)
#define WIDE __attribute__((target("avx2,fma")))
#define SET avx2
#define LANES 4
#include "reflect.inc"
#undef WIDE
#undef SET
#undef LANES
#define WIDE __attribute__((target("avx512f"), min_vector_width(512)))
#define SET avx512
#define LANES 8
#include "reflect.inc"
#undef WIDE
#undef SET
#undef LANES
#endif

typedef struct {
    void (*turned)(int64_t, int64_t, const double *, int64_t, const double *, int64_t, double *, int64_t);
    void (*times)(int64_t, int64_t, const double *, int64_t, const double *, int64_t, double *, int64_t, int);
    int64_t n, blocks, high;
    const double *a, *tau, *z;
    /// Of each block its reflections, row by row, and its factor -T.
    double *v, *t, *room, *out;
} reflect_job;

/// Rows below the first reflection of a block, up to a multiple of HIGH, and where they stand.
static int64_t rows_of(const reflect_job *j, int64_t block) { return (j->n - 1 - block * DEEP + HIGH - 1) / HIGH * HIGH; }

static void block_tile(void *context, int64_t block) {
    reflect_job *j = context;
    int64_t first = block * DEEP, rows = rows_of(j, block), here = j->n - 1 - first < DEEP ? j->n - 1 - first : DEEP;
    double *v = j->v + block * j->high * DEEP, *t = j->t + block * DEEP * DEEP, products[DEEP * DEEP];
    memset(v, 0, (size_t)(rows * DEEP) * sizeof(double));
    memset(t, 0, DEEP * DEEP * sizeof(double));
    for (int64_t c = 0; c < here; c++) {
        const double *column = j->a + (first + c) * j->n + first + 1;
        v[c * DEEP + c] = 1;
        for (int64_t r = c + 1; r < j->n - 1 - first; r++) v[r * DEEP + c] = column[r];
    }
    for (int64_t c = 0; c < DEEP; c += ACROSS) j->turned(DEEP, rows, v, DEEP, v + c, DEEP, products + c, DEEP);
    // -T, column by column.
    for (int64_t c = 0; c < here; c++) {
        double factor = j->tau[first + c];
        t[c * DEEP + c] = -factor;
        for (int64_t r = 0; r < c; r++) {
            double sum = 0;
            for (int64_t l = r; l < c; l++) sum += t[r * DEEP + l] * products[l * DEEP + c];
            t[r * DEEP + c] = -factor * sum;
        }
    }
}
static void vectors_tile(void *context, int64_t tile) {
    reflect_job *j = context;
    int64_t n = j->n, from = tile * ACROSS, here = n - from < ACROSS ? n - from : ACROSS;
    double *p = j->room + tile * (j->high + HIGH) * ACROSS, w[DEEP * ACROSS], u[DEEP * ACROSS];
    memset(p, 0, (size_t)((j->high + HIGH) * ACROSS) * sizeof(double));
    for (int64_t c = 0; c < here; c++)
        for (int64_t r = 0; r < n; r++) p[r * ACROSS + c] = j->z[(from + c) * n + r];
    for (int64_t block = j->blocks - 1; block >= 0; block--) {
        int64_t rows = rows_of(j, block);
        double *below = p + (block * DEEP + 1) * ACROSS, *v = j->v + block * j->high * DEEP;
        j->turned(DEEP, rows, v, DEEP, below, ACROSS, w, ACROSS);
        j->times(DEEP, DEEP, j->t + block * DEEP * DEEP, DEEP, w, ACROSS, u, ACROSS, 0);
        j->times(rows, DEEP, v, DEEP, u, ACROSS, below, ACROSS, 1);
    }
}
static void out_tile(void *context, int64_t tile) {
    reflect_job *j = context;
    int64_t n = j->n, from = tile * ACROSS, here = n - from < ACROSS ? n - from : ACROSS;
    const double *p = j->room + tile * (j->high + HIGH) * ACROSS;
    for (int64_t r = 0; r < n; r++) memcpy(j->out + r * n + from, p + r * ACROSS, (size_t)here * sizeof(double));
}

int siam_reflect(int64_t n, const double *a, const double *tau, const double *z, double *v) {
    reflect_job j = {.turned = turned_plain, .times = times_plain, .n = n, .blocks = (n + DEEP - 2) / DEEP,
                     .high = (n + HIGH - 1) / HIGH * HIGH, .a = a, .tau = tau, .z = z, .out = v};
#if defined(__x86_64__) && defined(__clang__)
    if (__builtin_cpu_supports("avx512f")) {
        j.turned = turned_avx512;
        j.times = times_avx512;
    } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        j.turned = turned_avx2;
        j.times = times_avx2;
    }
#endif
    int64_t tiles = (n + ACROSS - 1) / ACROSS, vs = j.blocks * j.high * DEEP, ts = j.blocks * DEEP * DEEP;
    ptrdiff_t bytes = (ptrdiff_t)((vs + ts + tiles * (j.high + HIGH) * ACROSS) * (int64_t)sizeof(double));
    j.v = siam_memory_take(bytes);
    if (!j.v) return 0;
    j.t = j.v + vs;
    j.room = j.t + ts;
    int done = siam_threads_run_while_wanted(j.blocks, block_tile, &j) && siam_threads_run_while_wanted(tiles, vectors_tile, &j);
    if (done) siam_threads_run(tiles, out_tile, &j);
    siam_memory_give(j.v, bytes);
    return done ? 1 : -1;
}
