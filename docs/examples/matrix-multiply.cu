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

int main()
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
