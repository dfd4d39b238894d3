// Tensors' memory: freed blocks wait in lists by size class for the next tensor of their size. Four classes to a
// doubling waste at most a fifth. Blocks are shared by all threads. Live and cached memory together stay near the peak of
// live memory: if a new block would exceed it, the blocks that were freed longest ago go back to the system first.
#define _GNU_SOURCE
#include "siam_kernels.h"
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { CLASSES = 200, SMALL = 1 << 12, MAPPED = 1 << 18, SPARE = 4 << 20, ASKED = 1 << 24, LARGE = 8 << 20 };
typedef struct block {
    // In its class, the latest first; and among all that wait, in the order in which they came.
    struct block *next, *previous, *later, *earlier;
    size_t size;
    int class;
} block;
static block *waiting[CLASSES], *latest, *earliest;
static __thread block *own[64];
static __thread int own_count[64];
static int64_t held;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int64_t live, peak;
/// The most that was in use at a time since the process began; `peak` can be forgotten.
static _Atomic int64_t most;

static int class_of(size_t bytes, size_t *size) {
    if (bytes <= 64) { *size = 64; return 0; }
    int log = 63 - __builtin_clzll(bytes - 1);
    size_t step = (size_t)1 << (log - 2);
    size_t quarter = (bytes - 1 - ((size_t)1 << log)) >> (log - 2);
    *size = (((size_t)1 << log) + (quarter + 1) * step + 63) & ~(size_t)63;
    return (log - 6) * 4 + (int)quarter + 1;
}

static void raise_to(_Atomic int64_t *mark, int64_t now) {
    if (now > atomic_load_explicit(mark, memory_order_relaxed)) atomic_store_explicit(mark, now, memory_order_relaxed);
}
static void count(int64_t bytes) {
    int64_t now = atomic_fetch_add_explicit(&live, bytes, memory_order_relaxed) + bytes;
    if (bytes > 0) { raise_to(&peak, now); raise_to(&most, now); }
}

// Large blocks are mapped one by one, so that what is given back leaves the process.
/// The most that may be in use; 0 until it is asked for.
static _Atomic int64_t budget;

static int64_t number_in(const char *path) {
    char text[64] = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t n = read(file, text, sizeof text - 1);
    close(file);
    return n > 0 ? atoll(text) : 0;
}

