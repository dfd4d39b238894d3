// LAPACK for analysis, loaded when first asked for so that start-up does not pay for it.
#define _GNU_SOURCE
#include "siam_kernels.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

typedef void (*svd_routine)(char *, int *, int *, double *, int *, double *, double *, int *, double *, int *, double *, int *, int *, int *, size_t);
typedef void (*eigh_routine)(char *, char *, int *, double *, int *, double *, double *, int *, int *, size_t, size_t);
typedef void (*qr_routine)(int *, int *, double *, int *, double *, double *, int *, int *);
typedef void (*q_routine)(int *, int *, int *, double *, int *, double *, double *, int *, int *);
typedef void (*solve_routine)(int *, int *, double *, int *, int *, double *, int *, int *);
static svd_routine svd;
static eigh_routine eigh;
static qr_routine qr;
static q_routine make_q;
static solve_routine solve;
static int ready;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    void *library = dlopen("liblapack.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    svd = (svd_routine)dlsym(library, "dgesdd_");
    eigh = (eigh_routine)dlsym(library, "dsyev_");
    qr = (qr_routine)dlsym(library, "dgeqrf_");
    make_q = (q_routine)dlsym(library, "dorgqr_");
    solve = (solve_routine)dlsym(library, "dgesv_");
    ready = svd && eigh && qr && make_q && solve;
}
int siam_lapack_ready(void) { pthread_once(&once, load); return ready; }

int siam_lapack_svd(int m, int n, double *a, double *s, double *u, double *vt) {
    int k = m < n ? m : n, info = 0, lwork = -1;
    double size = 0;
    int *iwork = malloc(sizeof(int) * (size_t)(8 * k + 1));
    if (!iwork) return -1000;
    char job = 'S';
    svd(&job, &m, &n, a, &m, s, u, &m, vt, &k, &size, &lwork, iwork, &info, 1);
    lwork = (int)size;
    double *work = malloc(sizeof(double) * (size_t)(lwork + 1));
    if (work) svd(&job, &m, &n, a, &m, s, u, &m, vt, &k, work, &lwork, iwork, &info, 1);
    else info = -1000;
    free(work);
    free(iwork);
    return info;
}
int siam_lapack_eigh(int n, double *a, double *w) {
    int info = 0, lwork = -1;
    double size = 0;
    char job = 'V', half = 'U';
    eigh(&job, &half, &n, a, &n, w, &size, &lwork, &info, 1, 1);
    lwork = (int)size;
    double *work = malloc(sizeof(double) * (size_t)(lwork + 1));
    if (!work) return -1000;
    eigh(&job, &half, &n, a, &n, w, work, &lwork, &info, 1, 1);
    free(work);
    return info;
}
int siam_lapack_qr(int m, int n, double *a, double *r) {
    int k = m < n ? m : n, info = 0, lwork = 64 * (n > 1 ? n : 1);
    double *tau = malloc(sizeof(double) * (size_t)(k + 1)), *work = malloc(sizeof(double) * (size_t)lwork);
    if (tau && work) {
        qr(&m, &n, a, &m, tau, work, &lwork, &info);
        for (int j = 0; j < n; j++) for (int i = 0; i < k; i++) r[i + j * k] = i <= j ? a[i + j * m] : 0;
        if (info == 0) make_q(&m, &k, &k, a, &m, tau, work, &lwork, &info);
    } else info = -1000;
    free(tau);
    free(work);
    return info;
}
int siam_lapack_solve(int n, int rhs, double *a, double *b) {
    int info = 0;
    int *pivots = malloc(sizeof(int) * (size_t)(n + 1));
    if (!pivots) return -1000;
    solve(&n, &rhs, a, &n, pivots, b, &n, &info);
    free(pivots);
    return info;
}
