// t-SNE in the plane: how wide each row looks for its neighbours, and the forces on its points. Of few points all pairs count
// exactly; of many the far ones count by groups (Barnes and Hut, 1986), one walk of the tree for all points of a leaf. Each
// tile writes what is its own and sums are made in order: the threads do not matter.
#define _GNU_SOURCE
#include "common.h"
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 32, LEAF = 24, GROUPS = 8, LINE = 8 };

/// p[j] = exp(-beta s[j]) of the squares less the least; their sum and the sum of p s, p s^2.
static void weigh(int64_t n, const double *s, double beta, double *p, double sums[3]) {
    sums[0] = sums[1] = sums[2] = 0;
    for (int64_t j = 0; j < n; j++) {
        double e = exp(-beta * s[j]);
        p[j] = e;
        sums[0] += e;
        sums[1] += e * s[j];
        sums[2] += e * s[j] * s[j];
    }
}
/// Of one row's squared distances the probabilities whose entropy is the logarithm of the perplexity: Newton's steps, kept
/// between the bounds that are known.
static void widen(int64_t n, double *s, double wanted, double *p) {
    double least = INFINITY, low = 0, high = INFINITY, sums[3], sum = 0;
    for (int64_t j = 0; j < n; j++) if (s[j] < least) least = s[j];
    for (int64_t j = 0; j < n; j++) { s[j] -= least; sum += s[j]; }
    double beta = sum > 0 ? (double)n / sum : 1;
    for (int step = 0; step < 200; step++) {
        weigh(n, s, beta, p, sums);
        double mean = sums[1] / sums[0], entropy = log(sums[0]) + beta * mean, off = entropy - wanted;
        if (fabs(off) < 1e-7) break;
        if (off > 0) low = beta; else high = beta;
        double slope = -beta * (sums[2] / sums[0] - mean * mean), next = slope < 0 ? beta - off / slope : -1;
        if (!(next > low && next < high)) next = high < INFINITY ? (low + high) / 2 : beta * 2;
        // A leap is no better founded than a doubling.
        if (next > beta * 8) next = beta * 8;
        beta = next;
        if (!(beta > 1e-200 && beta < 1e200)) break;
    }
    for (int64_t j = 0; j < n; j++) p[j] /= sums[0];
}

typedef struct {
    int64_t n, k;
    double wanted;
    const double *squares;
    double *p;
    _Atomic int failed;
} width_job;
static void width_tile(void *context, int64_t tile) {
    width_job *j = context;
    int64_t end = (tile + 1) * ROWS < j->n ? (tile + 1) * ROWS : j->n;
    double *s = malloc((size_t)j->k * sizeof(double));
    if (!s) { atomic_store(&j->failed, 1); return; }
    for (int64_t r = tile * ROWS; r < end; r++) {
        memcpy(s, j->squares + r * j->k, (size_t)j->k * sizeof(double));
        widen(j->k, s, j->wanted, j->p + r * j->k);
    }
    free(s);
}
int siam_tsne_widths(int64_t n, int64_t k, const double *squares, double perplexity, double *p) {
    width_job j = {.n = n, .k = k, .wanted = log(perplexity), .squares = squares, .p = p};
    return siam_threads_run_while_wanted((n + ROWS - 1) / ROWS, width_tile, &j) && !j.failed;
}

typedef struct { int64_t n, d; const double *x; double *out; } squares_job;
CLONES static void squares_rows(const squares_job *j, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++)
        for (int64_t c = 0; c < j->n; c++) {
            const double *a = j->x + r * j->d, *b = j->x + c * j->d;
            double lanes[LINE] = {0}, sum = 0;
            int64_t i = 0;
            for (; i + LINE <= j->d; i += LINE)
                for (int l = 0; l < LINE; l++) { double t = a[i + l] - b[i + l]; lanes[l] += t * t; }
            for (; i < j->d; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
            for (int l = 0; l < LINE; l++) sum += lanes[l];
            j->out[r * j->n + c] = sum;
        }
}
static void squares_tile(void *context, int64_t tile) {
    squares_job *j = context;
    squares_rows(j, tile * ROWS, (tile + 1) * ROWS < j->n ? (tile + 1) * ROWS : j->n);
}
int siam_tsne_squares(int64_t n, int64_t d, const double *x, double *out) {
    squares_job j = {n, d, x, out};
    return siam_threads_run_while_wanted((n + ROWS - 1) / ROWS, squares_tile, &j);
}

