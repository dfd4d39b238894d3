#ifndef SIAM_KERNELS_H
#define SIAM_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/// Memory from the pool, 64-byte aligned; NULL where there is none.
void *siam_memory_take(ptrdiff_t bytes);
/// Gives memory back to the pool.
void siam_memory_give(void *memory, ptrdiff_t bytes);

#endif
