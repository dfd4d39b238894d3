// Matrix products in 32 bits for processors with AVX-512: the right side packed in panels of 32 columns that stay in the
// cache, the left side read where it stands or, where it is turned, packed in the same way; bias, sum and relu on the way
// out. One thread a call; what is joined in which order depends on the shape alone.
#include "common.h"
#include "product.h"
#if defined(__x86_64__) && defined(__clang__)
#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define UNROLLED _Pragma("clang loop unroll(full)")
#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)
enum { ADDS = 1, RELU = 2, ROWS = 14, DEPTH = 200, WIDE = 512, TALL = 140 };

// Bias counts in the first part of a product's depth alone, relu after the last.
#define FINISH \
    __m512 s = _mm512_setzero_ps(), t = s; \
    if (bias) { s = _mm512_loadu_ps(bias); t = _mm512_loadu_ps(bias + 16); } \
    for (int i = 0; i < R; i++) { \
        float *to = c + i * ldc; \
        __m512 x = low[i], y = high[i]; \
        if (mode & ADDS) { x = _mm512_add_ps(x, _mm512_loadu_ps(to)); y = _mm512_add_ps(y, _mm512_loadu_ps(to + 16)); } \
        x = _mm512_add_ps(x, s); \
        y = _mm512_add_ps(y, t); \
        if (mode & RELU) { x = _mm512_max_ps(_mm512_setzero_ps(), x); y = _mm512_max_ps(_mm512_setzero_ps(), y); } \
        _mm512_storeu_ps(to, x); \
        _mm512_storeu_ps(to + 16, y); \
    }
#define R 1
#include "product.inc"
#undef R
#define R 2
#include "product.inc"
#undef R
#define R 3
#include "product.inc"
#undef R
#define R 4
#include "product.inc"
#undef R
#define R 5
#include "product.inc"
#undef R
#define R 6
#include "product.inc"
#undef R
#define R 7
#include "product.inc"
#undef R
#define R 8
#include "product.inc"
#undef R
#define R 9
#include "product.inc"
#undef R
#define R 10
#include "product.inc"
#undef R
#define R 11
#include "product.inc"
#undef R
#define R 12
#include "product.inc"
#undef R
#define R 13
#include "product.inc"
#undef R
#define R 14
#include "product.inc"
#undef R
typedef void (*block)(int64_t, const float *, int64_t, const float *, float *, int64_t, int, const float *);
static const block direct[ROWS + 1] = {0, direct_1, direct_2, direct_3, direct_4, direct_5, direct_6, direct_7, direct_8,
                                       direct_9, direct_10, direct_11, direct_12, direct_13, direct_14};
static const block packed[ROWS + 1] = {0, packed_1, packed_2, packed_3, packed_4, packed_5, packed_6, packed_7, packed_8,
                                       packed_9, packed_10, packed_11, packed_12, packed_13, packed_14};

