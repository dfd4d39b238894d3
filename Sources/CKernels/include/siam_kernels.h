#ifndef SIAM_KERNELS_H
#define SIAM_KERNELS_H
#include <stddef.h>
#include <stdint.h>
#include "siam_tape.h"

// Every kernel takes the precision of its elements: 0 for float, 1 for double. Lengths are in elements. Callers check
// shapes; kernels do not. A dims pointer is to eight int32 lengths, outermost first.

/// Memory from the pool, 64-byte aligned; NULL where there is none.
void *siam_memory_take(ptrdiff_t bytes);
/// Gives memory back to the pool.
void siam_memory_give(void *memory, ptrdiff_t bytes);
/// Asks for few large pages for memory that will be written all over.
void siam_memory_few_pages(void *memory, ptrdiff_t bytes);
/// Bytes of live tensors now, and the most there ever were.
int64_t siam_memory_live(void);
int64_t siam_memory_peak(void);
/// The most that the process may use, a share of the machine's memory unless set; 0 sets it back to that.
int64_t siam_memory_budget(void);
void siam_memory_set_budget(int64_t bytes);
/// Lowers the budget to what is in use now and so many bytes more.
void siam_memory_allow_more(int64_t bytes);
/// Whether so many bytes more are within the budget.
int siam_memory_allows(int64_t bytes);

/// How many interrupts (Ctrl-C) have come since they were last taken, to read only; and the same, reset to 0.
volatile int *siam_interrupt_flag(void);
int siam_interrupt_take(void);
/// Adds an interrupt; returns the count.
int siam_interrupt_raise(void);
/// Ends the deferral of interrupts: one that is pending takes effect now.
void siam_interrupt_hurry(void);
/// Interrupts what runs where the process has more memory than its budget; whether it was that.
void siam_interrupt_for_memory(void);
int siam_interrupt_is_for_memory(void);
/// Sets whether an interrupt is deferred until the end of the current step; returns the previous setting.
int siam_interrupt_patience(int on);
/// Whether what runs is to stop now.
int siam_interrupt_is_due(void);

/// Gives the calling thread a stack of its own for the handler of faults.
void siam_fault_stack(void);
/// Runs `run(work)` on a thread of its own and returns 1 when it is finished. If an interrupt comes first, 0 is returned, the
/// thread goes on alone, and calls `drop(work)` when it is finished: `work` then no longer belongs to the caller.
int siam_run_apart(void (*run)(void *), void (*drop)(void *), void *work);

/// A number larger than all before it.
int64_t siam_next_number(void);

/// How many threads work on one kernel, the caller among them.
int siam_threads_count(void);
void siam_threads_set(int count);
// A copy of the process whose kernels work alone: 0 in the copy, its number in the caller, -1 where there is none to be had.
int siam_fork(void);
/// Work for a helper that has nothing else to do: done at some time, or never. What was offered before and nobody took, or NULL.
typedef void (*siam_errand)(void *context);
void *siam_threads_offer(siam_errand work, void *context);
typedef void (*siam_tile)(void *context, int64_t tile);
/// Runs tiles 0 ..< tiles; returns when all are done. The caller works too and waits only for tiles that have begun.
void siam_threads_run(int64_t tiles, siam_tile tile, void *context);
/// Products of at least this many multiplications stop at an interrupt: their caller has to check for one afterwards.
#define SIAM_LARGE_PRODUCT 1e9
/// The same for work that stops at an interrupt: returns 0 if tiles were skipped.
int siam_threads_run_while_wanted(int64_t tiles, siam_tile tile, void *context);

