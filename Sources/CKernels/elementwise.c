// Elementwise kernels: plain loops that the compiler vectorises, once for float and once for double.
#include "common.h"
#include <math.h>
#include <string.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

INLINE float exp_float(float x) {
    float c = x > 89.0f ? 89.0f : (x < -104.0f ? -104.0f : x);
    float n = rintf(c * 1.44269504088896341f);
    float r = c - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    int32_t e = (int32_t)(n == n ? n : 0.0f), half = e >> 1, rest = e - half;
    int32_t b1 = (half + 127) << 23, b2 = (rest + 127) << 23;
    float s1, s2;
    memcpy(&s1, &b1, 4);
    memcpy(&s2, &b2, 4);
    float y = p * s1 * s2;
    return x != x ? x : y;
}

INLINE float log_float(float x) {
    float scaled = x < 1.17549435e-38f ? x * 8388608.0f : x;
    float shift = x < 1.17549435e-38f ? -23.0f : 0.0f;
    int32_t bits;
    memcpy(&bits, &scaled, 4);
    int32_t e = ((bits >> 23) & 255) - 126;
    int32_t mbits = (bits & 0x007FFFFF) | 0x3F000000;
    float m;
    memcpy(&m, &mbits, 4);
    float low = m < 0.707106781186547524f ? 1.0f : 0.0f;
    float f = m + m * low - 1.0f;
    float n = (float)e - low + shift;
    float z = f * f;
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    float y = f * z * p + n * -2.12194440e-4f - 0.5f * z + f + n * 0.693359375f;
    y = x == INFINITY ? x : y;
    y = x == 0.0f ? -INFINITY : y;
    return x < 0.0f ? NAN : (x != x ? x : y);
}

INLINE float tanh_float(float x) {
    float c = x > 7.90531110763549805f ? 7.90531110763549805f : (x < -7.90531110763549805f ? -7.90531110763549805f : x);
    float s = c * c;
    float p = -2.76076847742355e-16f;
    p = p * s + 2.00018790482477e-13f;
    p = p * s - 8.60467152213735e-11f;
    p = p * s + 5.12229709037114e-08f;
    p = p * s + 1.48572235717979e-05f;
    p = p * s + 6.37261928875436e-04f;
    p = p * s + 4.89352455891786e-03f;
    float q = 1.19825839466702e-06f;
    q = q * s + 1.18534705686654e-04f;
    q = q * s + 2.26843463243900e-03f;
    q = q * s + 4.89352518554385e-03f;
    return x != x ? x : c * p / q;
}

INLINE float log1p_unit_float(float u) {
    float w = 1.0f + u;
    return log_float(w) - ((w - 1.0f) - u) / w;
}
INLINE double log1p_unit_double(double u) { return log1p(u); }
INLINE double exp_double(double x) { return exp(x); }
INLINE double log_double(double x) { return log(x); }
INLINE double tanh_double(double x) { return tanh(x); }

#define T float
#define N(name) name##_float
#define F(name) name##f
#include "elementwise.inc"
#undef T
#undef N
#undef F
#define T double
#define N(name) name##_double
#define F(name) name
#include "elementwise.inc"
#undef T
#undef N
#undef F

typedef struct { int kind, precision, mode; int64_t n; const char *a, *b; char *out; double p, q; } flat_job;

static void unary_tile(void *context, int64_t tile) {
    flat_job *j = context;
    int64_t from = tile * SIAM_TILE, n = j->n - from < SIAM_TILE ? j->n - from : SIAM_TILE;
    if (j->precision == 0) unary_float(j->kind, n, (const float *)j->a + from, (float *)j->out + from, j->p, j->q);
    else unary_double(j->kind, n, (const double *)j->a + from, (double *)j->out + from, j->p, j->q);
}

static int64_t tiles_of(int64_t n) { return (n + SIAM_TILE - 1) / SIAM_TILE; }

void siam_unary(int kind, int precision, int64_t n, const void *x, void *out, double p, double q) {
    flat_job j = {kind, precision, 0, n, x, NULL, out, p, q};
    if (n <= SIAM_TILE) for (int64_t i = 0; i < tiles_of(n); i++) unary_tile(&j, i);
    else if (n <= SIAM_LARGE) siam_threads_run(tiles_of(n), unary_tile, &j);
    else siam_threads_run_while_wanted(tiles_of(n), unary_tile, &j);
}

