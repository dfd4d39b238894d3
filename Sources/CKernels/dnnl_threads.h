// What the users of oneDNN in this room share: its engine and the calling thread's stream (NULL where it cannot start).
#ifndef SIAM_DNNL_THREADS_H
#define SIAM_DNNL_THREADS_H
#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
extern dnnl_engine_t siam_dnnl_engine;
dnnl_stream_t siam_dnnl_stream(void);
#endif
