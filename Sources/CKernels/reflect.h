// The eigenvectors of a symmetric matrix from those of the tridiagonal matrix that LAPACK's dsytrd has made of it.
#ifndef SIAM_REFLECT_H
#define SIAM_REFLECT_H
#include "common.h"
/// v, row by row, = H(0) H(1) ... H(n - 2) z: the reflections that dsytrd with "L" has left below the diagonal of a, with
/// their factors tau, applied to z. All n x n, a and z column by column; z may be v. Over threads, each result by itself; 0
/// where memory is short, -1 where an interrupt came between.
int siam_reflect(int64_t n, const double *a, const double *tau, const double *z, double *v);
#endif
