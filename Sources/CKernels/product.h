// Products by kernels of our own.
#ifndef SIAM_PRODUCT_H
#define SIAM_PRODUCT_H
#include <stdint.h>
/// c (m x n) = op(a) op(b), with the lengths of their rows where they are stored, whether they are turned, whether c is added
/// to, and what follows: -1 nothing, 0 a bias is added, 1 a bias and relu.
typedef struct { int64_t m, n, k, lda, ldb, ldc; int32_t ta, tb, accumulate, activation; } product_key;
int siam_own_product_is_for(const product_key *key);
/// 0 where memory is short.
int siam_own_product(const product_key *key, const float *a, const float *b, const float *bias, float *c);
#endif
