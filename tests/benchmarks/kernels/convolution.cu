#define RADIUS 2
#define DIAMETER (2 * RADIUS + 1)

__global__ void convolution(const float *__restrict__ in, const float *__restrict__ filter, float *__restrict__ out, int width, int height)
{
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x < RADIUS || x >= width - RADIUS || y < RADIUS || y >= height - RADIUS) return;

    float sum = 0.0f;
#pragma unroll
    for (int dy = -RADIUS; dy <= RADIUS; dy++) {
#pragma unroll
        for (int dx = -RADIUS; dx <= RADIUS; dx++) {
            sum += in[(y + dy) * width + x + dx] * filter[(dy + RADIUS) * DIAMETER + dx + RADIUS];
        }
    }
    out[y * width + x] = sum;
}
