// Tables of text: where rows begin, and the numbers of a block of rows. Blocks are independent, so that several threads
// can work on one file.
#define _GNU_SOURCE
#include "siam_codecs.h"
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static locale_t plain_locale(void) {
    static locale_t made = 0;
    locale_t now = __atomic_load_n(&made, __ATOMIC_ACQUIRE);
    if (now) return now;
    locale_t fresh = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!fresh) return 0;
    if (!__atomic_compare_exchange_n(&made, &now, fresh, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        freelocale(fresh);
        return now;
    }
    return fresh;
}

// MARK: Numbers

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static const long double long_powers[] = {
    1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
    1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};

/// The general method, for numbers that the fast ones do not cover.
static double long_way(const uint8_t *from, size_t length, uint8_t decimal) {
    char small[64];
    char *text = length < sizeof small ? small : malloc(length + 1);
    if (!text) return 0;
    for (size_t i = 0; i < length; i++) text[i] = from[i] == decimal ? '.' : (char)from[i];
    text[length] = 0;
    locale_t plain = plain_locale();
    double value = plain ? strtod_l(text, NULL, plain) : strtod(text, NULL);
    if (text != small) free(text);
    return value;
}

/// `digits` x 10^`power`, rounded once; 0 in `known` if that takes the general method.
static double scaled(uint64_t digits, int power, int *known) {
    *known = 1;
    if (digits == 0) return 0;
    // Both numbers are exact, and one operation rounds once (Clinger, 1990).
    if (digits <= (1ULL << 53) && power >= -22 && power <= 22)
        return power < 0 ? (double)digits / powers[-power] : (double)digits * powers[power];
#if defined(__x86_64__)
    // With 64 bits the same holds for more digits. The second rounding, to 53 bits, is right unless the first one ended
    // halfway between two doubles.
    if (power >= -27 && power <= 27) {
        union { long double value; struct { uint64_t fraction; uint16_t rest; } bits; } wide;
        wide.value = power < 0 ? (long double)digits / long_powers[-power] : (long double)digits * long_powers[power];
        if ((wide.bits.fraction & 0x7FF) != 0x400) return (double)wide.value;
    }
#endif
    *known = 0;
    return 0;
}

static int is_word(const uint8_t *from, size_t length, const char *word) {
    for (size_t i = 0; i < length; i++)
        if (!word[i] || (from[i] | 32) != (uint8_t)word[i]) return 0;
    return !word[length];
}

int siam_table_number(const uint8_t *from, size_t length, uint8_t decimal, double *value) {
    const uint8_t *at = from, *end = from + length;
    while (at < end && (*at == ' ' || *at == '\t')) at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t')) end--;
    const uint8_t *start = at;
    int negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    const uint8_t *body = at;
    uint64_t digits = 0;
    int count = 0, significant = 0, power = 0;
    for (; at < end && (uint8_t)(*at - '0') < 10; at++) {
        count++;
        if (significant < 19) { digits = digits * 10 + (*at - '0'); significant += digits != 0; }
        else { significant++; power++; }
    }
    if (at < end && *at == decimal) {
        at++;
        for (; at < end && (uint8_t)(*at - '0') < 10; at++) {
            count++;
            if (significant < 19) { digits = digits * 10 + (*at - '0'); significant += digits != 0; power--; }
            else significant++;
        }
    }
    if (count == 0) {
        size_t rest = (size_t)(end - at);
        if (at == body) {
            if (rest == 3 && is_word(at, rest, "nan")) { *value = __builtin_nan(""); return 1; }
            if ((rest == 3 && is_word(at, rest, "inf")) || (rest == 8 && is_word(at, rest, "infinity"))) {
                *value = negative ? -__builtin_inf() : __builtin_inf();
                return 1;
            }
        }
        return 0;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        int below = at < end && *at == '-';
        if (at < end && (*at == '-' || *at == '+')) at++;
        int exponent = 0, any = 0;
        for (; at < end && (uint8_t)(*at - '0') < 10; at++) {
            any = 1;
            if (exponent < 100000) exponent = exponent * 10 + (*at - '0');
        }
        if (!any) return 0;
        power += below ? -exponent : exponent;
    }
    if (at != end) return 0;
    int known = 0;
    double result = significant <= 19 ? scaled(digits, power, &known) : 0;
    if (known) *value = negative ? -result : result;
    else *value = long_way(start + (start < end && *start == '+'), (size_t)(end - start) - (*start == '+'), decimal);
    return 1;
}

