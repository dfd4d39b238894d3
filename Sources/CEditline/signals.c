#define _GNU_SOURCE
#include "siam_editline.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

// No handler ever runs: the kernels' library uses the stack pointer as a register like any other, so that a handler's frame
// would be written into live memory. Every thread blocks the signals, and one thread takes them one by one.

static int counts[SIAM_SIGNALS];
static int watching;

// Becomes readable when a signal has come: one that comes just before the waiting is not slept through.
static int bell = -1;

static void ring(void) {
    uint64_t one = 1;
    ssize_t n = bell < 0 ? 0 : write(bell, &one, sizeof one);
    (void)n;
}

static siam_interrupt_calls interrupts;
// Signals that the parent has ignored, as nohup does with SIGHUP, stay ignored.
static sigset_t taken_set;
// Whether the next SIGTERM asks for an end at a good moment, as ^C does.
static int gentle;

void siam_signals_end_gently(int32_t on) { __atomic_store_n(&gentle, on, __ATOMIC_RELEASE); }

// While another program has the terminal, ^C is for that program.
static int lent;

static void add_up(int which) { __atomic_add_fetch(&counts[which], 1, __ATOMIC_ACQ_REL); }

/// What the signal does to a process that does not take it.
static void as_usual(int signal) {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    kill(getpid(), signal);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    pthread_sigmask(SIG_BLOCK, &one, NULL);
}

/// Whether a line is being edited: then the line's own loop sees to the signal.
static int for_the_line(int which) {
    if (!siam_is_editing()) return 0;
    add_up(which);
    ring();
    return 1;
}

static void take(int signal) {
    switch (signal) {
    case SIGINT:
        if (__atomic_load_n(&lent, __ATOMIC_ACQUIRE)) return;
        // The third in a row that nothing has reacted to.
        if (interrupts.raise() >= 3 && !siam_is_editing()) {
            siam_terminal_restore();
            _exit(130);
        }
        ring();
        return;
    case SIGALRM:
        interrupts.raise();
        ring();
        return;
    case SIGWINCH: for_the_line(SIAM_SIGNAL_RESIZE); return;
    case SIGCONT: for_the_line(SIAM_SIGNAL_CONTINUE); return;
    case SIGTSTP:
        if (!for_the_line(SIAM_SIGNAL_STOP)) as_usual(signal);
        return;
    default:
        if (for_the_line(SIAM_SIGNAL_END)) return;
        // Once: a second signal ends the process.
        if (signal == SIGTERM && __atomic_exchange_n(&gentle, 0, __ATOMIC_ACQ_REL)) {
            interrupts.raise();
            ring();
            return;
        }
        if (!__atomic_load_n(&lent, __ATOMIC_ACQUIRE)) siam_terminal_restore();
        as_usual(signal);
        return;
    }
}

// Where signals wait to be taken. Whoever takes one holds the lock until it has been seen to: then nothing that came after a
// signal, a key behind ^C, is seen before it.
static int waiting = -1;
static pthread_mutex_t taking = PTHREAD_MUTEX_INITIALIZER;

static void take_all(void) {
    struct signalfd_siginfo one;
    pthread_mutex_lock(&taking);
    while (read(waiting, &one, sizeof one) == sizeof one) take((int)one.ssi_signo);
    pthread_mutex_unlock(&taking);
}

static void *take_signals(void *unused) {
    (void)unused;
    interrupts.prepare_thread();
    for (;;) {
        struct pollfd ready = {.fd = waiting, .events = POLLIN};
        int n = poll(&ready, 1, 100);
        if (n > 0) {
            take_all();
        } else if (n == 0) {
            // An interrupt that nothing has reacted to in this time is no longer deferred.
            interrupts.hurry();
            if (!siam_is_editing()) interrupts.look_after_memory();
        }
    }
    return NULL;
}

