// Reductions: per fixed block and combined in fixed order, so that bits do not depend on the threads.
#include "common.h"
#include <math.h>
#include <string.h>

#define T float
#define N(name) name##_float
#define F(name) name##f
#include "reduce.inc"
#undef T
#undef N
#undef F
#define T double
#define N(name) name##_double
#define F(name) name
#include "reduce.inc"
#undef T
#undef N
#undef F

typedef struct {
    int kind, precision;
    int64_t rows, n, inner, block;
    const char *x, *y, *z;
    char *out, *more;
    double eps;
} row_job;
static size_t width(int precision) { return precision == 0 ? 4 : 8; }

/// Rows of a tile, so that a tile is some thousand elements.
static int64_t block_of(int64_t n) { int64_t b = SIAM_TILE / 4 / (n > 0 ? n : 1); return b < 1 ? 1 : b; }
static void run(row_job *j, siam_tile tile) {
    int64_t tiles = (j->rows + j->block - 1) / j->block, all = j->rows * j->n * j->inner;
    if (all < SIAM_TILE) for (int64_t i = 0; i < tiles; i++) tile(j, i);
    // After an interrupt the tiles of large work are skipped: the caller then returns no result.
    else if (j->rows * j->inner > SIAM_LARGE / (j->n > 0 ? j->n : 1)) siam_threads_run_while_wanted(tiles, tile, j);
    else siam_threads_run(tiles, tile, j);
}
#define SPAN \
    row_job *j = context; \
    int64_t from = tile * j->block, rows = j->rows - from < j->block ? j->rows - from : j->block; \
    size_t w = width(j->precision)
#define AT(p, elements) (void *)((p) ? (p) + (size_t)(elements) * w : NULL)

