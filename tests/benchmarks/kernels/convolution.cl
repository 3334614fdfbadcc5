#define RADIUS 2
#define DIAMETER (2 * RADIUS + 1)

__kernel void convolution(__global const float *restrict in, __global const float *restrict filter, __global float *restrict out, int width, int height)
{
    int x = get_global_id(0);
    int y = get_global_id(1);
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
