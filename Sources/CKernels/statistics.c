// What analysis asks of many numbers in one pass: extent, deviation, counts by intervals, extremes of blocks, centred rows,
// groups of rows. Pieces are cut by length alone and joined in their order, so the threads do not change a bit.
#include "common.h"
#include <math.h>
#include <string.h>

#define T float
#define I int32_t
#define N(name) name##_float
#include "statistics.inc"
#undef T
#undef I
#undef N
#define T double
#define I int64_t
#define N(name) name##_double
#include "statistics.inc"
#undef T
#undef I
#undef N

enum { PIECES = 64, LEAST = 1 << 16 };
typedef struct {
    int precision, positive;
    int64_t n, piece, width, k;
    const char *x;
    double mean;
    const double *row, *edges;
    double *out, *more;
    int64_t *counts;
    int32_t *labels;
    siam_extent *extents;
    siam_thinned *thinned;
} job;
/// Elements (or rows of so many) of a piece.
static int64_t piece_of(int64_t n, int64_t width) {
    int64_t least = LEAST / (width > 0 ? width : 1), p = (n + PIECES - 1) / PIECES;
    if (least < 1) least = 1;
    return p < least ? least : p;
}
static int64_t pieces_of(const job *j) { return (j->n + j->piece - 1) / j->piece; }
#define SPAN \
    job *j = context; \
    int64_t begin = tile * j->piece, n = j->n - begin < j->piece ? j->n - begin : j->piece; \
    const void *x = j->x + begin * j->width * (j->precision == 0 ? 4 : 8)
