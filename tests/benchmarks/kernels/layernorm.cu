// One block a row; mean and variance in one pass.
#define BLOCK 256
#define WARP 32

template <typename T>
__device__ T blockSum(T value, T *scratch)
{
    for (int offset = WARP / 2; offset > 0; offset /= 2) value += __shfl_xor_sync(0xffffffff, value, offset);
    if (threadIdx.x % WARP == 0) scratch[threadIdx.x / WARP] = value;
    __syncthreads();
    T sum = 0;
    for (int i = 0; i < BLOCK / WARP; i++) sum += scratch[i];
    __syncthreads();
    return sum;
}

__global__ void layernorm(const float *in, const float *gamma, const float *beta, float *out, int columns, float epsilon)
{
    __shared__ float scratch[BLOCK / WARP];

    const float *row = in + (size_t)blockIdx.x * columns;
    float sum = 0.0f, squares = 0.0f;
    for (int i = threadIdx.x; i < columns; i += BLOCK) {
        float v = row[i];
        sum += v;
        squares += v * v;
    }
    float mean = blockSum(sum, scratch) / columns;
    float variance = blockSum(squares, scratch) / columns - mean * mean;
    float scale = rsqrtf(variance + epsilon);
    for (int i = threadIdx.x; i < columns; i += BLOCK) {
        out[(size_t)blockIdx.x * columns + i] = (row[i] - mean) * scale * gamma[i] + beta[i];
    }
}
