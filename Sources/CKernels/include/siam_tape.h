#ifndef SIAM_TAPE_H
#define SIAM_TAPE_H
#include <stdint.h>

/// What the recording of operators keeps for each thread that evaluates programs.
typedef struct {
    int32_t paused, depth;
    void *_Nullable waiting;
} siam_tape;
extern __thread siam_tape siam_tape_of_thread;
/// The same two for the values of programs: how deep one is being let go of inside another, and what waits its turn.
extern __thread siam_tape siam_letting_of_thread;
static inline siam_tape *_Nonnull siam_letting_here(void) { return &siam_letting_of_thread; }
static inline siam_tape *_Nonnull siam_tape_here(void) { return &siam_tape_of_thread; }

/// x modulo y of whole numbers x >= 0 and y >= 1; -1 where they are not.
static inline double siam_whole_remainder(double x, double y) {
    if (!(x >= 0 && y >= 1 && x < 9e15 && y < 9e15)) return -1;
    int64_t a = (int64_t)x, b = (int64_t)y;
    if ((double)a != x || (double)b != y) return -1;
    if (((a | b) >> 32) == 0) return (double)(int64_t)((uint32_t)a % (uint32_t)b);
    return (double)(a % b);
}

#endif
