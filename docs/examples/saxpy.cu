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

int main()
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
