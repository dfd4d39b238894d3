// The convolutions of our own in 32 bits: of few channels, and of 3 x 3 by fewer multiplications. Both give two rows of an
// image's result at a time; the result of an image does not depend on the others in the batch.
#ifndef SIAM_OWN_H
#define SIAM_OWN_H
#include "narrow.h"
#include "winograd.h"
typedef struct {
    enum { OWN_NONE, OWN_NARROW, OWN_TILES } kind;
    siam_window window;
    narrow few;
    winograd tiles;
    const float *w;
    float *made;
    ptrdiff_t bytes;
} own_way;
/// The method for a convolution of these weights, or for its gradient with respect to the images; OWN_NONE if none supports it, or
/// if memory cannot be allocated. Each begin is followed by an end.
void siam_own_begin(own_way *o, const siam_window *s, const float *w);
void siam_own_begin_back(own_way *o, const siam_window *s, const float *w);
void siam_own_end(own_way *o);
/// Floats of the room for one image; it is to be 0 before the first.
int64_t siam_own_room(const own_way *o);
void siam_own_image(const own_way *o, const float *x, float *room);
/// The result's rows 2 pair and 2 pair + 1, pair after pair from 0 on.
void siam_own_rows(const own_way *o, int64_t pair, const float *bias, int relu, float *room, float *y);
#endif
