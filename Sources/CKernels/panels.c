#include "panels.h"
#include "common.h"
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__clang__)
typedef float lanes_8 __attribute__((vector_size(32), aligned(4)));
typedef float lanes_16 __attribute__((vector_size(64), aligned(4)));
#define WIDE __attribute__((target("avx2,fma")))
INLINE WIDE lanes_8 lower_avx2(lanes_8 a, lanes_8 b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
INLINE WIDE lanes_8 upper_avx2(lanes_8 a, lanes_8 b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
#define SET avx2
#define LANES 8
#define HIGH 6
#define ROUNDS 3
#include "panels.inc"
#undef WIDE
#undef SET
#undef LANES
#undef HIGH
#undef ROUNDS
#define WIDE __attribute__((target("avx512f"), min_vector_width(512)))
INLINE WIDE lanes_16 lower_avx512(lanes_16 a, lanes_16 b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
INLINE WIDE lanes_16 upper_avx512(lanes_16 a, lanes_16 b) {
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
#define SET avx512
#define LANES 16
#define HIGH 12
#define ROUNDS 4
#include "panels.inc"
#undef WIDE
#undef SET
#undef LANES
#undef HIGH
#undef ROUNDS
static int is_wide(void) { return __builtin_cpu_supports("avx512f"); }
static int64_t panel_width(void) {
    if (is_wide()) return PANEL_avx512;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? PANEL_avx2 : 0;
}
static int64_t block_height(void) { return is_wide() ? 12 : 6; }
static void pack(const siam_panels *p, int64_t from, int64_t to, int64_t column, int64_t end, float *out, int64_t stride) {
    if (p->tb) (is_wide() ? pack_turned_avx512 : pack_turned_avx2)(p, from, to, column, end - column, out);
    else (is_wide() ? pack_avx512 : pack_avx2)(p, from, to, column, end, out, stride);
}
static void add_up(int64_t rows, int64_t columns, const float *packed, int adds, float *sums) {
    (is_wide() ? add_up_avx512 : add_up_avx2)(rows, columns, packed, adds, sums);
}
static void blocks(const siam_panels *p, int64_t begin, int64_t end, int64_t column, int64_t columns, int64_t from, int64_t to,
                   const float *b, int64_t bs) {
    (is_wide() ? blocks_avx512 : blocks_avx2)(p, begin, end, column, columns, from, to, b, bs);
}
#else
static int64_t panel_width(void) { return 0; }
static int64_t block_height(void) { return 1; }
static void pack(const siam_panels *p, int64_t from, int64_t to, int64_t column, int64_t end, float *out, int64_t stride) {}
static void add_up(int64_t rows, int64_t columns, const float *packed, int adds, float *sums) {}
static void blocks(const siam_panels *p, int64_t begin, int64_t end, int64_t column, int64_t columns, int64_t from, int64_t to,
                   const float *b, int64_t bs) {}
#endif

/// DEEP: rows of b that a block goes through at a time; FEW: where there is no memory to pack in; NEAR: bytes of packed panels,
/// and of a's rows, that stay in the second cache while others pass by; PIECE: numbers that are packed at a time.
enum { DEEP = 2048, FEW = 64, WIDEST = 32, NEAR = 1 << 18, PIECE = 1 << 15 };

typedef struct {
    const siam_panels *p;
    int64_t width, panels, stride, rows, across, group, packing, pieces, tiles;
    double work;
    int direct;
    const float *packed;
    float *room;
} panels_job;

static void pack_tile(void *context, int64_t tile) {
    panels_job *j = context;
    const siam_panels *p = j->p;
    if (p->tb) {
        int64_t column = tile * j->width, end = column + j->width < p->n ? column + j->width : p->n;
        pack(p, 0, p->k, column, end, j->room + tile * j->stride, j->stride);
    } else {
        int64_t from = tile * j->packing, to = from + j->packing < p->k ? from + j->packing : p->k;
        pack(p, from, to, 0, p->n, j->room + from * j->width, j->stride);
    }
}
static void panels_tile(void *context, int64_t tile) {
    panels_job *j = context;
    const siam_panels *p = j->p;
    int64_t first = tile % j->across * j->group, last = first + j->group < j->panels ? first + j->group : j->panels;
    int64_t begin = tile / j->across * j->rows, end = begin + j->rows < p->m ? begin + j->rows : p->m;
    _Alignas(64) float little[FEW * WIDEST];
    int64_t deep = j->packed || j->direct ? DEEP : FEW, high = block_height() * 2;
    if (p->sums && begin == 0 && j->packed) {
        for (int64_t i = first; i < last; i++) {
            int64_t column = i * j->width, columns = p->n - column < j->width ? p->n - column : j->width;
            add_up(p->k, columns, j->packed + i * j->stride, 0, p->sums + column);
        }
    }
    for (int64_t from = 0; from < p->k; from += deep) {
        int64_t to = from + deep < p->k ? from + deep : p->k;
        // A few rows are multiplied with all panels of the tile while they are in the first-level cache.
        int64_t some = j->packed ? high : end - begin;
        for (int64_t at = begin; at < end; at += some) {
            int64_t next = at + some < end ? at + some : end;
            for (int64_t i = first; i < last; i++) {
                int64_t column = i * j->width, columns = p->n - column < j->width ? p->n - column : j->width;
                const float *b = j->direct ? p->b + from * p->ldb + column : j->packed ? j->packed + i * j->stride + from * j->width : little;
                if (b == little) {
                    pack(p, from, to, column, column + columns, little, 0);
                    if (p->sums && begin == 0) add_up(to - from, columns, little, from > 0, p->sums + column);
                }
                blocks(p, at, next, column, columns, from, to, b, j->direct ? p->ldb : j->width);
            }
        }
    }
}

int siam_panels_serve(int64_t m, int64_t n, int ta, int tb) {
    int64_t width = panel_width();
    // Few columns leave most of a panel unused.
    return width > 0 && n >= width / 2 && !(ta && tb) && m > 0;
}
static void begin_packing(panels_job *j) {
    j->packing = PIECE / j->p->n < 1 ? 1 : PIECE / j->p->n;
    j->pieces = j->p->tb ? j->panels : (j->p->k + j->packing - 1) / j->packing;
}
ptrdiff_t siam_packed_bytes(int64_t n, int64_t k) {
    int64_t width = panel_width();
    if (!siam_panels_serve(1, n, 0, 0)) return 0;
    return (ptrdiff_t)((n + width - 1) / width * (k + 1) * width * (int64_t)sizeof(float));
}
void siam_pack(int64_t n, int64_t k, const float *b, float *packed) {
    siam_panels p = {.n = n, .k = k, .ldb = n, .b = b};
    int64_t width = panel_width();
    panels_job j = {.p = &p, .width = width, .panels = (n + width - 1) / width, .stride = (k + 1) * width, .room = packed};
    begin_packing(&j);
    if (n * k >= PIECE) siam_threads_run(j.pieces, pack_tile, &j);
    else for (int64_t t = 0; t < j.pieces; t++) pack_tile(&j, t);
}
static panels_job job_of(const siam_panels *p) {
    int64_t width = panel_width(), high = block_height();
    double work = (double)p->m * (double)p->n * (double)p->k;
    panels_job j = {.p = p, .width = width, .panels = (p->n + width - 1) / width, .rows = p->m, .group = 1, .work = work};
    // Packing does not pay if few rows use it.
    j.direct = p->m <= 2 * high && p->n % width == 0 && !p->tb && !p->mask && !p->b_rows && !p->sums;
    j.stride = (p->k + 1) * width;
    if (!j.direct) j.packed = p->packed ? p->packed : (j.room = siam_memory_take(j.panels * j.stride * (int64_t)sizeof(float)));
    if (j.room) begin_packing(&j);
    if (j.packed) {
        // As many panels at a time as stay near, and no more than leave tiles for all.
        int64_t depth = p->k < DEEP ? p->k : DEEP;
        while (j.group < 4 && (j.group * 2) * depth * width * (int64_t)sizeof(float) <= NEAR) j.group *= 2;
    }
    // Tiles of some microseconds: for smaller ones the hand-over costs more than it gains, and larger ones make the other threads
    // wait for the last.
    int64_t wanted = work < 1e6 ? 1 : work < 44e6 ? (int64_t)(work / 7e5) + 1 : 64, down = 1;
    while (j.group > 1 && (j.panels + j.group - 1) / j.group * (p->m / (4 * high)) < wanted) j.group /= 2;
    j.across = (j.panels + j.group - 1) / j.group;
    if (j.across < wanted) down = (wanted + j.across - 1) / j.across;
    if (down > p->m / (2 * high)) down = p->m / (2 * high) < 1 ? 1 : p->m / (2 * high);
    j.rows = ((p->m + down - 1) / down + 2 * high - 1) / (2 * high) * (2 * high);
    // The rows that all panels pass by stay in the cache meanwhile.
    int64_t most = 8 * NEAR / (p->k * (int64_t)sizeof(float)) / (2 * high) * (2 * high);
    if (j.rows > most) j.rows = most < 8 * high ? 8 * high : most;
    j.tiles = (p->m + j.rows - 1) / j.rows * j.across;
    return j;
}

enum { TOGETHER = 2 };
typedef struct { panels_job jobs[TOGETHER]; int count; siam_tile first; void *context; int64_t before; } all_jobs;
static void before_tile(void *context, int64_t tile) {
    all_jobs *a = context;
    if (tile < a->before) { a->first(a->context, tile); return; }
    tile -= a->before;
    int i = 0;
    while (tile >= a->jobs[i].pieces) tile -= a->jobs[i++].pieces;
    pack_tile(&a->jobs[i], tile);
}
static void product_tile(void *context, int64_t tile) {
    all_jobs *a = context;
    int i = 0;
    while (tile >= a->jobs[i].tiles) tile -= a->jobs[i++].tiles;
    panels_tile(&a->jobs[i], tile);
}
int siam_panels_run_all(const siam_panels *p, int count, siam_tile first, void *context, int64_t before, const _Atomic int *stop) {
    all_jobs a = {.count = count < TOGETHER ? count : TOGETHER, .first = first, .context = context, .before = before};
    int64_t pieces = before, tiles = 0;
    double work = 0, most = 0;
    for (int i = 0; i < a.count; i++) {
        a.jobs[i] = job_of(&p[i]);
        pieces += a.jobs[i].pieces;
        tiles += a.jobs[i].tiles;
        work += a.jobs[i].work;
        most = a.jobs[i].work > most ? a.jobs[i].work : most;
    }
    if (work < 1e6) for (int64_t t = 0; t < pieces; t++) before_tile(&a, t);
    else siam_threads_run(pieces, before_tile, &a);
    int goes_on = !stop || !*stop;
    if (goes_on) {
        if (work < 1e6) for (int64_t t = 0; t < tiles; t++) product_tile(&a, t);
        else if (most >= SIAM_LARGE_PRODUCT) siam_threads_run_while_wanted(tiles, product_tile, &a);
        else siam_threads_run(tiles, product_tile, &a);
    }
    for (int i = 0; i < a.count; i++)
        if (a.jobs[i].room) siam_memory_give(a.jobs[i].room, a.jobs[i].panels * a.jobs[i].stride * (int64_t)sizeof(float));
    return goes_on;
}
void siam_panels_run(const siam_panels *p) { siam_panels_run_all(p, 1, NULL, NULL, 0, NULL); }