// MARK: Rows and cells

size_t siam_table_lines(const uint8_t *bytes, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) count += bytes[i] == '\n';
    return count;
}

size_t siam_table_rows(const uint8_t *bytes, size_t length, size_t from, uint8_t separator, int quoted,
                       size_t *starts, size_t room, siam_table_fault *fault) {
    size_t count = 0, at = from;
    fault->kind = SIAM_TABLE_WHOLE;
    while (at < length) {
        if (bytes[at] == '\n') { at++; continue; }
        if (bytes[at] == '\r' && (at + 1 >= length || bytes[at + 1] == '\n')) { at++; continue; }
        if (count < room) starts[count] = at;
        count++;
        if (!quoted) {
            const uint8_t *end = memchr(bytes + at, '\n', length - at);
            if (!end) break;
            at = (size_t)(end - bytes) + 1;
            continue;
        }
        for (;;) {
            if (at < length && bytes[at] == '"') {
                size_t open = at++;
                for (;;) {
                    const uint8_t *close = at < length ? memchr(bytes + at, '"', length - at) : NULL;
                    if (!close) {
                        fault->kind = SIAM_TABLE_OPEN;
                        fault->at = open;
                        return count;
                    }
                    at = (size_t)(close - bytes) + 1;
                    if (at < length && bytes[at] == '"') { at++; continue; }
                    break;
                }
                size_t behind = at;
                if (behind < length && bytes[behind] == '\r' && (behind + 1 >= length || bytes[behind + 1] == '\n')) behind++;
                if (behind < length && bytes[behind] != separator && bytes[behind] != '\n') {
                    fault->kind = SIAM_TABLE_BEHIND;
                    fault->at = at;
                    return count;
                }
                at = behind;
            } else {
                while (at < length && bytes[at] != separator && bytes[at] != '\n') at++;
            }
            if (at >= length) return count;
            if (bytes[at++] == '\n') break;
        }
    }
    return count;
}

/// The cell that begins at `*at`, which then stands behind it; gives whether the row goes on.
static inline int next_cell(const uint8_t *bytes, size_t length, uint8_t separator, size_t *at, siam_table_cell *cell) {
    size_t i = *at;
    cell->start = i;
    if (i < length && bytes[i] == '"') {
        cell->quoted = 1;
        cell->from = ++i;
        while (i < length) {
            if (bytes[i] == '"') {
                if (i + 1 < length && bytes[i + 1] == '"') { i += 2; continue; }
                break;
            }
            i++;
        }
        cell->to = i < length ? i : length;
        if (i < length) i++;
        if (i < length && bytes[i] == '\r') i++;
    } else {
        cell->quoted = 0;
        cell->from = i;
        while (i < length && bytes[i] != separator && bytes[i] != '\n') i++;
        size_t to = i;
        if (to > cell->from && (i >= length || bytes[i] == '\n') && bytes[to - 1] == '\r') to--;
        cell->to = to;
    }
    int more = i < length && bytes[i] == separator;
    *at = i + 1;
    return more;
}

int64_t siam_table_cells(const uint8_t *bytes, size_t length, size_t start, uint8_t separator, siam_table_cell *cells,
                         int64_t room) {
    int64_t count = 0;
    size_t at = start;
    for (;;) {
        siam_table_cell cell;
        int more = next_cell(bytes, length, separator, &at, &cell);
        if (count < room) cells[count] = cell;
        count++;
        if (!more) return count;
    }
}

