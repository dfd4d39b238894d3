// Convolution and pooling over images in NHWC. In 32 bits oneDNN convolves, one thread a call, a block of images a tile;
// in 64 bits, and where it cannot, plain loops do.
#include "common.h"
#include "convolution.h"
#include "own.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define T float
#define N(name) name##_float
#include "convolution.inc"
#undef T
#undef N
#define T double
#define N(name) name##_double
#include "convolution.inc"
#undef T
#undef N

typedef struct {
    conv_key key;
    int precision;
    int64_t images, total;
    const char *x, *w, *g, *bias;
    char *y, *parts;
    packed_weights packed;
    const own_way *own;
} conv_job;

static int64_t weights_of(const siam_window *s) { return s->kernel_height * s->kernel_width * s->channels * s->filters; }

/// The gradient at a kernel of nine weights a filter (3 x 3 over one channel): the image is padded, then nine running
/// sums of eight filters stay in registers. oneDNN is slow for this shape.
typedef float eight __attribute__((vector_size(32), aligned(4)));
CLONES static void nine_weights(const siam_window *s, const float *x, const float *g, float *gw, float *padded) {
    int64_t width = s->width + 2, f = s->filters;
    memset(gw, 0, (size_t)(9 * f) * sizeof(float));
    memset(padded, 0, (size_t)((s->height + 2) * width) * sizeof(float));
    for (int64_t i = 0; i < s->batch; i++, x += s->height * s->width, g += s->out_height * s->out_width * f) {
        for (int64_t y = 0; y < s->height; y++)
            memcpy(padded + (y + 1) * width + 1, x + y * s->width, (size_t)s->width * sizeof(float));
        for (int64_t k = 0; k < f; k += 8) {
            eight a0 = {0}, a1 = {0}, a2 = {0}, a3 = {0}, a4 = {0}, a5 = {0}, a6 = {0}, a7 = {0}, a8 = {0};
            for (int64_t oy = 0; oy < s->out_height; oy++) {
                const float *p = padded + (oy + 1 - s->pad_top) * width + 1 - s->pad_left, *q = p + width, *r = q + width;
                const float *row = g + oy * s->out_width * f + k;
                for (int64_t ox = 0; ox < s->out_width; ox++, p++, q++, r++, row += f) {
                    eight v = *(const eight *)row;
                    a0 += v * p[0]; a1 += v * p[1]; a2 += v * p[2];
                    a3 += v * q[0]; a4 += v * q[1]; a5 += v * q[2];
                    a6 += v * r[0]; a7 += v * r[1]; a8 += v * r[2];
                }
            }
            eight all[9] = {a0, a1, a2, a3, a4, a5, a6, a7, a8};
            for (int t = 0; t < 9; t++) *(eight *)(gw + t * f + k) += all[t];
        }
    }
}

static int few_weights(int precision, const siam_window *s, const void *x, const void *g, void *gw) {
    if (precision != 0 || s->channels != 1 || s->kernel_height != 3 || s->kernel_width != 3 || s->filters % 8 != 0
        || s->stride_height != 1 || s->stride_width != 1 || s->dilation_height != 1 || s->dilation_width != 1
        || s->pad_top > 1 || s->pad_left > 1 || s->out_height - s->pad_top + 1 > s->height
        || s->out_width - s->pad_left + 1 > s->width) return 0;
    ptrdiff_t bytes = (ptrdiff_t)((s->height + 2) * (s->width + 2)) * 4;
    float *padded = siam_memory_take(bytes);
    if (!padded) return 0;
    nine_weights(s, x, g, gw, padded);
    siam_memory_give(padded, bytes);
    return 1;
}