int64_t siam_memory_budget(void) {
    int64_t b = atomic_load_explicit(&budget, memory_order_relaxed);
    if (b) return b;
    int64_t machine = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    // A container has less than its machine.
    const char *limits[] = {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    for (int i = 0; i < 2; i++) {
        int64_t limit = number_in(limits[i]);
        if (limit > 0 && limit < machine) machine = limit;
    }
    struct rlimit own;
    if (getrlimit(RLIMIT_AS, &own) == 0 && own.rlim_cur != RLIM_INFINITY && (int64_t)own.rlim_cur < machine) {
        machine = (int64_t)own.rlim_cur;
    }
    b = machine > 0 ? machine / 5 * 4 : (int64_t)1 << 40;
    atomic_store(&budget, b);
    return b;
}
void siam_memory_set_budget(int64_t bytes) { atomic_store(&budget, bytes > 0 ? bytes : 0); }

static int64_t resident(void) {
    char text[128] = {0};
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t n = read(file, text, sizeof text - 1);
    close(file);
    long long all = 0, here = 0;
    if (n <= 0 || sscanf(text, "%lld %lld", &all, &here) != 2) return 0;
    return (int64_t)here * sysconf(_SC_PAGESIZE);
}

void siam_memory_few_pages(void *memory, ptrdiff_t size) {
    if (size < LARGE) return;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = ((uintptr_t)memory + page - 1) / page * page;
    madvise((void *)from, ((uintptr_t)memory + (uintptr_t)size - from) / page * page, MADV_HUGEPAGE);
}
static void *from_system(size_t size) {
    if (size < MAPPED) return aligned_alloc(64, size);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    // Whoever writes all over a large block, as a sort does, needs few pages at hand, and few are asked for.
    siam_memory_few_pages(memory, (ptrdiff_t)size);
    return memory;
}
static void to_system(void *memory, size_t size) {
    if (size < MAPPED) free(memory);
    else munmap(memory, size);
}

static void take_out(block *b) {
    if (b->previous) b->previous->next = b->next; else waiting[b->class] = b->next;
    if (b->next) b->next->previous = b->previous;
    if (b->later) b->later->earlier = b->earlier; else latest = b->earlier;
    if (b->earlier) b->earlier->later = b->later; else earliest = b->later;
    held -= (int64_t)b->size;
}
/// Returns all cached blocks to the system.
static void empty(void) {
    pthread_mutex_lock(&lock);
    while (earliest) {
        block *b = earliest;
        take_out(b);
        to_system(b, b->size);
    }
    pthread_mutex_unlock(&lock);
    malloc_trim(0);
}

static int64_t in_use(void) {
    // What is resident counts lists and texts too, what is live also tensors that nobody has written to yet.
    int64_t now = resident(), used = atomic_load_explicit(&live, memory_order_relaxed);
    return used > now ? used : now;
}
void siam_memory_allow_more(int64_t bytes) {
    int64_t most = in_use() + bytes;
    if (most < siam_memory_budget()) siam_memory_set_budget(most);
}
/// What was resident when it was last looked at, and when. A look costs as much as a thousand short appends, and what grows
/// asks at each of them.
static _Atomic int64_t seen, seen_at;
enum { FRESH = 1000000, LITTLE = 1 << 20 };
static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}
int siam_memory_allows(int64_t bytes) {
    if (bytes < 0) return 0;
    int64_t now = nanoseconds(), used = atomic_load_explicit(&live, memory_order_relaxed);
    if (now - atomic_load_explicit(&seen_at, memory_order_relaxed) < FRESH) {
        int64_t here = atomic_load_explicit(&seen, memory_order_relaxed);
        if (bytes + LITTLE <= siam_memory_budget() - (used > here ? used : here)) return 1;
    }
    int64_t here = resident();
    atomic_store_explicit(&seen, here, memory_order_relaxed);
    atomic_store_explicit(&seen_at, now, memory_order_relaxed);
    if (bytes <= siam_memory_budget() - (used > here ? used : here)) return 1;
    // Freed memory may only be cached for another use.
    empty();
    return bytes <= siam_memory_budget() - in_use();
}

/// Returns cached blocks to the system until a new block fits the limit.
static void make_room(int64_t size) {
    int64_t used = atomic_load_explicit(&live, memory_order_relaxed) + size, top = atomic_load_explicit(&most, memory_order_relaxed);
    if (used > top) top = used;
    while (earliest && used + held > top + top / 10 + SPARE) {
        block *b = earliest;
        take_out(b);
        to_system(b, b->size);
    }
}

void *siam_memory_take(ptrdiff_t bytes) {
    if (bytes < 0 || bytes > ((ptrdiff_t)1 << 44)) return NULL;
    if (bytes >= ASKED && !siam_memory_allows(bytes)) return NULL;
    size_t size;
    int c = class_of((size_t)bytes, &size);
    block *found = NULL;
    if (size <= SMALL) {
        found = own[c];
        if (found) { own[c] = found->next; own_count[c]--; }
    } else {
        pthread_mutex_lock(&lock);
        found = waiting[c];
        if (found) take_out(found); else make_room((int64_t)size);
        pthread_mutex_unlock(&lock);
    }
    void *memory = found ? found : from_system(size);
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
    *b = (block){waiting[c], NULL, NULL, latest, size, c};
    if (waiting[c]) waiting[c]->previous = b;
    waiting[c] = b;
    if (latest) latest->later = b; else earliest = b;
    latest = b;
    held += (int64_t)size;
    pthread_mutex_unlock(&lock);
}

int64_t siam_memory_live(void) { return atomic_load(&live); }
int64_t siam_memory_peak(void) { return atomic_load(&peak); }

__thread siam_tape siam_tape_of_thread;
__thread siam_tape siam_letting_of_thread;
static _Atomic int64_t numbers;
int64_t siam_next_number(void) { return atomic_fetch_add_explicit(&numbers, 1, memory_order_relaxed) + 1; }
