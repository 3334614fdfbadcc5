void spmv(void **arguments)
{
    const int *restrict rowStarts = arguments[0];
    const int *restrict columns = arguments[1];
    const float *restrict values = arguments[2];
    const float *restrict x = arguments[3];
    float *restrict y = arguments[4];
    int rows = *(int *)arguments[5];
#pragma omp parallel for
    for (int row = 0; row < rows; row++) {
        float sum = 0.0f;
        for (int i = rowStarts[row]; i < rowStarts[row + 1]; i++) sum += values[i] * x[columns[i]];
        y[row] = sum;
    }
}
