__kernel void julia(__global int *counts, int width, int height, int limit, float cr, float ci)
{
    int x = get_global_id(0);
    int y = get_global_id(1);
    if (x >= width || y >= height) return;

    float zr = -1.6f + 3.2f * x / width;
    float zi = -1.6f + 3.2f * y / height;
    int i = 0;
    while (i < limit && zr * zr + zi * zi < 4.0f) {
        float next = zr * zr - zi * zi + cr;
        zi = 2.0f * zr * zi + ci;
        zr = next;
        i++;
    }
    counts[y * width + x] = i;
}
