// Sorting 32-bit numbers by their bits: four passes of 8 each, over pieces that threads take. Where a piece writes to
// follows from counts of all pieces, so the order is the same on any number of threads, and equals keep theirs.
#include "order.h"
#include <stdatomic.h>
#include <string.h>

uint64_t *siam_sort_words(uint64_t *words, uint64_t *spare, int64_t n) {
    enum { RUN = 12 };
    for (int64_t s = 0; s < n; s += RUN) {
        int64_t e = s + RUN < n ? s + RUN : n;
        for (int64_t i = s + 1; i < e; i++) {
            uint64_t v = words[i];
            int64_t k = i;
            for (; k > s && words[k - 1] > v; k--) words[k] = words[k - 1];
            words[k] = v;
        }
    }
    uint64_t *from = words, *to = spare;
    for (int64_t w = RUN; w < n; w *= 2) {
        for (int64_t s = 0; s < n; s += 2 * w) {
            int64_t m = s + w < n ? s + w : n, e = s + 2 * w < n ? s + 2 * w : n, p = s, q = m, k = s;
            while (p < m && q < e) {
                uint64_t a = from[p], b = from[q];
                int second = b < a;
                to[k++] = second ? b : a;
                q += second;
                p += !second;
            }
            memcpy(to + k, from + p, (size_t)(m - p) * sizeof *to);
            memcpy(to + k + (m - p), from + q, (size_t)(e - q) * sizeof *to);
        }
        uint64_t *t = from; from = to; to = t;
    }
    return from;
}

/// The write positions of a digit are in as many pages as the TLB holds: longer digits would need fewer but slower passes.
enum { DIGIT = 8, DIGITS = 1 << DIGIT, PASSES = 32 / DIGIT };
typedef struct {
    int64_t n, piece;
    int pass, wide, pairs;
    uint32_t flip, *counts;
    const uint32_t *x;
    const void *from;
    void *to;
    uint32_t *out;
    void *order;
    _Atomic int64_t nans, negative_zeros;
} sort_job;

static void put_place(const sort_job *j, int64_t at, uint32_t place) {
    if (j->wide) ((double *)j->order)[at] = (double)place; else ((float *)j->order)[at] = (float)place;
}

#define SPAN \
    sort_job *j = context; \
    int64_t begin = tile * j->piece, end = begin + j->piece < j->n ? begin + j->piece : j->n; \
    int shift = j->pass * DIGIT; \
    uint32_t *counts = j->counts + tile * DIGITS, flip = j->flip

