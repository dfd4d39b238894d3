// Matrix products: small ones by own loops, larger ones in 32 bits by oneDNN, one thread a call. Work is cut into tiles
// by the shape alone. Primitives are kept per thread, keyed by their shape: executing one then costs 0.1 us.
#define _GNU_SOURCE
#include "common.h"
#include "dnnl_threads.h"
#include "panels.h"
#include <dlfcn.h>
#include <malloc.h>
#include <math.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

dnnl_engine_t siam_dnnl_engine;
static pthread_once_t engine_once = PTHREAD_ONCE_INIT;
static void make_engine(void) {
    // oneDNN allocates memory for each product and frees it: memory returned to the system at once would be fetched and
    // cleared again the next time.
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
    dnnl_engine_create(&siam_dnnl_engine, dnnl_cpu, 0);
}
static __thread dnnl_stream_t stream;

dnnl_stream_t siam_dnnl_stream(void) {
    if (stream) return stream;
    // The library's own threads spin at barriers; ours do the splitting, so each of them asks for one.
    void (*set_threads)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set_threads) set_threads(1);
    pthread_once(&engine_once, make_engine);
    if (!siam_dnnl_engine) return NULL;
    dnnl_stream_create(&stream, siam_dnnl_engine, dnnl_stream_default_flags);
    return stream;
}

typedef struct { int64_t m, n, k, lda, ldb, ldc; int32_t ta, tb, accumulate, activation; } product_key;
#define T float
#define N(name) name##_float
#include "matrix.inc"
#undef T
#undef N
#define T double
#define N(name) name##_double
#include "matrix.inc"
#undef T
#undef N

typedef struct {
    product_key key;
    dnnl_primitive_t primitive;
    dnnl_memory_t a, b, c, bias, scratch;
    void *scratch_memory;
} product;
enum { PRODUCTS = 256, LITTLE = 16 * 1024 };
static __thread product *products;

static int memory_of(dnnl_memory_t *memory, const dnnl_memory_desc_t *d, void *handle) {
    return dnnl_memory_create(memory, d, siam_dnnl_engine, handle) == dnnl_success;
}

static int make(product *p, const product_key *key) {
    dnnl_memory_desc_t a, b, c, bias;
    dnnl_dims_t ad = {key->m, key->k}, bd = {key->k, key->n}, cd = {key->m, key->n}, od = {1, key->n};
    dnnl_dims_t as = {key->ta ? 1 : key->lda, key->ta ? key->lda : 1}, bs = {key->tb ? 1 : key->ldb, key->tb ? key->ldb : 1};
    dnnl_dims_t cs = {key->ldc, 1}, os = {key->n, 1};
    dnnl_memory_desc_init_by_strides(&a, 2, ad, dnnl_f32, as);
    dnnl_memory_desc_init_by_strides(&b, 2, bd, dnnl_f32, bs);
    dnnl_memory_desc_init_by_strides(&c, 2, cd, dnnl_f32, cs);
    dnnl_memory_desc_init_by_strides(&bias, 2, od, dnnl_f32, os);
    int has_bias = key->activation >= 0;
    dnnl_matmul_desc_t d;
    if (dnnl_matmul_desc_init(&d, &a, &b, has_bias ? &bias : NULL, &c) != dnnl_success) return 0;
    dnnl_primitive_attr_t attributes;
    dnnl_primitive_attr_create(&attributes);
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    dnnl_post_ops_t after;
    dnnl_post_ops_create(&after);
    if (key->accumulate) dnnl_post_ops_append_sum(after, 1.0f);
    if (key->activation == 1) dnnl_post_ops_append_eltwise(after, 1.0f, dnnl_eltwise_relu, 0, 0);
    dnnl_primitive_attr_set_post_ops(attributes, after);
    dnnl_primitive_desc_t pd;
    dnnl_status_t status = dnnl_primitive_desc_create(&pd, &d, attributes, siam_dnnl_engine, NULL);
    dnnl_post_ops_destroy(after);
    dnnl_primitive_attr_destroy(attributes);
    if (status != dnnl_success) return 0;
    const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    size_t bytes = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
    p->scratch_memory = aligned_alloc(64, (bytes + 127) & ~(size_t)63);
    int ok = dnnl_primitive_create(&p->primitive, pd) == dnnl_success && p->scratch_memory
        && memory_of(&p->a, &a, NULL) && memory_of(&p->b, &b, NULL) && memory_of(&p->c, &c, NULL)
        && (!has_bias || memory_of(&p->bias, &bias, NULL)) && memory_of(&p->scratch, scratch, p->scratch_memory);
    dnnl_primitive_desc_destroy(pd);
    if (ok) p->key = *key;
    return ok;
}

