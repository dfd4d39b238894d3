// Tensors' memory: freed blocks wait in lists by size class for the next tensor of their size. Four classes to a
// doubling waste at most a fifth. Blocks are shared by all threads; what is held back is bounded.
#include "siam_kernels.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CLASSES = 200, HELD_AT_MOST = 256 << 20, SMALL = 1 << 12 };
typedef struct block { struct block *next; } block;
static block *waiting[CLASSES];
static __thread block *own[64];
static __thread int own_count[64];
static int64_t held;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int64_t live, peak;

static int class_of(size_t bytes, size_t *size) {
    if (bytes <= 64) { *size = 64; return 0; }
    int log = 63 - __builtin_clzll(bytes - 1);
    size_t step = (size_t)1 << (log - 2);
    size_t quarter = (bytes - 1 - ((size_t)1 << log)) >> (log - 2);
    *size = (((size_t)1 << log) + (quarter + 1) * step + 63) & ~(size_t)63;
    return (log - 6) * 4 + (int)quarter + 1;
}

static void count(int64_t bytes) {
    int64_t now = atomic_fetch_add_explicit(&live, bytes, memory_order_relaxed) + bytes;
    if (bytes > 0 && now > atomic_load_explicit(&peak, memory_order_relaxed))
        atomic_store_explicit(&peak, now, memory_order_relaxed);
}

void *siam_memory_take(ptrdiff_t bytes) {
    if (bytes < 0 || bytes > ((ptrdiff_t)1 << 44)) return NULL;
    size_t size;
    int c = class_of((size_t)bytes, &size);
    block *found = NULL;
    if (size <= SMALL) {
        found = own[c];
        if (found) { own[c] = found->next; own_count[c]--; }
    } else {
        pthread_mutex_lock(&lock);
        found = waiting[c];
        if (found) { waiting[c] = found->next; held -= (int64_t)size; }
        pthread_mutex_unlock(&lock);
    }
    void *memory = found ? found : aligned_alloc(64, size);
    if (memory) count((int64_t)size);
    return memory;
}

void siam_memory_give(void *memory, ptrdiff_t bytes) {
    if (!memory) return;
    size_t size;
    int c = class_of((size_t)bytes, &size);
    count(-(int64_t)size);
    block *b = memory;
    if (size <= SMALL) {
        if (own_count[c] < 256) { b->next = own[c]; own[c] = b; own_count[c]++; return; }
        free(memory);
        return;
    }
    pthread_mutex_lock(&lock);
    int keep = held + (int64_t)size <= HELD_AT_MOST;
    if (keep) { b->next = waiting[c]; waiting[c] = b; held += (int64_t)size; }
    pthread_mutex_unlock(&lock);
    if (!keep) free(memory);
}

int64_t siam_memory_live(void) { return atomic_load(&live); }
int64_t siam_memory_peak(void) { return atomic_load(&peak); }
void siam_memory_forget_peak(void) { atomic_store(&peak, atomic_load(&live)); }

static volatile int interrupted;
volatile int *siam_interrupt_flag(void) { return &interrupted; }

__thread siam_tape siam_tape_of_thread;
static _Atomic int64_t numbers;
int64_t siam_next_number(void) { return atomic_fetch_add_explicit(&numbers, 1, memory_order_relaxed) + 1; }
