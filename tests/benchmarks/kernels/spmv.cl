#define WARP 32
#define BLOCK 256

__kernel void spmv(__global const int *rowStarts, __global const int *columns, __global const float *values, __global const float *x, __global float *y, int rows)
{
    __local float lanes[BLOCK];

    int t = get_local_id(0);
    int row = get_global_id(0) / WARP;
    int lane = t % WARP;
    float sum = 0.0f;
    if (row < rows) {
        for (int i = rowStarts[row] + lane; i < rowStarts[row + 1]; i += WARP) sum += values[i] * x[columns[i]];
    }
    lanes[t] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int offset = WARP / 2; offset > 0; offset /= 2) {
        if (lane < offset) lanes[t] += lanes[t + offset];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (row < rows && lane == 0) y[row] = lanes[t];
}
