#define _GNU_SOURCE
#include "siam_editline.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t counts[SIAM_SIGNALS];

static const struct {
    int signal, counter;
} watched[] = {
    {SIGWINCH, SIAM_SIGNAL_RESIZE}, {SIGTSTP, SIAM_SIGNAL_STOP}, {SIGCONT, SIAM_SIGNAL_CONTINUE},
    {SIGTERM, SIAM_SIGNAL_END},     {SIGHUP, SIAM_SIGNAL_END},
};
enum { WATCHED = sizeof watched / sizeof *watched };
static struct sigaction before[WATCHED];
static int watching;

// Becomes readable when a signal has come, in whichever thread: one that comes just before the waiting is not slept through.
static int bell = -1;

void siam_bell_prepare(void) {
    if (bell < 0) bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

void siam_bell_ring(void) {
    int kept_error = errno;
    uint64_t one = 1;
    ssize_t n = bell < 0 ? 0 : write(bell, &one, sizeof one);
    (void)n;
    errno = kept_error;
}

int32_t siam_wait_for_input(int32_t milliseconds) {
    struct pollfd ready[] = {{.fd = bell, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    int n = poll(ready, 2, milliseconds);
    if (n < 0) return errno == EINTR ? SIAM_INPUT_SIGNAL : SIAM_INPUT_READY;
    if (n == 0) return SIAM_INPUT_TIMEOUT;
    if (!ready[0].revents) return SIAM_INPUT_READY;
    uint64_t rung;
    ssize_t taken = read(bell, &rung, sizeof rung);
    (void)taken;
    return SIAM_INPUT_SIGNAL;
}

static void count(int signal) {
    for (int i = 0; i < WATCHED; i++) {
        if (watched[i].signal == signal) counts[watched[i].counter]++;
    }
    siam_bell_ring();
}

void siam_signals_watch(int32_t on) {
    if (!on == !watching) return;
    watching = on;
    siam_bell_prepare();
    for (int i = 0; i < WATCHED; i++) {
        if (on) {
            // Without SA_RESTART, so that a waiting read comes back.
            struct sigaction action = {.sa_handler = count};
            sigemptyset(&action.sa_mask);
            sigaction(watched[i].signal, &action, &before[i]);
        } else {
            sigaction(watched[i].signal, &before[i], NULL);
        }
    }
}

int32_t siam_is_editing(void) { return watching; }

int32_t siam_signal_take(int32_t which) {
    if (which < 0 || which >= SIAM_SIGNALS) return 0;
    sig_atomic_t n = counts[which];
    counts[which] -= n;
    return (int32_t)n;
}

void siam_stop_process(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL}, own;
    sigemptyset(&standard.sa_mask);
    sigaction(SIGTSTP, &standard, &own);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &own, NULL);
}

static struct termios kept;
static volatile sig_atomic_t is_kept;

void siam_terminal_keep(void) { is_kept = tcgetattr(STDIN_FILENO, &kept) == 0; }

void siam_terminal_restore(void) {
    if (is_kept) tcsetattr(STDIN_FILENO, TCSANOW, &kept);
}

static struct {
    char *report, *path, *text;
    size_t length;
} fault;
static pthread_mutex_t fault_lock = PTHREAD_MUTEX_INITIALIZER;

static void put(int file, const char *text, size_t length) {
    while (length > 0) {
        ssize_t n = write(file, text, length);
        if (n <= 0) return;
        text += n;
        length -= (size_t)n;
    }
}

// Only what may be called in a signal handler.
static void on_fault(int signal) {
    (void)signal;
    siam_terminal_restore();
    if (fault.path && fault.length > 0) {
        int file = open(fault.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file >= 0) {
            put(file, fault.text, fault.length);
            close(file);
        }
    }
    if (fault.report) put(STDERR_FILENO, fault.report, strlen(fault.report));
    _exit(70);
}

void siam_fault_prepare(const char *report, const char *path, const char *text, size_t length) {
    static const int faults[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
    static int installed;
    pthread_mutex_lock(&fault_lock);
    free(fault.report);
    free(fault.path);
    fault.length = 0;
    free(fault.text);
    fault.report = strdup(report);
    fault.path = path ? strdup(path) : NULL;
    fault.text = malloc(length + 1);
    if (fault.text) {
        memcpy(fault.text, text, length);
        fault.length = length;
    }
    if (!installed) {
        installed = 1;
        // A stack that ran over leaves no room for its own handler.
        stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
        if (stack.ss_sp) sigaltstack(&stack, NULL);
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
            struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_RESETHAND};
            sigemptyset(&action.sa_mask);
            sigaction(faults[i], &action, NULL);
        }
    }
    pthread_mutex_unlock(&fault_lock);
}