static void count_tile(void *context, int64_t tile) {
    SPAN;
    // Two tables of counts: neighbours are often equal, and incrementing the same count twice in a row stalls.
    uint32_t even[DIGITS] = {0}, odd[DIGITS] = {0};
    const uint32_t *x = j->x, *keys = j->from;
    const uint64_t *pairs = j->from;
    int64_t nans = 0, zeros = 0;
#define COUNT(digit) \
    for (int64_t i = begin, half = begin + (end - begin) / 2 * 2; i < end; i++) { \
        even[digit]++; \
        if (i++ < half - 1) odd[digit]++; else break; \
    }
    if (j->pass == 0) {
        for (int64_t i = begin; i < end; i++) {
            nans += (x[i] & INT32_MAX) > 0x7F800000u;
            zeros += x[i] == 0x80000000u;
        }
        COUNT(key_float(x[i], flip) & (DIGITS - 1))
    } else if (j->pairs) COUNT(pairs[i] >> (32 + shift) & (DIGITS - 1))
    else COUNT(keys[i] >> shift & (DIGITS - 1))
#undef COUNT
    for (int b = 0; b < DIGITS; b++) counts[b] = even[b] + odd[b];
    if (nans) atomic_fetch_add(&j->nans, nans);
    if (zeros) atomic_fetch_add(&j->negative_zeros, zeros);
}
static void keys_tile(void *context, int64_t tile) {
    SPAN;
    uint32_t at[DIGITS];
    memcpy(at, counts, sizeof at);
    const uint32_t *restrict x = j->x, *restrict keys = j->from;
    uint32_t *restrict to = j->to;
    if (j->pass == 0) for (int64_t i = begin; i < end; i++) {
        uint32_t k = key_float(x[i], flip);
        to[at[k & (DIGITS - 1)]++] = k;
    } else if (j->pass < PASSES - 1) for (int64_t i = begin; i < end; i++) {
        uint32_t k = keys[i];
        to[at[k >> shift & (DIGITS - 1)]++] = k;
    } else for (int64_t i = begin; i < end; i++) {
        uint32_t k = keys[i];
        to[at[k >> shift]++] = bits_float(k, flip);
    }
}
static void pairs_tile(void *context, int64_t tile) {
    SPAN;
    uint32_t at[DIGITS];
    memcpy(at, counts, sizeof at);
    const uint32_t *x = j->x;
    const uint64_t *pairs = j->from;
    uint64_t *to = j->to;
    uint32_t zero = 0x80000000u ^ flip;
    if (j->pass == 0) for (int64_t i = begin; i < end; i++) {
        uint32_t k = key_float(x[i], flip);
        to[at[k & (DIGITS - 1)]++] = (uint64_t)k << 32 | (uint32_t)i;
    } else if (j->pass < PASSES - 1) for (int64_t i = begin; i < end; i++) {
        uint64_t p = pairs[i];
        to[at[p >> (32 + shift) & (DIGITS - 1)]++] = p;
    } else for (int64_t i = begin; i < end; i++) {
        uint32_t k = (uint32_t)(pairs[i] >> 32), place = (uint32_t)pairs[i], here = at[pairs[i] >> (32 + shift)]++;
        if (j->out) j->out[here] = k == zero || k == UINT32_MAX ? x[place] : bits_float(k, flip);
        put_place(j, here, place);
    }
}
/// Zeros and NaN have several forms: they come in the order in which they stand in x.
static void put_forms(const sort_job *j) {
    int64_t nans = j->nans, low = 0, high = j->n - nans;
    uint32_t zero = 0x80000000u ^ j->flip;
    while (j->negative_zeros && low < high) {
        int64_t middle = low + (high - low) / 2;
        if (key_float(j->out[middle], j->flip) < zero) low = middle + 1; else high = middle;
    }
    for (int64_t i = 0, at = j->n - nans; i < j->n && (nans || j->negative_zeros); i++) {
        uint32_t k = key_float(j->x[i], j->flip);
        if (k == UINT32_MAX) j->out[at++] = j->x[i];
        else if (k == zero && j->negative_zeros) j->out[low++] = j->x[i];
    }
}
static int sort_whole(int64_t n, uint32_t flip, const uint32_t *x, uint32_t *out, int wide, void *order) {
    sort_job j = {.n = n, .piece = piece_of(n), .wide = wide, .pairs = order != NULL, .flip = flip, .x = x, .out = out, .order = order};
    int64_t pieces = (n + j.piece - 1) / j.piece;
    ptrdiff_t counters = pieces * DIGITS * (ptrdiff_t)sizeof(uint32_t), words = n * (j.pairs ? 8 : 4);
    j.counts = siam_memory_take(counters);
    // Keys go from x to the spare place, to the result, and both ways again; pairs through two spare places.
    char *first = j.pairs ? siam_memory_take(words) : (char *)out, *second = siam_memory_take(words);
    int whole = j.counts && first && second;
    for (j.pass = 0; j.pass < PASSES && whole; j.pass++) {
        j.from = j.pass & 1 ? second : first;
        j.to = j.pass & 1 ? first : second;
        whole = siam_threads_run_while_wanted(pieces, count_tile, &j);
        uint32_t sum = 0;
        for (int b = 0; b < DIGITS; b++)
            for (int64_t p = 0; p < pieces; p++) {
                uint32_t here = j.counts[p * DIGITS + b];
                j.counts[p * DIGITS + b] = sum;
                sum += here;
            }
        if (whole) whole = siam_threads_run_while_wanted(pieces, j.pairs ? pairs_tile : keys_tile, &j);
    }
    if (whole && !j.pairs) put_forms(&j);
    if (j.pairs && first) siam_memory_give(first, words);
    if (second) siam_memory_give(second, words);
    if (j.counts) siam_memory_give(j.counts, counters);
    return whole;
}
/// The first k of a row: those before the k-th and as many of its equals as are wanted, in order of place.
CLONES static int sort_first(int64_t n, int64_t k, uint32_t flip, const uint32_t *x, uint32_t *out, int wide, void *order) {
    uint64_t key = 0;
    int64_t below = 0, found = 0;
    if (k == 0) return 1;
    if (!siam_key_at(0, flip != 0, n, k - 1, x, &key, &below)) return 0;
    uint64_t *words = siam_memory_take(2 * k * 8);
    if (!words) return 0;
    int64_t equals = k - below;
    int whole = 1;
    for (int64_t b = 0; b < n && found < k && whole; b += 64) {
        int64_t e = b + 64 < n ? b + 64 : n;
        uint32_t any = 0;
        if (b % PIECE == 0 && siam_interrupt_is_due()) whole = 0;
        // Most blocks hold none.
        for (int64_t i = b; i < e; i++) any |= key_float(x[i], flip) <= (uint32_t)key;
        for (int64_t i = b; i < e && any && found < k; i++) {
            uint32_t own = key_float(x[i], flip);
            if (own < key || (own == key && equals-- > 0)) words[found++] = (uint64_t)own << 32 | (uint32_t)i;
        }
    }
    const uint64_t *sorted = whole ? siam_sort_words(words, words + k, found) : words;
    sort_job j = {.wide = wide, .order = order};
    for (int64_t i = 0; i < k && whole; i++) {
        uint32_t place = (uint32_t)sorted[i];
        if (out) out[i] = x[place];
        if (order) put_place(&j, i, place);
    }
    siam_memory_give(words, 2 * k * 8);
    return whole;
}
static void sort_few(int64_t n, int64_t k, uint32_t flip, const uint32_t *x, uint32_t *out, int wide, void *order) {
    uint64_t words[FEW], spare[FEW];
    for (int64_t i = 0; i < n; i++) words[i] = (uint64_t)key_float(x[i], flip) << 32 | (uint32_t)i;
    const uint64_t *sorted = siam_sort_words(words, spare, n);
    sort_job j = {.wide = wide, .order = order};
    for (int64_t i = 0; i < k; i++) {
        uint32_t place = (uint32_t)sorted[i];
        if (out) out[i] = x[place];
        if (order) put_place(&j, i, place);
    }
}

