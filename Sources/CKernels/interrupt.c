// The interrupt flag: set on Ctrl-C by the thread that receives signals, and checked by long computations on all other
// threads. Only whole words are written, by atomic operations.
#define _GNU_SOURCE
#include "siam_kernels.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

static volatile int raised, urgent, patience, over;

volatile int *siam_interrupt_flag(void) { return &raised; }
int siam_interrupt_raise(void) { return __atomic_add_fetch(&raised, 1, __ATOMIC_ACQ_REL); }
void siam_interrupt_hurry(void) {
    if (__atomic_load_n(&raised, __ATOMIC_ACQUIRE)) __atomic_store_n(&urgent, 1, __ATOMIC_RELEASE);
}
int siam_interrupt_take(void) {
    __atomic_store_n(&urgent, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&over, 0, __ATOMIC_RELEASE);
    return __atomic_exchange_n(&raised, 0, __ATOMIC_ACQ_REL);
}
void siam_interrupt_for_memory(void) {
    if (siam_memory_allows(0)) return;
    int none = 0;
    __atomic_store_n(&over, 1, __ATOMIC_RELEASE);
    __atomic_store_n(&urgent, 1, __ATOMIC_RELEASE);
    __atomic_compare_exchange_n(&raised, &none, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}
int siam_interrupt_is_for_memory(void) { return __atomic_load_n(&over, __ATOMIC_ACQUIRE); }
int siam_interrupt_patience(int on) { return __atomic_exchange_n(&patience, on, __ATOMIC_ACQ_REL); }
int siam_interrupt_is_due(void) {
    if (!__atomic_load_n(&raised, __ATOMIC_RELAXED)) return 0;
    return !__atomic_load_n(&patience, __ATOMIC_RELAXED) || __atomic_load_n(&urgent, __ATOMIC_ACQUIRE);
}

void siam_fault_stack(void) {
    static __thread int made;
    if (made) return;
    made = 1;
    // Large enough for what the handler calls; kept for as long as the thread lives.
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    if (stack.ss_sp) sigaltstack(&stack, NULL);
}

// Work that cannot be interrupted runs on a thread of its own. If the user interrupts it, the caller returns and the thread
// finishes alone: so the work owns all memory that it uses.
typedef struct {
    void (*run)(void *);
    void (*drop)(void *);
    void *work;
    pthread_mutex_t lock;
    pthread_cond_t over;
    int is_over, is_left;
} errand;

static void *errand_thread(void *given) {
    errand *e = given;
    siam_fault_stack();
    e->run(e->work);
    pthread_mutex_lock(&e->lock);
    e->is_over = 1;
    int left = e->is_left;
    pthread_cond_signal(&e->over);
    pthread_mutex_unlock(&e->lock);
    if (left) {
        e->drop(e->work);
        pthread_mutex_destroy(&e->lock);
        pthread_cond_destroy(&e->over);
        free(e);
    }
    return NULL;
}

int siam_run_apart(void (*run)(void *), void (*drop)(void *), void *work) {
    errand *e = calloc(1, sizeof *e);
    pthread_t thread;
    pthread_attr_t attributes;
    if (!e) { run(work); return 1; }
    *e = (errand){.run = run, .drop = drop, .work = work};
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->over, NULL);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 8 << 20);
    int failed = pthread_create(&thread, &attributes, errand_thread, e);
    pthread_attr_destroy(&attributes);
    if (failed) run(work);
    pthread_mutex_lock(&e->lock);
    while (!failed && !e->is_over && !siam_interrupt_is_due()) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 20 * 1000 * 1000;
        if (until.tv_nsec >= 1000000000) { until.tv_nsec -= 1000000000; until.tv_sec++; }
        pthread_cond_timedwait(&e->over, &e->lock, &until);
    }
    int done = failed || e->is_over;
    e->is_left = !done;
    pthread_mutex_unlock(&e->lock);
    if (!done) return 0;
    pthread_mutex_destroy(&e->lock);
    pthread_cond_destroy(&e->over);
    free(e);
    return 1;
}
