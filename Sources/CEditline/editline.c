#define _GNU_SOURCE
#include "siam_editline.h"
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

FILE *siam_stdout(void) { return stdout; }
FILE *siam_stderr(void) { return stderr; }

struct siam_editor {
    EditLine *line;
    siam_editor_calls calls;
    wchar_t *prompt;
    char *text;
    size_t capacity;
    /// An accepted text ends its reading through libedit's own newline, which goes below the last row.
    int accepted;
};

// A key that no terminal sends: bound to libedit's newline.
#define ACCEPT_KEY L"\x9F"

static siam_editor *editor_of(EditLine *line) {
    void *data = NULL;
    el_wget(line, EL_CLIENTDATA, &data);
    return data;
}

static wchar_t *prompt_of(EditLine *line) {
    siam_editor *editor = editor_of(line);
    return editor && editor->prompt ? editor->prompt : (wchar_t *)L"";
}

static int read_key(EditLine *line, wchar_t *key) {
    siam_editor *editor = editor_of(line);
    int32_t scalar = editor->calls.read(editor->calls.context);
    if (scalar <= 0) return (int)scalar;
    *key = (wchar_t)scalar;
    return 1;
}

static unsigned char run_command(EditLine *line, int number, int key) {
    siam_editor *editor = editor_of(line);
    switch (editor->calls.command(editor->calls.context, number, key)) {
    case SIAM_EDIT_REDISPLAY: return CC_REDISPLAY;
    case SIAM_EDIT_ACCEPT:
        editor->accepted = 1;
        el_wpush(line, ACCEPT_KEY);
        return CC_REFRESH;
    case SIAM_EDIT_END: return CC_EOF;
    case SIAM_EDIT_NOTHING: return CC_NORM;
    case SIAM_EDIT_BEEP: return CC_REFRESH_BEEP;
    default: return CC_REFRESH;
    }
}

// libedit hands a command no data of its own, so each number has a function.
#define COMMAND(n) \
    static unsigned char command_##n(EditLine *line, int key) { return run_command(line, n, key); }
#define EIGHT(X, d) X(d##0) X(d##1) X(d##2) X(d##3) X(d##4) X(d##5) X(d##6) X(d##7) X(d##8) X(d##9)
EIGHT(COMMAND, 1)
EIGHT(COMMAND, 2)
EIGHT(COMMAND, 3)
EIGHT(COMMAND, 4)
EIGHT(COMMAND, 5)
#define NAME(n) command_##n,
static unsigned char (*const commands[])(EditLine *, int) = {
    EIGHT(NAME, 1) EIGHT(NAME, 2) EIGHT(NAME, 3) EIGHT(NAME, 4) EIGHT(NAME, 5)};
enum { FIRST_COMMAND = 10, COMMAND_COUNT = sizeof commands / sizeof *commands };

static wchar_t *wide(const char *text, size_t length) {
    wchar_t *result = malloc((length + 1) * sizeof(wchar_t));
    if (!result) return NULL;
    size_t n = 0;
    for (size_t i = 0; i < length;) {
        unsigned char lead = (unsigned char)text[i];
        size_t size = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        uint32_t scalar = size == 1 ? lead : lead & (0xFFu >> (size + 1));
        for (size_t k = 1; k < size && i + k < length; k++) scalar = scalar << 6 | ((unsigned char)text[i + k] & 0x3F);
        result[n++] = (wchar_t)scalar;
        i += size;
    }
    result[n] = 0;
    return result;
}

static size_t encode(wchar_t character, char *into) {
    uint32_t scalar = (uint32_t)character;
    if (scalar < 0x80) return into[0] = (char)scalar, 1;
    if (scalar < 0x800) return into[0] = (char)(0xC0 | scalar >> 6), into[1] = (char)(0x80 | (scalar & 0x3F)), 2;
    if (scalar < 0x10000) {
        into[0] = (char)(0xE0 | scalar >> 12);
        into[1] = (char)(0x80 | (scalar >> 6 & 0x3F));
        into[2] = (char)(0x80 | (scalar & 0x3F));
        return 3;
    }
    into[0] = (char)(0xF0 | (scalar >> 18 & 7));
    into[1] = (char)(0x80 | (scalar >> 12 & 0x3F));
    into[2] = (char)(0x80 | (scalar >> 6 & 0x3F));
    into[3] = (char)(0x80 | (scalar & 0x3F));
    return 4;
}

siam_editor *siam_editor_open(const char *program, siam_editor_calls calls) {
    siam_editor *editor = calloc(1, sizeof *editor);
    if (!editor) return NULL;
    editor->calls = calls;
    editor->line = el_init(program, stdin, stdout, stderr);
    if (!editor->line) {
        free(editor);
        return NULL;
    }
    el_wset(editor->line, EL_CLIENTDATA, editor);
    el_wset(editor->line, EL_SIGNAL, 0);
    el_wset(editor->line, EL_EDITOR, L"emacs");
    el_wset(editor->line, EL_PROMPT_ESC, prompt_of, L'\1');
    el_wset(editor->line, EL_GETCFN, read_key);
    // Also while programs run, keys typed ahead are neither echoed into the output nor edited by the terminal: they are kept.
    el_wset(editor->line, EL_SETTY, L"-x", L"-echo", L"-icanon", L"-echoctl", NULL);
    return editor;
}

