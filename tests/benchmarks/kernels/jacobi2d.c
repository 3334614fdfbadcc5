static void sweep(const float *restrict in, float *restrict out, int n)
{
#pragma omp parallel for
    for (int y = 1; y < n - 1; y++) {
        for (int x = 1; x < n - 1; x++) {
            out[y * n + x] = 0.2f * (in[y * n + x] + in[y * n + x - 1] + in[y * n + x + 1] + in[(y - 1) * n + x] + in[(y + 1) * n + x]);
        }
    }
}

void jacobi2d(void **arguments)
{
    float *a = arguments[0];
    float *b = arguments[1];
    int n = *(int *)arguments[2];
    int sweeps = *(int *)arguments[3];
    for (int i = 0; i < sweeps; i += 2) {
        sweep(a, b, n);
        sweep(b, a, n);
    }
}
