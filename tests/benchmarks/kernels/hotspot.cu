#define BLOCK 16

__global__ void hotspot(const float *power, const float *temperature, float *result, int columns, int rows,
                        float step, float rx, float ry, float rz)
{
    __shared__ float tile[BLOCK + 2][BLOCK + 2];

    int tx = threadIdx.x;
    int ty = threadIdx.y;
    int x = blockIdx.x * BLOCK + tx;
    int y = blockIdx.y * BLOCK + ty;
    int cx = min(x, columns - 1);
    int cy = min(y, rows - 1);

    // The borders of the chip take the place of neighbours that are not there.
    tile[ty + 1][tx + 1] = temperature[cy * columns + cx];
    if (tx == 0) tile[ty + 1][0] = temperature[cy * columns + max(x - 1, 0)];
    if (tx == BLOCK - 1) tile[ty + 1][BLOCK + 1] = temperature[cy * columns + min(x + 1, columns - 1)];
    if (ty == 0) tile[0][tx + 1] = temperature[max(y - 1, 0) * columns + cx];
    if (ty == BLOCK - 1) tile[BLOCK + 1][tx + 1] = temperature[min(y + 1, rows - 1) * columns + cx];
    __syncthreads();

    if (x >= columns || y >= rows) return;
    float t = tile[ty + 1][tx + 1];
    float change = power[y * columns + x]
        + (tile[ty + 2][tx + 1] + tile[ty][tx + 1] - 2.0f * t) * ry
        + (tile[ty + 1][tx + 2] + tile[ty + 1][tx] - 2.0f * t) * rx
        + (80.0f - t) * rz;
    result[y * columns + x] = t + step * change;
}
