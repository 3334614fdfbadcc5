// Sum and maximum of an array: each block folds its share in shared memory, whose size the launch chooses, halving the number
// of working threads after each barrier; one thread a block then adds the block's result to the total with an atomic.
//
//     nvcc -O3 block-reduction.cu -o block-reduction && ./block-reduction
//     cuda-wasm run block-reduction.launch.json

#include <cstdio>
#include <cstdlib>
#include <vector>

#include <cuda_runtime.h>

#define CHECK(call)                                                                          \
    do {                                                                                     \
        cudaError_t status = (call);                                                         \
        if (status != cudaSuccess) {                                                         \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(status)); \
            std::exit(EXIT_FAILURE);                                                         \
        }                                                                                    \
    } while (0)

__device__ int larger(int a, int b)
{
    return a > b ? a : b;
}

// Shared memory: two ints a thread, sums first. blockDim.x is a power of two.
__global__ void blockReduction(const int *__restrict__ values, int count, int *total, int *maximum)
{
    extern __shared__ int shared[];
    int *sums = shared;
    int *maxima = shared + blockDim.x;

    const unsigned int thread = threadIdx.x;
    int sum = 0;
    int most = -2147483647 - 1;
    for (int i = blockIdx.x * blockDim.x + thread; i < count; i += blockDim.x * gridDim.x) {
        sum += values[i];
        most = larger(most, values[i]);
    }

    sums[thread] = sum;
    maxima[thread] = most;
    __syncthreads();

    for (unsigned int half = blockDim.x / 2; half > 0; half >>= 1) {
        if (thread < half) {
            sums[thread] += sums[thread + half];
            maxima[thread] = larger(maxima[thread], maxima[thread + half]);
        }
        __syncthreads();
    }

    if (thread == 0) {
        atomicAdd(total, sums[0]);
        atomicMax(maximum, maxima[0]);
    }
}

int main()
{
    const int count = 1000003;
    std::vector<int> values(count);
    int expectedTotal = 0;
    for (int i = 0; i < count; i++) {
        values[i] = (i * 37) % 1009 - 500;
        expectedTotal += values[i];
    }

    int *deviceValues = nullptr, *deviceTotal = nullptr, *deviceMaximum = nullptr;
    int total = 0, maximum = -1000000;
    CHECK(cudaMalloc(&deviceValues, count * sizeof(int)));
    CHECK(cudaMalloc(&deviceTotal, sizeof(int)));
    CHECK(cudaMalloc(&deviceMaximum, sizeof(int)));
    CHECK(cudaMemcpy(deviceValues, values.data(), count * sizeof(int), cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy(deviceTotal, &total, sizeof(int), cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy(deviceMaximum, &maximum, sizeof(int), cudaMemcpyHostToDevice));

    const int block = 256;
    blockReduction<<<64, block, 2 * block * sizeof(int)>>>(deviceValues, count, deviceTotal, deviceMaximum);
    CHECK(cudaGetLastError());
    CHECK(cudaMemcpy(&total, deviceTotal, sizeof(int), cudaMemcpyDeviceToHost));
    CHECK(cudaMemcpy(&maximum, deviceMaximum, sizeof(int), cudaMemcpyDeviceToHost));

    const bool right = total == expectedTotal && maximum == 508;
    std::printf("block-reduction: total %d (%d expected), maximum %d (508 expected)\n", total, expectedTotal, maximum);
    CHECK(cudaFree(deviceValues));
    CHECK(cudaFree(deviceTotal));
    CHECK(cudaFree(deviceMaximum));
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
