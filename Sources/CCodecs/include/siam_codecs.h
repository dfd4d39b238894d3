#ifndef SIAM_CODECS_H
#define SIAM_CODECS_H
#include <stddef.h>
#include <stdint.h>

/// The shipped digits: `siam_digits_count` records of 64 pixels, 'a' = 0 to 'q' = 16, and the digit as a character.
extern const int siam_digits_count;
/// One record, NULL out of range.
const char *siam_digits_row(int row);

enum siam_codec_result { SIAM_DONE = 0, SIAM_FULL = 1, SIAM_TRUNCATED = 2, SIAM_CORRUPT = 3, SIAM_NO_MEMORY = 4 };

/// Inflates gzip (all members, sums checked) or a raw deflate stream into `out`, never more than `room` bytes.
/// SIAM_FULL when `room` is used up before the end; `produced` and `consumed` are set in every case.
int siam_inflate(const uint8_t *in, size_t length, int gzip, uint8_t *out, size_t room, size_t *produced,
                 size_t *consumed);
/// Takes a piece; 0 to stop.
typedef int (*siam_taker)(void *context, const uint8_t *bytes, size_t count);
/// Inflates a raw deflate stream piece by piece, at most `most` bytes; `sum` is that of all that was taken.
int siam_inflate_pieces(const uint8_t *in, size_t length, siam_taker take, void *context, size_t most, uint32_t *sum);
/// Deflates into a raw stream; the bytes written, 0 where `room` is too small.
size_t siam_deflate(const uint8_t *in, size_t length, uint8_t *out, size_t room);
/// A `room` that is always enough for `siam_deflate`.
size_t siam_deflate_room(size_t length);
/// The sum of zip and gzip.
uint32_t siam_crc32(const uint8_t *in, size_t length);

/// Element kinds of array files, and the bytes each takes.
enum siam_element { SIAM_U8, SIAM_I8, SIAM_I16, SIAM_U16, SIAM_I32, SIAM_U32, SIAM_I64, SIAM_U64, SIAM_F16, SIAM_BF16,
                    SIAM_F32, SIAM_F64 };
size_t siam_element_bytes(int kind);
/// Reads `count` elements of `kind`, most significant byte first where `big`, divided by `divisor`.
void siam_read_elements(const uint8_t *in, size_t count, int kind, int big, float divisor, float *out);
/// The same with the full width of a double.
void siam_read_doubles(const uint8_t *in, size_t count, int kind, int big, double *out);

/// What a picture file says of itself; `place` counts the bytes of a JPEG that were read when it was refused.
typedef struct { int width, height, channels; char message[96]; size_t place; } siam_picture;
/// Reads the header of a PNG or JPEG: 0, or 1 with `message`.
int siam_png_header(const uint8_t *in, size_t length, siam_picture *picture);
int siam_jpeg_header(const uint8_t *in, size_t length, siam_picture *picture);
/// Decodes into `out`, 8 bits a channel, `channels` 1 or 3, which holds width x height x channels bytes: 0, or 1 with
/// `message`. Transparent parts of a PNG come out white.
int siam_png_decode(const uint8_t *in, size_t length, int channels, uint8_t *out, size_t room, siam_picture *picture);
int siam_jpeg_decode(const uint8_t *in, size_t length, int channels, uint8_t *out, size_t room, siam_picture *picture);
/// Encodes 8-bit rows as a PNG into `out`; the bytes written, 0 where it failed, the bytes needed when `out` is NULL.
size_t siam_png_encode(
    const uint8_t *pixels, int width, int height, int channels, uint8_t *out, size_t room, int (*stops)(void));
/// The bytes that such a picture takes at most.
size_t siam_png_room(int width, int height, int channels);

/// Writes a file so that it is there whole or not at all; 0 or an error's number. What a symbolic link points to is
/// written, an old file's mode is kept, and a new one gets `mode`. A device or a pipe is written into.
int siam_write_whole(const char *path, const uint8_t *bytes, size_t count, uint32_t mode);
/// The same for a file of a folder that several machines share: it is written under the name `beside`, which the caller knows to be
/// its own, and takes the place of `path`. Links are not followed.
int siam_write_beside(const char *path, const char *beside, const uint8_t *bytes, size_t count, uint32_t mode);

/// Tables of text. A cell: where it begins, and its content, in quotes without them.
typedef struct { size_t start, from, to; int quoted; } siam_table_cell;
enum siam_table_fault_kind { SIAM_TABLE_WHOLE = 0, SIAM_TABLE_OPEN = 1, SIAM_TABLE_BEHIND = 2 };
/// What is wrong with the quotes of a table, and where: one that is not closed, text behind one that closes.
typedef struct { int kind; size_t at; } siam_table_fault;
/// Of one column: cells that are empty (or NA, ?, null), cells that are no number, and the first rows with such.
typedef struct { int64_t empties, texts, first_empty, first_text; } siam_table_column;
/// The numbers that stand for a cell without one: NaNs that no calculation gives.
#define SIAM_TABLE_EMPTY 0x7FC0E001u
#define SIAM_TABLE_TEXT 0x7FC0E002u
/// How many line feeds there are.
size_t siam_table_lines(const uint8_t *bytes, size_t length);
/// Where the rows begin that are not blank, at most `room` of them; gives how many there are.
size_t siam_table_rows(const uint8_t *bytes, size_t length, size_t from, uint8_t separator, int quoted,
                       size_t *starts, size_t room, siam_table_fault *fault);
/// The cells of the row at `start`, at most `room` of them; gives how many there are.
int64_t siam_table_cells(const uint8_t *bytes, size_t length, size_t start, uint8_t separator, siam_table_cell *cells,
                         int64_t room);
/// The numbers of rows `first` ..< `last`, a row of `columns` each, and what the columns hold else; gives the first row
/// that has another number of cells, -1 where there is none.
int64_t siam_table_parse(const uint8_t *bytes, size_t length, const size_t *starts, int64_t first, int64_t last,
                         uint8_t separator, uint8_t decimal, int64_t columns, float *out, siam_table_column *about);
/// Whether these bytes are a number as people write it (`5`, `-1.5e3`, `nan`, `inf`, blanks around it), correctly rounded.
int siam_table_number(const uint8_t *from, size_t length, uint8_t decimal, double *value);
/// Where bytes stop being UTF-8; -1 where they are.
int64_t siam_text_invalid(const uint8_t *bytes, size_t length);

/// The outline of a letter: closed paths, one size of the font high, the ground line at 0 and down positive.
enum { SIAM_LETTER_POINTS = 4096, SIAM_LETTER_CONTOURS = 128 };
typedef struct {
    int point_count, contour_count, ends[SIAM_LETTER_CONTOURS];
    float advance, x[SIAM_LETTER_POINTS], y[SIAM_LETTER_POINTS];
} siam_letter;
/// Out of a font of the system, by FreeType: 1, or 0 where there is none that has it.
int siam_letter_outline(uint32_t code, siam_letter *letter);
/// Whether some font of the system has it; what none has is drawn as a box.
int siam_letter_is_known(uint32_t code);

#endif