static void binary_tile(void *context, int64_t tile) {
    flat_job *j = context;
    int64_t from = tile * SIAM_TILE, n = j->n - from < SIAM_TILE ? j->n - from : SIAM_TILE;
    int64_t fa = j->mode == 2 ? 0 : from, fb = j->mode == 1 ? 0 : from;
    if (j->precision == 0)
        binary_float(j->kind, j->mode, n, (const float *)j->a + fa, (const float *)j->b + fb, (float *)j->out + from);
    else
        binary_double(j->kind, j->mode, n, (const double *)j->a + fa, (const double *)j->b + fb, (double *)j->out + from);
}

void siam_binary_flat(int kind, int precision, int64_t n, const void *a, const void *b, void *out, int mode) {
    flat_job j = {kind, precision, mode, n, a, b, out, 0, 0};
    if (n <= SIAM_TILE) for (int64_t i = 0; i < tiles_of(n); i++) binary_tile(&j, i);
    else siam_threads_run(tiles_of(n), binary_tile, &j);
}

void siam_binary(int kind, int precision, const void *a, int arank, const int32_t *adims, const void *b, int brank,
                 const int32_t *bdims, void *out, int rank, const int32_t *dims) {
    // Axes over which both operands have compatible strides are joined, so that the inner loop is as long as it can be.
    int64_t length[8], sa[8], sb[8];
    int64_t stepa = 1, stepb = 1;
    int axes = 0;
    for (int i = rank - 1; i >= 0; i--) {
        int ia = i - (rank - arank), ib = i - (rank - brank);
        int64_t la = ia >= 0 ? adims[ia] : 1, lb = ib >= 0 ? bdims[ib] : 1, l = dims[i];
        if (l == 0) return;
        int64_t ta = la == 1 ? 0 : stepa, tb = lb == 1 ? 0 : stepb;
        stepa *= la;
        stepb *= lb;
        if (l == 1) continue;
        if (axes > 0 && ta == sa[axes - 1] * length[axes - 1] && tb == sb[axes - 1] * length[axes - 1]) {
            length[axes - 1] *= l;
            continue;
        }
        length[axes] = l; sa[axes] = ta; sb[axes] = tb;
        axes++;
    }
    if (axes == 0) { length[0] = 1; sa[0] = sb[0] = 0; axes = 1; }
    int mode = sa[0] == 0 ? (sb[0] == 0 ? 3 : 2) : (sb[0] == 0 ? 1 : 0);
    int64_t inner = length[0], outer = 1;
    for (int i = 1; i < axes; i++) outer *= length[i];
    if (mode == 3) { mode = 0; }
    size_t width = precision == 0 ? 4 : 8;
    int64_t at[8] = {0};
    int64_t oa = 0, ob = 0, seen = 0;
    int large = outer > (1 << 24) / inner;
    for (int64_t o = 0; o < outer; o++) {
        if (large && siam_is_cut(&seen, inner)) return;
        siam_binary_flat(kind, precision, inner, (const char *)a + (size_t)oa * width, (const char *)b + (size_t)ob * width,
                         (char *)out + (size_t)(o * inner) * width, mode);
        for (int i = 1; i < axes; i++) {
            oa += sa[i]; ob += sb[i];
            if (++at[i] < length[i]) break;
            oa -= sa[i] * length[i]; ob -= sb[i] * length[i];
            at[i] = 0;
        }
    }
}

