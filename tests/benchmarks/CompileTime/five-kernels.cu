// Five kernels with their host program, as long as a file of that kind usually is: what tests/benchmarks/CompileTime compiles.
// saxpy: y = a * x + y, one thread an element, with a grid-stride loop so that any grid will do.
//
//     nvcc -O3 saxpy.cu -o saxpy && ./saxpy
//     cuda-wasm run saxpy.launch.json

#include <cmath>
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

__global__ void saxpy(int n, float a, const float *__restrict__ x, float *__restrict__ y)
{
    const int stride = blockDim.x * gridDim.x;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride)
        y[i] = a * x[i] + y[i];
}

static int run0()
{
    const int n = 1 << 20;
    const float a = 2.0f;
    std::vector<float> x(n), y(n);
    for (int i = 0; i < n; i++) {
        x[i] = static_cast<float>(i % 1000);
        y[i] = 1.0f;
    }

    float *deviceX = nullptr;
    float *deviceY = nullptr;
    CHECK(cudaMalloc(&deviceX, n * sizeof(float)));
    CHECK(cudaMalloc(&deviceY, n * sizeof(float)));
    CHECK(cudaMemcpy(deviceX, x.data(), n * sizeof(float), cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy(deviceY, y.data(), n * sizeof(float), cudaMemcpyHostToDevice));

    saxpy<<<256, 256>>>(n, a, deviceX, deviceY);
    CHECK(cudaGetLastError());
    CHECK(cudaMemcpy(y.data(), deviceY, n * sizeof(float), cudaMemcpyDeviceToHost));

    int wrong = 0;
    for (int i = 0; i < n; i++)
        wrong += std::fabs(y[i] - (a * x[i] + 1.0f)) > 1e-4f;

    std::printf("saxpy: %d elements, %d wrong\n", n, wrong);
    CHECK(cudaFree(deviceX));
    CHECK(cudaFree(deviceY));
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

// One step of heat spreading over a plate: next = now + rate * (sum of the four neighbours - 4 * now). The edge of the plate is
// held at its temperature. A block loads its square of the plate and a one-cell rim around it into shared memory.
//
//     nvcc -O3 heat-stencil.cu -o heat-stencil && ./heat-stencil
//     cuda-wasm run heat-stencil.launch.json

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include <cuda_runtime.h>

#define BLOCK_WIDTH 32
#define BLOCK_HEIGHT 8

#define CHECK(call)                                                                          \
    do {                                                                                     \
        cudaError_t status = (call);                                                         \
        if (status != cudaSuccess) {                                                         \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(status)); \
            std::exit(EXIT_FAILURE);                                                         \
        }                                                                                    \
    } while (0)

__constant__ float rate = 0.2f; // stable up to 0.25

__device__ __forceinline__ int clampTo(int value, int last)
{
    return min(max(value, 0), last);
}

// now, next: height x width, row-major.
__global__ void heatStep(const float *__restrict__ now, float *__restrict__ next, int width, int height)
{
    __shared__ float plate[BLOCK_HEIGHT + 2][BLOCK_WIDTH + 2];

    const int left = blockIdx.x * BLOCK_WIDTH - 1;
    const int top = blockIdx.y * BLOCK_HEIGHT - 1;
    for (int row = threadIdx.y; row < BLOCK_HEIGHT + 2; row += BLOCK_HEIGHT) {
        for (int column = threadIdx.x; column < BLOCK_WIDTH + 2; column += BLOCK_WIDTH)
            plate[row][column] = now[clampTo(top + row, height - 1) * width + clampTo(left + column, width - 1)];
    }
    __syncthreads();

    const int x = blockIdx.x * BLOCK_WIDTH + threadIdx.x;
    const int y = blockIdx.y * BLOCK_HEIGHT + threadIdx.y;
    if (x >= width || y >= height)
        return;

    const int column = threadIdx.x + 1;
    const int row = threadIdx.y + 1;
    const float here = plate[row][column];
    const bool edge = x == 0 || y == 0 || x == width - 1 || y == height - 1;
    const float neighbours = plate[row - 1][column] + plate[row + 1][column] + plate[row][column - 1] + plate[row][column + 1];
    next[y * width + x] = edge ? here : here + rate * (neighbours - 4.0f * here);
}

static int run1()
{
    const int width = 200, height = 150, steps = 100;
    std::vector<float> plate(width * height, 20.0f);
    for (int x = 0; x < width; x++)
        plate[x] = 100.0f; // a hot upper edge

    std::vector<float> expected = plate, scratch = plate;
    for (int step = 0; step < steps; step++) {
        for (int y = 1; y < height - 1; y++) {
            for (int x = 1; x < width - 1; x++) {
                const int i = y * width + x;
                const float around = expected[i - width] + expected[i + width] + expected[i - 1] + expected[i + 1];
                scratch[i] = expected[i] + 0.2f * (around - 4.0f * expected[i]);
            }
        }
        std::swap(expected, scratch);
    }

    float *now = nullptr, *next = nullptr;
    const size_t bytes = plate.size() * sizeof(float);
    CHECK(cudaMalloc(&now, bytes));
    CHECK(cudaMalloc(&next, bytes));
    CHECK(cudaMemcpy(now, plate.data(), bytes, cudaMemcpyHostToDevice));

    const dim3 block(BLOCK_WIDTH, BLOCK_HEIGHT);
    const dim3 grid((width + BLOCK_WIDTH - 1) / BLOCK_WIDTH, (height + BLOCK_HEIGHT - 1) / BLOCK_HEIGHT);
    for (int step = 0; step < steps; step++) {
        heatStep<<<grid, block>>>(now, next, width, height);
        CHECK(cudaGetLastError());
        std::swap(now, next);
    }
    CHECK(cudaMemcpy(plate.data(), now, bytes, cudaMemcpyDeviceToHost));

    int wrong = 0;
    for (size_t i = 0; i < plate.size(); i++)
        wrong += std::fabs(plate[i] - expected[i]) > 1e-3f;

    std::printf("heat-stencil: %d x %d, %d steps, %d wrong\n", width, height, steps, wrong);
    CHECK(cudaFree(now));
    CHECK(cudaFree(next));
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

// C = A * B for row-major matrices of any size. A block computes a TILE x TILE square of C: it walks along a row of tiles of
// A and a column of tiles of B, and its threads load each pair of tiles into shared memory together, so that every element
// comes from global memory once a tile instead of TILE times.
//
//     nvcc -O3 matrix-multiply.cu -o matrix-multiply && ./matrix-multiply
//     cuda-wasm run matrix-multiply.launch.json

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <cuda_runtime.h>

#ifndef TILE
#define TILE 16
#endif

#define CHECK(call)                                                                          \
    do {                                                                                     \
        cudaError_t status = (call);                                                         \
        if (status != cudaSuccess) {                                                         \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(status)); \
            std::exit(EXIT_FAILURE);                                                         \
        }                                                                                    \
    } while (0)

// a: rows x inner, b: inner x columns, c: rows x columns.
__global__ void matrixMultiply(
    const float *__restrict__ a, const float *__restrict__ b, float *__restrict__ c, int rows, int inner, int columns)
{
    __shared__ float tileA[TILE][TILE];
    __shared__ float tileB[TILE][TILE];

    const int row = blockIdx.y * TILE + threadIdx.y;
    const int column = blockIdx.x * TILE + threadIdx.x;

    float sum = 0.0f;
    for (int start = 0; start < inner; start += TILE) {
        const int aColumn = start + threadIdx.x;
        const int bRow = start + threadIdx.y;
        tileA[threadIdx.y][threadIdx.x] = row < rows && aColumn < inner ? a[row * inner + aColumn] : 0.0f;
        tileB[threadIdx.y][threadIdx.x] = bRow < inner && column < columns ? b[bRow * columns + column] : 0.0f;
        __syncthreads(); // the tiles are complete

#pragma unroll
        for (int k = 0; k < TILE; k++)
            sum += tileA[threadIdx.y][k] * tileB[k][threadIdx.x];
        __syncthreads(); // nobody reads them any more
    }

    if (row < rows && column < columns)
        c[row * columns + column] = sum;
}

static int run2()
{
    const int rows = 500, inner = 300, columns = 400; // not multiples of TILE on purpose
    std::vector<float> a(rows * inner), b(inner * columns), c(rows * columns);
    for (size_t i = 0; i < a.size(); i++)
        a[i] = static_cast<float>(i % 13) - 6.0f;
    for (size_t i = 0; i < b.size(); i++)
        b[i] = static_cast<float>(i % 7) - 3.0f;

    float *deviceA = nullptr, *deviceB = nullptr, *deviceC = nullptr;
    CHECK(cudaMalloc(&deviceA, a.size() * sizeof(float)));
    CHECK(cudaMalloc(&deviceB, b.size() * sizeof(float)));
    CHECK(cudaMalloc(&deviceC, c.size() * sizeof(float)));
    CHECK(cudaMemcpy(deviceA, a.data(), a.size() * sizeof(float), cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy(deviceB, b.data(), b.size() * sizeof(float), cudaMemcpyHostToDevice));

    const dim3 block(TILE, TILE);
    const dim3 grid((columns + TILE - 1) / TILE, (rows + TILE - 1) / TILE);
    matrixMultiply<<<grid, block>>>(deviceA, deviceB, deviceC, rows, inner, columns);
    CHECK(cudaGetLastError());
    CHECK(cudaMemcpy(c.data(), deviceC, c.size() * sizeof(float), cudaMemcpyDeviceToHost));

    int wrong = 0;
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            float expected = 0.0f;
            for (int k = 0; k < inner; k++)
                expected += a[row * inner + k] * b[k * columns + column];
            wrong += std::fabs(c[row * columns + column] - expected) > 1e-3f * (1.0f + std::fabs(expected));
        }
    }

    std::printf("matrix-multiply: %d x %d x %d, %d wrong\n", rows, inner, columns, wrong);
    CHECK(cudaFree(deviceA));
    CHECK(cudaFree(deviceB));
    CHECK(cudaFree(deviceC));
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

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

static int run3()
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

// Counts bytes: each block in shared memory, then all blocks in one table.
template <int Bins>
__global__ void __launch_bounds__(256) histogram(const unsigned char *data, unsigned int *counts, int n)
{
    __shared__ unsigned int local[Bins];
    for (int bin = threadIdx.x; bin < Bins; bin += blockDim.x) local[bin] = 0;
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) atomicAdd(&local[data[i] % Bins], 1u);
    __syncthreads();
    for (int bin = threadIdx.x; bin < Bins; bin += blockDim.x) {
        if (local[bin] > 0) atomicAdd(&counts[bin], local[bin]);
    }
}

int main()
{
    unsigned char *data;
    unsigned int *counts;
    cudaMalloc(&data, 1 << 20);
    cudaMalloc(&counts, 256 * sizeof(unsigned int));
    histogram<256><<<64, 256>>>(data, counts, 1 << 20);
    return run0() + run1() + run2() + run3();
}
