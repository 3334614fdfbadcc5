#define BLOCK 256
#define WARP 32

__inline__ __device__ float warpSum(float value)
{
    for (int offset = WARP / 2; offset > 0; offset /= 2) value += __shfl_down_sync(0xffffffff, value, offset);
    return value;
}

__global__ void reduceShuffle(const float *in, float *out, int n)
{
    __shared__ float sums[BLOCK / WARP];

    float sum = 0.0f;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += in[i];

    int lane = threadIdx.x % WARP;
    int warp = threadIdx.x / WARP;
    sum = warpSum(sum);
    if (lane == 0) sums[warp] = sum;
    __syncthreads();

    if (warp == 0) {
        sum = lane < BLOCK / WARP ? sums[lane] : 0.0f;
        sum = warpSum(sum);
        if (lane == 0) out[blockIdx.x] = sum;
    }
}