enum siam_unary_kind {
    SIAM_NEG, SIAM_ABS, SIAM_SIGN, SIAM_SQRT, SIAM_EXP, SIAM_LOG, SIAM_LOG1P, SIAM_EXPM1, SIAM_SIN, SIAM_COS,
    SIAM_TAN, SIAM_ASIN, SIAM_ACOS, SIAM_ATAN, SIAM_SINH, SIAM_COSH, SIAM_TANH, SIAM_SIGMOID, SIAM_RELU,
    SIAM_LEAKY, SIAM_ELU, SIAM_GELU, SIAM_SOFTPLUS, SIAM_ERF, SIAM_SQUARE, SIAM_RECIPROCAL, SIAM_FLOOR, SIAM_CEIL,
    SIAM_ROUND, SIAM_CLAMP, SIAM_ISNAN, SIAM_ISFINITE, SIAM_NOT, SIAM_STEP, SIAM_SCALE, SIAM_UNARY_COUNT
};
enum siam_binary_kind {
    SIAM_ADD, SIAM_SUB, SIAM_MUL, SIAM_DIV, SIAM_REM, SIAM_POW, SIAM_MAX, SIAM_MIN, SIAM_ATAN2, SIAM_EQ, SIAM_NE,
    SIAM_LT, SIAM_LE, SIAM_GT, SIAM_GE, SIAM_AND, SIAM_OR, SIAM_TANH_GRADIENT, SIAM_SIGMOID_GRADIENT,
    SIAM_RELU_GRADIENT, SIAM_BINARY_COUNT
};
/// out = f(x; p, q) elementwise.
void siam_unary(int kind, int precision, int64_t n, const void *x, void *out, double p, double q);
/// out = f(a, b) with broadcasting; the gradient kinds take (gradient, output).
void siam_binary(int kind, int precision, const void *a, int arank, const int32_t *adims, const void *b, int brank,
                 const int32_t *bdims, void *out, int rank, const int32_t *dims);
/// The same without broadcasting: mode 0 both full, 1 b is one number, 2 a is one number.
void siam_binary_flat(int kind, int precision, int64_t n, const void *a, const void *b, void *out, int mode);
/// out = c ? a : b, all of n elements.
void siam_select(int precision, int64_t n, const void *c, const void *a, int one_a, const void *b, int one_b, void *out);
/// to += from.
void siam_accumulate(int precision, int64_t n, const void *from, void *to);
void siam_fill(int precision, int64_t n, double value, void *out);
void siam_iota(int precision, int64_t n, double start, double step, void *out);
void siam_convert(int from, int to, int64_t n, const void *x, void *out);

enum siam_reduce_kind { SIAM_SUM, SIAM_PROD, SIAM_RMIN, SIAM_RMAX, SIAM_ARGMIN, SIAM_ARGMAX, SIAM_SUMSQ, SIAM_SUMDEV, SIAM_CUMSUM, SIAM_CUMPROD };
/// x is outer x r x inner; out is outer x inner (cumulative kinds: like x). SUMDEV sums squares of x - mean, twice passed.
void siam_reduce(int kind, int precision, int64_t outer, int64_t r, int64_t inner, const void *x, void *out);
/// Over rows: kind 0 softmax, 1 log softmax.
void siam_softmax(int kind, int precision, int64_t rows, int64_t n, const void *x, void *out);
/// gx from the gradient g and the output y of siam_softmax.
void siam_softmax_gradient(int kind, int precision, int64_t rows, int64_t n, const void *g, const void *y, void *gx);
void siam_logsumexp(int precision, int64_t rows, int64_t n, const void *x, void *out);
/// out row = x row / max(|x row|, eps); norms (may be NULL) gets |x row|.
void siam_l2norm(int precision, int64_t rows, int64_t n, double eps, const void *x, void *out, void *norms);
/// The gradient of siam_l2norm from its input x, its output y and the gradient g.
void siam_l2norm_gradient(int precision, int64_t rows, int64_t n, double eps, const void *x, const void *y, const void *g,
                          void *gx);
/// mean(same d^2 + (1 - same) max(0, margin - d)^2) over n distances, and its gradient at them, times g.
double siam_contrastive(int precision, int64_t n, double margin, const void *d, const void *same);
void siam_contrastive_gradient(int precision, int64_t n, double margin, const void *d, const void *same, double g, void *gd);
/// Distance of each row of a to its fellow in b. out may hold squares (root 0) or distances (root 1).
void siam_row_distance(int precision, int root, int64_t rows, int64_t n, const void *a, const void *b, void *out);
/// ga = g (a - b) / d per row, 0 where d = 0; gb = -ga; either may be NULL.
void siam_row_distance_gradient(int precision, int64_t rows, int64_t n, const void *a, const void *b, const void *d,
                                const void *g, void *ga, void *gb);
/// Of each row the sum of (a - b)^2, as siam_reduce adds up; n is SIAM_ROW_MOST or less.
enum { SIAM_ROW_MOST = 4096 };
void siam_row_squares(int precision, int64_t rows, int64_t n, const void *a, const void *b, void *out);
/// ga = 2 g (a - b), gb = -ga; either may be NULL.
void siam_row_squares_gradient(int precision, int64_t rows, int64_t n, const void *a, const void *b, const void *g, void *ga,
                               void *gb);
