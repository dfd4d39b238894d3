// oneDNN's convolutions of a shape, made at first use and kept by each thread.
#include "convolution.h"
#include <stdlib.h>
#include <string.h>

enum { CONVOLUTIONS = 64 };
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

int siam_dnnl_conv(const conv_key *key, void *x, void *w, void *y, void *bias, const packed_weights *packed) {
    convolution *c = find(key);
    if (!c) return 0;
    dnnl_stream_t s = siam_dnnl_stream();
    dnnl_memory_set_data_handle(c->x, x);
    dnnl_memory_set_data_handle(c->y, y);
    const dnnl_memory_desc_t *layout = NULL;
    if (key->kind != WEIGHT && packed && packed->memory && dnnl_memory_get_memory_desc(c->w, &layout) == dnnl_success
        && dnnl_memory_desc_equal(layout, &packed->layout)) {
        dnnl_memory_set_data_handle(c->w, packed->memory);
    } else {
        dnnl_memory_set_data_handle(c->plain, w);
        dnnl_memory_set_data_handle(c->w, c->packed);
        dnnl_exec_arg_t pack[2] = {{DNNL_ARG_FROM, c->plain}, {DNNL_ARG_TO, c->w}};
        if (key->kind != WEIGHT && dnnl_primitive_execute(c->pack, s, 2, pack) != dnnl_success) return 0;
    }
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

packed_weights siam_dnnl_pack(const conv_key *key, int64_t images, const void *w) {
    packed_weights p;
    memset(&p, 0, sizeof p);
    conv_key k = *key;
    k.s.batch = images < key->s.batch ? images : key->s.batch;
    convolution *c = k.s.batch > 0 ? find(&k) : NULL;
    const dnnl_memory_desc_t *layout = NULL;
    if (!c || dnnl_memory_get_memory_desc(c->w, &layout) != dnnl_success) return p;
    p.layout = *layout;
    p.bytes = (ptrdiff_t)dnnl_memory_desc_get_size(layout);
    p.memory = siam_memory_take(p.bytes);
    if (!p.memory) return p;
    dnnl_memory_set_data_handle(c->plain, (void *)w);
    dnnl_memory_set_data_handle(c->w, p.memory);
    dnnl_exec_arg_t pack[2] = {{DNNL_ARG_FROM, c->plain}, {DNNL_ARG_TO, c->w}};
    if (dnnl_primitive_execute(c->pack, siam_dnnl_stream(), 2, pack) != dnnl_success) {
        siam_memory_give(p.memory, p.bytes);
        p.memory = NULL;
    }
    dnnl_memory_set_data_handle(c->w, c->packed);
    return p;
}
