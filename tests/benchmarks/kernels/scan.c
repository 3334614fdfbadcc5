#include <omp.h>

#define MAX_THREADS 1024

void scan(void **arguments)
{
    const unsigned *in = arguments[0];
    unsigned *out = arguments[1];
    int n = *(int *)arguments[2];
    unsigned sums[MAX_THREADS] = {0};
#pragma omp parallel
    {
        int threads = omp_get_num_threads();
        int me = omp_get_thread_num();
        int first = (long long)n * me / threads;
        int end = (long long)n * (me + 1) / threads;
        unsigned sum = 0;
        for (int i = first; i < end; i++) sum += in[i];
        sums[me] = sum;
#pragma omp barrier
        sum = 0;
        for (int i = 0; i < me; i++) sum += sums[i];
        for (int i = first; i < end; i++) {
            sum += in[i];
            out[i] = sum;
        }
    }
}