static int by_place(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}
/// The symmetric probabilities (p_ij + p_ji) / 2n of each point's k nearest, those of a point in order of place.
int siam_tsne_join(int64_t n, int64_t k, const int32_t *places, const double *p, int64_t *starts, int32_t *others,
                   double *values) {
    int64_t *from = calloc((size_t)n + 1, sizeof(int64_t)), *at = malloc(((size_t)n + 1) * sizeof(int64_t));
    int32_t *sources = malloc(((size_t)(n * k) + 1) * sizeof(int32_t));
    double *back = malloc(((size_t)(n * k) + 1) * sizeof(double));
    uint64_t *order = malloc(((size_t)k + 1) * sizeof(uint64_t));
    int ok = from && at && sources && back && order;
    if (ok) {
        for (int64_t e = 0; e < n * k; e++) if (places[e] >= 0) from[places[e] + 1]++;
        for (int64_t i = 0; i < n; i++) from[i + 1] += from[i];
        memcpy(at, from, ((size_t)n + 1) * sizeof(int64_t));
        for (int64_t e = 0; e < n * k; e++) {
            if (places[e] < 0) continue;
            int64_t to = at[places[e]]++;
            sources[to] = (int32_t)(e / k);
            back[to] = p[e];
        }
        int64_t count = 0;
        double half = 1.0 / (2.0 * (double)n);
        for (int64_t i = 0; i < n; i++) {
            starts[i] = count;
            int64_t own = 0, a = 0, b = from[i];
            for (int64_t e = 0; e < k; e++)
                if (places[i * k + e] >= 0) order[own++] = (uint64_t)places[i * k + e] << 32 | (uint64_t)e;
            qsort(order, (size_t)own, sizeof(uint64_t), by_place);
            while (a < own || b < from[i + 1]) {
                int64_t mine = a < own ? (int64_t)(order[a] >> 32) : INT64_MAX;
                int64_t theirs = b < from[i + 1] ? sources[b] : INT64_MAX;
                double v = 0;
                if (mine <= theirs) v += p[i * k + (int64_t)(order[a++] & 0xFFFFFFFF)];
                if (theirs <= mine) v += back[b++];
                others[count] = (int32_t)(mine < theirs ? mine : theirs);
                values[count++] = v * half;
            }
        }
        starts[n] = count;
    }
    free(from);
    free(at);
    free(sources);
    free(back);
    free(order);
    return ok;
}

// All pairs.

