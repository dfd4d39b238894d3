#include "include/siam_kernels.h"
#include <string.h>

// BLAKE2b (Saarinen and Aumasson, RFC 7693), 16 bytes, without a key: names contents, so that equal names mean equal contents.

static const uint64_t start[8] = {0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu, 0xa54ff53a5f1d36f1u,
                                  0x510e527fade682d1u, 0x9b05688c2b3e6c1fu, 0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u};
static const uint8_t order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

static uint64_t turned(uint64_t x, int by) { return x >> by | x << (64 - by); }

static void mix(uint64_t *v, int a, int b, int c, int d, uint64_t x, uint64_t y) {
    v[a] += v[b] + x;
    v[d] = turned(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = turned(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = turned(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = turned(v[b] ^ v[c], 63);
}

static void compress(siam_digest *s, const uint8_t *block, int is_last) {
    uint64_t v[16], m[16];
    memcpy(m, block, sizeof m);
    for (int i = 0; i < 8; i++) {
        v[i] = s->state[i];
        v[i + 8] = start[i];
    }
    v[12] ^= s->length;
    if (is_last) v[14] = ~v[14];
    for (int r = 0; r < 12; r++) {
        const uint8_t *o = order[r % 10];
        for (int k = 0; k < 4; k++) mix(v, k, k + 4, k + 8, k + 12, m[o[2 * k]], m[o[2 * k + 1]]);
        for (int k = 0; k < 4; k++)
            mix(v, k, (k + 1) % 4 + 4, (k + 2) % 4 + 8, (k + 3) % 4 + 12, m[o[2 * k + 8]], m[o[2 * k + 9]]);
    }
    for (int i = 0; i < 8; i++) s->state[i] ^= v[i] ^ v[i + 8];
}

void siam_digest_begin(siam_digest *s) {
    memset(s, 0, sizeof *s);
    memcpy(s->state, start, sizeof start);
    s->state[0] ^= 0x01010000u ^ 16u;
}

void siam_digest_add(siam_digest *s, const void *bytes, int64_t count) {
    const uint8_t *from = bytes;
    while (count > 0) {
        // The last block is marked, so that a full one waits until more comes.
        if (s->held == 128) {
            s->length += 128;
            compress(s, s->block, 0);
            s->held = 0;
        }
        int64_t n = 128 - s->held < count ? 128 - s->held : count;
        memcpy(s->block + s->held, from, (size_t)n);
        s->held += n;
        from += n;
        count -= n;
    }
}

void siam_digest_end(siam_digest *s, uint64_t out[2]) {
    s->length += (uint64_t)s->held;
    memset(s->block + s->held, 0, (size_t)(128 - s->held));
    compress(s, s->block, 1);
    out[0] = s->state[0];
    out[1] = s->state[1];
}