/// Of each row of distances d (n x n) the place of the farthest of its own class of y, itself aside, and of the nearest of
/// another, the first of equal ones and 0 where there is none, and 1 where it has both, else 0. 0 where a distance is not
/// between 0 and 1e30, or a class is no number: then nothing of it counts.
int siam_hardest(int64_t n, const float *d, const float *y, float *far, float *near, float *both);
/// q (m x n) holds a b^T; becomes |a|^2 + |b|^2 - 2 ab, clipped at 0, recomputed by differences where it nearly cancels.
/// 0 where an interrupt cut it short, or memory.
int siam_pairwise(int precision, int root, int64_t m, int64_t n, int64_t d, const void *a, const void *b, void *q);

/// d (rows x n): distances of queries first, first + 1, ... to all n points of classes y; share gets, for each query, the
/// part of its nearest others (all that tie for nearest) that is of its class. NaN counts as infinitely far.
void siam_nearest_share(int64_t rows, int64_t n, int64_t first, const float *d, const int32_t *y, double *share);

/// out (contiguous, of dims) = x read with the given strides; strides in elements, may be 0 or negative.
void siam_copy_strided(int precision, int rank, const int64_t *dims, const int64_t *strides, const void *x, void *out);
/// out[i...] = x[sum of tables[k][i_k]]; add != 0: out[sum] += x instead (x contiguous), add == 2: out[sum] = x.
void siam_gather(int precision, int rank, const int64_t *dims, const int64_t *const *tables, const void *x, void *out, int add);
/// out (count x width) = the rows of x (rows x width) at `places`, whole numbers, negative ones from the end; with `adds` the
/// rows x (count x width) are added in order to those of out (rows x width). 0, and nothing is done, where a place is none.
int siam_rows(int precision, int adds, int64_t rows, int64_t width, int64_t count, int places_precision, const void *places,
              const void *x, void *out);
/// The first k in order of each of `rows` rows of n, ascending (descending: largest first), stable, both zeros one, NaN
/// last; order gets their places, as doubles where `wide` and else as floats. out and order may be NULL, not both, and k is n
/// or less. 0 where an interrupt cut it short, or memory. The bits of x are kept, and do not depend on the threads.
int siam_sort(int precision, int descending, int64_t rows, int64_t n, int64_t k, const void *x, void *out, int wide,
              void *order);
/// Of sorted numbers the different ones and how often each occurs, all NaN being one; the number of them. kept and counts may
/// be NULL.
int64_t siam_runs(int precision, int64_t n, const void *sorted, void *kept, void *counts);
/// Of each row the number at a rank in ascending order with NaN last, a zero being positive, the one after it (itself
/// where it is the last) and how many are NaN. 0 where an interrupt cut it short, or memory.
int siam_ranked(int precision, int64_t rows, int64_t n, int64_t rank, const void *x, double *low, double *next,
                int64_t *nans);

/// Of the finite among n numbers the least, the greatest, their sum and the squares of what they are off the mean, and how
/// many are finite, NaN, minus infinity, and whole (below 1e9). 0 where an interrupt cut it short, as below.
typedef struct { double low, high, sum, squares; int64_t finite, nans, below, whole; } siam_extent;
int siam_extent_of(int precision, int64_t n, const void *x, int wants_deviations, siam_extent *extent);
/// How many of the finite numbers lie between each two of bins + 1 ascending edges, what is outside in the outermost.
int siam_occupancy(int precision, int64_t n, const void *x, int64_t bins, const double *edges, double *counts);
/// Of each piece of a series its first, least, greatest and last number in order of place, and how many are not finite
/// (with `positive`: or not above 0). out has ceil(n / piece) places.
typedef struct { int64_t lost, count, places[4]; double values[4]; } siam_thinned;
int siam_thin(int precision, int64_t n, const void *x, int positive, int64_t piece, siam_thinned *out);
/// least[r] = min(least[r], |x_r - centre|^2) in 64 bits.
void siam_nearer(int precision, int64_t rows, int64_t width, const void *x, const double *centre, double *least);
/// The place of the least of each row of k, the first of several.
void siam_nearest(int precision, int64_t rows, int64_t k, const void *distances, int32_t *labels);
/// The nearest of the centres of each row, the first of several: `centres` is width x lanes in the precision of x, lanes a
/// multiple of 32, those beyond the last centre infinite. 0 where it was broken off.
int siam_assign(int precision, int64_t rows, int64_t width, int64_t lanes, const void *x, const void *centres, int32_t *labels);
/// The sums in 64 bits of the rows of each label, 0 to k - 1, and how many there are; 0 where memory is short.
int siam_group_sums(int precision, int64_t rows, int64_t width, int64_t k, const void *x, const int32_t *labels,
                    double *sums, double *counts);
