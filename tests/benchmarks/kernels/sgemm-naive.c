/* The loop order that a C programmer takes: the innermost loop runs along the rows of B and C. */
void sgemmNaive(void **arguments)
{
    int m = *(int *)arguments[0];
    int n = *(int *)arguments[1];
    int k = *(int *)arguments[2];
    float alpha = *(float *)arguments[3];
    const float *restrict A = arguments[4];
    const float *restrict B = arguments[5];
    float beta = *(float *)arguments[6];
    float *restrict C = arguments[7];
#pragma omp parallel for
    for (int row = 0; row < m; row++) {
        float *restrict c = C + row * n;
        for (int column = 0; column < n; column++) c[column] *= beta;
        for (int i = 0; i < k; i++) {
            float a = alpha * A[row * k + i];
            for (int column = 0; column < n; column++) c[column] += a * B[i * n + column];
        }
    }
}
