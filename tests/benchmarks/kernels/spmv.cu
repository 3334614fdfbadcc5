// Compressed sparse rows, one warp a row.
#define WARP 32

__global__ void spmv(const int *rowStarts, const int *columns, const float *values, const float *x, float *y, int rows)
{
    int thread = blockIdx.x * blockDim.x + threadIdx.x;
    int row = thread / WARP;
    int lane = thread % WARP;
    if (row >= rows) return;

    float sum = 0.0f;
    for (int i = rowStarts[row] + lane; i < rowStarts[row + 1]; i += WARP) sum += values[i] * x[columns[i]];
    for (int offset = WARP / 2; offset > 0; offset /= 2) sum += __shfl_down_sync(0xffffffff, sum, offset);
    if (lane == 0) y[row] = sum;
}
