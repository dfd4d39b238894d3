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

#endif