/// Convolves images with one of our own methods, two rows of the result at a time. With pooling of 2 x 2 the two rows are
/// pooled at once, and only the pooled row is stored. Returns 0 if no own method supports the shape.
static int by_own_way(const own_way *o, const siam_window *pool, int64_t images, const float *x, const float *bias, int relu,
                      float *y, int32_t *places) {
    if (!o || o->kind == OWN_NONE || (pool && !is_pairs_float(pool))) return 0;
    const siam_window *s = &o->window;
    int64_t room = siam_own_room(o), row = s->out_width * s->filters, f = s->filters;
    ptrdiff_t bytes = (ptrdiff_t)(room + (pool ? 2 * row : 0)) * 4;
    float *padded = siam_memory_take(bytes), *pair = padded + room;
    if (!padded) return 0;
    memset(padded, 0, (size_t)room * 4);
    for (int64_t i = 0; i < images; i++, x += s->height * s->width * s->channels) {
        siam_own_image(o, x, padded);
        if (!pool) {
            for (int64_t oy = 0; oy < (s->out_height + 1) / 2; oy++) siam_own_rows(o, oy, bias, relu, padded, y + 2 * oy * row);
            y += s->out_height * row;
            continue;
        }
        int64_t small = pool->out_width * f;
        for (int64_t oy = 0; oy < pool->out_height; oy++, y += small) {
            siam_own_rows(o, oy, bias, relu, padded, pair);
            if (!places) { pool_pairs_plain_float(pool->out_width, f, s->out_width, pair, y); continue; }
            pool_pairs_float(pool->out_width, f, s->out_width, (int32_t)(2 * oy * row), pair, y, places);
            places += small;
        }
    }
    siam_memory_give(padded, bytes);
    return 1;
}

static void conv_tile(void *context, int64_t tile) {
    conv_job *j = context;
    conv_key key = j->key;
    int64_t from = tile * j->images;
    key.s.batch = j->total - from < j->images ? j->total - from : j->images;
    size_t width = j->precision == 0 ? 4 : 8;
    size_t xs = (size_t)(key.s.height * key.s.width * key.s.channels) * width;
    size_t ys = (size_t)(key.s.out_height * key.s.out_width * key.s.filters) * width, f = (size_t)from;
    size_t ws = (size_t)weights_of(&key.s) * width;
    void *x = (void *)(key.kind == INPUT ? j->y + f * xs : j->x + f * xs);
    void *y = (void *)(key.kind == FORWARD ? j->y + f * ys : j->g + f * ys);
    void *w = (void *)(key.kind == WEIGHT ? j->parts + (size_t)tile * ws : j->w);
    if (key.kind == WEIGHT && few_weights(j->precision, &key.s, x, y, w)) return;
    if (key.kind != WEIGHT
        && by_own_way(j->own, NULL, key.s.batch, key.kind == INPUT ? y : x, (const void *)j->bias, (int)key.relu,
                      key.kind == INPUT ? x : y, NULL)) return;
    if (j->precision == 0 && siam_dnnl_conv(&key, x, w, y, (void *)j->bias, &j->packed)) return;
    if (j->precision == 0) {
        if (key.kind == FORWARD) conv_float(&key.s, x, w, (const void *)j->bias, (int)key.relu, y);
        else if (key.kind == INPUT) conv_input_float(&key.s, y, w, x);
        else conv_weight_float(&key.s, x, y, w);
    } else {
        if (key.kind == FORWARD) conv_double(&key.s, x, w, (const void *)j->bias, (int)key.relu, y);
        else if (key.kind == INPUT) conv_input_double(&key.s, y, w, x);
        else conv_weight_double(&key.s, x, y, w);
    }
}

/// The number of images in a tile, from the shape alone: about 16 million multiplications.
static int64_t images_of(const siam_window *s) {
    double one = (double)weights_of(s) * (double)(s->out_height * s->out_width);
    double images = 8e6 / (one > 1 ? one : 1);
    int64_t n = images < 1 ? 1 : (images > 4096 ? 4096 : (int64_t)images);
    int64_t most = s->batch < 1 ? 1 : s->batch;
    int64_t pieces = (most + n - 1) / n;
    if (pieces > 16) pieces = 16;
    return (most + pieces - 1) / pieces;
}

static conv_job job_of(int kind, int precision, const siam_window *s) {
    conv_job j;
    memset(&j, 0, sizeof j);
    j.key.s = *s;
    j.key.kind = kind;
    j.precision = precision;
    j.images = images_of(s);
    j.total = s->batch;
    return j;
}
/// What all tiles of a call share: the weights in the layout of our own method, or of oneDNN.
static void share(const conv_key *key, int64_t images, int64_t tiles, const void *w, own_way *own, packed_weights *packed) {
    if (key->kind == FORWARD) siam_own_begin(own, &key->s, w);
    else siam_own_begin_back(own, &key->s, w);
    if (own->kind == OWN_NONE && tiles > 1) *packed = siam_dnnl_pack(key, images, w);
}

