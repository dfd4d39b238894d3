// The nearest neighbours of query rows among many rows. Matrix products of blocks give distances up to rounding; candidates
// are then measured again by differences, so that the result is exact and does not depend on the number of threads.
#define _GNU_SOURCE
#include "common.h"
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { QUERIES = 64, PANEL = 1024 };
typedef struct { double square; int32_t place; } found;
typedef struct {
    int64_t m, n, d, k, own;
    const float *q, *x;
    float *norms; // |x|^2
    double largest; // the greatest |x|
    int32_t *places;
    float *squares;
    const int32_t *classes;
    double *shares;
    _Atomic int failed;
} neighbour_job;

CLONES static double square_of(int64_t d, const float *a, const float *b) {
    double lanes[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= d; i += 8)
        for (int l = 0; l < 8; l++) { double t = (double)a[i + l] - b[i + l]; lanes[l] += t * t; }
    double sum = ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
    for (; i < d; i++) { double t = (double)a[i] - b[i]; sum += t * t; }
    return sum;
}
CLONES static double length_of(int64_t d, const float *a) {
    double lanes[8] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + 8 <= d; i += 8) for (int l = 0; l < 8; l++) lanes[l] += (double)a[i + l] * a[i + l];
    for (int l = 0; l < 8; l++) sum += lanes[l];
    for (; i < d; i++) sum += (double)a[i] * a[i];
    return sum;
}
typedef float lanes_f __attribute__((vector_size(64)));
typedef int32_t lanes_i __attribute__((vector_size(64)));
/// Turns products into |x|^2 - 2 qx; whether any of each sixteen is at most the limit.
CLONES static void keyed(int64_t n, const float *norms, float limit, float *p, uint8_t *any) {
    int64_t j = 0;
    for (; j + 16 <= n; j += 16) {
        lanes_f v, w;
        memcpy(&v, p + j, sizeof v);
        memcpy(&w, norms + j, sizeof w);
        v = w - 2 * v;
        memcpy(p + j, &v, sizeof v);
        lanes_i below = v <= limit;
        int32_t some = 0;
        for (int l = 0; l < 16; l++) some |= below[l];
        any[j / 16] = some != 0;
    }
    if (j < n) {
        for (int64_t l = j; l < n; l++) p[l] = norms[l] - 2 * p[l];
        any[j / 16] = 1;
    }
}

/// The least of each sixteen.
CLONES static void least_of(int64_t groups, const float *p, float *least) {
    for (int64_t g = 0; g < groups; g++, p += 16) {
        float eight[8];
        for (int l = 0; l < 8; l++) eight[l] = p[l] < p[l + 8] ? p[l] : p[l + 8];
        for (int l = 0; l < 4; l++) eight[l] = eight[l] < eight[l + 4] ? eight[l] : eight[l + 4];
        float a = eight[0] < eight[2] ? eight[0] : eight[2], b = eight[1] < eight[3] ? eight[1] : eight[3];
        least[g] = a < b ? a : b;
    }
}

typedef struct { float *keys; int32_t *places; int64_t count, room; float limit; } candidates;

