// Many random numbers at once: blocks of a fixed size, each with a stream of its own from the seed and its number, so that the
// threads do not matter; eight streams side by side in a block (xoshiro256++, Blackman and Vigna 2019). No operation but
// those that are rounded exactly, and none joined into another: the same numbers on every machine.
#include "common.h"
#include <math.h>
#include <string.h>
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

enum { BLOCK = 1 << 16, LANES = 8 };
typedef struct { uint64_t a[LANES], b[LANES], c[LANES], d[LANES]; } streams;
typedef struct { int precision, kind; int64_t n; uint64_t seed; double low, scale; void *out; } draw_job;

static uint64_t mixed(uint64_t *s) {
    uint64_t z = (*s += 0x9E3779B97F4A7C15ull);
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}
static void open_streams(streams *s, uint64_t seed, int64_t block) {
    uint64_t x = seed;
    x = mixed(&x) ^ (uint64_t)block * 0xD6E8FEB86659FD93ull;
    for (int l = 0; l < LANES; l++) { s->a[l] = mixed(&x); s->b[l] = mixed(&x); s->c[l] = mixed(&x); s->d[l] = mixed(&x); }
}
INLINE void next(streams *s, uint64_t *out) {
    for (int l = 0; l < LANES; l++) {
        uint64_t a = s->a[l], b = s->b[l], c = s->c[l], d = s->d[l], sum = a + d;
        out[l] = (sum << 23 | sum >> 41) + a;
        c ^= a;
        d ^= b;
        s->a[l] = a ^ d;
        s->b[l] = b ^ c;
        s->c[l] = c ^ b << 17;
        s->d[l] = d << 45 | d >> 19;
    }
}
/// In [1, 2), 52 bits.
INLINE double one_to_two(uint64_t bits) {
    uint64_t u = bits >> 12 | 0x3FF0000000000000ull;
    double v;
    memcpy(&v, &u, 8);
    return v;
}
/// The natural logarithm of a normal positive number: log m + e log 2, m between sqrt 1/2 and sqrt 2 (atanh's series).
INLINE double log_of(double x) {
    uint64_t u;
    memcpy(&u, &x, 8);
    uint64_t up = (u - 0x3FE6A09E667F3BCDull) & 0xFFF0000000000000ull, rest = u - up;
    double m;
    memcpy(&m, &rest, 8);
    int32_t e = (int32_t)((int64_t)up >> 52);
    double f = (m - 1) / (m + 1), s = f * f;
    double p = 1.0 / 21;
    p = p * s + 1.0 / 19;
    p = p * s + 1.0 / 17;
    p = p * s + 1.0 / 15;
    p = p * s + 1.0 / 13;
    p = p * s + 1.0 / 11;
    p = p * s + 1.0 / 9;
    p = p * s + 1.0 / 7;
    p = p * s + 1.0 / 5;
    p = p * s + 1.0 / 3;
    return (double)e * 0.69314718055994530942 + 2 * f * (1 + s * p);
}
/// Two normal numbers of two draws (Box and Muller, 1958).
INLINE void normal_pair(uint64_t first, uint64_t second, double *x, double *y) {
    double radius = sqrt(-2 * log_of(2 - one_to_two(first)));
    double u = one_to_two(second) - 1, quarter = floor(4 * u + 0.5), t = (u - quarter * 0.25) * 6.28318530717958647693, s = t * t;
    double sine = -1.0 / 1307674368000;
    sine = sine * s + 1.0 / 6227020800;
    sine = sine * s - 1.0 / 39916800;
    sine = sine * s + 1.0 / 362880;
    sine = sine * s - 1.0 / 5040;
    sine = sine * s + 1.0 / 120;
    sine = sine * s - 1.0 / 6;
    sine = t + t * s * sine;
    double cosine = 1.0 / 20922789888000;
    cosine = cosine * s - 1.0 / 87178291200;
    cosine = cosine * s + 1.0 / 479001600;
    cosine = cosine * s - 1.0 / 3628800;
    cosine = cosine * s + 1.0 / 40320;
    cosine = cosine * s - 1.0 / 720;
    cosine = cosine * s + 1.0 / 24;
    cosine = cosine * s - 0.5;
    cosine = 1 + s * cosine;
    int is_odd = quarter == 1 || quarter == 3;
    double a = is_odd ? sine : cosine, b = is_odd ? cosine : sine;
    *x = radius * (quarter == 1 || quarter == 2 ? -a : a);
    *y = radius * (quarter == 2 || quarter == 3 ? -b : b);
}

#define FILL(NAME, T, BODY) \
    CLONES static void NAME(streams *given, int64_t n, double low, double scale, T *out) { \
        streams s = *given; \
        uint64_t first[LANES], second[LANES]; \
        T some[2 * LANES]; \
        for (int64_t i = 0; i < n; i += 2 * LANES) { \
            next(&s, first); \
            next(&s, second); \
            T *to = n - i < 2 * LANES ? some : out + i; \
            BODY \
            if (to == some) memcpy(out + i, some, (size_t)(n - i) * sizeof(T)); \
        } \
    }
#define NORMALS(T) \
    EACH for (int l = 0; l < LANES; l++) { \
        double x, y; \
        normal_pair(first[l], second[l], &x, &y); \
        to[l] = (T)(low + scale * x); \
        to[l + LANES] = (T)(low + scale * y); \
    }
// As many bits as an element holds, so that the upper end stays out of reach.
#define UNIFORMS(T, MASK) \
    EACH for (int l = 0; l < LANES; l++) { \
        to[l] = (T)(low + scale * (one_to_two(first[l] & MASK) - 1)); \
        to[l + LANES] = (T)(low + scale * (one_to_two(second[l] & MASK) - 1)); \
    }
FILL(normals_float, float, NORMALS(float))
FILL(normals_double, double, NORMALS(double))
FILL(uniforms_float, float, UNIFORMS(float, 0xFFFFFF0000000000ull))
FILL(uniforms_double, double, UNIFORMS(double, ~0ull))

static void draw_tile(void *context, int64_t tile) {
    draw_job *j = context;
    int64_t begin = tile * BLOCK, n = j->n - begin < BLOCK ? j->n - begin : BLOCK;
    streams s;
    open_streams(&s, j->seed, tile);
    float *f = (float *)j->out + begin;
    double *d = (double *)j->out + begin;
    if (j->precision == 0 && j->kind == 0) uniforms_float(&s, n, j->low, j->scale, f);
    else if (j->precision == 0) normals_float(&s, n, j->low, j->scale, f);
    else if (j->kind == 0) uniforms_double(&s, n, j->low, j->scale, d);
    else normals_double(&s, n, j->low, j->scale, d);
}
int siam_draw(int kind, int precision, int64_t n, uint64_t seed, double low, double scale, void *out) {
    draw_job j = {precision, kind, n, seed, low, scale, out};
    return siam_threads_run_while_wanted((n + BLOCK - 1) / BLOCK, draw_tile, &j);
}
