#define RADIUS 4
#define C0 (-205.0f / 72.0f)
#define C1 (8.0f / 5.0f)
#define C2 (-1.0f / 5.0f)
#define C3 (8.0f / 315.0f)
#define C4 (-1.0f / 560.0f)

void starStencil(void **arguments)
{
    const float *restrict in = arguments[0];
    float *restrict out = arguments[1];
    int n = *(int *)arguments[2];
    int pitch = n + 2 * RADIUS;
#pragma omp parallel for
    for (int y = RADIUS; y < n + RADIUS; y++) {
        const float *restrict p = in + y * pitch;
        for (int x = RADIUS; x < n + RADIUS; x++) {
            float sum = 2.0f * C0 * p[x];
            sum += C1 * (p[x - 1] + p[x + 1] + p[x - pitch] + p[x + pitch]);
            sum += C2 * (p[x - 2] + p[x + 2] + p[x - 2 * pitch] + p[x + 2 * pitch]);
            sum += C3 * (p[x - 3] + p[x + 3] + p[x - 3 * pitch] + p[x + 3 * pitch]);
            sum += C4 * (p[x - 4] + p[x + 4] + p[x - 4 * pitch] + p[x + 4 * pitch]);
            out[y * pitch + x] = sum;
        }
    }
}
