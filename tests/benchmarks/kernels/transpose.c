#define TILE 32

void transpose(void **arguments)
{
    float *restrict out = arguments[0];
    const float *restrict in = arguments[1];
    int width = *(int *)arguments[2];
    int height = *(int *)arguments[3];
#pragma omp parallel for
    for (int y0 = 0; y0 < height; y0 += TILE) {
        for (int x0 = 0; x0 < width; x0 += TILE) {
            int yEnd = y0 + TILE < height ? y0 + TILE : height;
            int xEnd = x0 + TILE < width ? x0 + TILE : width;
            for (int x = x0; x < xEnd; x++) {
                for (int y = y0; y < yEnd; y++) out[x * height + y] = in[y * width + x];
            }
        }
    }
}
