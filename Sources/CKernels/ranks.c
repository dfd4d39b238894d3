// The number at a rank without sorting: the keys' digits are counted from the highest, and only those with the digits found
// so far are looked at further; the last few are sorted. Counts of pieces are added, so the threads do not matter.
#include "order.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { LAST = 1 << 14 };
typedef struct {
    int precision, shift, next;
    int64_t n, piece, bin;
    uint64_t flip, prefix;
    const void *x;
    uint32_t *counts;
    uint64_t *found;
    int64_t offsets[PIECES + 1], nans[PIECES];
    uint64_t least[PIECES];
} rank_job;

#define T float
#define U uint32_t
#define TOP 32
#define N(name) name##_float
#include "ranks.inc"
#undef T
#undef U
#undef TOP
#undef N
#define T double
#define U uint64_t
#define TOP 64
#define N(name) name##_double
#include "ranks.inc"
#undef T
#undef U
#undef TOP
#undef N

#define SPAN \
    rank_job *j = context; \
    int64_t begin = tile * j->piece, end = begin + j->piece < j->n ? begin + j->piece : j->n
static void count_tile(void *context, int64_t tile) {
    SPAN;
    if (j->precision == 0) rank_count_float(j, begin, end, j->counts + tile * BINS, &j->nans[tile]);
    else rank_count_double(j, begin, end, j->counts + tile * BINS, &j->nans[tile]);
}
static void gather_tile(void *context, int64_t tile) {
    SPAN;
    if (j->precision == 0) rank_gather_float(j, begin, end, j->found + j->offsets[tile]);
    else rank_gather_double(j, begin, end, j->found + j->offsets[tile]);
}
static void above_tile(void *context, int64_t tile) {
    SPAN;
    j->least[tile] = j->precision == 0 ? rank_above_float(j, begin, end) : rank_above_double(j, begin, end);
}

typedef struct { uint64_t key, next; int64_t below, nans; } rank_found;
/// The key at a rank and, where wanted, at the next one.
static int find(int precision, int descending, int64_t n, int64_t rank, const void *x, int wants_next, rank_found *found) {
    int top = precision == 0 ? 32 : 64;
    rank_job j = {.precision = precision, .shift = top, .n = n, .piece = piece_of(n), .flip = descending ? UINT64_MAX : 0, .x = x};
    int64_t pieces = (n + j.piece - 1) / j.piece, rest = rank, equals = 0;
    uint32_t few[BINS];
    ptrdiff_t counters = pieces * BINS * (ptrdiff_t)sizeof(uint32_t);
    j.counts = pieces == 1 ? few : siam_memory_take(counters);
    if (!j.counts) return 0;
    int whole = 1, is_found = 0, has_next = 0;
    while (whole && j.shift > 0) {
        j.next = j.shift > BITS ? j.shift - BITS : 0;
        whole = siam_threads_run_while_wanted(pieces, count_tile, &j);
        int64_t here = 0, bin = 0;
        for (; bin < BINS && whole; bin++) {
            here = 0;
            for (int64_t p = 0; p < pieces; p++) here += j.counts[p * BINS + bin];
            if (rest < here) break;
            rest -= here;
        }
        if (!whole || bin == BINS) { whole = 0; break; }
        j.prefix = (j.shift == top ? 0 : j.prefix << (j.shift - j.next)) | (uint64_t)bin;
        j.shift = j.next;
        equals = here;
        if (j.shift == 0 || here > LAST) continue;
        uint64_t *words = siam_memory_take(2 * here * 8);
        if (!words) { whole = 0; break; }
        j.found = words;
        for (int64_t p = 0; p < pieces; p++) j.offsets[p + 1] = j.offsets[p] + j.counts[p * BINS + bin];
        whole = siam_threads_run_while_wanted(pieces, gather_tile, &j);
        const uint64_t *sorted = whole ? siam_sort_words(words, words + here, here) : words;
        found->key = sorted[rest];
        has_next = rest + 1 < here;
        if (has_next) found->next = sorted[rest + 1];
        while (rest > 0 && sorted[rest - 1] == found->key) rest--;
        siam_memory_give(words, 2 * here * 8);
        is_found = 1;
        break;
    }
    found->below = rank - rest;
    if (whole && !is_found) {
        found->key = j.prefix;
        found->below = rank - rest;
        has_next = rest + 1 < equals;
        found->next = found->key;
    }
    if (whole && wants_next && !has_next) {
        j.prefix = found->key;
        whole = siam_threads_run_while_wanted(pieces, above_tile, &j);
        found->next = precision == 0 ? UINT32_MAX : UINT64_MAX;
        for (int64_t p = 0; p < pieces && whole; p++) if (j.least[p] < found->next) found->next = j.least[p];
    }
    found->nans = 0;
    for (int64_t p = 0; p < pieces; p++) found->nans += j.nans[p];
    if (pieces > 1) siam_memory_give(j.counts, counters);
    return whole;
}
int siam_key_at(int precision, int descending, int64_t n, int64_t rank, const void *x, uint64_t *key, int64_t *below) {
    rank_found found = {0};
    int whole = find(precision, descending, n, rank, x, 0, &found);
    *key = found.key;
    *below = found.below;
    return whole;
}

