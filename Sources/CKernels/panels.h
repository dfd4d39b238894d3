// Our own matrix products in 32 bits. Columns are computed a panel at a time: the columns of a panel are packed once, in the
// second-level cache, and used by all rows. Each number of the result is one sum in a fixed order, whatever its neighbours are.
#ifndef SIAM_PANELS_H
#define SIAM_PANELS_H
#include "siam_kernels.h"
typedef struct {
    int64_t m, n, k, lda, ldb, ldc;
    int ta, tb, accumulate, relu;
    const float *a, *b, *bias;
    float *c;
    /// Stored as b is: where it is not above 0, b counts as 0. May be NULL, as all below; not with tb.
    const float *mask;
    /// The rows of a (with ta), of b (without tb) and of c that the product is about, in order.
    const int32_t *a_rows, *b_rows, *c_rows;
    /// The sums of b's columns; not with tb.
    float *sums;
    /// b as `siam_pack` has packed it, where it is to be used more than once.
    const float *packed;
} siam_panels;
/// Whether this file supports a product of these sizes.
int siam_panels_serve(int64_t m, int64_t n, int ta, int tb);
void siam_panels_run(const siam_panels *p);
/// Up to two products at once, neither of which reads what the other writes. While they are packed, `first` is called for so
/// many tiles, and may write what they read as a; 0, and nothing is multiplied, where it has set `*stop`.
int siam_panels_run_all(const siam_panels *p, int count, siam_tile first, void *context, int64_t before, const _Atomic int *stop);
#endif