void siam_editor_close(siam_editor *editor) {
    // With edit mode on, libedit would throw away what has been typed ahead.
    el_wset(editor->line, EL_EDITMODE, 0);
    el_end(editor->line);
    free(editor->prompt);
    free(editor->text);
    free(editor);
}

void siam_editor_add(siam_editor *editor, int32_t number, const char *name, const char *help) {
    if (number < FIRST_COMMAND || number >= FIRST_COMMAND + COMMAND_COUNT) return;
    wchar_t *wide_name = wide(name, strlen(name));
    wchar_t *wide_help = wide(help, strlen(help));
    // libedit keeps both texts: they are given away.
    if (wide_name && wide_help) {
        el_wset(editor->line, EL_ADDFN, wide_name, wide_help, commands[number - FIRST_COMMAND]);
    }
}

void siam_editor_bind(siam_editor *editor, int32_t alternate, const char *keys, const char *name) {
    wchar_t *wide_keys = wide(keys, strlen(keys));
    wchar_t *wide_name = wide(name, strlen(name));
    if (wide_keys && wide_name) {
        if (alternate) {
            el_wset(editor->line, EL_BIND, L"-a", wide_keys, wide_name, NULL);
        } else {
            el_wset(editor->line, EL_BIND, wide_keys, wide_name, NULL);
        }
    }
    free(wide_keys);
    free(wide_name);
}

void siam_editor_read_settings(siam_editor *editor) {
    el_source(editor->line, NULL);
    // Whatever else they say: the line is edited, and libedit leaves signals alone.
    el_wset(editor->line, EL_EDITMODE, 1);
    el_wset(editor->line, EL_SIGNAL, 0);
    el_wset(editor->line, EL_BIND, L"\\237", L"ed-newline", NULL);
    el_wset(editor->line, EL_BIND, L"-a", L"\\237", L"ed-newline", NULL);
}

int32_t siam_editor_is_vi(siam_editor *editor) {
    const wchar_t *mode = NULL;
    return el_wget(editor->line, EL_EDITOR, &mode) == 0 && mode && wcscmp(mode, L"vi") == 0;
}

void siam_editor_set_prompt(siam_editor *editor, const char *prompt) {
    free(editor->prompt);
    editor->prompt = wide(prompt, strlen(prompt));
}

int32_t siam_editor_edit(siam_editor *editor) {
    int count = 0;
    editor->accepted = 0;
    const wchar_t *text = el_wgets(editor->line, &count);
    if (text && count > 0) return 1;
    if (count < 0) {
        el_reset(editor->line);
        return -1;
    }
    return editor->accepted ? 1 : 0;
}

const char *siam_editor_text(siam_editor *editor, size_t *length, size_t *cursor) {
    const LineInfoW *info = el_wline(editor->line);
    size_t count = (size_t)(info->lastchar - info->buffer);
    if (editor->capacity < count * 4 + 1) {
        char *larger = realloc(editor->text, count * 4 + 64);
        if (!larger) {
            *length = *cursor = 0;
            return "";
        }
        editor->text = larger;
        editor->capacity = count * 4 + 64;
    }
    size_t n = 0;
    *cursor = 0;
    for (size_t i = 0; i < count; i++) {
        if (info->buffer + i == info->cursor) *cursor = n;
        n += encode(info->buffer[i], editor->text + n);
    }
    if (info->cursor >= info->lastchar) *cursor = n;
    *length = n;
    editor->text[n] = 0;
    return editor->text;
}

void siam_editor_replace(siam_editor *editor, const char *text, size_t length, size_t cursor) {
    const LineInfoW *info = el_wline(editor->line);
    wchar_t *characters = wide(text, length);
    if (!characters) return;
    wchar_t *before = wide(text, cursor < length ? cursor : length);
    size_t new_cursor = before ? wcslen(before) : wcslen(characters);
    size_t new_length = wcslen(characters);
    size_t old_length = (size_t)(info->lastchar - info->buffer);
    if (old_length != new_length || wmemcmp(info->buffer, characters, new_length) != 0) {
        // Deleting acts before the cursor.
        el_cursor(editor->line, (int)(info->lastchar - info->cursor));
        if (old_length > 0) el_wdeletestr(editor->line, (int)old_length);
        if (new_length > 0) el_winsertstr(editor->line, characters);
        info = el_wline(editor->line);
    }
    el_cursor(editor->line, (int)((ptrdiff_t)new_cursor - (info->cursor - info->buffer)));
    free(before);
    free(characters);
}

void siam_editor_resize(siam_editor *editor) { el_resize(editor->line); }
void siam_editor_redraw(siam_editor *editor) { el_wset(editor->line, EL_REFRESH); }
void siam_editor_set_raw(siam_editor *editor, int32_t raw) { el_wset(editor->line, EL_PREP_TERM, raw); }

int32_t siam_scalar_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

int32_t siam_locale_set(void) {
    setlocale(LC_CTYPE, "");
    if (strcasecmp(nl_langinfo(CODESET), "UTF-8") == 0) return 1;
    setlocale(LC_CTYPE, "C.UTF-8");
    return strcasecmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