/// Sixteen rows of sixteen, turned.
TARGET static void turn(const float *from, int64_t step, float *to, int64_t to_step) {
    __m512 r[16], t[16];
    for (int i = 0; i < 16; i++) r[i] = _mm512_loadu_ps(from + i * step);
    for (int i = 0; i < 8; i++) {
        t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 4; i++) {
        __m512d a = _mm512_castps_pd(t[4 * i]), b = _mm512_castps_pd(t[4 * i + 2]);
        __m512d c = _mm512_castps_pd(t[4 * i + 1]), d = _mm512_castps_pd(t[4 * i + 3]);
        r[4 * i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
        r[4 * i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
        r[4 * i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(c, d));
        r[4 * i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(c, d));
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        _mm512_storeu_ps(to + i * to_step, _mm512_shuffle_f32x4(t[i], t[i + 8], 0x88));
        _mm512_storeu_ps(to + (i + 8) * to_step, _mm512_shuffle_f32x4(t[i], t[i + 8], 0xdd));
        _mm512_storeu_ps(to + (i + 4) * to_step, _mm512_shuffle_f32x4(t[i + 4], t[i + 12], 0x88));
        _mm512_storeu_ps(to + (i + 12) * to_step, _mm512_shuffle_f32x4(t[i + 4], t[i + 12], 0xdd));
    }
}

/// Columns 0 ..< n of k rows of b, 32 at a time, the last ones filled up with 0.
TARGET static void pack_right(int turned, int64_t n, int64_t k, const float *b, int64_t ldb, float *to) {
    for (int64_t j = 0; j < n; j += 32, to += 32 * k) {
        int64_t w = n - j < 32 ? n - j : 32;
        if (!turned && w == 32) {
            const float *from = b + j;
            for (int64_t l = 0; l < k; l++, from += ldb) {
                _mm512_store_ps(to + 32 * l, _mm512_loadu_ps(from));
                _mm512_store_ps(to + 32 * l + 16, _mm512_loadu_ps(from + 16));
            }
        } else if (!turned) {
            for (int64_t l = 0; l < k; l++) {
                memcpy(to + 32 * l, b + l * ldb + j, (size_t)w * sizeof(float));
                memset(to + 32 * l + w, 0, (size_t)(32 - w) * sizeof(float));
            }
        } else {
            int64_t l = 0;
            if (w == 32)
                for (; l + 16 <= k; l += 16) {
                    turn(b + j * ldb + l, ldb, to + 32 * l, 32);
                    turn(b + (j + 16) * ldb + l, ldb, to + 32 * l + 16, 32);
                }
            for (; l < k; l++)
                for (int64_t i = 0; i < 32; i++) to[32 * l + i] = i < w ? b[(j + i) * ldb + l] : 0;
        }
    }
}
/// `rows` numbers of each of k steps.
TARGET static void pack_left(int64_t rows, int64_t k, const float *a, int64_t lda, float *to) {
    __mmask16 some = (__mmask16)((1u << rows) - 1);
    // What is written beyond a step is written over by the next; there is room behind the last.
    for (int64_t l = 0; l < k; l++) _mm512_storeu_ps(to + l * rows, _mm512_maskz_loadu_ps(some, a + l * lda));
}

static __thread float *room;
int siam_own_product_is_for(const product_key *key) {
    static int has = -1;
    if (has < 0) has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
    return has && key->m >= 4 && key->n >= 24 && key->k >= 16;
}

int siam_own_product(const product_key *key, const float *a, const float *b, const float *bias, float *c) {
    enum { RIGHT = DEPTH * WIDE, LEFT = (TALL + 16) * DEPTH, EDGE = 32 * ROWS };
    if (!room && !(room = aligned_alloc(64, (RIGHT + LEFT + EDGE + 32) * sizeof(float)))) return 0;
    float *right = room, *left = room + RIGHT, *edge = left + LEFT, *last_bias = edge + EDGE;
    int64_t m = key->m, n = key->n, k = key->k, parts = (k + DEPTH - 1) / DEPTH, depth = (k + parts - 1) / parts;
    for (int64_t j = 0; j < n; j += WIDE) {
        int64_t wide = n - j < WIDE ? n - j : WIDE;
        for (int64_t l = 0; l < k; l += depth) {
            int64_t deep = k - l < depth ? k - l : depth;
            int mode = (l > 0 || key->accumulate ? ADDS : 0) | (l + deep == k && key->activation == 1 ? RELU : 0);
            pack_right(key->tb, wide, deep, key->tb ? b + j * key->ldb + l : b + l * key->ldb + j, key->ldb, right);
            for (int64_t tall = 0; tall < m; tall += TALL) {
                int64_t rows = m - tall < TALL ? m - tall : TALL, blocks = (rows + ROWS - 1) / ROWS;
                // Rows a multiple of 512 bytes apart push each other out of the cache: they are copied closer.
                const float *rows_of_a = a + tall * key->lda + l;
                int64_t lda = key->lda;
                if (!key->ta && lda % 128 == 0 && m > 1) {
                    lda = depth + 8;
                    for (int64_t r = 0; r < rows; r++)
                        memcpy(left + r * lda, rows_of_a + r * key->lda, (size_t)deep * sizeof(float));
                    rows_of_a = left;
                }
                if (key->ta) {
                    float *to = left;
                    for (int64_t q = 0; q < blocks; q++) {
                        int64_t at = rows * q / blocks, some = rows * (q + 1) / blocks - at;
                        pack_left(some, deep, a + l * key->lda + tall + at, key->lda, to);
                        to += some * deep;
                    }
                }
                for (int64_t i = 0; i < wide; i += 32) {
                    const float *panel = right + i * deep, *beside = bias && l == 0 ? bias + j + i : NULL, *from = left;
                    int64_t w = wide - i < 32 ? wide - i : 32;
                    if (beside && w < 32) {
                        memset(last_bias, 0, 32 * sizeof(float));
                        memcpy(last_bias, beside, (size_t)w * sizeof(float));
                        beside = last_bias;
                    }
                    for (int64_t q = 0; q < blocks; q++) {
                        int64_t at = rows * q / blocks, some = rows * (q + 1) / blocks - at;
                        float *to = c + (tall + at) * key->ldc + j + i, *out = to;
                        int64_t step = key->ldc;
                        if (w < 32) {
                            out = edge;
                            step = 32;
                            if (mode & ADDS) for (int64_t r = 0; r < some; r++) memcpy(edge + 32 * r, to + r * key->ldc, (size_t)w * sizeof(float));
                        }
                        if (key->ta) {
                            packed[some](deep, from, 0, panel, out, step, mode, beside);
                            from += some * deep;
                        } else direct[some](deep, rows_of_a + at * lda, lda, panel, out, step, mode, beside);
                        if (w < 32) for (int64_t r = 0; r < some; r++) memcpy(to + r * key->ldc, edge + 32 * r, (size_t)w * sizeof(float));
                    }
                }
            }
        }
    }
    return 1;
}
#else
int siam_own_product_is_for(const product_key *key) { (void)key; return 0; }
int siam_own_product(const product_key *key, const float *a, const float *b, const float *bias, float *c) {
    (void)key; (void)a; (void)b; (void)bias; (void)c;
    return 0;
}
#endif