static int run(conv_job *j) {
    int64_t tiles = (j->total + j->images - 1) / j->images;
    own_way own = {.kind = OWN_NONE};
    if (j->precision == 0 && j->key.kind != WEIGHT) share(&j->key, j->images, tiles, j->w, &own, &j->packed);
    j->own = &own;
    int whole = siam_threads_run_while_wanted(tiles, conv_tile, j);
    siam_own_end(&own);
    if (j->packed.memory) siam_memory_give(j->packed.memory, j->packed.bytes);
    j->packed.memory = NULL;
    return whole;
}

int siam_conv(int precision, const siam_window *s, const void *x, const void *w, const void *bias, int relu, void *y) {
    conv_job j = job_of(FORWARD, precision, s);
    j.key.relu = relu;
    j.key.bias = bias != NULL;
    j.x = x; j.w = w; j.bias = bias; j.y = y;
    return run(&j);
}
int siam_conv_input_gradient(int precision, const siam_window *s, const void *g, const void *w, void *gx) {
    conv_job j = job_of(INPUT, precision, s);
    j.g = g; j.w = w; j.y = gx;
    return run(&j);
}
int siam_conv_weight_gradient(int precision, const siam_window *s, const void *x, const void *g, void *gw) {
    int64_t n = weights_of(s);
    size_t width = precision == 0 ? 4 : 8;
    memset(gw, 0, (size_t)n * width);
    if (s->batch == 0) return 1;
    conv_job j = job_of(WEIGHT, precision, s);
    int64_t tiles = (j.total + j.images - 1) / j.images;
    ptrdiff_t bytes = (ptrdiff_t)((size_t)(tiles * n) * width);
    j.x = x; j.g = g;
    j.parts = tiles == 1 ? gw : siam_memory_take(bytes);
    if (!j.parts) return 0;
    int whole = run(&j);
    if (tiles == 1) return whole;
    for (int64_t t = 0; t < tiles; t++) siam_accumulate(precision, n, j.parts + (size_t)(t * n) * width, gw);
    siam_memory_give(j.parts, bytes);
    return whole;
}

typedef struct { const siam_window *s; int precision, kind; const char *x; char *y; int32_t *places; } pool_job;
static void pool_tile(void *context, int64_t image) {
    pool_job *j = context;
    const siam_window *s = j->s;
    size_t w = j->precision == 0 ? 4 : 8;
    size_t in = (size_t)(s->height * s->width * s->channels), out = (size_t)(s->out_height * s->out_width * s->channels);
    int back = j->kind == 1 || j->kind == 4;
    const void *x = j->x + (size_t)image * (back ? out : in) * w;
    void *y = j->y + (size_t)image * (back ? in : out) * w;
    int32_t *p = j->places ? j->places + (size_t)image * out : NULL;
#define CALL(name, ...) do { if (j->precision == 0) name##_float(__VA_ARGS__); else name##_double(__VA_ARGS__); } while (0)
    switch (j->kind) {
    case 0: CALL(maxpool, s, x, y, p); break;
    case 1: CALL(spread, s, x, p, y); break;
    case 2: CALL(pick, out, x, p, y); break;
    case 3: CALL(avgpool, s, x, y); break;
    case 4: CALL(avgspread, s, x, y); break;
    }
}
static void pool(int kind, int precision, const siam_window *s, const void *x, void *y, int32_t *places) {
    pool_job j = {s, precision, kind, x, y, places};
    if (s->batch * s->height * s->width * s->channels < SIAM_TILE * 4) for (int64_t i = 0; i < s->batch; i++) pool_tile(&j, i);
    else if (s->batch * s->height * s->width * s->channels < SIAM_LARGE) siam_threads_run(s->batch, pool_tile, &j);
    else siam_threads_run_while_wanted(s->batch, pool_tile, &j);
}
void siam_maxpool(int precision, const siam_window *s, const void *x, void *y, int32_t *places) { pool(0, precision, s, x, y, places); }
void siam_maxpool_spread(int precision, const siam_window *s, const void *g, const int32_t *places, void *gx) {
    pool(1, precision, s, g, gx, (int32_t *)places);
}
void siam_maxpool_pick(int precision, const siam_window *s, const void *x, const int32_t *places, void *y) {
    pool(2, precision, s, x, y, (int32_t *)places);
}
void siam_avgpool(int precision, const siam_window *s, const void *x, void *y) { pool(3, precision, s, x, y, NULL); }
void siam_avgpool_spread(int precision, const siam_window *s, const void *g, void *gx) { pool(4, precision, s, g, gx, NULL); }