#define BOTH(call_float, call_double) if (precision == 0) call_float; else call_double
typedef struct { int precision, one_a, one_b; int64_t n; const char *c, *a, *b; char *out; } select_job;
static void select_tile(void *context, int64_t tile) {
    select_job *j = context;
    int64_t from = tile * SIAM_TILE, n = j->n - from < SIAM_TILE ? j->n - from : SIAM_TILE;
    size_t at = (size_t)from * (j->precision == 0 ? 4 : 8);
    const void *c = j->c + at, *a = j->a + (j->one_a ? 0 : at), *b = j->b + (j->one_b ? 0 : at);
    void *out = j->out + at;
    int precision = j->precision;
    BOTH(select_float(n, c, a, j->one_a, b, j->one_b, out), select_double(n, c, a, j->one_a, b, j->one_b, out));
}
void siam_select(int precision, int64_t n, const void *c, const void *a, int one_a, const void *b, int one_b, void *out) {
    select_job j = {precision, one_a, one_b, n, c, a, b, out};
    siam_threads_run(tiles_of(n), select_tile, &j);
}
void siam_accumulate(int precision, int64_t n, const void *from, void *to) {
    siam_binary_flat(SIAM_ADD, precision, n, to, from, to, 0);
}
void siam_fill(int precision, int64_t n, double value, void *out) {
    BOTH(fill_float(n, value, out), fill_double(n, value, out));
}
void siam_iota(int precision, int64_t n, double start, double step, void *out) {
    BOTH(iota_float(n, start, step, out), iota_double(n, start, step, out));
}
CLONES static void widen(int64_t n, const float *x, double *out) { for (int64_t i = 0; i < n; i++) out[i] = x[i]; }
CLONES static void narrow(int64_t n, const double *x, float *out) { for (int64_t i = 0; i < n; i++) out[i] = (float)x[i]; }
void siam_convert(int from, int to, int64_t n, const void *x, void *out) {
    if (from == to) memcpy(out, x, (size_t)n * (from == 0 ? 4 : 8));
    else if (from == 0) widen(n, x, out);
    else narrow(n, x, out);
}
typedef struct {
    int kind, precision;
    int64_t n;
    const siam_update_settings *s;
    const char *w, *g;
    char *o, *m, *v;
} update_job;
static void update_tile(void *context, int64_t tile) {
    update_job *j = context;
    int64_t from = tile * SIAM_TILE, n = j->n - from < SIAM_TILE ? j->n - from : SIAM_TILE;
    size_t at = (size_t)from * (j->precision == 0 ? 4 : 8);
    void *m = j->m ? j->m + at : NULL, *v = j->v ? j->v + at : NULL;
    // Moments of weights without gradients shrink to subnormal numbers, which are a hundred times slower: they are set to 0.
#if defined(__SSE2__)
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040);
#endif
    if (j->precision == 0) update_float(j->kind, n, j->s, (const void *)(j->w + at), (const void *)(j->g + at), (void *)(j->o + at), m, v);
    else update_double(j->kind, n, j->s, (const void *)(j->w + at), (const void *)(j->g + at), (void *)(j->o + at), m, v);
#if defined(__SSE2__)
    _mm_setcsr(before);
#endif
}
void siam_update(int kind, int precision, int64_t n, const siam_update_settings *s, const void *w, const void *g,
                 void *w_out, void *m, void *v) {
    update_job j = {kind, precision, n, s, w, g, w_out, m, v};
    if (n <= SIAM_TILE) for (int64_t i = 0; i < tiles_of(n); i++) update_tile(&j, i);
    else siam_threads_run(tiles_of(n), update_tile, &j);
}
enum { SQUARE_TILES = 64 };
typedef struct { int precision; int64_t n, length; const char *x; double sums[SQUARE_TILES]; } squares_job;
static void squares_tile(void *context, int64_t tile) {
    squares_job *j = context;
    int64_t from = tile * j->length, n = j->n - from < j->length ? j->n - from : j->length;
    if (j->precision == 0) j->sums[tile] = sum_squares_float(n, (const float *)j->x + from);
    else j->sums[tile] = sum_squares_double(n, (const double *)j->x + from);
}
double siam_sum_squares(int precision, int64_t n, const void *x) {
    if (n <= SIAM_TILE * 2) return precision == 0 ? sum_squares_float(n, x) : sum_squares_double(n, x);
    squares_job j = {precision, n, 0, x, {0}};
    int64_t blocks = (n + SIAM_TILE - 1) / SIAM_TILE, each = (blocks + SQUARE_TILES - 1) / SQUARE_TILES;
    j.length = each * SIAM_TILE;
    int64_t tiles = (n + j.length - 1) / j.length;
    siam_threads_run(tiles, squares_tile, &j);
    double total = 0;
    for (int64_t t = 0; t < tiles; t++) total += j.sums[t];
    return total;
}
int siam_all_finite(int precision, int64_t n, const void *x) {
    return precision == 0 ? all_finite_float(n, x) : all_finite_double(n, x);
}
