// The hardest positive and negative of each example of a batch, without the class masks that a program would build.
#include "common.h"
#include <stdatomic.h>

typedef struct { float most, least; int odd; } limits;
/// Over distances d of classes y the largest of class c, -1 without one, and the smallest of another, 1e30 without one.
CLONES static limits limits_of(int64_t n, const float *d, const float *y, float c) {
    float most[16], least[16];
    int odd = 0;
    for (int l = 0; l < 16; l++) { most[l] = -1; least[l] = 1e30f; }
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        for (int l = 0; l < 16; l++) {
            float v = d[i + l], own = y[i + l] == c ? v : -1, other = y[i + l] == c ? 1e30f : v;
            odd |= !(v >= 0 && v < 1e30f);
            most[l] = own > most[l] ? own : most[l];
            least[l] = other < least[l] ? other : least[l];
        }
    }
    for (; i < n; i++) {
        float v = d[i];
        odd |= !(v >= 0 && v < 1e30f);
        if (y[i] == c) most[0] = v > most[0] ? v : most[0];
        else least[0] = v < least[0] ? v : least[0];
    }
    for (int l = 1; l < 16; l++) {
        most[0] = most[l] > most[0] ? most[l] : most[0];
        least[0] = least[l] < least[0] ? least[l] : least[0];
    }
    return (limits){most[0], least[0], odd};
}
/// The first place of the distance m where the class is c, or with `other` is not; n without one.
CLONES static int64_t place_of(int64_t n, const float *d, const float *y, float c, int other, float m) {
    int64_t i = 0;
    for (int any = 0; i + 32 <= n; i += 32) {
        for (int l = 0; l < 32; l++) any |= (d[i + l] == m) & ((y[i + l] == c) != other);
        if (any) break;
    }
    while (i < n && !(d[i] == m && (y[i] == c) != other)) i++;
    return i;
}

typedef struct {
    int64_t n, block;
    const float *d, *y;
    float *far, *near, *both;
    _Atomic int odd;
} hardest_job;
static void hardest_tile(void *context, int64_t tile) {
    hardest_job *j = context;
    int64_t n = j->n, end = (tile + 1) * j->block < n ? (tile + 1) * j->block : n;
    for (int64_t r = tile * j->block; r < end; r++) {
        const float *d = j->d + r * n, *y = j->y;
        float c = y[r];
        // Before the example itself, and after it.
        limits a = limits_of(r, d, y, c), b = limits_of(n - r - 1, d + r + 1, y + r + 1, c);
        float most = a.most >= b.most ? a.most : b.most, least = a.least <= b.least ? a.least : b.least;
        if (a.odd || b.odd || c != c) { j->odd = 1; return; }
        int has_own = most >= 0, has_other = least < 1e30f;
        j->far[r] = !has_own ? 0 : a.most == most ? (float)place_of(r, d, y, c, 0, most)
            : (float)(r + 1 + place_of(n - r - 1, d + r + 1, y + r + 1, c, 0, most));
        j->near[r] = !has_other ? 0 : a.least == least ? (float)place_of(r, d, y, c, 1, least)
            : (float)(r + 1 + place_of(n - r - 1, d + r + 1, y + r + 1, c, 1, least));
        j->both[r] = has_own && has_other;
    }
}
int siam_hardest(int64_t n, const float *d, const float *y, float *far, float *near, float *both) {
    if (n <= 0) return 1;
    hardest_job j = {n, (SIAM_TILE / 4 + n - 1) / n, d, y, far, near, both, 0};
    int64_t tiles = (n + j.block - 1) / j.block;
    if (n > SIAM_LARGE / n) { if (!siam_threads_run_while_wanted(tiles, hardest_tile, &j)) return 0; }
    else siam_threads_run(tiles, hardest_tile, &j);
    return !j.odd;
}
