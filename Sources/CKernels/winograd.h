// Convolution of 3 x 3 by fewer multiplications (Winograd's F(2 x 2, 3 x 3); Lavin and Gray, 2016), in 32 bits.
#ifndef SIAM_WINOGRAD_H
#define SIAM_WINOGRAD_H
#include "common.h"
typedef struct {
    /// Of the padded image; rows of tiles of 2 x 2 places of the result, all and at a time; tiles of a row; how far apart the 16
    /// tables of tiles are before and behind the product.
    int64_t height, width, down, band, across, channels, filters, out_height, out_width, inner, outer;
} winograd;
/// Whether this method supports a convolution; fills in what the other functions need.
int siam_winograd_of(const siam_window *s, winograd *n);
/// Floats of the weights as they are used, made once for all images, and of the room for one image.
int64_t siam_winograd_weights(const winograd *n);
int64_t siam_winograd_room(const winograd *n);
void siam_winograd_prepare(const winograd *n, const float *w, float *u);
/// An image into the room, which was 0 before the first; then, tile row by tile row from 0 on, two rows of its result each.
void siam_winograd_pad(const siam_window *s, const winograd *n, const float *x, float *room);
void siam_winograd_rows(const winograd *n, int64_t tile, const float *u, const float *bias, int relu, float *room, float *y);
#endif
