#ifndef SIAM_EDITLINE_H
#define SIAM_EDITLINE_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/// The standard streams, which Swift cannot name.
FILE *siam_stdout(void);
FILE *siam_stderr(void);

/// A line editor: libedit behind one plain function a use. Texts are UTF-8, places are bytes.
typedef struct siam_editor siam_editor;

/// What a key's command asks of the editor.
enum {
    SIAM_EDIT_REFRESH = 0,
    /// Draw prompt and text anew, on the row where the cursor now is.
    SIAM_EDIT_REDISPLAY = 1,
    SIAM_EDIT_ACCEPT = 2,
    SIAM_EDIT_END = 3,
    SIAM_EDIT_NOTHING = 4,
    SIAM_EDIT_BEEP = 5,
};

typedef struct {
    void *context;
    /// The next key as a Unicode scalar, when libedit has drawn and flushed all; 0 at the end, -1 when the reading is broken off.
    int32_t (*read)(void *context);
    /// Runs the command of a number; answers with an outcome.
    int32_t (*command)(void *context, int32_t number, int32_t key);
} siam_editor_calls;

/// NULL where the terminal will not do.
siam_editor *siam_editor_open(const char *program, siam_editor_calls calls);
void siam_editor_close(siam_editor *editor);
/// Makes the command of a number known by a name. Before any key is bound to it.
void siam_editor_add(siam_editor *editor, int32_t number, const char *name, const char *help);
/// Binds keys in libedit's notation (`^A`, `\200`); `alternate` is vi's command map.
void siam_editor_bind(siam_editor *editor, int32_t alternate, const char *keys, const char *name);
/// Reads the user's ~/.editrc.
void siam_editor_read_settings(siam_editor *editor);
int32_t siam_editor_is_vi(siam_editor *editor);
/// The prompt; what stands between two \1 takes no room on the screen.
void siam_editor_set_prompt(siam_editor *editor, const char *prompt);
/// Edits one input: 1 accepted, 0 at the end, -1 when the reading was broken off.
int32_t siam_editor_edit(siam_editor *editor);
/// The text being edited, until the next call.
const char *siam_editor_text(siam_editor *editor, size_t *length, size_t *cursor);
void siam_editor_replace(siam_editor *editor, const char *text, size_t length, size_t cursor);
/// The window has another size.
void siam_editor_resize(siam_editor *editor);
/// Draws prompt and text from where the cursor is. Only from within `read`.
void siam_editor_redraw(siam_editor *editor);
/// The terminal as other programs want it, and as editing wants it.
void siam_editor_set_raw(siam_editor *editor, int32_t raw);

/// Remembers the terminal's modes as they are, to be put back by `siam_terminal_restore`: at the end, around other programs,
/// and where a signal ends this one.
void siam_terminal_keep(void);
void siam_terminal_restore(void);

/// Columns that a scalar takes in the eyes of libedit; negative for what is not printed.
int32_t siam_scalar_width(uint32_t scalar);
/// Sets the locale from the environment; tries C.UTF-8 where that knows no UTF-8. 1 when texts are UTF-8.
int32_t siam_locale_set(void);

/// What the thread of signals calls: raises an interrupt and says how many wait, says that they have waited long enough,
/// looks after the memory some times a second, and gives a thread its stack for faults.
typedef struct {
    int (*raise)(void);
    void (*hurry)(void);
    void (*look_after_memory)(void);
    void (*prepare_thread)(void);
} siam_interrupt_calls;
/// From now on one thread takes ^C, ^Z, the alarm, and what tells of the window and the end, and no handler ever runs. To be
/// called before other threads are made.
void siam_signals_take(siam_interrupt_calls calls);
/// Counts signals while a line is edited.
enum { SIAM_SIGNAL_RESIZE = 0, SIAM_SIGNAL_STOP = 1, SIAM_SIGNAL_CONTINUE = 2, SIAM_SIGNAL_END = 3, SIAM_SIGNALS = 4 };
/// The next SIGTERM interrupts, as ^C does, and does not end the process where it is.
void siam_signals_end_gently(int32_t on);
void siam_signals_watch(int32_t on);
/// Whether a line is being edited, so that ^C means the line and not the program.
int32_t siam_is_editing(void);
/// How often the signal came since it was asked last.
int32_t siam_signal_take(int32_t which);
/// What ended the waiting for input: bytes or their end, a signal, or the time.
enum { SIAM_INPUT_READY = 0, SIAM_INPUT_SIGNAL = 1, SIAM_INPUT_TIMEOUT = 2 };
/// Waits for standard input so many milliseconds, or for ever where negative. A signal ends the waiting also where it came
/// since the last waiting: what it counted must be looked at after.
int32_t siam_wait_for_input(int32_t milliseconds);
/// Stops the process as ^Z does; comes back when it is continued.
void siam_stop_process(void);
/// Runs a command of the shell that has the terminal, and its signals, for itself; what `system` answers.
int32_t siam_run_command(const char *line);

/// What is done at a fault of the program itself: `text` goes to a new file at `path`, `head` and `tail` to stderr, and
/// `kept` between them where the file was written; then the process ends with 70. Every text is copied.
typedef struct {
    const char *head, *kept, *tail, *path, *text;
    size_t length;
} siam_fault_report;
void siam_fault_prepare(siam_fault_report report);

#endif
