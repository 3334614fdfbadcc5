#define BLOCK 16

__kernel void hotspot(__global const float *power, __global const float *temperature, __global float *result, int columns, int rows,
                      float step, float rx, float ry, float rz)
{
    __local float tile[BLOCK + 2][BLOCK + 2];

    int tx = get_local_id(0);
    int ty = get_local_id(1);
    int x = get_group_id(0) * BLOCK + tx;
    int y = get_group_id(1) * BLOCK + ty;
    int cx = min(x, columns - 1);
    int cy = min(y, rows - 1);

    // The borders of the chip take the place of neighbours that are not there.
    tile[ty + 1][tx + 1] = temperature[cy * columns + cx];
    if (tx == 0) tile[ty + 1][0] = temperature[cy * columns + max(x - 1, 0)];
    if (tx == BLOCK - 1) tile[ty + 1][BLOCK + 1] = temperature[cy * columns + min(x + 1, columns - 1)];
    if (ty == 0) tile[0][tx + 1] = temperature[max(y - 1, 0) * columns + cx];
    if (ty == BLOCK - 1) tile[BLOCK + 1][tx + 1] = temperature[min(y + 1, rows - 1) * columns + cx];
    barrier(CLK_LOCAL_MEM_FENCE);

    if (x >= columns || y >= rows) return;
    float t = tile[ty + 1][tx + 1];
    float change = power[y * columns + x]
        + (tile[ty + 2][tx + 1] + tile[ty][tx + 1] - 2.0f * t) * ry
        + (tile[ty + 1][tx + 2] + tile[ty + 1][tx] - 2.0f * t) * rx
        + (80.0f - t) * rz;
    result[y * columns + x] = t + step * change;
}
