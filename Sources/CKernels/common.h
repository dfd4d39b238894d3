// What the kernels share: the instruction sets they are compiled for, chosen at run time, and the work worth splitting.
#ifndef SIAM_COMMON_H
#define SIAM_COMMON_H
#include "siam_kernels.h"
#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
/// Before a loop whose arrays are the same or do not overlap at all: what stands at one place depends on that place alone.
#if defined(__clang__)
#define EACH _Pragma("clang loop vectorize(assume_safety)")
#else
#define EACH _Pragma("GCC ivdep")
#endif
#define INLINE static inline __attribute__((always_inline))
/// Elements of a tile: cut by length alone, so that results do not depend on the number of threads.
enum { SIAM_TILE = 1 << 15 };
/// Elements from which on work looks up from time to time, as `largePiece` in Kernels.swift.
enum { SIAM_LARGE = 1 << 20 };
/// Counts elements that a loop has gone through, and says every million of them whether an interrupt is due. Whoever leaves
/// the loop then has not done all: the caller asks once more, and gives no result.
static inline int siam_is_cut(int64_t *seen, int64_t more) {
    if ((*seen += more) < 1 << 20) return 0;
    *seen = 0;
    return siam_interrupt_is_due();
}
#endif
