// LAPACK for analysis, loaded at the first call so that start-up does not pay for it: that of OpenBLAS, four to six times as
// fast, if it is installed, on one thread, so that results do not depend on the number of threads; else the reference LAPACK.
#define _GNU_SOURCE
#include "common.h"
#include "reflect.h"
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef void (*svd_routine)(char *, int *, int *, double *, int *, double *, double *, int *, double *, int *, double *, int *, int *, int *, size_t);
typedef void (*eigh_routine)(char *, char *, int *, double *, int *, double *, double *, int *, int *, int *, int *, size_t, size_t);
typedef void (*qr_routine)(int *, int *, double *, int *, double *, double *, int *, int *);
typedef void (*q_routine)(int *, int *, int *, double *, int *, double *, double *, int *, int *);
typedef void (*solve_routine)(int *, int *, double *, int *, int *, double *, int *, int *);
typedef void (*tridiagonal_routine)(char *, int *, double *, int *, double *, double *, double *, double *, int *, int *, size_t);
typedef void (*divide_routine)(char *, int *, double *, double *, double *, int *, double *, int *, int *, int *, int *, size_t);
static svd_routine svd;
static eigh_routine eigh;
static tridiagonal_routine tridiagonal;
static divide_routine divide;
static qr_routine qr;
static q_routine make_q;
static solve_routine solve;
static int ready;
static pthread_once_t once = PTHREAD_ONCE_INIT;
// One call at a time: a library that was built for one thread is not to be called on two, and a call that an interrupt left
// behind may still run when the next one begins. A child process has no such call.
static pthread_mutex_t busy = PTHREAD_MUTEX_INITIALIZER;
static void forked(void) { pthread_mutex_init(&busy, NULL); }

static void load(void) {
    pthread_atfork(NULL, NULL, forked);
    const char *names[] = {"libopenblas.so.0", "liblapack.so.3"};
    for (int i = 0; i < 2 && !ready; i++) {
        void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (!library) continue;
        void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
        if (set_threads) set_threads(1);
        svd = (svd_routine)dlsym(library, "dgesdd_");
        eigh = (eigh_routine)dlsym(library, "dsyevd_");
        tridiagonal = (tridiagonal_routine)dlsym(library, "dsytrd_");
        divide = (divide_routine)dlsym(library, "dstedc_");
        qr = (qr_routine)dlsym(library, "dgeqrf_");
        make_q = (q_routine)dlsym(library, "dorgqr_");
        solve = (solve_routine)dlsym(library, "dgesv_");
        ready = svd && eigh && tridiagonal && divide && qr && make_q && solve;
    }
}
int siam_lapack_ready(void) { pthread_once(&once, load); return ready; }

static int run_svd(int m, int n, double *a, double *s, double *u, double *vt) {
    int k = m < n ? m : n, info = 0, lwork = -1;
    double size = 0;
    int *iwork = malloc(sizeof(int) * (size_t)(8 * k + 1));
    if (!iwork) return SIAM_LAPACK_NO_MEMORY;
    char job = 'S';
    svd(&job, &m, &n, a, &m, s, u, &m, vt, &k, &size, &lwork, iwork, &info, 1);
    lwork = (int)size;
    double *work = malloc(sizeof(double) * (size_t)(lwork + 1));
    if (work) svd(&job, &m, &n, a, &m, s, u, &m, vt, &k, work, &lwork, iwork, &info, 1);
    else info = SIAM_LAPACK_NO_MEMORY;
    free(work);
    free(iwork);
    return info;
}
static int run_eigh(int n, double *a, double *w) {
    int info = 0, lwork = -1, liwork = -1, whole = 0;
    double size = 0;
    char job = 'V', half = 'U';
    eigh(&job, &half, &n, a, &n, w, &size, &lwork, &whole, &liwork, &info, 1, 1);
    lwork = (int)size;
    liwork = whole;
    double *work = malloc(sizeof(double) * ((size_t)lwork + 1));
    int *iwork = malloc(sizeof(int) * ((size_t)liwork + 1));
    if (work && iwork) eigh(&job, &half, &n, a, &n, w, work, &lwork, iwork, &liwork, &info, 1, 1);
    else info = SIAM_LAPACK_NO_MEMORY;
    free(work);
    free(iwork);
    return info;
}
/// The same as far as the eigenvectors z of a tridiagonal matrix, and the reflections that lead to it, in a and tau.
static int run_divide(int n, double *a, double *w, double *z, double *tau) {
    int info = 0, lwork = -1, liwork = -1, whole = 0;
    double size = 0, of_tridiagonal = 0;
    char half = 'L', job = 'I';
    tridiagonal(&half, &n, a, &n, w, w, tau, &of_tridiagonal, &lwork, &info, 1);
    divide(&job, &n, w, w, z, &n, &size, &lwork, &whole, &liwork, &info, 1);
    lwork = (int)(size > of_tridiagonal ? size : of_tridiagonal);
    liwork = whole;
    double *work = malloc(sizeof(double) * ((size_t)lwork + (size_t)n));
    int *iwork = malloc(sizeof(int) * ((size_t)liwork + 1));
    if (work && iwork) {
        double *beside = work + lwork;
        tridiagonal(&half, &n, a, &n, w, beside, tau, work, &lwork, &info, 1);
        if (info == 0) divide(&job, &n, w, beside, z, &n, work, &lwork, iwork, &liwork, &info, 1);
    } else info = SIAM_LAPACK_NO_MEMORY;
    free(work);
    free(iwork);
    return info;
}
static int run_qr(int m, int n, double *a, double *r) {
    int k = m < n ? m : n, info = 0, lwork = 64 * (n > 1 ? n : 1);
    double *tau = malloc(sizeof(double) * (size_t)(k + 1)), *work = malloc(sizeof(double) * (size_t)lwork);
    if (tau && work) {
        qr(&m, &n, a, &m, tau, work, &lwork, &info);
        for (int j = 0; j < n; j++) for (int i = 0; i < k; i++) r[i + j * k] = i <= j ? a[i + j * m] : 0;
        if (info == 0) make_q(&m, &k, &k, a, &m, tau, work, &lwork, &info);
    } else info = SIAM_LAPACK_NO_MEMORY;
    free(tau);
    free(work);
    return info;
}
static int run_solve(int n, int rhs, double *a, double *b) {
    int info = 0;
    int *pivots = malloc(sizeof(int) * (size_t)(n + 1));
    if (!pivots) return SIAM_LAPACK_NO_MEMORY;
    solve(&n, &rhs, a, &n, pivots, b, &n, &info);
    free(pivots);
    return info;
}