typedef struct { int64_t n; const double *x, *y; const double *joint; double exaggeration, *pull, *push, *sums; } exact_job;
CLONES static void exact_rows(const exact_job *j, int64_t begin, int64_t end) {
    int64_t n = j->n;
    const double *restrict x = j->x, *restrict y = j->y;
    for (int64_t r = begin; r < end; r++) {
        double px[LINE] = {0}, py[LINE] = {0}, fx[LINE] = {0}, fy[LINE] = {0}, z[LINE] = {0}, xr = x[r], yr = y[r];
        const double *restrict p = j->joint + r * n;
        int64_t c = 0;
        for (; c + LINE <= n; c += LINE)
            for (int l = 0; l < LINE; l++) {
                double dx = xr - x[c + l], dy = yr - y[c + l], q = 1 / (1 + dx * dx + dy * dy), a = p[c + l] * q, b = q * q;
                z[l] += q;
                px[l] += a * dx;
                py[l] += a * dy;
                fx[l] += b * dx;
                fy[l] += b * dy;
            }
        for (; c < n; c++) {
            double dx = xr - x[c], dy = yr - y[c], q = 1 / (1 + dx * dx + dy * dy), a = p[c] * q, b = q * q;
            z[0] += q;
            px[0] += a * dx;
            py[0] += a * dy;
            fx[0] += b * dx;
            fy[0] += b * dy;
        }
        for (int l = 1; l < LINE; l++) { z[0] += z[l]; px[0] += px[l]; py[0] += py[l]; fx[0] += fx[l]; fy[0] += fy[l]; }
        j->pull[2 * r] = px[0];
        j->pull[2 * r + 1] = py[0];
        j->push[2 * r] = fx[0];
        j->push[2 * r + 1] = fy[0];
        // A point is no neighbour of its own.
        j->sums[r] = z[0] - 1;
    }
}
static void exact_tile(void *context, int64_t tile) {
    exact_job *j = context;
    exact_rows(j, tile * ROWS, (tile + 1) * ROWS < j->n ? (tile + 1) * ROWS : j->n);
}
static void join_forces(int64_t n, const double *pull, const double *push, const double *sums, double exaggeration, double *g) {
    double total = 0;
    for (int64_t i = 0; i < n; i++) total += sums[i];
    double scale = total > 0 ? 1 / total : 0;
    for (int64_t i = 0; i < 2 * n; i++) g[i] = 4 * (exaggeration * pull[i] - scale * push[i]);
}
int siam_tsne_exact(int64_t n, const double *joint, const double *points, double exaggeration, double *gradient) {
    double *room = malloc((size_t)n * 7 * sizeof(double));
    if (!room) return 0;
    double *x = room, *y = x + n, *pull = y + n, *push = pull + 2 * n, *sums = push + 2 * n;
    for (int64_t i = 0; i < n; i++) { x[i] = points[2 * i]; y[i] = points[2 * i + 1]; }
    exact_job j = {n, x, y, joint, exaggeration, pull, push, sums};
    siam_threads_run((n + ROWS - 1) / ROWS, exact_tile, &j);
    join_forces(n, pull, push, sums, exaggeration, gradient);
    free(room);
    return 1;
}

// By groups.

typedef struct { double x, y, mass, width; int32_t begin, end, next, is_leaf; } node;
typedef struct {
    int64_t n, room, nodes, leaves;
    uint64_t *codes, *other; // place in the plane, upper 32 bits, and number
    double *x, *y;           // points in the order of the codes
    node *tree;
    int32_t *leaf;
    const int64_t *starts;
    const int32_t *others;
    const double *values, *points;
    double *pull, *push, *sums, openness;
    _Atomic int failed;
} forest;

static uint32_t spread_bits(uint32_t v) {
    v &= 0xFFFF;
    v = (v | v << 8) & 0x00FF00FF;
    v = (v | v << 4) & 0x0F0F0F0F;
    v = (v | v << 2) & 0x33333333;
    return (v | v << 1) & 0x55555555;
}
static void sort_codes(forest *f) {
    for (int shift = 32; shift < 64; shift += 8) {
        int64_t counts[257] = {0};
        for (int64_t i = 0; i < f->n; i++) counts[(f->codes[i] >> shift & 255) + 1]++;
        for (int b = 0; b < 256; b++) counts[b + 1] += counts[b];
        for (int64_t i = 0; i < f->n; i++) f->other[counts[f->codes[i] >> shift & 255]++] = f->codes[i];
        uint64_t *t = f->codes;
        f->codes = f->other;
        f->other = t;
    }
}
/// The node of the points begin ..< end, whose codes agree in all bits above `shift` + 2; its number, -1 where memory is short.
static int64_t branch(forest *f, int32_t begin, int32_t end, int shift, double width) {
    if (f->nodes == f->room) {
        int64_t room = 2 * f->room;
        node *tree = realloc(f->tree, (size_t)room * sizeof(node));
        if (tree) f->tree = tree;
        int32_t *leaf = realloc(f->leaf, (size_t)room * sizeof(int32_t));
        if (leaf) f->leaf = leaf;
        if (!tree || !leaf) return -1;
        f->room = room;
    }
    int64_t me = f->nodes++;
    double sx = 0, sy = 0;
    for (int32_t i = begin; i < end; i++) { sx += f->x[i]; sy += f->y[i]; }
    int is_leaf = end - begin <= LEAF || shift < 32;
    f->tree[me] = (node){sx / (end - begin), sy / (end - begin), end - begin, width, begin, end, 0, is_leaf};
    if (is_leaf) f->leaf[f->leaves++] = (int32_t)me;
    else {
        int32_t at = begin;
        while (at < end) {
            uint64_t quarter = f->codes[at] >> shift & 3;
            int32_t stop = at + 1;
            while (stop < end && (f->codes[stop] >> shift & 3) == quarter) stop++;
            if (branch(f, at, stop, shift - 2, width / 2) < 0) return -1;
            at = stop;
        }
    }
    f->tree[me].next = (int32_t)f->nodes;
    return me;
}