static void reduce_tile(void *context, int64_t tile) {
    SPAN;
    int cumulative = j->kind >= SIAM_CUMSUM;
    void *x = AT(j->x, from * j->n * j->inner), *o = AT(j->out, from * j->inner * (cumulative ? j->n : 1));
    if (j->precision == 0) reduce_float(j->kind, rows, j->n, j->inner, x, o);
    else reduce_double(j->kind, rows, j->n, j->inner, x, o);
}
void siam_reduce(int kind, int precision, int64_t outer, int64_t r, int64_t inner, const void *x, void *out) {
    row_job j = {kind, precision, outer, r, inner, block_of(r * inner), x, NULL, NULL, out, NULL, 0};
    run(&j, reduce_tile);
}
static void softmax_tile(void *context, int64_t tile) {
    SPAN;
    void *x = AT(j->x, from * j->n), *o = AT(j->out, from * j->n);
    if (j->precision == 0) softmax_float(j->kind, rows, j->n, x, o);
    else softmax_double(j->kind, rows, j->n, x, o);
}
void siam_softmax(int kind, int precision, int64_t rows, int64_t n, const void *x, void *out) {
    row_job j = {kind, precision, rows, n, 1, block_of(n), x, NULL, NULL, out, NULL, 0};
    run(&j, softmax_tile);
}
void siam_softmax_gradient(int kind, int precision, int64_t rows, int64_t n, const void *g, const void *y, void *gx) {
    if (precision == 0) softmax_gradient_float(kind, rows, n, g, y, gx);
    else softmax_gradient_double(kind, rows, n, g, y, gx);
}
void siam_logsumexp(int precision, int64_t rows, int64_t n, const void *x, void *out) {
    if (precision == 0) logsumexp_float(rows, n, x, out);
    else logsumexp_double(rows, n, x, out);
}
/// What is done row by row, some thousands of elements a tile.
typedef struct {
    int what, precision, root;
    int64_t rows, n, block;
    double eps;
    const char *a, *b, *d, *g;
    char *out, *more;
} rows_job;
enum { NORM, NORM_GRADIENT, DISTANCE, DISTANCE_GRADIENT, SQUARES, SQUARES_GRADIENT, ROW_ELEMENTS = 1 << 13 };
static void rows_tile(void *context, int64_t tile) {
    rows_job *j = context;
    int64_t from = tile * j->block, rows = j->rows - from < j->block ? j->rows - from : j->block, n = j->n;
    size_t w = width(j->precision);
#define ROW(p) ((p) ? (void *)((p) + (size_t)(from * n) * w) : NULL)
#define ONE(p) ((p) ? (void *)((p) + (size_t)from * w) : NULL)
#define CALL(name, ...) do { if (j->precision == 0) name##_float(__VA_ARGS__); else name##_double(__VA_ARGS__); } while (0)
    switch (j->what) {
    case NORM:
        if (j->precision == 0) l2norm_float(rows, n, j->eps, ROW(j->a), ROW(j->out), ONE(j->more));
        else l2norm_double(rows, n, j->eps, ROW(j->a), ROW(j->out), ONE(j->more));
        break;
    case NORM_GRADIENT: CALL(l2norm_gradient, rows, n, j->eps, ROW(j->a), ROW(j->b), ROW(j->g), ROW(j->out)); break;
    case DISTANCE: CALL(row_distance, j->root, rows, n, ROW(j->a), ROW(j->b), ONE(j->out)); break;
    case SQUARES: CALL(row_squares, rows, n, ROW(j->a), ROW(j->b), ONE(j->out)); break;
    case SQUARES_GRADIENT:
        CALL(row_squares_gradient, rows, n, ROW(j->a), ROW(j->b), ONE(j->g), ROW(j->out), ROW(j->more));
        break;
    default: CALL(row_distance_gradient, rows, n, ROW(j->a), ROW(j->b), ONE(j->d), ONE(j->g), ROW(j->out), ROW(j->more));
    }
#undef ROW
#undef ONE
#undef CALL
}
static void by_rows(rows_job j) {
    j.block = j.n < ROW_ELEMENTS && j.n > 0 ? ROW_ELEMENTS / j.n : 1;
    siam_threads_run((j.rows + j.block - 1) / j.block, rows_tile, &j);
}
void siam_l2norm(int precision, int64_t rows, int64_t n, double eps, const void *x, void *out, void *norms) {
    by_rows((rows_job){NORM, precision, 0, rows, n, 0, eps, x, NULL, NULL, NULL, out, norms});
}
void siam_l2norm_gradient(int precision, int64_t rows, int64_t n, double eps, const void *x, const void *y, const void *g, void *gx) {
    by_rows((rows_job){NORM_GRADIENT, precision, 0, rows, n, 0, eps, x, y, NULL, g, gx, NULL});
}
double siam_contrastive(int precision, int64_t n, double margin, const void *d, const void *same) {
    return precision == 0 ? (double)contrastive_float(n, (float)margin, d, same) : contrastive_double(n, margin, d, same);
}
void siam_contrastive_gradient(int precision, int64_t n, double margin, const void *d, const void *same, double g, void *gd) {
    if (precision == 0) contrastive_gradient_float(n, (float)margin, d, same, (float)g, gd);
    else contrastive_gradient_double(n, margin, d, same, g, gd);
}
void siam_row_distance(int precision, int root, int64_t rows, int64_t n, const void *a, const void *b, void *out) {
    by_rows((rows_job){DISTANCE, precision, root, rows, n, 0, 0, a, b, NULL, NULL, out, NULL});
}
void siam_row_distance_gradient(int precision, int64_t rows, int64_t n, const void *a, const void *b, const void *d,
                                const void *g, void *ga, void *gb) {
    by_rows((rows_job){DISTANCE_GRADIENT, precision, 0, rows, n, 0, 0, a, b, d, g, ga, gb});
}
void siam_row_squares(int precision, int64_t rows, int64_t n, const void *a, const void *b, void *out) {
    by_rows((rows_job){SQUARES, precision, 0, rows, n, 0, 0, a, b, NULL, NULL, out, NULL});
}
void siam_row_squares_gradient(int precision, int64_t rows, int64_t n, const void *a, const void *b, const void *g, void *ga,
                               void *gb) {
    by_rows((rows_job){SQUARES_GRADIENT, precision, 0, rows, n, 0, 0, a, b, NULL, g, ga, gb});
}
typedef struct {
    int root, precision;
    int64_t m, n, d, block;
    const char *a, *b, *u;
    char *q;
    const void *squares;
} pairwise_job;
static void pairwise_tile(void *context, int64_t tile) {
    pairwise_job *j = context;
    int64_t from = tile * j->block, rows = j->m - from < j->block ? j->m - from : j->block;
    size_t w = width(j->precision);
    const void *a = AT(j->a, from * j->d), *u = AT(j->u, from * j->d);
    void *q = AT(j->q, from * j->n);
    if (j->precision == 0) pairwise_float(j->root, rows, j->n, j->d, a, (const void *)j->b, u, q, j->squares);
    else pairwise_double(j->root, rows, j->n, j->d, a, (const void *)j->b, u, q, j->squares);
}
// |u|^2 + |v|^2 - 2 u v. Rows that lie close together far from 0 would cancel in every place, as those of a collapsed
// embedding do: then their mean is taken off both sides first.
int siam_pairwise(int precision, int root, int64_t m, int64_t n, int64_t d, const void *a, const void *b, void *q) {
    if (m == 0 || n == 0) return 1;
    size_t w = width(precision);
    ptrdiff_t bytes = (ptrdiff_t)((size_t)(n + d + 2) * w), more = (ptrdiff_t)((size_t)((m + n) * d) * w);
    void *squares = siam_memory_take(bytes);
    if (!squares) return 0;
    void *mean = AT((char *)squares, n + 1), *shifted = NULL;
    const void *u = a, *v = b;
    double total = precision == 0 ? squares_float(n, d, b, squares) : squares_double(n, d, b, squares);
    siam_reduce(SIAM_SUM, precision, 1, n, d, b, mean);
    siam_unary(SIAM_SCALE, precision, d, mean, mean, 1 / (double)n, 0);
    double middle = siam_sum_squares(precision, d, mean) * (double)n;
    if (middle > 0.9 * total && (shifted = siam_memory_take(more))) {
        int is_one = a == b && m == n;
        void *z = is_one ? shifted : AT((char *)shifted, m * d);
        if (precision == 0) { less_float(m, d, a, mean, shifted); if (!is_one) less_float(n, d, b, mean, z); }
        else { less_double(m, d, a, mean, shifted); if (!is_one) less_double(n, d, b, mean, z); }
        u = shifted;
        v = z;
        if (precision == 0) squares_float(n, d, v, squares);
        else squares_double(n, d, v, squares);
    }
    // Products that take seconds are computed in blocks of rows, so that an interrupt is noticed between them.
    double row = (double)n * (double)(d > 0 ? d : 1);
    int64_t rows = (int64_t)((precision == 0 ? 4e9 : 5e8) / row);
    if (rows < 64) rows = 64;
    int whole = 1;
    for (int64_t from = 0; from < m && whole; from += rows) {
        int64_t some = m - from < rows ? m - from : rows;
        siam_matmul(precision, 0, 1, some, n, d, AT((const char *)u, from * d), v, AT((char *)q, from * n), 0);
        whole = !siam_interrupt_is_due();
    }
    // A tile may have to take all its distances from the coordinates.
    pairwise_job j = {root, precision, m, n, d, block_of(n * (1 + d / 16)), a, b, u, q, squares};
    int64_t tiles = (m + j.block - 1) / j.block;
    if (tiles <= 4) for (int64_t i = 0; i < tiles && whole; i++) pairwise_tile(&j, i);
    else if (whole) whole = siam_threads_run_while_wanted(tiles, pairwise_tile, &j);
    siam_memory_give(shifted, more);
    siam_memory_give(squares, bytes);
    return whole;
}

