// Moving elements: strided copies, gathers by tables of places, sorting.
#include "common.h"
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
int siam_sort(int precision, int descending, int64_t rows, int64_t n, const void *x, void *out, void *order) {
    if (precision == 0) return sort_float(descending, rows, n, x, out, order);
    return sort_double(descending, rows, n, x, out, order);
}