/// The forces of a list of points with masses on the points begin ..< end.
CLONES static void felt(const forest *f, const node *leaf, int64_t count, const double *restrict lx, const double *restrict ly,
                        const double *restrict lm) {
    for (int32_t i = leaf->begin; i < leaf->end; i++) {
        double fx[LINE] = {0}, fy[LINE] = {0}, z[LINE] = {0}, xi = f->x[i], yi = f->y[i];
        for (int64_t c = 0; c < count; c += LINE)
            for (int l = 0; l < LINE; l++) {
                double dx = xi - lx[c + l], dy = yi - ly[c + l], q = 1 / (1 + dx * dx + dy * dy), b = lm[c + l] * q, s = b * q;
                z[l] += b;
                fx[l] += s * dx;
                fy[l] += s * dy;
            }
        for (int l = 1; l < LINE; l++) { z[0] += z[l]; fx[0] += fx[l]; fy[0] += fy[l]; }
        int64_t own = (int64_t)(f->codes[i] & 0xFFFFFFFF);
        f->push[2 * own] = fx[0];
        f->push[2 * own + 1] = fy[0];
        f->sums[own] = z[0] - 1;
    }
}
static void push_tile(void *context, int64_t tile) {
    forest *f = context;
    int64_t room = 4096;
    double *list = malloc((size_t)room * 3 * sizeof(double));
    int64_t last = (tile + 1) * GROUPS < f->leaves ? (tile + 1) * GROUPS : f->leaves;
    for (int64_t g = tile * GROUPS; list && g < last; g++) {
        const node *leaf = &f->tree[f->leaf[g]];
        double left = INFINITY, right = -INFINITY, low = INFINITY, high = -INFINITY;
        for (int32_t i = leaf->begin; i < leaf->end; i++) {
            left = fmin(left, f->x[i]);
            right = fmax(right, f->x[i]);
            low = fmin(low, f->y[i]);
            high = fmax(high, f->y[i]);
        }
        int64_t count = 0, at = 0;
        while (at < f->nodes) {
            const node *v = &f->tree[at];
            double dx = v->x < left ? left - v->x : v->x > right ? v->x - right : 0;
            double dy = v->y < low ? low - v->y : v->y > high ? v->y - high : 0;
            int is_far = v->width * v->width < f->openness * f->openness * (dx * dx + dy * dy);
            if (!is_far && !v->is_leaf) { at++; continue; }
            int64_t more = is_far ? 1 : v->end - v->begin;
            if (count + more + LINE > room) {
                int64_t wide = 2 * (count + more + LINE);
                double *larger = malloc((size_t)wide * 3 * sizeof(double));
                if (!larger) { free(list); list = NULL; break; }
                for (int k = 0; k < 3; k++) memcpy(larger + k * wide, list + k * room, (size_t)count * sizeof(double));
                free(list);
                list = larger;
                room = wide;
            }
            if (is_far) {
                list[count] = v->x;
                list[room + count] = v->y;
                list[2 * room + count] = v->mass;
            } else {
                memcpy(list + count, f->x + v->begin, (size_t)more * sizeof(double));
                memcpy(list + room + count, f->y + v->begin, (size_t)more * sizeof(double));
                for (int64_t i = 0; i < more; i++) list[2 * room + count + i] = 1;
            }
            count += more;
            at = v->next;
        }
        if (!list) break;
        for (; count % LINE; count++) { list[count] = list[room + count] = 0; list[2 * room + count] = 0; }
        felt(f, leaf, count, list, list + room, list + 2 * room);
    }
    if (!list) atomic_store(&f->failed, 1);
    free(list);
}
enum { PULLED = 256 };
static void pull_tile(void *context, int64_t tile) {
    forest *f = context;
    int64_t end = (tile + 1) * PULLED < f->n ? (tile + 1) * PULLED : f->n;
    for (int64_t i = tile * PULLED; i < end; i++) {
        double xi = f->points[2 * i], yi = f->points[2 * i + 1], px = 0, py = 0;
        for (int64_t e = f->starts[i]; e < f->starts[i + 1]; e++) {
            const double *o = f->points + 2 * (int64_t)f->others[e];
            double dx = xi - o[0], dy = yi - o[1], a = f->values[e] / (1 + dx * dx + dy * dy);
            px += a * dx;
            py += a * dy;
        }
        f->pull[2 * i] = px;
        f->pull[2 * i + 1] = py;
    }
}