/// A call with memory of its own, so that it can be abandoned. `places` are up to four matrices, one after the other.
enum { SVD, EIGH, DIVIDE, QR, SOLVE, PLACES = 4 };
typedef struct {
    int kind, m, n, info;
    double *memory, *places[PLACES];
} call;

static void run_call(void *given) {
    call *c = given;
    double **p = c->places;
    switch (c->kind) {
    case SVD: c->info = run_svd(c->m, c->n, p[0], p[1], p[2], p[3]); break;
    case EIGH: c->info = run_eigh(c->n, p[0], p[1]); break;
    case DIVIDE: c->info = run_divide(c->n, p[0], p[1], p[2], p[3]); break;
    case QR: c->info = run_qr(c->m, c->n, p[0], p[1]); break;
    default: c->info = run_solve(c->m, c->n, p[0], p[1]); break;
    }
}
static void run_in_turn(void *given) {
    pthread_mutex_lock(&busy);
    run_call(given);
    pthread_mutex_unlock(&busy);
}
static void drop_call(void *given) {
    call *c = given;
    free(c->memory);
    free(c);
}

/// Copies numbers piece by piece; 0 where an interrupt came between.
static int copied(double *to, const double *from, size_t n) {
    const size_t piece = 1 << 20;
    for (size_t at = 0; at < n; at += piece) {
        if (at && siam_interrupt_is_due()) return 0;
        memcpy(to + at, from + at, (n - at < piece ? n - at : piece) * sizeof(double));
    }
    return 1;
}

/// Runs a call; `work` is about how many multiplications it takes. Short ones run where they are, if no other is under way.
static int run(int kind, int m, int n, double work, double *const *places, const size_t *sizes) {
    call here = {.kind = kind, .m = m, .n = n};
    for (int i = 0; i < PLACES; i++) here.places[i] = places[i];
    if (work < 2e7 && pthread_mutex_trylock(&busy) == 0) {
        run_call(&here);
        pthread_mutex_unlock(&busy);
        return here.info;
    }
    size_t all = 1;
    for (int i = 0; i < PLACES; i++) all += places[i] ? sizes[i] : 0;
    call *c = malloc(sizeof *c);
    double *memory = malloc(all * sizeof(double));
    if (!c || !memory) {
        free(c);
        free(memory);
        return SIAM_LAPACK_NO_MEMORY;
    }
    *c = here;
    c->memory = memory;
    for (int i = 0; i < PLACES; i++) {
        if (!places[i]) continue;
        c->places[i] = memory;
        // Arrays that are only written need not be copied in.
        if ((i == 0 || (kind == SOLVE && i == 1)) && !copied(memory, places[i], sizes[i])) {
            drop_call(c);
            return SIAM_LAPACK_LEFT;
        }
        memory += sizes[i];
    }
    if (!siam_run_apart(run_in_turn, drop_call, c)) return SIAM_LAPACK_LEFT;
    int info = c->info;
    for (int i = 0; i < PLACES; i++)
        if (places[i] && !copied(places[i], c->places[i], sizes[i])) info = SIAM_LAPACK_LEFT;
    drop_call(c);
    return info;
}