static void drop(product *p) {
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    dnnl_memory_t all[] = {p->a, p->b, p->c, p->bias, p->scratch};
    for (int i = 0; i < 5; i++) if (all[i]) dnnl_memory_destroy(all[i]);
    free(p->scratch_memory);
    memset(p, 0, sizeof *p);
}

static int run_product(const product_key *key, const float *a, const float *b, const float *bias, float *c) {
    dnnl_stream_t s = siam_dnnl_stream();
    if (!s) return 0;
    if (!products && !(products = calloc(PRODUCTS, sizeof(product)))) return 0;
    uint64_t h = 1469598103934665603ull;
    for (size_t i = 0; i < sizeof *key / 4; i++) h = (h ^ ((const uint32_t *)key)[i]) * 1099511628211ull;
    h ^= h >> 32;
    product *p = NULL, *empty = NULL;
    for (int i = 0; i < 4 && !p; i++) {
        product *q = &products[(h + (uint64_t)i) % PRODUCTS];
        if (q->primitive && memcmp(&q->key, key, sizeof *key) == 0) p = q;
        else if (!q->primitive && !empty) empty = q;
    }
    if (!p) {
        p = empty ? empty : &products[h % PRODUCTS];
        drop(p);
        if (!make(p, key)) { drop(p); return 0; }
    }
    dnnl_memory_set_data_handle(p->a, (void *)a);
    dnnl_memory_set_data_handle(p->b, (void *)b);
    dnnl_memory_set_data_handle(p->c, c);
    dnnl_exec_arg_t arguments[5] = {{DNNL_ARG_SRC, p->a}, {DNNL_ARG_WEIGHTS, p->b}, {DNNL_ARG_DST, p->c},
                                    {DNNL_ARG_SCRATCHPAD, p->scratch}, {DNNL_ARG_BIAS, p->bias}};
    if (p->bias) dnnl_memory_set_data_handle(p->bias, (void *)bias);
    return dnnl_primitive_execute(p->primitive, s, p->bias ? 5 : 4, arguments) == dnnl_success;
}

typedef struct {
    int precision;
    product_key whole;
    const char *a, *b, *bias;
    char *c;
    int64_t rows, columns, across;
    const float *packed;
} product_job;

static void product_tile(void *context, int64_t tile) {
    product_job *j = context;
    product_key key = j->whole;
    int64_t i = tile / j->across * j->rows, l = tile % j->across * j->columns;
    key.m = j->whole.m - i < j->rows ? j->whole.m - i : j->rows;
    key.n = j->whole.n - l < j->columns ? j->whole.n - l : j->columns;
    size_t w = j->precision == 0 ? 4 : 8;
    const char *a = j->a + (size_t)(key.ta ? i : i * key.lda) * w, *b = j->b + (size_t)(key.tb ? l * key.ldb : l) * w;
    const char *bias = j->bias ? j->bias + (size_t)l * w : NULL;
    char *c = j->c + (size_t)(i * key.ldc + l) * w;
    if (j->precision == 1) {
        product_double(&key, (const double *)a, (const double *)b, (const double *)bias, (double *)c);
        return;
    }
    double work = (double)key.m * (double)key.n * (double)key.k;
    if (work > LITTLE && run_product(&key, (const float *)a, (const float *)b, (const float *)bias, (float *)c)) return;
    product_float(&key, (const float *)a, (const float *)b, (const float *)bias, (float *)c);
}