int siam_tsne_grouped(int64_t n, const int64_t *starts, const int32_t *others, const double *values, const double *points,
                      double exaggeration, double openness, double *gradient) {
    forest f = {.n = n, .room = n / 4 + 64, .starts = starts, .others = others, .values = values, .points = points,
                .openness = openness};
    double *room = malloc((size_t)n * 7 * sizeof(double));
    uint64_t *codes = malloc((size_t)n * 2 * sizeof(uint64_t));
    f.tree = malloc((size_t)f.room * sizeof(node));
    f.leaf = malloc((size_t)f.room * sizeof(int32_t));
    int ok = room && codes && f.tree && f.leaf;
    if (ok) {
        f.x = room, f.y = f.x + n, f.pull = f.y + n, f.push = f.pull + 2 * n, f.sums = f.push + 2 * n;
        f.codes = codes;
        f.other = codes + n;
        double left = INFINITY, right = -INFINITY, low = INFINITY, high = -INFINITY;
        for (int64_t i = 0; i < n; i++) {
            left = fmin(left, points[2 * i]);
            right = fmax(right, points[2 * i]);
            low = fmin(low, points[2 * i + 1]);
            high = fmax(high, points[2 * i + 1]);
        }
        double width = fmax(right - left, high - low), scale = width > 0 && width < INFINITY ? 65535.0 / width : 0;
        for (int64_t i = 0; i < n; i++) {
            double a = (points[2 * i] - left) * scale, b = (points[2 * i + 1] - low) * scale;
            uint32_t column = a >= 0 && a < 65536 ? (uint32_t)a : 0, row = b >= 0 && b < 65536 ? (uint32_t)b : 0;
            f.codes[i] = (uint64_t)(spread_bits(column) | spread_bits(row) << 1) << 32 | (uint64_t)i;
        }
        sort_codes(&f);
        for (int64_t i = 0; i < n; i++) {
            int64_t own = (int64_t)(f.codes[i] & 0xFFFFFFFF);
            f.x[i] = points[2 * own];
            f.y[i] = points[2 * own + 1];
        }
        ok = n == 0 || branch(&f, 0, (int32_t)n, 62, width) >= 0;
    }
    if (ok) {
        siam_threads_run((f.leaves + GROUPS - 1) / GROUPS, push_tile, &f);
        siam_threads_run((n + PULLED - 1) / PULLED, pull_tile, &f);
        join_forces(n, f.pull, f.push, f.sums, exaggeration, gradient);
        ok = !atomic_load(&f.failed);
    }
    free(room);
    free(codes);
    free(f.tree);
    free(f.leaf);
    return ok;
}

void siam_tsne_move(int64_t n, double rate, double momentum, const double *gradient, double *speed, double *gains,
                    double *points) {
    for (int64_t k = 0; k < 2 * n; k++) {
        double g = gradient[k], gain = (g > 0) != (speed[k] > 0) ? gains[k] + 0.2 : gains[k] * 0.8;
        gains[k] = gain < 0.01 ? 0.01 : gain;
        speed[k] = momentum * speed[k] - rate * gains[k] * g;
        points[k] += speed[k];
    }
}
