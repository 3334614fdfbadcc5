void sgemmTiled(void **arguments)
{
    const float *restrict A = arguments[0];
    const float *restrict B = arguments[1];
    float *restrict C = arguments[2];
    int m = *(int *)arguments[3];
    int n = *(int *)arguments[4];
    int k = *(int *)arguments[5];
#pragma omp parallel for
    for (int row = 0; row < m; row++) {
        float *restrict c = C + row * n;
        for (int column = 0; column < n; column++) c[column] = 0.0f;
        for (int i = 0; i < k; i++) {
            float a = A[row * k + i];
            for (int column = 0; column < n; column++) c[column] += a * B[i * n + column];
        }
    }
}
