#include "siam_codecs.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static uInt portion(size_t left) { return left > (1u << 30) ? 1u << 30 : (uInt)left; }

int siam_inflate(const uint8_t *in, size_t length, int gzip, uint8_t *out, size_t room, size_t *produced,
                 size_t *consumed) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    *produced = *consumed = 0;
    if (inflateInit2(&stream, gzip ? 31 : -15) != Z_OK) return SIAM_NO_MEMORY;
    size_t read = 0, written = 0;
    int result = SIAM_CORRUPT;
    uint8_t nothing;
    for (;;) {
        stream.next_in = (Bytef *)(in + read);
        stream.avail_in = portion(length - read);
        stream.next_out = room > written ? out + written : &nothing;
        stream.avail_out = portion(room - written);
        uInt had = stream.avail_in, space = stream.avail_out;
        int status = inflate(&stream, Z_NO_FLUSH);
        read += had - stream.avail_in;
        written += space - stream.avail_out;
        if (status == Z_STREAM_END) {
            int more = gzip && length - read >= 2 && in[read] == 0x1f && in[read + 1] == 0x8b;
            if (!more || inflateReset(&stream) != Z_OK) { result = SIAM_DONE; break; }
            continue;
        }
        if (status != Z_OK && status != Z_BUF_ERROR) {
            result = status == Z_MEM_ERROR ? SIAM_NO_MEMORY : SIAM_CORRUPT;
            break;
        }
        // No step forward: there is no room, or the input ends too early.
        if (had == stream.avail_in && space == stream.avail_out) {
            result = written == room ? SIAM_FULL : SIAM_TRUNCATED;
            break;
        }
    }
    inflateEnd(&stream);
    *produced = written;
    *consumed = read;
    return result;
}

int siam_inflate_pieces(const uint8_t *in, size_t length, siam_taker take, void *context, size_t most, uint32_t *sum) {
    enum { PIECE = 1 << 18 };
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    uint8_t *piece = malloc(PIECE);
    if (!piece) return SIAM_NO_MEMORY;
    if (inflateInit2(&stream, -15) != Z_OK) {
        free(piece);
        return SIAM_NO_MEMORY;
    }
    size_t read = 0, written = 0;
    int result = SIAM_CORRUPT;
    uLong crc = crc32(0, Z_NULL, 0);
    for (;;) {
        stream.next_in = (Bytef *)(in + read);
        stream.avail_in = portion(length - read);
        stream.next_out = piece;
        stream.avail_out = PIECE;
        uInt had = stream.avail_in;
        int status = inflate(&stream, Z_NO_FLUSH);
        size_t got = PIECE - stream.avail_out;
        read += had - stream.avail_in;
        written += got;
        crc = crc32(crc, piece, (uInt)got);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) break;
        if (written > most) { result = SIAM_FULL; break; }
        if (got > 0 && !take(context, piece, got)) break;
        if (status == Z_STREAM_END) { result = SIAM_DONE; break; }
        if (got == 0 && had == stream.avail_in) { result = SIAM_TRUNCATED; break; }
    }
    inflateEnd(&stream);
    free(piece);
    *sum = (uint32_t)crc;
    return result;
}

size_t siam_deflate_room(size_t length) { return compressBound((uLong)length) + 64; }

size_t siam_deflate(const uint8_t *in, size_t length, uint8_t *out, size_t room) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    size_t read = 0, written = 0;
    int status = Z_OK;
    while (status == Z_OK) {
        stream.next_in = (Bytef *)(in + read);
        stream.avail_in = portion(length - read);
        stream.next_out = out + written;
        stream.avail_out = portion(room - written);
        uInt had = stream.avail_in, space = stream.avail_out;
        status = deflate(&stream, read + had == length ? Z_FINISH : Z_NO_FLUSH);
        read += had - stream.avail_in;
        written += space - stream.avail_out;
    }
    deflateEnd(&stream);
    return status == Z_STREAM_END ? written : 0;
}

uint32_t siam_crc32(const uint8_t *in, size_t length) {
    uLong sum = crc32(0, Z_NULL, 0);
    for (size_t at = 0; at < length;) {
        uInt part = portion(length - at);
        sum = crc32(sum, in + at, part);
        at += part;
    }
    return (uint32_t)sum;
}
