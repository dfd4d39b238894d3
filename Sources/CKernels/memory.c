#include "siam_kernels.h"
#include <stdlib.h>

void *siam_memory_take(ptrdiff_t bytes) {
    if (bytes < 0) return NULL;
    return aligned_alloc(64, ((size_t)bytes + 127) & ~(size_t)63);
}

void siam_memory_give(void *memory, ptrdiff_t bytes) {
    (void)bytes;
    free(memory);
}
