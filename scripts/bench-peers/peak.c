// The most that the machine multiplies and adds in 32 bits: chains that do not wait for one another, on 1 and on n threads.
// Prints `peak THREADS GFLOP/s`.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#if defined(__AVX512F__)
enum { WIDTH = 16, CHAINS = 24 };
#else
enum { WIDTH = 8, CHAINS = 12 };
#endif
typedef float lanes __attribute__((vector_size(4 * WIDTH)));
static const long rounds = 20000000;
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static void *work(void *out) {
    lanes a[CHAINS], x, y;
    for (int l = 0; l < WIDTH; l++) { x[l] = 1.0f - 1e-7f * (float)l; y[l] = 1e-7f; }
    for (int c = 0; c < CHAINS; c++) a[c] = x * (float)c;
    for (long r = 0; r < rounds; r++)
#pragma clang loop unroll(full)
        for (int c = 0; c < CHAINS; c++) a[c] = a[c] * x + y;
    float sum = 0;
    for (int c = 0; c < CHAINS; c++) for (int l = 0; l < WIDTH; l++) sum += a[c][l];
    *(volatile float *)out = sum;
    return NULL;
}
int main(int count, char **given) {
    int most = count > 1 ? atoi(given[1]) : 1;
    if (most < 1 || most > 64) most = 1;
    for (int n = 1; n <= most; n += most > 1 ? most - 1 : 1) {
        pthread_t threads[64];
        float out[64 * 16];
        double best = 0;
        for (int k = 0; k < 3; k++) {
            double t = now();
            for (int i = 0; i < n; i++) pthread_create(&threads[i], NULL, work, &out[16 * i]);
            for (int i = 0; i < n; i++) pthread_join(threads[i], NULL);
            double speed = 2.0 * n * CHAINS * WIDTH * (double)rounds / (now() - t) / 1e9;
            if (speed > best) best = speed;
        }
        printf("peak %d %.1f\n", n, best);
    }
}