/// The rows in 64 bits less their mean, which is filled in; mean may be NULL: as they are. 0 where memory is short.
int siam_centred(int precision, int64_t rows, int64_t width, const void *x, double *mean, double *out);

/// out (width x width) = x^T x, for few columns; 0 where an interrupt cut it short, or memory.
int siam_gram(int64_t rows, int64_t width, const double *x, double *out);
/// out (rows x dim) = x axes^T, for few axes.
void siam_project(int64_t rows, int64_t width, int64_t dim, const double *x, const double *axes, double *out);

/// n random numbers, low + scale times uniform ones in [0, 1) (kind 0) or standard normal ones (1), of a stream that belongs to
/// the seed. The same on every machine and on any number of threads. 0 where an interrupt cut it short.
int siam_draw(int kind, int precision, int64_t n, uint64_t seed, double low, double scale, void *out);

/// The k nearest rows of x (n x d, finite) to each row of q (m x d): their places and, where wanted, squared distances, equal
/// ones in order of place. With own from 0 on row i of q is row own + i of x, which does not count. 0 where an interrupt cut
/// it short, or memory.
int siam_neighbours(int64_t m, int64_t n, int64_t d, const float *q, const float *x, int64_t k, int64_t own, int32_t *places,
                    float *squares);
/// For each row of x the part of its nearest others (all that tie for nearest) that is of its class.
int siam_nearest_shares(int64_t n, int64_t d, const float *x, const int32_t *classes, double *shares);

/// t-SNE. Of each row's k squared distances the probabilities of the given perplexity; 0 where an interrupt cut it short, or
/// memory, as below.
int siam_tsne_widths(int64_t n, int64_t k, const double *squares, double perplexity, double *p);
/// All squared distances (n x n) of the rows of x.
int siam_tsne_squares(int64_t n, int64_t d, const double *x, double *out);
/// The joint probabilities of each point's k nearest: starts has n + 1 places, others and values 2 n k.
int siam_tsne_join(int64_t n, int64_t k, const int32_t *places, const double *p, int64_t *starts, int32_t *others,
                   double *values);
/// The gradient at n points of the plane, of joint probabilities (n x n), their pull times `exaggeration`.
int siam_tsne_exact(int64_t n, const double *joint, const double *points, double exaggeration, double *gradient);
/// The same of few probabilities a point, those of point i at starts[i] ..< starts[i + 1], and by groups of points whose width
/// is less than `openness` of their distance.
int siam_tsne_grouped(int64_t n, const int64_t *starts, const int32_t *others, const double *values, const double *points,
                      double exaggeration, double openness, double *gradient);
/// One step with momentum and a gain of its own for each coordinate.
void siam_tsne_move(int64_t n, double rate, double momentum, const double *gradient, double *speed, double *gains,
                    double *points);

/// c (m x n) = op(a) op(b), added to what is there when accumulate != 0. ta: a is stored k x m; tb: b is stored n x k.
void siam_matmul(int precision, int ta, int tb, int64_t m, int64_t n, int64_t k, const void *a, const void *b, void *c,
                 int accumulate);
/// c = act(a b + bias); activation 0 none, 1 relu, 2 tanh, 3 sigmoid; bias may be NULL, and so may packed, which is b by siam_pack.
void siam_affine(int precision, int activation, int64_t m, int64_t n, int64_t k, const void *a, const void *b,
                 const void *bias, const void *packed, void *c);
