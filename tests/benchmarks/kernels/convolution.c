#define RADIUS 2
#define DIAMETER (2 * RADIUS + 1)

void convolution(void **arguments)
{
    const float *restrict in = arguments[0];
    const float *restrict filter = arguments[1];
    float *restrict out = arguments[2];
    int width = *(int *)arguments[3];
    int height = *(int *)arguments[4];
#pragma omp parallel for
    for (int y = RADIUS; y < height - RADIUS; y++) {
        for (int x = RADIUS; x < width - RADIUS; x++) {
            float sum = 0.0f;
            for (int dy = -RADIUS; dy <= RADIUS; dy++) {
                for (int dx = -RADIUS; dx <= RADIUS; dx++) {
                    sum += in[(y + dy) * width + x + dx] * filter[(dy + RADIUS) * DIAMETER + dx + RADIUS];
                }
            }
            out[y * width + x] = sum;
        }
    }
}