// Convolution, bias, relu and max pooling as one: a block of images is convolved into memory that stays in the cache and
// pooled from there, so that the result of the convolution is never stored. relu and the maximum commute.
typedef struct {
    conv_key key;
    siam_window pool;
    int precision, relu;
    int64_t images, total;
    const char *x, *w, *bias, *g, *result;
    char *y, *gx, *weight_parts, *bias_parts;
    int32_t *places;
    packed_weights packed;
    own_way own;
    int failed;
} pooled_job;

static void pooled_tile(void *context, int64_t tile) {
    pooled_job *j = context;
    conv_job c;
    memset(&c, 0, sizeof c);
    c.key = j->key;
    c.precision = j->precision;
    int64_t from = tile * j->images, n = j->total - from < j->images ? j->total - from : j->images;
    c.images = c.total = n;
    c.key.s.batch = n;
    c.packed = j->packed;
    c.own = &j->own;
    size_t width = j->precision == 0 ? 4 : 8;
    const siam_window *s = &c.key.s, *p = &j->pool;
    int64_t xs = s->height * s->width * s->channels, ys = s->out_height * s->out_width * s->filters;
    int64_t small = p->out_height * p->out_width * p->channels;
    size_t f = (size_t)from;
    if (j->key.kind == FORWARD
        && by_own_way(&j->own, p, n, (const void *)(j->x + f * (size_t)xs * 4), (const void *)j->bias, 0,
                      (void *)(j->y + f * (size_t)small * 4), j->places ? j->places + f * (size_t)small : NULL)) {
        if (j->relu) keep_positive_float(n * small, (void *)(j->y + f * (size_t)small * 4));
        return;
    }
    ptrdiff_t bytes = (ptrdiff_t)((size_t)(n * ys) * width);
    char *wide = siam_memory_take(bytes);
    if (!wide) { j->failed = 1; return; }
    if (j->key.kind == FORWARD) {
        c.x = j->x + f * (size_t)xs * width; c.w = j->w; c.bias = j->bias; c.y = wide;
        conv_tile(&c, 0);
        for (int64_t i = 0; i < n; i++) {
            const char *in = wide + (size_t)(i * ys) * width;
            char *out = j->y + (f + (size_t)i) * (size_t)small * width;
            int32_t *places = j->places ? j->places + (f + (size_t)i) * (size_t)small : NULL;
            if (j->precision == 0) { maxpool_float(p, (const void *)in, (void *)out, places); if (j->relu) keep_positive_float(small, (void *)out); }
            else { maxpool_double(p, (const void *)in, (void *)out, places); if (j->relu) keep_positive_double(small, (void *)out); }
        }
        siam_memory_give(wide, bytes);
        return;
    }
    ptrdiff_t narrow_bytes = (ptrdiff_t)((size_t)small * width);
    char *narrow = siam_memory_take(narrow_bytes);
    if (!narrow) { j->failed = 1; siam_memory_give(wide, bytes); return; }
    char *bias = j->bias_parts ? j->bias_parts + (size_t)(tile * s->filters) * width : NULL;
    if (bias) memset(bias, 0, (size_t)s->filters * width);
    for (int64_t i = 0; i < n; i++) {
        size_t at = (f + (size_t)i) * (size_t)small;
        const char *g = j->g + at * width, *y = j->result + at * width;
        char *out = wide + (size_t)(i * ys) * width;
        if (j->relu) {
            if (j->precision == 0) through_positive_float(small, (const void *)y, (const void *)g, (void *)narrow);
            else through_positive_double(small, (const void *)y, (const void *)g, (void *)narrow);
            g = narrow;
        }
        if (j->precision == 0) {
            spread_float(p, (const void *)g, j->places + at, (void *)out);
            if (bias) sum_channels_float(p->out_height * p->out_width, s->filters, (const void *)g, (void *)bias);
        } else {
            spread_double(p, (const void *)g, j->places + at, (void *)out);
            if (bias) sum_channels_double(p->out_height * p->out_width, s->filters, (const void *)g, (void *)bias);
        }
    }
    c.g = wide; c.w = j->w;
    if (j->weight_parts) {
        c.key.kind = WEIGHT;
        c.x = j->x + f * (size_t)xs * width;
        c.parts = j->weight_parts + (size_t)(tile * weights_of(s)) * width;
        conv_tile(&c, 0);
    }
    if (j->gx) {
        c.key.kind = INPUT;
        c.y = j->gx + f * (size_t)xs * width;
        conv_tile(&c, 0);
    }
    siam_memory_give(narrow, narrow_bytes);
    siam_memory_give(wide, bytes);
}

