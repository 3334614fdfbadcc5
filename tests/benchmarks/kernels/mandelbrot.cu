__global__ void mandelbrot(int *counts, int width, int height, int limit)
{
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;

    float cr = -2.2f + 3.2f * x / width;
    float ci = -1.6f + 3.2f * y / height;
    float zr = 0.0f, zi = 0.0f;
    int i = 0;
    while (i < limit && zr * zr + zi * zi < 4.0f) {
        float next = zr * zr - zi * zi + cr;
        zi = 2.0f * zr * zi + ci;
        zr = next;
        i++;
    }
    counts[y * width + x] = i;
}