#define BOTH(name, ...) \
    do { if (j->precision == 0) name##_float(__VA_ARGS__); else name##_double(__VA_ARGS__); } while (0)

CLONES static void extent_tile(void *context, int64_t tile) { SPAN; BOTH(extent, x, n, &j->extents[tile]); }
CLONES static void deviations_tile(void *context, int64_t tile) {
    SPAN;
    j->out[tile] = j->precision == 0 ? deviations_float(x, n, j->mean) : deviations_double(x, n, j->mean);
}
int siam_extent_of(int precision, int64_t n, const void *x, int wants_deviations, siam_extent *extent) {
    siam_extent parts[PIECES], all = {INFINITY, -INFINITY, 0, 0, 0, 0, 0, 0};
    double squares[PIECES];
    job j = {.precision = precision, .n = n, .piece = piece_of(n, 1), .width = 1, .x = x, .extents = parts, .out = squares};
    int64_t pieces = pieces_of(&j);
    int whole = siam_threads_run_while_wanted(pieces, extent_tile, &j);
    for (int64_t p = 0; p < pieces && whole; p++) {
        if (parts[p].low < all.low) all.low = parts[p].low;
        if (parts[p].high > all.high) all.high = parts[p].high;
        all.sum += parts[p].sum;
        all.finite += parts[p].finite;
        all.nans += parts[p].nans;
        all.below += parts[p].below;
        all.whole += parts[p].whole;
    }
    if (whole && wants_deviations && all.finite > 0) {
        j.mean = all.sum / (double)all.finite;
        whole = siam_threads_run_while_wanted(pieces, deviations_tile, &j);
        for (int64_t p = 0; p < pieces && whole; p++) all.squares += squares[p];
    }
    *extent = all;
    return whole;
}

CLONES static void occupy_tile(void *context, int64_t tile) {
    SPAN;
    BOTH(occupy, x, n, j->k, j->edges, j->counts + tile * j->k);
}
int siam_occupancy(int precision, int64_t n, const void *x, int64_t bins, const double *edges, double *counts) {
    job j = {.precision = precision, .n = n, .piece = piece_of(n, 1), .width = 1, .x = x, .k = bins, .edges = edges};
    int64_t pieces = pieces_of(&j), bytes = pieces * bins * 8 + 8;
    j.counts = siam_memory_take((ptrdiff_t)bytes);
    if (!j.counts) return 0;
    memset(j.counts, 0, (size_t)bytes);
    int whole = siam_threads_run_while_wanted(pieces, occupy_tile, &j);
    for (int64_t b = 0; b < bins; b++) {
        int64_t sum = 0;
        for (int64_t p = 0; p < pieces; p++) sum += j.counts[p * bins + b];
        counts[b] = (double)sum;
    }
    siam_memory_give(j.counts, (ptrdiff_t)bytes);
    return whole;
}

CLONES static void thin_tile(void *context, int64_t tile) {
    SPAN;
    BOTH(thin, x, n, j->positive, begin, &j->thinned[tile]);
}
int siam_thin(int precision, int64_t n, const void *x, int positive, int64_t piece, siam_thinned *out) {
    job j = {.precision = precision, .positive = positive, .n = n, .piece = piece < 1 ? 1 : piece, .width = 1, .x = x, .thinned = out};
    return siam_threads_run_while_wanted(pieces_of(&j), thin_tile, &j);
}

CLONES static void nearer_tile(void *context, int64_t tile) { SPAN; BOTH(nearer, x, n, j->width, j->row, j->out + begin); }
void siam_nearer(int precision, int64_t rows, int64_t width, const void *x, const double *centre, double *least) {
    job j = {.precision = precision, .n = rows, .piece = piece_of(rows, width), .width = width, .x = x, .row = centre, .out = least};
    siam_threads_run(pieces_of(&j), nearer_tile, &j);
}
CLONES static void nearest_tile(void *context, int64_t tile) { SPAN; BOTH(nearest, x, n, j->width, j->labels + begin); }
void siam_nearest(int precision, int64_t rows, int64_t k, const void *distances, int32_t *labels) {
    job j = {.precision = precision, .n = rows, .piece = piece_of(rows, k), .width = k, .x = distances, .labels = labels};
    siam_threads_run(pieces_of(&j), nearest_tile, &j);
}
CLONES static void assign_tile(void *context, int64_t tile) {
    SPAN;
    if (j->precision == 0) assign_float(x, n, j->width, j->k, (const float *)(const void *)j->row, j->labels + begin);
    else assign_double(x, n, j->width, j->k, j->row, j->labels + begin);
}
int siam_assign(int precision, int64_t rows, int64_t width, int64_t lanes, const void *x, const void *centres, int32_t *labels) {
    job j = {.precision = precision, .n = rows, .piece = piece_of(rows, lanes), .width = width, .k = lanes, .x = x,
             .row = centres, .labels = labels};
    return siam_threads_run_while_wanted(pieces_of(&j), assign_tile, &j);
}
CLONES static void group_tile(void *context, int64_t tile) {
    SPAN;
    BOTH(group, x, n, j->width, j->labels + begin, j->out + tile * j->k * j->width, j->more + tile * j->k);
}
int siam_group_sums(int precision, int64_t rows, int64_t width, int64_t k, const void *x, const int32_t *labels,
                    double *sums, double *counts) {
    job j = {.precision = precision, .n = rows, .piece = piece_of(rows, width), .width = width, .k = k, .x = x};
    // Every piece adds up for itself: no more of them than there are rows for.
    if (j.piece < 4 * k) j.piece = 4 * k;
    j.labels = (int32_t *)labels;
    int64_t pieces = pieces_of(&j), bytes = (pieces * k * (width + 1) + 1) * 8;
    double *memory = siam_memory_take((ptrdiff_t)bytes);
    if (!memory) return 0;
    memset(memory, 0, (size_t)bytes);
    j.out = memory;
    j.more = memory + pieces * k * width;
    siam_threads_run(pieces, group_tile, &j);
    memset(sums, 0, (size_t)(k * width) * 8);
    memset(counts, 0, (size_t)k * 8);
    for (int64_t p = 0; p < pieces; p++) {
        for (int64_t i = 0; i < k * width; i++) sums[i] += j.out[p * k * width + i];
        for (int64_t i = 0; i < k; i++) counts[i] += j.more[p * k + i];
    }
    siam_memory_give(memory, (ptrdiff_t)bytes);
    return 1;
}
CLONES static void widen_tile(void *context, int64_t tile) {
    SPAN;
    BOTH(widen, x, n, j->width, j->row, j->out + begin * j->width);
}
int siam_centred(int precision, int64_t rows, int64_t width, const void *x, double *mean, double *out) {
    job j = {.precision = precision, .n = rows, .piece = piece_of(rows, width), .width = width, .x = x, .row = mean, .out = out};
    if (mean) {
        int32_t *one = siam_memory_take((ptrdiff_t)(rows * 4 + 4));
        double count = 0;
        if (!one) return 0;
        memset(one, 0, (size_t)rows * 4);
        int whole = siam_group_sums(precision, rows, width, 1, x, one, mean, &count);
        siam_memory_give(one, (ptrdiff_t)(rows * 4 + 4));
        if (!whole) return 0;
        for (int64_t i = 0; i < width; i++) mean[i] /= count;
    }
    siam_threads_run(pieces_of(&j), widen_tile, &j);
    return 1;
}

/// The products of the columns of rows: blocks of four by eight of them stay in registers over some rows.
CLONES static void gram_tile(void *context, int64_t tile) {
    job *j = context;
    int64_t begin = tile * j->piece, end = begin + j->piece < j->n ? begin + j->piece : j->n, w = j->width;
    double *out = j->out + tile * w * w;
    const double *all = (const double *)j->x;
    for (int64_t r0 = begin; r0 < end; r0 += 256) {
        int64_t r1 = r0 + 256 < end ? r0 + 256 : end;
        // Wide rows take long: who is cut off here is asked about below.
        if (w >= 128 && siam_interrupt_is_due()) return;
        for (int64_t a = 0; a < w; a += 4)
            for (int64_t b = a / 8 * 8; b < w; b += 8) {
                if (a + 4 > w || b + 8 > w) {
                    for (int64_t r = r0; r < r1; r++)
                        for (int64_t i = a; i < a + 4 && i < w; i++)
                            for (int64_t k = b; k < b + 8 && k < w; k++) out[i * w + k] += all[r * w + i] * all[r * w + k];
                    continue;
                }
                double sum[4][8] = {{0}};
                for (int64_t r = r0; r < r1; r++) {
                    const double *x = all + r * w;
                    for (int i = 0; i < 4; i++) for (int k = 0; k < 8; k++) sum[i][k] += x[a + i] * x[b + k];
                }
                for (int i = 0; i < 4; i++) for (int k = 0; k < 8; k++) out[(a + i) * w + b + k] += sum[i][k];
            }
    }
}
int siam_gram(int64_t rows, int64_t width, const double *x, double *out) {
    job j = {.n = rows, .piece = piece_of(rows, width), .width = width, .x = (const char *)x};
    if (j.piece < width) j.piece = width;
    int64_t pieces = pieces_of(&j), square = width * width, bytes = (pieces * square + 1) * 8;
    j.out = siam_memory_take((ptrdiff_t)bytes);
    if (!j.out) return 0;
    memset(j.out, 0, (size_t)bytes);
    int whole = siam_threads_run_while_wanted(pieces, gram_tile, &j) && !siam_interrupt_is_due();
    // Piece by piece, as they lie in memory.
    for (int64_t p = 0; p < pieces && whole; p++) {
        const double *part = j.out + p * square;
        for (int64_t a = 0; a < width; a++)
            for (int64_t b = a; b < width; b++) out[a * width + b] = p ? out[a * width + b] + part[a * width + b] : 0 + part[a * width + b];
        if (siam_interrupt_is_due()) whole = 0;
    }
    for (int64_t a = 0; a < width && whole; a++)
        for (int64_t b = a + 1; b < width; b++) out[b * width + a] = out[a * width + b];
    siam_memory_give(j.out, (ptrdiff_t)bytes);
    return whole;
}
CLONES static void project_tile(void *context, int64_t tile) {
    job *j = context;
    int64_t begin = tile * j->piece, end = begin + j->piece < j->n ? begin + j->piece : j->n, w = j->width;
    for (int64_t r = begin; r < end; r++)
        for (int64_t d = 0; d < j->k; d++) {
            const double *x = (const double *)j->x + r * w, *axis = j->row + d * w;
            double part[8] = {0}, sum = 0;
            int64_t i = 0;
            for (; i + 8 <= w; i += 8) for (int k = 0; k < 8; k++) part[k] += x[i + k] * axis[i + k];
            for (int k = 0; k < 8; k++) sum += part[k];
            for (; i < w; i++) sum += x[i] * axis[i];
            j->out[r * j->k + d] = sum;
        }
}
void siam_project(int64_t rows, int64_t width, int64_t dim, const double *x, const double *axes, double *out) {
    job j = {.n = rows, .piece = piece_of(rows, width), .width = width, .k = dim, .x = (const char *)x, .row = axes, .out = out};
    siam_threads_run(pieces_of(&j), project_tile, &j);
}
