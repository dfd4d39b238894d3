// What sorting and ranking share: numbers as whole numbers in the same order.
#ifndef SIAM_ORDER_H
#define SIAM_ORDER_H
#include "common.h"
/// Digits of a radix sort; rows up to FEW go by merging; longer ones are cut into pieces by length alone.
enum { BITS = 11, BINS = 1 << BITS, FEW = 2048, PIECE = 1 << 18, PIECES = 64 };

/// The places in the order of the numbers: NaN last, both zeros one. `flip` is ~0 for a descending order.
INLINE uint32_t key_float(uint32_t u, uint32_t flip) {
    uint32_t v = u == 0x80000000u ? 0 : u, k = v ^ ((uint32_t)((int32_t)v >> 31) | 0x80000000u);
    return (u & 0x7FFFFFFFu) > 0x7F800000u ? UINT32_MAX : k ^ flip;
}
INLINE uint32_t bits_float(uint32_t k, uint32_t flip) {
    k ^= flip;
    return k >> 31 ? k ^ 0x80000000u : ~k;
}
INLINE uint64_t key_double(uint64_t u, uint64_t flip) {
    uint64_t v = u == (uint64_t)1 << 63 ? 0 : u, k = v ^ ((uint64_t)((int64_t)v >> 63) | (uint64_t)1 << 63);
    return (u & INT64_MAX) > 0x7FF0000000000000u ? UINT64_MAX : k ^ flip;
}
INLINE uint64_t bits_double(uint64_t k, uint64_t flip) {
    k ^= flip;
    return k >> 63 ? k ^ (uint64_t)1 << 63 : ~k;
}
/// The length of the pieces that n elements are cut into.
INLINE int64_t piece_of(int64_t n) { int64_t p = (n + PIECES - 1) / PIECES; return p < PIECE ? PIECE : p; }

/// Sorts n words, with room for as many in `spare`; the result is in one of the two.
uint64_t *siam_sort_words(uint64_t *words, uint64_t *spare, int64_t n);
/// The first k of each row of n 32-bit numbers (n < 2^32) in order. See siam_sort.
int siam_sort_singles(int descending, int64_t rows, int64_t n, int64_t k, const uint32_t *x, uint32_t *out, int wide,
                      void *order);
/// The key at a rank of one row in the order of keys, and how many keys are less. 0 where interrupted, or memory.
int siam_key_at(int precision, int descending, int64_t n, int64_t rank, const void *x, uint64_t *key, int64_t *below);
#endif