/// Bytes of b (k x n, 32 bits) as products read it; 0 where they read it as it is.
ptrdiff_t siam_packed_bytes(int64_t n, int64_t k);
void siam_pack(int64_t n, int64_t k, const float *b, float *packed);
/// Its gradients at x (rows x k), w (k x n) and b, each of which may be NULL, from its result y and the gradient g there; the
/// one at w is added to what stands there where `adds`. 0 where memory is short.
int siam_affine_gradient(int precision, int activation, int64_t rows, int64_t n, int64_t k, const void *x, const void *w,
                         const void *y, const void *g, void *gx, void *gw, int adds, void *gb);

typedef struct {
    int64_t batch, height, width, channels;
    int64_t kernel_height, kernel_width, filters;
    int64_t out_height, out_width;
    int64_t stride_height, stride_width, dilation_height, dilation_width;
    int64_t pad_top, pad_left;
} siam_window;
/// NHWC, weights HWIO; bias and relu may be fused (bias NULL for none). Each 0 where an interrupt cut it short.
int siam_conv(int precision, const siam_window *s, const void *x, const void *w, const void *bias, int relu, void *y);
int siam_conv_input_gradient(int precision, const siam_window *s, const void *g, const void *w, void *gx);
int siam_conv_weight_gradient(int precision, const siam_window *s, const void *x, const void *g, void *gw);
/// y = maxpool(relu(conv(x, w) + bias)) block by block of images, the convolution's result never kept whole; bias may be
/// NULL. 0 where memory is short or an interrupt cut it short.
int siam_conv_pool(int precision, const siam_window *s, const siam_window *p, const void *x, const void *w,
                   const void *bias, int relu, void *y, int32_t *places);
/// Its gradients at x, w and bias (each may be NULL), from its result y, the places and the gradient g.
int siam_conv_pool_gradient(int precision, const siam_window *s, const siam_window *p, const void *x, const void *w,
                            const void *y, const int32_t *places, const void *g, int relu, void *gx, void *gw, void *gb);
/// Takes the largest of each window; places (int32, may be NULL) gets the flat place inside the image.
void siam_maxpool(int precision, const siam_window *s, const void *x, void *y, int32_t *places);
void siam_maxpool_spread(int precision, const siam_window *s, const void *g, const int32_t *places, void *gx);
void siam_maxpool_pick(int precision, const siam_window *s, const void *x, const int32_t *places, void *y);
/// The mean of each window over the elements inside the image.
void siam_avgpool(int precision, const siam_window *s, const void *x, void *y);
void siam_avgpool_spread(int precision, const siam_window *s, const void *g, void *gx);

/// One fused pass of an optimizer over a parameter: reads w, g and the moments, writes the new ones (in place or apart).
enum siam_update_kind { SIAM_SGD, SIAM_MOMENTUM, SIAM_NESTEROV, SIAM_ADAM, SIAM_ADAMW, SIAM_RMSPROP, SIAM_ADAGRAD };
typedef struct {
    double rate, first, second, eps, decay, scale, correction1, correction2;
} siam_update_settings;
void siam_update(int kind, int precision, int64_t n, const siam_update_settings *s, const void *w, const void *g,
                 void *w_out, void *m, void *v);
double siam_sum_squares(int precision, int64_t n, const void *x);
int siam_all_finite(int precision, int64_t n, const void *x);

/// LAPACK, found when first asked for; 0 where it is not there. Matrices are column-major, as it has them.
/// Large calls run on another thread: SIAM_LAPACK_LEFT if an interrupt came; the results are then not valid.
enum { SIAM_LAPACK_NO_MEMORY = -1000, SIAM_LAPACK_LEFT = -2000 };
int siam_lapack_ready(void);
/// Whether a (n x n) differs from itself turned by at most this part of its largest number.
int siam_is_symmetric(int64_t n, const double *a, double part);
int siam_lapack_svd(int m, int n, double *a, double *s, double *u, double *vt);
/// Of a row by row its upper half is read; it becomes the eigenvectors, row by row: a column each.
int siam_lapack_eigh(int n, double *a, double *w);
int siam_lapack_qr(int m, int n, double *a, double *r);
int siam_lapack_solve(int n, int rhs, double *a, double *b);

/// The name of a content: 16 bytes of BLAKE2b, the same on every machine.
typedef struct {
    uint64_t state[8];
    uint64_t length;
    int64_t held;
    uint8_t block[128];
} siam_digest;
void siam_digest_begin(siam_digest *s);
void siam_digest_add(siam_digest *s, const void *bytes, int64_t count);
void siam_digest_end(siam_digest *s, uint64_t out[2]);

#endif
