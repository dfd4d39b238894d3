// A convolution in 32 bits by oneDNN, and what its callers share.
#ifndef SIAM_CONVOLUTION_H
#define SIAM_CONVOLUTION_H
#include "common.h"
#include "dnnl_threads.h"
enum { FORWARD, INPUT, WEIGHT };
typedef struct { siam_window s; int64_t kind, relu, bias; } conv_key;
/// Packed weights, made once a call for all of its tiles, and their layout.
typedef struct { void *memory; ptrdiff_t bytes; dnnl_memory_desc_t layout; } packed_weights;
/// x, w, y of the kind: forward reads x, w and writes y; input reads y, w, writes x; weight reads x, y, writes w. 0 where oneDNN
/// cannot.
int siam_dnnl_conv(const conv_key *key, void *x, void *w, void *y, void *bias, const packed_weights *packed);
/// The weights in the layout that a whole tile's primitive wants; memory NULL where each tile must pack its own.
packed_weights siam_dnnl_pack(const conv_key *key, int64_t images, const void *w);
#endif