static int is_missing(const uint8_t *from, size_t length) {
    while (length && (*from == ' ' || *from == '\t')) { from++; length--; }
    while (length && (from[length - 1] == ' ' || from[length - 1] == '\t')) length--;
    switch (length) {
    case 0: return 1;
    case 1: return *from == '?' || *from == '-';
    case 2: return !memcmp(from, "NA", 2);
    case 3: return !memcmp(from, "N/A", 3);
    case 4: return !memcmp(from, "NULL", 4) || !memcmp(from, "null", 4) || !memcmp(from, "None", 4) || !memcmp(from, "#N/A", 4);
    default: return 0;
    }
}

static float marked(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

int64_t siam_table_parse(const uint8_t *bytes, size_t length, const size_t *starts, int64_t first, int64_t last,
                         uint8_t separator, uint8_t decimal, int64_t columns, float *out, siam_table_column *about) {
    for (int64_t row = first; row < last; row++) {
        size_t at = starts[row];
        float *to = out + (row - first) * columns;
        int64_t column = 0;
        for (;;) {
            // A short number in its cell, the common case, is read where it is found.
            const uint8_t *p = bytes + at, *end = bytes + length;
            int negative = p < end && *p == '-';
            p += negative;
            const uint8_t *begin = p;
            uint64_t digits = 0;
            while (p < end && (uint8_t)(*p - '0') < 10) digits = digits * 10 + (*p++ - '0');
            size_t count = (size_t)(p - begin), behind = 0;
            if (p < end && *p == decimal) {
                const uint8_t *point = ++p;
                while (p < end && (uint8_t)(*p - '0') < 10) digits = digits * 10 + (*p++ - '0');
                behind = (size_t)(p - point);
                count += behind;
            }
            float value = 0;
            int more, known = 0;
            if (count && count <= 19 && (p >= end || *p == separator || *p == '\n' || *p == '\r')) {
                double found = scaled(digits, -(int)behind, &known);
                value = (float)(negative ? -found : found);
                if (known && p < end && *p == '\r') known = p + 1 >= end || p[1] == '\n';
            }
            if (known) {
                more = p < end && *p == separator;
                at = (size_t)(p - bytes) + 1;
            } else {
                siam_table_cell cell;
                more = next_cell(bytes, length, separator, &at, &cell);
                if (column < columns) {
                    double found;
                    if (siam_table_number(bytes + cell.from, cell.to - cell.from, decimal, &found)) {
                        value = (float)found;
                    } else if (is_missing(bytes + cell.from, cell.to - cell.from)) {
                        value = marked(SIAM_TABLE_EMPTY);
                        if (!about[column].empties++) about[column].first_empty = row;
                    } else {
                        value = marked(SIAM_TABLE_TEXT);
                        if (!about[column].texts++) about[column].first_text = row;
                    }
                }
            }
            if (column < columns) to[column] = value;
            column++;
            if (!more) break;
        }
        if (column != columns) return row;
    }
    return -1;
}

int64_t siam_text_invalid(const uint8_t *bytes, size_t length) {
    size_t at = 0;
    while (at < length) {
        uint64_t eight;
        if (at + 8 <= length) {
            memcpy(&eight, bytes + at, 8);
            if (!(eight & 0x8080808080808080ULL)) { at += 8; continue; }
        }
        uint8_t c = bytes[at];
        if (c < 0x80) { at++; continue; }
        size_t more = c >= 0xC2 && c <= 0xDF ? 1 : (c & 0xF0) == 0xE0 ? 2 : c >= 0xF0 && c <= 0xF4 ? 3 : 0;
        if (!more || at + more >= length) return (int64_t)at;
        for (size_t k = 1; k <= more; k++)
            if ((bytes[at + k] & 0xC0) != 0x80) return (int64_t)at;
        uint8_t second = bytes[at + 1];
        if ((c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) || (c == 0xF0 && second < 0x90) ||
            (c == 0xF4 && second > 0x8F))
            return (int64_t)at;
        at += more + 1;
    }
    return -1;
}