typedef struct {
    int64_t rows, n, k, block;
    uint32_t flip;
    const uint32_t *x;
    uint32_t *out;
    int wide;
    char *order;
    _Atomic int failed;
} rows_job;
static void rows_tile(void *context, int64_t tile) {
    rows_job *j = context;
    int64_t end = (tile + 1) * j->block < j->rows ? (tile + 1) * j->block : j->rows;
    for (int64_t r = tile * j->block; r < end; r++) {
        const uint32_t *x = j->x + r * j->n;
        uint32_t *out = j->out ? j->out + r * j->k : NULL;
        void *order = j->order ? j->order + r * j->k * (j->wide ? 8 : 4) : NULL;
        int whole = 1;
        if (j->n <= FEW) sort_few(j->n, j->k, j->flip, x, out, j->wide, order);
        else if (j->k == j->n) whole = sort_whole(j->n, j->flip, x, out, j->wide, order);
        else whole = sort_first(j->n, j->k, j->flip, x, out, j->wide, order);
        if (!whole) atomic_store(&j->failed, 1);
    }
}
int siam_sort_singles(int descending, int64_t rows, int64_t n, int64_t k, const uint32_t *x, uint32_t *out, int wide, void *order) {
    if (n == 0 || k == 0) return 1;
    rows_job j = {rows, n, k, n >= SIAM_TILE ? 1 : SIAM_TILE / n, descending ? UINT32_MAX : 0, x, out, wide, order, 0};
    int64_t tiles = (rows + j.block - 1) / j.block;
    // A long row is divided between threads; short rows are distributed whole.
    if (n >= PIECE || tiles == 1) {
        for (int64_t t = 0; t < tiles && !j.failed; t++) {
            if (siam_interrupt_is_due()) return 0;
            rows_tile(&j, t);
        }
        return !j.failed;
    }
    return siam_threads_run_while_wanted(tiles, rows_tile, &j) && !j.failed;
}
