#define BINS 256

void histogram(void **arguments)
{
    const unsigned char *data = arguments[0];
    unsigned *bins = arguments[1];
    int n = *(int *)arguments[2];
#pragma omp parallel
    {
        unsigned local[BINS] = {0};
#pragma omp for
        for (int i = 0; i < n; i++) local[data[i]]++;
#pragma omp critical
        for (int i = 0; i < BINS; i++) bins[i] += local[i];
    }
}