int32_t siam_wait_for_input(int32_t milliseconds) {
    struct pollfd ready[] = {{.fd = bell, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    int n = poll(ready, 2, milliseconds);
    int32_t outcome = n < 0 && errno == EINTR ? SIAM_INPUT_SIGNAL : n == 0 ? SIAM_INPUT_TIMEOUT : SIAM_INPUT_READY;
    if (waiting >= 0) take_all();
    uint64_t rung;
    return bell >= 0 && read(bell, &rung, sizeof rung) > 0 ? SIAM_INPUT_SIGNAL : outcome;
}

static void start_thread(void) {
    pthread_t thread;
    pthread_attr_t attributes;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_create(&thread, &attributes, take_signals, NULL);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/// A copy of the process has no thread but the one that made it.
static void begin_again(void) {
    pthread_mutex_init(&taking, NULL);
    start_thread();
}

void siam_signals_take(siam_interrupt_calls calls) {
    static int started;
    if (started) return;
    started = 1;
    interrupts = calls;
    interrupts.prepare_thread();
    bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    static const int all[] = {SIGINT, SIGALRM, SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP};
    sigemptyset(&taken_set);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct sigaction now;
        int ignored = sigaction(all[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN;
        if (ignored && all[i] != SIGINT && all[i] != SIGALRM) continue;
        if (ignored) signal(all[i], SIG_DFL);
        sigaddset(&taken_set, all[i]);
    }
    pthread_sigmask(SIG_BLOCK, &taken_set, NULL);
    waiting = signalfd(-1, &taken_set, SFD_NONBLOCK | SFD_CLOEXEC);
    pthread_atfork(NULL, NULL, begin_again);
    start_thread();
}

void siam_signals_watch(int32_t on) { __atomic_store_n(&watching, on, __ATOMIC_RELEASE); }
int32_t siam_is_editing(void) { return __atomic_load_n(&watching, __ATOMIC_ACQUIRE); }

int32_t siam_signal_take(int32_t which) {
    if (which < 0 || which >= SIAM_SIGNALS) return 0;
    return __atomic_exchange_n(&counts[which], 0, __ATOMIC_ACQ_REL);
}

void siam_stop_process(void) { as_usual(SIGTSTP); }

int32_t siam_run_command(const char *line) {
    pid_t child;
    posix_spawnattr_t attributes;
    sigset_t none, standard;
    sigemptyset(&none);
    sigemptyset(&standard);
    sigaddset(&standard, SIGINT);
    sigaddset(&standard, SIGQUIT);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &standard);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    char *arguments[] = {"sh", "-c", (char *)line, NULL};
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGQUIT, &ignore, &before);
    __atomic_store_n(&lent, 1, __ATOMIC_RELEASE);
    int failed = posix_spawn(&child, "/bin/sh", NULL, &attributes, arguments, environ), status = -1;
    if (!failed) while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    // What was typed for the other program has been taken by now.
    struct timespec moment = {.tv_nsec = 1000 * 1000};
    nanosleep(&moment, NULL);
    __atomic_store_n(&lent, 0, __ATOMIC_RELEASE);
    sigaction(SIGQUIT, &before, NULL);
    posix_spawnattr_destroy(&attributes);
    return failed ? -1 : status;
}

static struct termios kept;
static int is_kept;

void siam_terminal_keep(void) { is_kept = tcgetattr(STDIN_FILENO, &kept) == 0; }

void siam_terminal_restore(void) {
    if (is_kept) tcsetattr(STDIN_FILENO, TCSANOW, &kept);
}

static struct {
    char *head, *kept, *tail, *path, *text;
    size_t length;
} fault;
static pthread_mutex_t fault_lock = PTHREAD_MUTEX_INITIALIZER;

static int put(int file, const char *text, size_t length) {
    while (length > 0) {
        ssize_t n = write(file, text, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return 0;
        text += n;
        length -= (size_t)n;
    }
    return 1;
}

static void say(const char *text) {
    if (text) put(STDERR_FILENO, text, strlen(text));
}

// Only what may be called in a signal handler.
static void on_fault(int signal) {
    (void)signal;
    siam_terminal_restore();
    int is_kept_in_file = 0;
    if (fault.path && fault.length > 0) {
        unlink(fault.path);
        int file = open(fault.path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (file >= 0) is_kept_in_file = put(file, fault.text, fault.length) && close(file) == 0;
    }
    say(fault.head);
    if (is_kept_in_file) say(fault.kept);
    say(fault.tail);
    _exit(70);
}

static char *copy(const char *text) { return text ? strdup(text) : NULL; }

void siam_fault_prepare(siam_fault_report r) {
    static const int faults[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
    static int installed;
    pthread_mutex_lock(&fault_lock);
    free(fault.head);
    free(fault.kept);
    free(fault.tail);
    free(fault.path);
    fault.length = 0;
    free(fault.text);
    fault.head = copy(r.head);
    fault.kept = copy(r.kept);
    fault.tail = copy(r.tail);
    fault.path = copy(r.path);
    fault.text = malloc(r.length + 1);
    if (fault.text && r.text) {
        memcpy(fault.text, r.text, r.length);
        fault.length = r.length;
    }
    if (!installed) {
        installed = 1;
        // On a stack of its own, which every thread of the kernels has: one that ran over leaves no room for a handler.
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
            struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_RESETHAND};
            sigfillset(&action.sa_mask);
            sigaction(faults[i], &action, NULL);
        }
    }
    pthread_mutex_unlock(&fault_lock);
}
