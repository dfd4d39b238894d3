#include "own.h"
#include <string.h>

static void begin(own_way *o, const float *w) {
    if (siam_narrow_of(&o->window, &o->few)) {
        o->kind = OWN_NARROW;
        o->w = w;
        return;
    }
    if (!siam_winograd_of(&o->window, &o->tiles)) return;
    o->bytes = (ptrdiff_t)siam_winograd_weights(&o->tiles) * 4;
    o->made = siam_memory_take(o->bytes);
    if (!o->made) return;
    siam_winograd_prepare(&o->tiles, w, o->made);
    o->kind = OWN_TILES;
}

void siam_own_begin(own_way *o, const siam_window *s, const float *w) {
    memset(o, 0, sizeof *o);
    o->window = *s;
    begin(o, w);
}

void siam_own_begin_back(own_way *o, const siam_window *s, const float *w) {
    // The gradient at the images is a convolution of the gradient at the result, with the kernel rotated by 180 degrees.
    memset(o, 0, sizeof *o);
    if (s->kernel_height != 3 || s->kernel_width != 3 || s->stride_height != 1 || s->stride_width != 1
        || s->dilation_height != 1 || s->dilation_width != 1 || s->pad_top > 2 || s->pad_left > 2) return;
    int64_t c = s->channels, f = s->filters;
    o->window = (siam_window){s->batch, s->out_height, s->out_width, f, 3, 3, c, s->height, s->width, 1, 1, 1, 1,
                              2 - s->pad_top, 2 - s->pad_left};
    if (siam_narrow_of(&o->window, &o->few) || !siam_winograd_of(&o->window, &o->tiles)) return;
    ptrdiff_t bytes = (ptrdiff_t)(9 * c * f) * 4;
    float *turned = siam_memory_take(bytes);
    if (!turned) return;
    for (int64_t k = 0; k < 9; k++)
        for (int64_t a = 0; a < c; a++)
            for (int64_t b = 0; b < f; b++) turned[(k * f + b) * c + a] = w[((8 - k) * c + a) * f + b];
    begin(o, turned);
    siam_memory_give(turned, bytes);
}

void siam_own_end(own_way *o) {
    if (o->made) siam_memory_give(o->made, o->bytes);
    memset(o, 0, sizeof *o);
}

int64_t siam_own_room(const own_way *o) {
    return o->kind == OWN_NARROW ? siam_narrow_room(&o->window, &o->few) : siam_winograd_room(&o->tiles);
}
void siam_own_image(const own_way *o, const float *x, float *room) {
    if (o->kind == OWN_NARROW) siam_narrow_pad(&o->window, &o->few, x, room);
    else siam_winograd_pad(&o->window, &o->tiles, x, room);
}
void siam_own_rows(const own_way *o, int64_t pair, const float *bias, int relu, float *room, float *y) {
    if (o->kind == OWN_TILES) {
        siam_winograd_rows(&o->tiles, pair, o->made, bias, relu, room, y);
        return;
    }
    int64_t rows = o->window.out_height - 2 * pair < 2 ? 1 : 2;
    siam_narrow_rows(&o->window, &o->few, 2 * pair, rows, room, o->w, bias, relu, y);
}