static pooled_job pooled_of(int kind, int precision, const siam_window *s, const siam_window *p, int relu) {
    pooled_job j;
    memset(&j, 0, sizeof j);
    j.key.s = *s;
    j.key.kind = kind;
    j.pool = *p;
    j.precision = precision;
    j.relu = relu;
    j.total = s->batch;
    // The number of images in a block, from the shape alone: their results fit the second-level cache, and the backward pass
    // has at most 16 blocks.
    double one = (double)(s->out_height * s->out_width * s->filters) * (precision == 0 ? 4 : 8);
    int64_t most = (int64_t)(512.0 * 1024 / (one > 1 ? one : 1));
    if (kind != FORWARD && most < (s->batch + 15) / 16) most = (s->batch + 15) / 16;
    if (most < 1) most = 1;
    int64_t pieces = s->batch < 1 ? 1 : (s->batch + most - 1) / most;
    if (pieces % 2 == 1 && pieces > 1) pieces++;
    j.images = s->batch < 1 ? 1 : (s->batch + pieces - 1) / pieces;
    return j;
}

int siam_conv_pool(int precision, const siam_window *s, const siam_window *p, const void *x, const void *w,
                   const void *bias, int relu, void *y, int32_t *places) {
    pooled_job j = pooled_of(FORWARD, precision, s, p, relu);
    j.key.bias = bias != NULL;
    j.x = x; j.w = w; j.bias = bias; j.y = y; j.places = places;
    int64_t tiles = (j.total + j.images - 1) / j.images;
    if (precision == 0) share(&j.key, j.images, tiles, w, &j.own, &j.packed);
    if (!siam_threads_run_while_wanted(tiles, pooled_tile, &j)) j.failed = 1;
    siam_own_end(&j.own);
    if (j.packed.memory) siam_memory_give(j.packed.memory, j.packed.bytes);
    return !j.failed;
}

int siam_conv_pool_gradient(int precision, const siam_window *s, const siam_window *p, const void *x, const void *w,
                            const void *y, const int32_t *places, const void *g, int relu, void *gx, void *gw, void *gb) {
    size_t width = precision == 0 ? 4 : 8;
    int64_t n = weights_of(s), f = s->filters;
    if (gw) memset(gw, 0, (size_t)n * width);
    if (gb) memset(gb, 0, (size_t)f * width);
    if (s->batch == 0) return 1;
    pooled_job j = pooled_of(INPUT, precision, s, p, relu);
    int64_t tiles = (j.total + j.images - 1) / j.images;
    ptrdiff_t bytes = (ptrdiff_t)((size_t)(tiles * (n + f)) * width);
    char *parts = siam_memory_take(bytes);
    if (!parts) return 0;
    j.x = x; j.w = w; j.result = y; j.places = (int32_t *)places; j.g = g; j.gx = gx;
    j.weight_parts = gw ? parts : NULL;
    j.bias_parts = gb ? parts + (size_t)(tiles * n) * width : NULL;
    if (gx && precision == 0) share(&j.key, j.images, tiles, w, &j.own, &j.packed);
    if (!siam_threads_run_while_wanted(tiles, pooled_tile, &j)) j.failed = 1;
    siam_own_end(&j.own);
    if (j.packed.memory) siam_memory_give(j.packed.memory, j.packed.bytes);
    for (int64_t t = 0; t < tiles; t++) {
        if (gw) siam_accumulate(precision, n, parts + (size_t)(t * n) * width, gw);
        if (gb) siam_accumulate(precision, f, parts + (size_t)(tiles * n + t * f) * width, gb);
    }
    siam_memory_give(parts, bytes);
    return !j.failed;
}
