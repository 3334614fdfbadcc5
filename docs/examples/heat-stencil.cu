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

int main()
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
