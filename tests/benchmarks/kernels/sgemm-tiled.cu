#define TILE 16

__global__ void sgemmTiled(const float *A, const float *B, float *C, int m, int n, int k)
{
    __shared__ float a[TILE][TILE];
    __shared__ float b[TILE][TILE];

    int row = blockIdx.y * TILE + threadIdx.y;
    int column = blockIdx.x * TILE + threadIdx.x;
    float sum = 0.0f;

    for (int tile = 0; tile < (k + TILE - 1) / TILE; tile++) {
        int i = tile * TILE + threadIdx.x;
        int j = tile * TILE + threadIdx.y;
        a[threadIdx.y][threadIdx.x] = row < m && i < k ? A[row * k + i] : 0.0f;
        b[threadIdx.y][threadIdx.x] = j < k && column < n ? B[j * n + column] : 0.0f;
        __syncthreads();

#pragma unroll
        for (int t = 0; t < TILE; t++) sum += a[threadIdx.y][t] * b[t][threadIdx.x];
        __syncthreads();
    }

    if (row < m && column < n) C[row * n + column] = sum;
}
