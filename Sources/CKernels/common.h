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
#endif
