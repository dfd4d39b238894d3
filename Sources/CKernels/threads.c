// Helpers that take tiles of one job at a time. A tile is claimed by an atomic counter; the caller works too and waits
// only for tiles that a helper has begun, so a helper the system does not run costs nothing but its absence. Helpers
// spin for some tens of microseconds between jobs and then park.
#define _GNU_SOURCE
#include "siam_kernels.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { HELPERS = 63, SPINS = 4000 };
// Members are stored with release after `ticket` was made to fit no helper, and loaded with acquire before a tile is claimed:
// a helper that has read a member of the next job cannot claim a tile by the ticket of the last.
typedef struct {
    _Atomic(siam_tile) tile;
    _Atomic(void *) context;
    _Atomic int64_t tiles;
} job;

// `ticket` packs the job's number (upper 32 bits) and the next tile (lower 32): a helper that comes late claims nothing
// of a job that is over, because the number no longer fits.
// Each on a line of the cache of its own: those who wait for one do not slow down those who write another.
static _Alignas(64) _Atomic uint64_t ticket;
static _Alignas(64) _Atomic int64_t done;
static _Alignas(64) _Atomic uint32_t bell;
static _Alignas(64) _Atomic int parked;
static _Alignas(64) job current;
// Work that is done by a helper which has nothing else to do; NULL where there is none.
static _Alignas(64) _Atomic(void *) offered;
static _Atomic(siam_errand) errand;
static _Atomic int wanted;
static int started;
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
static __thread int inside;

static void pause_once(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int work(uint32_t number) {
    int any = 0;
    for (;;) {
        uint64_t t = atomic_load_explicit(&ticket, memory_order_acquire);
        if ((uint32_t)(t >> 32) != number) return any;
        siam_tile tile = atomic_load_explicit(&current.tile, memory_order_acquire);
        void *context = atomic_load_explicit(&current.context, memory_order_acquire);
        if ((int64_t)(uint32_t)t >= atomic_load_explicit(&current.tiles, memory_order_acquire)) return any;
        if (!atomic_compare_exchange_weak_explicit(&ticket, &t, t + 1, memory_order_acq_rel, memory_order_relaxed)) continue;
        tile(context, (int64_t)(uint32_t)t);
        atomic_fetch_add_explicit(&done, 1, memory_order_release);
        any = 1;
    }
}

static void *helper(void *index) {
    intptr_t me = (intptr_t)index;
    siam_fault_stack();
    inside = 1;
    uint32_t seen = 0;
    for (;;) {
        int spins = 0;
        uint32_t rung;
        while ((rung = atomic_load_explicit(&bell, memory_order_acquire)) == seen) {
            if (atomic_load_explicit(&offered, memory_order_relaxed) && me < atomic_load_explicit(&wanted, memory_order_relaxed) - 1) {
                void *context = atomic_exchange(&offered, NULL);
                if (context) atomic_load(&errand)(context);
                spins = 0;
                continue;
            }
            if (++spins < SPINS) { pause_once(); continue; }
            atomic_fetch_add(&parked, 1);
            syscall(SYS_futex, &bell, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
            atomic_fetch_sub(&parked, 1);
            spins = 0;
        }
        seen = rung;
        if (me < atomic_load_explicit(&wanted, memory_order_relaxed) - 1) work(rung);
    }
    return NULL;
}

int siam_threads_count(void) {
    if (wanted == 0) {
        cpu_set_t set;
        int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
        wanted = n < 1 ? 1 : n > HELPERS + 1 ? HELPERS + 1 : n;
    }
    return wanted;
}

void siam_threads_set(int count) { wanted = count < 1 ? 1 : count > HELPERS + 1 ? HELPERS + 1 : count; }

void *siam_threads_offer(siam_errand work, void *context) {
    atomic_store(&errand, work);
    return atomic_exchange(&offered, context);
}

int siam_fork(void) {
    int child = fork();
    // The helpers are threads of the caller's.
    if (child == 0) {
        wanted = 1;
        started = 0;
        atomic_store(&parked, 0);
    }
    return child;
}

void siam_threads_run(int64_t tiles, siam_tile tile, void *context) {
    if (tiles <= 1 || siam_threads_count() == 1 || inside || pthread_mutex_trylock(&door) != 0) {
        for (int64_t i = 0; i < tiles; i++) tile(context, i);
        return;
    }
    while (started < wanted - 1) {
        pthread_t thread;
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        int failed = pthread_create(&thread, &attributes, helper, (void *)(intptr_t)started);
        pthread_attr_destroy(&attributes);
        if (failed) break;
        started++;
    }
    inside = 1;
    // No helper reads `current` for a number it has not seen; the old number's tiles are all claimed and done.
    uint32_t number = atomic_load(&bell) + 1;
    atomic_store(&ticket, (uint64_t)0xFFFFFFFF | (uint64_t)(number - 1) << 32);
    atomic_store_explicit(&current.tile, tile, memory_order_release);
    atomic_store_explicit(&current.context, context, memory_order_release);
    atomic_store_explicit(&current.tiles, tiles, memory_order_release);
    atomic_store(&done, 0);
    atomic_store_explicit(&ticket, (uint64_t)number << 32, memory_order_release);
    atomic_store(&bell, number);
    if (atomic_load(&parked) > 0) syscall(SYS_futex, &bell, FUTEX_WAKE_PRIVATE, wanted - 1, NULL, NULL, 0);
    work(number);
    int spins = 0;
    while (atomic_load_explicit(&done, memory_order_acquire) < tiles) {
        if (++spins > 2000) { sched_yield(); spins = 0; } else pause_once();
    }
    inside = 0;
    pthread_mutex_unlock(&door);
}

typedef struct { siam_tile tile; void *context; _Atomic int left_out; } wanted_job;
static void wanted_tile(void *context, int64_t index) {
    wanted_job *j = context;
    if (siam_interrupt_is_due()) atomic_store_explicit(&j->left_out, 1, memory_order_relaxed);
    else j->tile(j->context, index);
}
int siam_threads_run_while_wanted(int64_t tiles, siam_tile tile, void *context) {
    wanted_job j = {tile, context, 0};
    siam_threads_run(tiles, wanted_tile, &j);
    return !atomic_load_explicit(&j.left_out, memory_order_relaxed);
}
