void triad(void **arguments)
{
    float *restrict a = arguments[0];
    const float *restrict b = arguments[1];
    const float *restrict c = arguments[2];
    float scale = *(float *)arguments[3];
    int n = *(int *)arguments[4];
#pragma omp parallel for
    for (int i = 0; i < n; i++) a[i] = b[i] + scale * c[i];
}
