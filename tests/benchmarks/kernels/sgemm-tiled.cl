#define TILE 16

__kernel void sgemmTiled(__global const float *A, __global const float *B, __global float *C, int m, int n, int k)
{
    __local float a[TILE][TILE];
    __local float b[TILE][TILE];

    int tx = get_local_id(0);
    int ty = get_local_id(1);
    int row = get_group_id(1) * TILE + ty;
    int column = get_group_id(0) * TILE + tx;
    float sum = 0.0f;

    for (int tile = 0; tile < (k + TILE - 1) / TILE; tile++) {
        int i = tile * TILE + tx;
        int j = tile * TILE + ty;
        a[ty][tx] = row < m && i < k ? A[row * k + i] : 0.0f;
        b[ty][tx] = j < k && column < n ? B[j * n + column] : 0.0f;
        barrier(CLK_LOCAL_MEM_FENCE);

#pragma unroll
        for (int t = 0; t < TILE; t++) sum += a[ty][t] * b[t][tx];
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    if (row < m && column < n) C[row * n + column] = sum;
}