/// The k-th least of the keys (from 0).
static float rank_of(float *a, int64_t n, int64_t k) {
    int64_t low = 0, high = n - 1;
    while (low < high) {
        float pivot = a[(low + high) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot) i++;
            while (a[j] > pivot) j--;
            if (i <= j) { float t = a[i]; a[i] = a[j]; a[j] = t; i++; j--; }
        }
        if (k <= j) high = j;
        else if (k >= i) low = i;
        else break;
    }
    return a[k];
}
/// Lowers the limit to the distance of the k-th nearest so far, and drops candidates beyond it.
static void tighten(candidates *c, int64_t k, float slack, float *spare) {
    if (c->count < k) return;
    memcpy(spare, c->keys, (size_t)c->count * sizeof(float));
    float limit = rank_of(spare, c->count, k - 1) + slack;
    if (limit < c->limit) c->limit = limit;
    int64_t kept = 0;
    for (int64_t i = 0; i < c->count; i++)
        if (c->keys[i] <= c->limit) { c->keys[kept] = c->keys[i]; c->places[kept++] = c->places[i]; }
    c->count = kept;
}
/// The first limit, of the first panel: the k-th least of the sixteens' least is no less than the k-th least of all, and most
/// of the panel need not be looked at.
static void begin_limit(candidates *c, int64_t k, float slack, int64_t width, const float *row, uint8_t *any) {
    float least[PANEL / 16], sorted[PANEL / 16];
    int64_t groups = width / 16;
    if (groups < k) return;
    least_of(groups, row, least);
    memcpy(sorted, least, (size_t)groups * sizeof(float));
    c->limit = rank_of(sorted, groups, k - 1) + slack;
    for (int64_t g = 0; g < groups; g++) any[g] = least[g] <= c->limit;
}
static int nearer_first(const void *a, const void *b) {
    const found *x = a, *y = b;
    if (x->square != y->square) return x->square < y->square ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int grow(candidates *c) {
    int64_t room = 2 * c->room;
    float *keys = realloc(c->keys, (size_t)room * sizeof(float));
    if (keys) c->keys = keys;
    int32_t *places = realloc(c->places, (size_t)room * sizeof(int32_t));
    if (places) c->places = places;
    if (!keys || !places) return 0;
    c->room = room;
    return 1;
}

/// Measures the candidates of one query and gives the k nearest of them, or the share of its class among the very nearest.
static int settle(neighbour_job *j, int64_t query, candidates *c, found *list) {
    const float *q = j->q + query * j->d;
    for (int64_t i = 0; i < c->count; i++)
        list[i] = (found){square_of(j->d, q, j->x + (int64_t)c->places[i] * j->d), c->places[i]};
    if (j->shares) {
        float least = INFINITY;
        for (int64_t i = 0; i < c->count; i++) if ((float)list[i].square < least) least = (float)list[i].square;
        int64_t all = 0, own = 0;
        for (int64_t i = 0; i < c->count; i++)
            if ((float)list[i].square <= least) {
                all++;
                own += j->classes[list[i].place] == j->classes[j->own + query];
            }
        j->shares[query] = all ? (double)own / (double)all : 0;
        return 1;
    }
    // Rounded first: what is equal as it is given comes in order of place.
    for (int64_t i = 0; i < c->count; i++) list[i].square = (float)list[i].square;
    qsort(list, (size_t)c->count, sizeof(found), nearer_first);
    for (int64_t i = 0; i < j->k; i++) {
        j->places[query * j->k + i] = i < c->count ? list[i].place : -1;
        if (j->squares) j->squares[query * j->k + i] = i < c->count ? (float)list[i].square : INFINITY;
    }
    return 1;
}

static void neighbour_tile(void *context, int64_t tile) {
    neighbour_job *j = context;
    if (atomic_load_explicit(&j->failed, memory_order_relaxed)) return;
    int64_t begin = tile * QUERIES, rows = j->m - begin < QUERIES ? j->m - begin : QUERIES, ok = 1;
    int64_t k = j->shares ? 1 : j->k, room = 2 * k + 2 * PANEL;
    float *p = malloc(QUERIES * PANEL * sizeof(float)), *spare = NULL;
    candidates *all = calloc(QUERIES, sizeof(candidates));
    uint8_t any[PANEL / 16 + 1];
    float slack[QUERIES];
    ok = p && all;
    for (int64_t r = 0; ok && r < rows; r++) {
        all[r] = (candidates){malloc((size_t)room * sizeof(float)), malloc((size_t)room * sizeof(int32_t)), 0, room, INFINITY};
        ok = all[r].keys && all[r].places;
        // Twice what the products, their sums and the two norms can be off by.
        double reach = sqrt(length_of(j->d, j->q + (begin + r) * j->d)) + j->largest;
        slack[r] = (float)(2.0 * ((double)j->d + 8) * 0x1p-23 * reach * reach);
    }
    int64_t spare_room = 0;
    for (int64_t at = 0; ok && at < j->n; at += PANEL) {
        int64_t width = j->n - at < PANEL ? j->n - at : PANEL;
        if (siam_interrupt_is_due()) { ok = 0; break; }
        siam_matmul(0, 0, 1, rows, width, j->d, j->q + begin * j->d, j->x + at * j->d, p, 0);
        for (int64_t r = 0; ok && r < rows; r++) {
            candidates *c = &all[r];
            float *row = p + r * width;
            int64_t own = j->own >= 0 ? j->own + begin + r - at : -1;
            keyed(width, j->norms + at, c->limit, row, any);
            if (own >= 0 && own < width) row[own] = INFINITY;
            if (at == 0) begin_limit(c, k, slack[r], width, row, any);
            for (int64_t b = 0; b * 16 < width; b++) {
                if (!any[b]) continue;
                int64_t end = b * 16 + 16 < width ? b * 16 + 16 : width;
                for (int64_t i = b * 16; i < end; i++)
                    if (row[i] <= c->limit && i != own) { c->keys[c->count] = row[i]; c->places[c->count++] = (int32_t)(at + i); }
            }
            if (c->count + PANEL > c->room || at == 0) {
                if (spare_room < c->count) {
                    free(spare);
                    spare_room = 2 * c->count;
                    ok = (spare = malloc((size_t)spare_room * sizeof(float))) != NULL;
                }
                if (ok) tighten(c, k, slack[r], spare);
                // Many at one distance: they all stay.
                if (ok && c->count + PANEL > c->room) ok = grow(c);
            }
        }
    }
    found *list = NULL;
    int64_t list_room = 0;
    for (int64_t r = 0; ok && r < rows; r++) {
        candidates *c = &all[r];
        if (spare_room < c->count) {
            free(spare);
            spare_room = 2 * c->count;
            if (!(ok = (spare = malloc((size_t)spare_room * sizeof(float))) != NULL)) break;
        }
        tighten(c, k, slack[r], spare);
        if (list_room < c->count) {
            free(list);
            list_room = 2 * c->count;
            if (!(ok = (list = malloc((size_t)list_room * sizeof(found))) != NULL)) break;
        }
        settle(j, begin + r, c, list);
    }
    for (int64_t r = 0; all && r < rows; r++) { free(all[r].keys); free(all[r].places); }
    free(all);
    free(p);
    free(spare);
    free(list);
    if (!ok) atomic_store(&j->failed, 1);
}

static int run_neighbours(neighbour_job *j) {
    if (j->m == 0) return 1;
    j->norms = malloc((size_t)(j->n > 0 ? j->n : 1) * sizeof(float));
    if (!j->norms) return 0;
    for (int64_t i = 0; i < j->n; i++) {
        double s = length_of(j->d, j->x + i * j->d);
        j->norms[i] = (float)s;
        if (sqrt(s) > j->largest) j->largest = sqrt(s);
    }
    int whole = siam_threads_run_while_wanted((j->m + QUERIES - 1) / QUERIES, neighbour_tile, j);
    free(j->norms);
    return whole && !atomic_load(&j->failed) && !siam_interrupt_is_due();
}

int siam_neighbours(int64_t m, int64_t n, int64_t d, const float *q, const float *x, int64_t k, int64_t own, int32_t *places,
                    float *squares) {
    neighbour_job j = {.m = m, .n = n, .d = d, .k = k, .own = own, .q = q, .x = x, .places = places, .squares = squares};
    return run_neighbours(&j);
}
int siam_nearest_shares(int64_t n, int64_t d, const float *x, const int32_t *classes, double *shares) {
    neighbour_job j = {.m = n, .n = n, .d = d, .k = 1, .own = 0, .q = x, .x = x, .classes = classes, .shares = shares};
    return run_neighbours(&j);
}
