// Convolution and pooling over images in NHWC. In 32 bits oneDNN convolves, one thread a call, a block of images a tile;
// in 64 bits, and where it cannot, plain loops do.
#include "common.h"
#include "dnnl_threads.h"
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

enum { FORWARD, INPUT, WEIGHT, CONVOLUTIONS = 64 };
typedef struct { siam_window s; int64_t kind, relu, bias; } conv_key;
typedef struct {
    conv_key key;
    dnnl_primitive_t primitive, pack;
    dnnl_memory_t x, w, y, bias, scratch, plain;
    void *scratch_memory, *packed;
} convolution;
static __thread convolution *convolutions;

static void drop(convolution *c) {
    if (c->primitive) dnnl_primitive_destroy(c->primitive);
    if (c->pack) dnnl_primitive_destroy(c->pack);
    dnnl_memory_t all[] = {c->x, c->w, c->y, c->bias, c->scratch, c->plain};
    for (int i = 0; i < 6; i++) if (all[i]) dnnl_memory_destroy(all[i]);
    free(c->scratch_memory);
    free(c->packed);
    memset(c, 0, sizeof *c);
}

static int make(convolution *c, const conv_key *key) {
    const siam_window *s = &key->s;
    dnnl_dims_t xd = {s->batch, s->channels, s->height, s->width}, yd = {s->batch, s->filters, s->out_height, s->out_width};
    dnnl_dims_t wd = {s->filters, s->channels, s->kernel_height, s->kernel_width}, bd = {s->filters};
    dnnl_memory_desc_t x, y, w, plain, b;
    dnnl_memory_desc_init_by_tag(&x, 4, xd, dnnl_f32, dnnl_nhwc);
    dnnl_memory_desc_init_by_tag(&y, 4, yd, dnnl_f32, dnnl_nhwc);
    dnnl_memory_desc_init_by_tag(&w, 4, wd, dnnl_f32, dnnl_format_tag_any);
    dnnl_memory_desc_init_by_tag(&plain, 4, wd, dnnl_f32, dnnl_hwio);
    dnnl_memory_desc_init_by_tag(&b, 1, bd, dnnl_f32, dnnl_a);
    dnnl_dims_t strides = {s->stride_height, s->stride_width}, dilates = {s->dilation_height - 1, s->dilation_width - 1};
    int64_t bottom = (s->out_height - 1) * s->stride_height + (s->kernel_height - 1) * s->dilation_height + 1 - s->height - s->pad_top;
    int64_t right = (s->out_width - 1) * s->stride_width + (s->kernel_width - 1) * s->dilation_width + 1 - s->width - s->pad_left;
    dnnl_dims_t before = {s->pad_top, s->pad_left}, after = {bottom, right};
    dnnl_primitive_attr_t attributes;
    dnnl_primitive_attr_create(&attributes);
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    dnnl_primitive_desc_t pd = NULL, hint = NULL;
    dnnl_convolution_desc_t d;
    dnnl_status_t status;
    if (key->kind == FORWARD) {
        status = dnnl_dilated_convolution_forward_desc_init(&d, dnnl_forward_training, dnnl_convolution_direct, &x, &w,
                                                            key->bias ? &b : NULL, &y, strides, dilates, before, after);
        if (key->relu) {
            dnnl_post_ops_t ops;
            dnnl_post_ops_create(&ops);
            dnnl_post_ops_append_eltwise(ops, 1.0f, dnnl_eltwise_relu, 0, 0);
            dnnl_primitive_attr_set_post_ops(attributes, ops);
            dnnl_post_ops_destroy(ops);
        }
        if (status == dnnl_success) status = dnnl_primitive_desc_create(&pd, &d, attributes, siam_dnnl_engine, NULL);
    } else {
        dnnl_convolution_desc_t f;
        status = dnnl_dilated_convolution_forward_desc_init(&f, dnnl_forward_training, dnnl_convolution_direct, &x, &w, NULL,
                                                            &y, strides, dilates, before, after);
        if (status == dnnl_success) status = dnnl_primitive_desc_create(&hint, &f, attributes, siam_dnnl_engine, NULL);
        if (status == dnnl_success && key->kind == INPUT)
            status = dnnl_dilated_convolution_backward_data_desc_init(&d, dnnl_convolution_direct, &x, &w, &y, strides, dilates,
                                                                      before, after);
        if (status == dnnl_success && key->kind == WEIGHT)
            status = dnnl_dilated_convolution_backward_weights_desc_init(&d, dnnl_convolution_direct, &x, &w, NULL, &y, strides,
                                                                         dilates, before, after);
        if (status == dnnl_success) status = dnnl_primitive_desc_create(&pd, &d, attributes, siam_dnnl_engine, hint);
    }
    dnnl_primitive_attr_destroy(attributes);
    if (hint) dnnl_primitive_desc_destroy(hint);
    if (status != dnnl_success) return 0;
    const dnnl_memory_desc_t *inner = dnnl_primitive_desc_query_md(
        pd, key->kind == WEIGHT ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
    const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    c->scratch_memory = aligned_alloc(64, (dnnl_memory_desc_get_size(scratch) + 127) & ~(size_t)63);
    c->packed = aligned_alloc(64, (dnnl_memory_desc_get_size(inner) + 127) & ~(size_t)63);
    int ok = c->scratch_memory && c->packed && dnnl_primitive_create(&c->primitive, pd) == dnnl_success
        && dnnl_memory_create(&c->x, &x, siam_dnnl_engine, NULL) == dnnl_success
        && dnnl_memory_create(&c->y, &y, siam_dnnl_engine, NULL) == dnnl_success
        && dnnl_memory_create(&c->bias, &b, siam_dnnl_engine, NULL) == dnnl_success
        && dnnl_memory_create(&c->w, inner, siam_dnnl_engine, c->packed) == dnnl_success
        && dnnl_memory_create(&c->plain, &plain, siam_dnnl_engine, NULL) == dnnl_success
        && dnnl_memory_create(&c->scratch, scratch, siam_dnnl_engine, c->scratch_memory) == dnnl_success;
    if (ok) {
        dnnl_primitive_desc_t reorder = NULL;
        const dnnl_memory_desc_t *from = key->kind == WEIGHT ? inner : &plain, *to = key->kind == WEIGHT ? &plain : inner;
        ok = dnnl_reorder_primitive_desc_create(&reorder, from, siam_dnnl_engine, to, siam_dnnl_engine, NULL) == dnnl_success
            && dnnl_primitive_create(&c->pack, reorder) == dnnl_success;
        if (reorder) dnnl_primitive_desc_destroy(reorder);
    }
    dnnl_primitive_desc_destroy(pd);
    if (ok) c->key = *key;
    return ok;
}

static convolution *find(const conv_key *key) {
    if (!siam_dnnl_stream()) return NULL;
    if (!convolutions && !(convolutions = calloc(CONVOLUTIONS, sizeof(convolution)))) return NULL;
    uint64_t h = 1469598103934665603ull;
    for (size_t i = 0; i < sizeof *key / 4; i++) h = (h ^ ((const uint32_t *)key)[i]) * 1099511628211ull;
    h ^= h >> 32;
    convolution *empty = NULL;
    for (int i = 0; i < 4; i++) {
        convolution *c = &convolutions[(h + (uint64_t)i) % CONVOLUTIONS];
        if (c->primitive && memcmp(&c->key, key, sizeof *key) == 0) return c;
        if (!c->primitive && !empty) empty = c;
    }
    if (!empty) empty = &convolutions[h % CONVOLUTIONS];
    drop(empty);
    if (make(empty, key)) return empty;
    drop(empty);
    return NULL;
}

/// x, w, y of the kind: forward reads x, w and writes y; input reads y, w, writes x; weight reads x, y, writes w.
static int run_conv(const conv_key *key, void *x, void *w, void *y, void *bias) {
    convolution *c = find(key);
    if (!c) return 0;
    dnnl_stream_t s = siam_dnnl_stream();
    dnnl_memory_set_data_handle(c->x, x);
    dnnl_memory_set_data_handle(c->y, y);
    dnnl_memory_set_data_handle(c->plain, w);
    dnnl_exec_arg_t pack[2] = {{DNNL_ARG_FROM, c->plain}, {DNNL_ARG_TO, c->w}};
    if (key->kind != WEIGHT && dnnl_primitive_execute(c->pack, s, 2, pack) != dnnl_success) return 0;
    int names[3][3] = {{DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
                       {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
                       {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};
    const int *name = names[key->kind];
    dnnl_exec_arg_t arguments[5] = {{name[0], c->x}, {name[1], c->w}, {name[2], c->y}, {DNNL_ARG_SCRATCHPAD, c->scratch},
                                    {DNNL_ARG_BIAS, c->bias}};
    int many = 4;
    if (key->bias) { dnnl_memory_set_data_handle(c->bias, bias); many = 5; }
    if (dnnl_primitive_execute(c->primitive, s, many, arguments) != dnnl_success) return 0;
    if (key->kind == WEIGHT) {
        dnnl_exec_arg_t unpack[2] = {{DNNL_ARG_FROM, c->w}, {DNNL_ARG_TO, c->plain}};
        if (dnnl_primitive_execute(c->pack, s, 2, unpack) != dnnl_success) return 0;
    }
    return 1;
}

typedef struct {
    conv_key key;
    int precision;
    int64_t images, total;
    const char *x, *w, *g, *bias;
    char *y, *parts;
} conv_job;

static int64_t weights_of(const siam_window *s) { return s->kernel_height * s->kernel_width * s->channels * s->filters; }

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
    if (j->precision == 0 && run_conv(&key, x, w, y, (void *)j->bias)) return;
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

/// Images of a tile, by shape alone: some 16 million multiplications.
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
static void run(conv_job *j) { siam_threads_run((j->total + j->images - 1) / j->images, conv_tile, j); }

void siam_conv(int precision, const siam_window *s, const void *x, const void *w, const void *bias, int relu, void *y) {
    conv_job j = job_of(FORWARD, precision, s);
    j.key.relu = relu;
    j.key.bias = bias != NULL;
    j.x = x; j.w = w; j.bias = bias; j.y = y;
    run(&j);
}
void siam_conv_input_gradient(int precision, const siam_window *s, const void *g, const void *w, void *gx) {
    conv_job j = job_of(INPUT, precision, s);
    j.g = g; j.w = w; j.y = gx;
    run(&j);
}
void siam_conv_weight_gradient(int precision, const siam_window *s, const void *x, const void *g, void *gw) {
    int64_t n = weights_of(s);
    size_t width = precision == 0 ? 4 : 8;
    memset(gw, 0, (size_t)n * width);
    if (s->batch == 0) return;
    conv_job j = job_of(WEIGHT, precision, s);
    int64_t tiles = (j.total + j.images - 1) / j.images;
    ptrdiff_t bytes = (ptrdiff_t)((size_t)(tiles * n) * width);
    j.x = x; j.g = g;
    j.parts = tiles == 1 ? gw : siam_memory_take(bytes);
    if (!j.parts) return;
    run(&j);
    if (tiles == 1) return;
    for (int64_t t = 0; t < tiles; t++) siam_accumulate(precision, n, j.parts + (size_t)(t * n) * width, gw);
    siam_memory_give(j.parts, bytes);
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
    case 1: CALL(spread, in, out, x, p, y); break;
    case 2: CALL(pick, out, x, p, y); break;
    case 3: CALL(avgpool, s, x, y); break;
    case 4: CALL(avgspread, s, x, y); break;
    }
}
static void pool(int kind, int precision, const siam_window *s, const void *x, void *y, int32_t *places) {
    pool_job j = {s, precision, kind, x, y, places};
    if (s->batch * s->height * s->width * s->channels < SIAM_TILE * 4) for (int64_t i = 0; i < s->batch; i++) pool_tile(&j, i);
    else siam_threads_run(s->batch, pool_tile, &j);
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