// The nearest other of each query, its ties by expectation.
CLONES static float nearest_of(int64_t n, const float *d) {
    float lanes[16], m = INFINITY;
    int64_t i = 0;
    for (int l = 0; l < 16; l++) lanes[l] = INFINITY;
    for (; i + 16 <= n; i += 16) for (int l = 0; l < 16; l++) lanes[l] = d[i + l] < lanes[l] ? d[i + l] : lanes[l];
    for (; i < n; i++) m = d[i] < m ? d[i] : m;
    for (int l = 0; l < 16; l++) m = lanes[l] < m ? lanes[l] : m;
    return m;
}
CLONES static void count_ties(int64_t n, const float *d, float cut, const int32_t *y, int32_t own, int64_t *tied, int64_t *tied_own) {
    int32_t all = 0, mine = 0;
    for (int64_t i = 0; i < n; i++) {
        float v = d[i] == d[i] ? d[i] : INFINITY;
        int32_t here = v == cut;
        all += here;
        mine += here & (y[i] == own);
    }
    *tied += all;
    *tied_own += mine;
}
typedef struct { int64_t rows, n, first; const float *d; const int32_t *y; double *share; } nearest_job;
enum { NEAREST_ROWS = 32 };
static void nearest_tile(void *context, int64_t tile) {
    nearest_job *j = context;
    int64_t from = tile * NEAREST_ROWS, to = from + NEAREST_ROWS < j->rows ? from + NEAREST_ROWS : j->rows;
    for (int64_t r = from; r < to; r++) {
        const float *d = j->d + r * j->n;
        int64_t q = j->first + r, rest = j->n - q - 1, tied = 0, own = 0;
        float a = nearest_of(q, d), b = nearest_of(rest, d + q + 1), cut = a < b ? a : b;
        count_ties(q, d, cut, j->y, j->y[q], &tied, &own);
        count_ties(rest, d + q + 1, cut, j->y + q + 1, j->y[q], &tied, &own);
        j->share[r] = tied > 0 ? (double)own / (double)tied : 0;
    }
}
void siam_nearest_share(int64_t rows, int64_t n, int64_t first, const float *d, const int32_t *y, double *share) {
    nearest_job j = {rows, n, first, d, y, share};
    siam_threads_run((rows + NEAREST_ROWS - 1) / NEAREST_ROWS, nearest_tile, &j);
}