typedef struct {
    int precision;
    int64_t rows, n, rank, block;
    const char *x;
    double *low, *next;
    int64_t *nans;
    _Atomic int failed;
} rows_job;
static void few(const rows_job *j, const char *x, rank_found *found) {
    uint64_t words[FEW], spare[FEW];
    for (int64_t i = 0; i < j->n; i++) {
        words[i] = j->precision == 0 ? key_float(((const uint32_t *)x)[i], 0) : key_double(((const uint64_t *)x)[i], 0);
        found->nans += words[i] == (j->precision == 0 ? UINT32_MAX : UINT64_MAX);
    }
    const uint64_t *sorted = siam_sort_words(words, spare, j->n);
    found->key = sorted[j->rank];
    found->next = sorted[j->rank + 1 < j->n ? j->rank + 1 : j->rank];
}
static void rows_tile(void *context, int64_t tile) {
    rows_job *j = context;
    int64_t end = (tile + 1) * j->block < j->rows ? (tile + 1) * j->block : j->rows;
    for (int64_t r = tile * j->block; r < end; r++) {
        const char *x = j->x + r * j->n * (j->precision == 0 ? 4 : 8);
        rank_found found = {0};
        int last = j->rank + 1 >= j->n;
        if (j->n <= FEW) few(j, x, &found);
        else if (!find(j->precision, 0, j->n, j->rank, x, !last, &found)) { atomic_store(&j->failed, 1); return; }
        if (last) found.next = found.key;
        j->low[r] = j->precision == 0 ? rank_value_float(found.key) : rank_value_double(found.key);
        j->next[r] = j->precision == 0 ? rank_value_float(found.next) : rank_value_double(found.next);
        j->nans[r] = found.nans;
    }
}
int siam_ranked(int precision, int64_t rows, int64_t n, int64_t rank, const void *x, double *low, double *next, int64_t *nans) {
    if (rows == 0 || n == 0 || rank < 0 || rank >= n) return 1;
    rows_job j = {precision, rows, n, rank, n >= SIAM_TILE ? 1 : SIAM_TILE / n, x, low, next, nans, 0};
    int64_t tiles = (rows + j.block - 1) / j.block;
    if (n >= PIECE || tiles == 1) {
        for (int64_t t = 0; t < tiles && !j.failed; t++) {
            if (siam_interrupt_is_due()) return 0;
            rows_tile(&j, t);
        }
        return !j.failed;
    }
    return siam_threads_run_while_wanted(tiles, rows_tile, &j) && !j.failed;
}