static void whole_product(product_job *j) {
    product_key *k = &j->whole;
    // Tiles of some tens of microseconds: below that the hand-over costs more than it gives.
    double work = (double)k->m * (double)k->n * (double)k->k;
    if (j->precision == 0 && work > LITTLE && siam_panels_serve(k->m, k->n, k->ta, k->tb)) {
        siam_panels p = {k->m, k->n, k->k, k->lda, k->ldb, k->ldc, k->ta, k->tb, k->accumulate, k->activation == 1,
                         (const float *)j->a, (const float *)j->b, (const float *)j->bias, (float *)j->c, NULL, NULL, NULL, NULL, NULL, j->packed};
        siam_panels_run(&p);
        return;
    }
    // Few of them: every tile reads one operand whole.
    double least = j->precision == 0 ? 1e6 : 1.25e5;
    int64_t pieces = work < least ? 1 : work < least * 8 ? 2 : work < least * 200 ? 4 : 8;
    if (work > least * 512) pieces = 16;
    j->rows = k->m;
    j->columns = k->n;
    if (pieces > 1) {
        if (k->m >= k->n || k->n < 64) { int64_t r = (k->m + pieces - 1) / pieces; j->rows = (r + 7) / 8 * 8; }
        else { int64_t r = (k->n + pieces - 1) / pieces; j->columns = (r + 31) / 32 * 32; }
    }
    // An operand that is read along its rows is fastest if few columns are computed at a time.
    if (!k->ta && j->columns > 128 && (double)j->rows * 128 * (double)k->k >= least) j->columns = 128;
    j->across = (k->n + j->columns - 1) / j->columns;
    int64_t tiles = (k->m + j->rows - 1) / j->rows * j->across;
    if (tiles <= 1) product_tile(j, 0);
    else if (work >= SIAM_LARGE_PRODUCT) siam_threads_run_while_wanted(tiles, product_tile, j);
    else siam_threads_run(tiles, product_tile, j);
}

void siam_matmul(int precision, int ta, int tb, int64_t m, int64_t n, int64_t k, const void *a, const void *b, void *c,
                 int accumulate) {
    if (m == 0 || n == 0) return;
    if (k == 0) {
        if (!accumulate) memset(c, 0, (size_t)(m * n) * (precision == 0 ? 4 : 8));
        return;
    }
    product_job j = {precision, {m, n, k, ta ? m : k, tb ? k : n, n, ta, tb, accumulate, -1}, a, b, NULL, c, 0, 0, 0, NULL};
    whole_product(&j);
}

void siam_affine(int precision, int activation, int64_t m, int64_t n, int64_t k, const void *a, const void *b,
                 const void *bias, const void *packed, void *c) {
    if (m == 0 || n == 0) return;
    if (k == 0) { // Nothing to multiply: every row is the bias.
        size_t w = precision == 0 ? 4 : 8;
        for (int64_t i = 0; i < m; i++) {
            if (bias) memcpy((char *)c + (size_t)(i * n) * w, bias, (size_t)n * w);
            else memset((char *)c + (size_t)(i * n) * w, 0, (size_t)n * w);
        }
    } else {
        int fused = bias ? (activation == 1 ? 1 : 0) : -1;
        product_job j = {precision, {m, n, k, k, n, n, 0, 0, 0, fused}, a, b, bias, c, 0, 0, 0, packed};
        whole_product(&j);
        if (fused == 1) return;
    }
    if (activation == 1) siam_unary(SIAM_RELU, precision, m * n, c, c, 0, 0);
    if (activation == 2) siam_unary(SIAM_TANH, precision, m * n, c, c, 0, 0);
    if (activation == 3) siam_unary(SIAM_SIGMOID, precision, m * n, c, c, 0, 0);
}
