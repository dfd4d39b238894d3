#include "siam_codecs.h"
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
// jpeglib.h needs stdio.h before it.
#include <jpeglib.h>
#include <png.h>

static int refuse(siam_picture *picture, const char *why) {
    snprintf(picture->message, sizeof picture->message, "%s", why);
    return 1;
}

// libpng's own reader with `png_image` keeps its long jumps to itself.
static int png_begin(png_image *image, const uint8_t *in, size_t length, siam_picture *picture) {
    memset(image, 0, sizeof *image);
    memset(picture, 0, sizeof *picture);
    image->version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(image, in, length)) return refuse(picture, image->message);
    if (image->width > 1u << 20 || image->height > 1u << 20) {
        png_image_free(image);
        return refuse(picture, "it is larger than a million pixels a side");
    }
    // Pixels of 16 bits are on the same scale as those of 8, as every other reader takes them.
    image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    picture->width = (int)image->width;
    picture->height = (int)image->height;
    picture->channels = image->format & PNG_FORMAT_FLAG_COLOR ? 3 : 1;
    return 0;
}

int siam_png_header(const uint8_t *in, size_t length, siam_picture *picture) {
    png_image image;
    if (png_begin(&image, in, length, picture)) return 1;
    png_image_free(&image);
    return 0;
}

int siam_png_decode(const uint8_t *in, size_t length, int channels, uint8_t *out, size_t room, siam_picture *picture) {
    png_image image;
    if (png_begin(&image, in, length, picture)) return 1;
    size_t needed = (size_t)picture->width * (size_t)picture->height * (size_t)channels;
    if (needed > room || (channels != 1 && channels != 3)) {
        png_image_free(&image);
        return refuse(picture, "its size is not what its header said");
    }
    image.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    png_color white = {255, 255, 255};
    if (!png_image_finish_read(&image, &white, out, 0, NULL)) {
        png_image_free(&image);
        return refuse(picture, image.message);
    }
    return 0;
}

size_t siam_png_room(int width, int height, int channels) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = (png_uint_32)width;
    image.height = (png_uint_32)height;
    image.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    return PNG_IMAGE_PNG_SIZE_MAX(image);
}

typedef struct {
    uint8_t *out;
    size_t room;
    size_t used;
} png_sink;

static void png_put(png_structp png, png_bytep data, size_t length) {
    png_sink *sink = png_get_io_ptr(png);
    if (length > sink->room - sink->used) png_error(png, "no room");
    memcpy(sink->out + sink->used, data, length);
    sink->used += length;
}

static void png_flush_nothing(png_structp png) { (void)png; }

// Row by row, so that it can be interrupted between two rows.
size_t siam_png_encode(
    const uint8_t *pixels, int width, int height, int channels, uint8_t *out, size_t room, int (*stops)(void)) {
    png_sink sink = {out, room, 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    if (!png) return 0;
    png_infop info = png_create_info_struct(png);
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return 0;
    }
    png_set_write_fn(png, &sink, png_put, png_flush_nothing);
    png_set_IHDR(
        png, info, (png_uint_32)width, (png_uint_32)height, 8, channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_write_info(png, info);
    for (int row = 0; row < height; row++) {
        if (stops()) png_error(png, "interrupted");
        png_write_row(png, pixels + (size_t)row * (size_t)width * (size_t)channels);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return sink.used;
}

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf escape;
    siam_picture *picture;
    size_t length;
} jpeg_trouble;

static void jpeg_stop(j_common_ptr info) {
    jpeg_trouble *trouble = (jpeg_trouble *)info->err;
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    refuse(trouble->picture, text);
    struct jpeg_source_mgr *source = info->is_decompressor ? ((j_decompress_ptr)info)->src : NULL;
    size_t left = source ? source->bytes_in_buffer : trouble->length;
    trouble->picture->place = left < trouble->length ? trouble->length - left : 0;
    longjmp(trouble->escape, 1);
}

// A damaged file is refused, not patched up: libjpeg's warnings count as errors.
static void jpeg_warn(j_common_ptr info, int level) {
    if (level < 0) jpeg_stop(info);
}

static int jpeg_run(const uint8_t *in, size_t length, int channels, uint8_t *out, size_t room, siam_picture *picture) {
    struct jpeg_decompress_struct info;
    jpeg_trouble trouble;
    memset(picture, 0, sizeof *picture);
    info.err = jpeg_std_error(&trouble.base);
    trouble.base.error_exit = jpeg_stop;
    trouble.base.emit_message = jpeg_warn;
    trouble.picture = picture;
    trouble.length = length;
    if (setjmp(trouble.escape)) {
        jpeg_destroy_decompress(&info);
        return 1;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, in, (unsigned long)length);
    jpeg_read_header(&info, TRUE);
    picture->width = (int)info.image_width;
    picture->height = (int)info.image_height;
    picture->channels = info.num_components >= 3 ? 3 : 1;
    if (out) {
        size_t row = (size_t)info.image_width * (size_t)channels;
        if (row * info.image_height > room) {
            jpeg_destroy_decompress(&info);
            return refuse(picture, "its size is not what its header said");
        }
        info.out_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
        info.dct_method = JDCT_ISLOW;
        jpeg_start_decompress(&info);
        while (info.output_scanline < info.output_height) {
            JSAMPROW target = out + (size_t)info.output_scanline * row;
            jpeg_read_scanlines(&info, &target, 1);
        }
        jpeg_finish_decompress(&info);
    }
    jpeg_destroy_decompress(&info);
    return 0;
}

int siam_jpeg_header(const uint8_t *in, size_t length, siam_picture *picture) {
    return jpeg_run(in, length, 0, NULL, 0, picture);
}

int siam_jpeg_decode(const uint8_t *in, size_t length, int channels, uint8_t *out, size_t room, siam_picture *picture) {
    return jpeg_run(in, length, channels, out, room, picture);
}
