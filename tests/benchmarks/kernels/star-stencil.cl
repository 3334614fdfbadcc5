// A star of radius 4, as of the eighth-order Laplacian. The grid has a border of that width on all sides.
#define RADIUS 4
#define BLOCK_X 32
#define BLOCK_Y 8

#define C0 (-205.0f / 72.0f)
#define C1 (8.0f / 5.0f)
#define C2 (-1.0f / 5.0f)
#define C3 (8.0f / 315.0f)
#define C4 (-1.0f / 560.0f)

__kernel void starStencil(__global const float *restrict in, __global float *restrict out, int n)
{
    __local float tile[BLOCK_Y + 2 * RADIUS][BLOCK_X + 2 * RADIUS];

    int tx = get_local_id(0);
    int ty = get_local_id(1);
    int pitch = n + 2 * RADIUS;
    int x0 = get_group_id(0) * BLOCK_X;
    int y0 = get_group_id(1) * BLOCK_Y;
    for (int y = ty; y < BLOCK_Y + 2 * RADIUS; y += BLOCK_Y) {
        for (int x = tx; x < BLOCK_X + 2 * RADIUS; x += BLOCK_X) tile[y][x] = in[(y0 + y) * pitch + x0 + x];
    }
    barrier(CLK_LOCAL_MEM_FENCE);

    float sum = 2.0f * C0 * tile[ty + RADIUS][tx + RADIUS];
    sum += C1 * (tile[ty + RADIUS][tx + RADIUS - 1] + tile[ty + RADIUS][tx + RADIUS + 1] + tile[ty + RADIUS - 1][tx + RADIUS] + tile[ty + RADIUS + 1][tx + RADIUS]);
    sum += C2 * (tile[ty + RADIUS][tx + RADIUS - 2] + tile[ty + RADIUS][tx + RADIUS + 2] + tile[ty + RADIUS - 2][tx + RADIUS] + tile[ty + RADIUS + 2][tx + RADIUS]);
    sum += C3 * (tile[ty + RADIUS][tx + RADIUS - 3] + tile[ty + RADIUS][tx + RADIUS + 3] + tile[ty + RADIUS - 3][tx + RADIUS] + tile[ty + RADIUS + 3][tx + RADIUS]);
    sum += C4 * (tile[ty + RADIUS][tx + RADIUS - 4] + tile[ty + RADIUS][tx + RADIUS + 4] + tile[ty + RADIUS - 4][tx + RADIUS] + tile[ty + RADIUS + 4][tx + RADIUS]);
    out[(y0 + ty + RADIUS) * pitch + x0 + tx + RADIUS] = sum;
}
