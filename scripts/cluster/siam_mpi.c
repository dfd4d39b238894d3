// What siam needs of MPI, four functions: built by scripts/cluster/mpi, opened by siam --data-parallel.
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

static int given;

int siam_mpi_begin(int *rank, int *size) {
    int there = 0;
    MPI_Initialized(&there);
    if (!there && MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &given) != MPI_SUCCESS) return 1;
    // Errors are returned, so that the remaining processes can save the run.
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    return MPI_Comm_rank(MPI_COMM_WORLD, rank) != MPI_SUCCESS || MPI_Comm_size(MPI_COMM_WORLD, size) != MPI_SUCCESS;
}

// Whether another thread may call, while this one does not.
int siam_mpi_threads(void) { return given >= MPI_THREAD_SERIALIZED; }

// Microseconds that each message is made to take longer: for scripts/cluster/scaling, which looks at slow networks.
#ifndef SIAM_MPI_DELAY
#define SIAM_MPI_DELAY 0
#endif

// 0 done, 1 asked to stop, else 1000 and the number of the error.
int siam_mpi_swap(int partner, const void *send, void *receive, long sent, long received, int (*stop)(void)) {
    MPI_Request both[2];
    int done = 0;
    if (SIAM_MPI_DELAY) nanosleep(&(struct timespec){.tv_nsec = SIAM_MPI_DELAY * 1000L}, NULL);
    int code = MPI_Irecv(receive, (int)received, MPI_BYTE, partner, 7, MPI_COMM_WORLD, &both[0]);
    if (code != MPI_SUCCESS) return 1000 + code;
    code = MPI_Isend(send, (int)sent, MPI_BYTE, partner, 7, MPI_COMM_WORLD, &both[1]);
    if (code != MPI_SUCCESS) return 1000 + code;
    for (long round = 0; !done; round++) {
        code = MPI_Testall(2, both, &done, MPI_STATUSES_IGNORE);
        if (code != MPI_SUCCESS) return 1000 + code;
        if (done) break;
        if (stop()) return 1;
        // Others may need this core to get to the same place.
        if (round > 200) sched_yield();
        if (round > 20000) nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    }
    return 0;
}

void siam_mpi_end(void) { MPI_Finalize(); }
