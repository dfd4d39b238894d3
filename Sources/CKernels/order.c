// Moving elements: strided copies, gathers by tables of places, sorting.
#include "order.h"
#include <stdlib.h>
#include <string.h>

#define T float
#define N(name) name##_float
#include "order.inc"
#undef T
#undef N
#define T double
#define N(name) name##_double
#include "order.inc"
#undef T
#undef N

void siam_copy_strided(int precision, int rank, const int64_t *dims, const int64_t *strides, const void *x, void *out) {
    if (precision == 0) copy_strided_float(rank, dims, strides, x, out);
    else copy_strided_double(rank, dims, strides, x, out);
}
void siam_gather(int precision, int rank, const int64_t *dims, const int64_t *const *tables, const void *x, void *out, int add) {
    if (precision == 0) gather_float(rank, dims, tables, x, out, add);
    else gather_double(rank, dims, tables, x, out, add);
}

static int before(double a, double b, int descending) {
    if (a != a) return 0;
    if (b != b) return 1;
    return descending ? a > b : a < b;
}
/// A merge sort of places: stable, and ties keep their order.
static int sort_doubles(int descending, int64_t rows, int64_t n, int64_t k, const double *x, double *out, int wide, void *order) {
    int64_t *a = malloc((size_t)(n * 2 + 1) * sizeof(int64_t)), *b = a ? a + n : NULL;
    if (!a) return 0;
    int whole = 1;
    for (int64_t r = 0; r < rows && whole; r++, x += n) {
        if (siam_interrupt_is_due()) whole = 0;
        int64_t *from = a, *to = b;
        for (int64_t i = 0; i < n; i++) from[i] = i;
        for (int64_t w = 1; w < n && whole; w *= 2) {
            for (int64_t i = 0; i < n && whole; i += 2 * w) {
                int64_t m = i + w < n ? i + w : n, e = i + 2 * w < n ? i + 2 * w : n, p = i, q = m, to_here = i;
                if (w < 1 << 16 && i % (1 << 20) == 0 && siam_interrupt_is_due()) whole = 0;
                while (p < m && q < e) {
                    if (to_here % (1 << 20) == 0 && w >= 1 << 16 && siam_interrupt_is_due()) { whole = 0; break; }
                    to[to_here++] = before(x[from[q]], x[from[p]], descending) ? from[q++] : from[p++];
                }
                while (p < m) to[to_here++] = from[p++];
                while (q < e) to[to_here++] = from[q++];
            }
            int64_t *t = from; from = to; to = t;
        }
        for (int64_t i = 0; i < k && whole; i++) {
            if (out) out[r * k + i] = x[from[i]];
            if (order && wide) ((double *)order)[r * k + i] = (double)from[i];
            else if (order) ((float *)order)[r * k + i] = (float)from[i];
        }
    }
    free(a);
    return whole;
}
int siam_sort(int precision, int descending, int64_t rows, int64_t n, int64_t k, const void *x, void *out, int wide, void *order) {
    if (precision == 0 && n <= UINT32_MAX) return siam_sort_singles(descending, rows, n, k, x, out, wide, order);
    if (precision == 0) return 0;
    return sort_doubles(descending, rows, n, k, x, out, wide, order);
}
int64_t siam_runs(int precision, int64_t n, const void *sorted, void *kept, void *counts) {
    return precision == 0 ? runs_float(n, sorted, kept, counts) : runs_double(n, sorted, kept, counts);
}

typedef struct {
    int64_t count, width, block;
    const int64_t *rows;
    const char *x;
    char *out;
} rows_job;
static void rows_tile(void *context, int64_t tile) {
    rows_job *j = context;
    int64_t end = (tile + 1) * j->block < j->count ? (tile + 1) * j->block : j->count;
    for (int64_t i = tile * j->block; i < end; i++) memcpy(j->out + i * j->width, j->x + j->rows[i] * j->width, (size_t)j->width);
}
CLONES static void add_row_float(int64_t n, const float *x, float *o) { for (int64_t i = 0; i < n; i++) o[i] += x[i]; }
CLONES static void add_row_double(int64_t n, const double *x, double *o) { for (int64_t i = 0; i < n; i++) o[i] += x[i]; }
int siam_rows(int precision, int adds, int64_t rows, int64_t width, int64_t count, int places_precision, const void *places,
              const void *x, void *out) {
    ptrdiff_t bytes = (ptrdiff_t)count * (ptrdiff_t)sizeof(int64_t), w = precision == 0 ? 4 : 8;
    int64_t *at = siam_memory_take(bytes);
    if (!at) return 0;
    int whole = 1;
    for (int64_t i = 0; i < count && whole; i++) {
        double v = places_precision == 0 ? (double)((const float *)places)[i] : ((const double *)places)[i];
        // NaN is in no range.
        whole = v >= -(double)rows && v < (double)rows && v == (double)(int64_t)v;
        if (whole) at[i] = (int64_t)v + (v < 0 ? rows : 0);
    }
    if (whole && adds) {
        for (int64_t i = 0; i < count; i++) {
            if (precision == 0) add_row_float(width, (const float *)x + i * width, (float *)out + at[i] * width);
            else add_row_double(width, (const double *)x + i * width, (double *)out + at[i] * width);
        }
    } else if (whole) {
        rows_job j = {count, width * w, SIAM_TILE / 2 / width + 1, at, x, out};
        int64_t tiles = (count + j.block - 1) / j.block;
        if (count > SIAM_LARGE / width) siam_threads_run_while_wanted(tiles, rows_tile, &j);
        else siam_threads_run(tiles, rows_tile, &j);
    }
    siam_memory_give(at, bytes);
    return whole;
}