enum { SIDE = 32 };
CLONES static double largest_of(int64_t n, const double *a) {
    double most[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) for (int l = 0; l < 8; l++) { double v = fabs(a[i + l]); most[l] = v > most[l] ? v : most[l]; }
    for (; i < n; i++) { double v = fabs(a[i]); most[0] = v > most[0] ? v : most[0]; }
    for (int l = 1; l < 8; l++) most[0] = most[l] > most[0] ? most[l] : most[0];
    return most[0];
}
int siam_is_symmetric(int64_t n, const double *a, double part) {
    double most = part * largest_of(n * n, a);
    // In square blocks that fit the first-level cache: going down one column would fetch a cache line for each number.
    for (int64_t i = 0; i < n; i += SIDE) {
        for (int64_t j = 0; j <= i; j += SIDE) {
            int64_t last = i + SIDE < n ? i + SIDE : n, to = j + SIDE < n ? j + SIDE : n;
            for (int64_t r = i; r < last; r++)
                for (int64_t c = j; c < to; c++) if (fabs(a[r * n + c] - a[c * n + r]) > most) return 0;
        }
    }
    return 1;
}

int siam_lapack_svd(int m, int n, double *a, double *s, double *u, double *vt) {
    size_t h = (size_t)m, w = (size_t)n, k = m < n ? h : w;
    double *places[PLACES] = {a, s, u, vt};
    size_t sizes[PLACES] = {h * w, k, h * k, k * w};
    return run(SVD, m, n, (double)m * n * (double)k * 10, places, sizes);
}
CLONES static void scale(int64_t n, double *a, double by) { for (int64_t i = 0; i < n; i++) a[i] *= by; }
static void turn(int64_t n, double *a) {
    for (int64_t i = 0; i < n; i += SIDE)
        for (int64_t j = 0; j <= i; j += SIDE)
            for (int64_t r = i; r < n && r < i + SIDE; r++)
                for (int64_t c = j; c < r && c < j + SIDE; c++) { double v = a[r * n + c]; a[r * n + c] = a[c * n + r]; a[c * n + r] = v; }
}
/// From WHOLE on the vectors are led back by our own reflections: on threads, which LAPACK's are not to be called on.
enum { WHOLE = 128 };
int siam_lapack_eigh(int n, double *a, double *w) {
    size_t h = (size_t)n;
    if (n < WHOLE) {
        double *places[PLACES] = {a, w, NULL, NULL};
        size_t sizes[PLACES] = {h * h, h, 0, 0};
        turn(n, a);
        int info = run(EIGH, n, n, (double)n * n * n * 5, places, sizes);
        turn(n, a);
        return info;
    }
    // Numbers too large or too small to be squared are scaled into range.
    double most = largest_of((int64_t)n * n, a), by = most > 1e140 ? 1e140 / most : most > 0 && most < 1e-140 ? 1e-140 / most : 1;
    if (by != 1) scale((int64_t)n * n, a, by);
    ptrdiff_t bytes = (ptrdiff_t)((h * h + h) * sizeof(double));
    double *z = siam_memory_take(bytes);
    if (!z) return SIAM_LAPACK_NO_MEMORY;
    double *places[PLACES] = {a, w, z, z + h * h};
    size_t sizes[PLACES] = {h * h, h, h * h, h};
    int info = run(DIVIDE, n, n, (double)n * n * n * 4, places, sizes);
    if (info == 0) {
        int led = siam_reflect(n, a, z + h * h, z, a);
        info = led > 0 ? 0 : led < 0 ? SIAM_LAPACK_LEFT : SIAM_LAPACK_NO_MEMORY;
    }
    if (by != 1) scale(n, w, 1 / by);
    siam_memory_give(z, bytes);
    return info;
}
int siam_lapack_qr(int m, int n, double *a, double *r) {
    size_t k = (size_t)(m < n ? m : n);
    double *places[PLACES] = {a, r, NULL, NULL};
    size_t sizes[PLACES] = {(size_t)m * (size_t)n, k * (size_t)n, 0, 0};
    return run(QR, m, n, (double)m * n * (double)k * 3, places, sizes);
}
int siam_lapack_solve(int n, int rhs, double *a, double *b) {
    double *places[PLACES] = {a, b, NULL, NULL};
    size_t sizes[PLACES] = {(size_t)n * (size_t)n, (size_t)n * (size_t)rhs, 0, 0};
    return run(SOLVE, n, rhs, (double)n * n * (n + 3.0 * rhs) / 3, places, sizes);
}
