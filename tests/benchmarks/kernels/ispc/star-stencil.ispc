#define RADIUS 4
#define ROWS 16
#define C0 (-205.0f / 72.0f)
#define C1 (8.0f / 5.0f)
#define C2 (-1.0f / 5.0f)
#define C3 (8.0f / 315.0f)
#define C4 (-1.0f / 560.0f)

task void starRows(const uniform float input[], uniform float out[], uniform int n)
{
    uniform int pitch = n + 2 * RADIUS;
    uniform int first = RADIUS + taskIndex * ROWS;
    uniform int end = min(first + ROWS, n + RADIUS);
    for (uniform int y = first; y < end; y++) {
        const uniform float *uniform p = input + y * pitch;
        foreach (x = RADIUS ... n + RADIUS) {
            float sum = 2.0f * C0 * p[x];
            sum += C1 * (p[x - 1] + p[x + 1] + p[x - pitch] + p[x + pitch]);
            sum += C2 * (p[x - 2] + p[x + 2] + p[x - 2 * pitch] + p[x + 2 * pitch]);
            sum += C3 * (p[x - 3] + p[x + 3] + p[x - 3 * pitch] + p[x + 3 * pitch]);
            sum += C4 * (p[x - 4] + p[x + 4] + p[x - 4 * pitch] + p[x + 4 * pitch]);
            out[y * pitch + x] = sum;
        }
    }
}

export void starStencil(void *uniform *uniform arguments)
{
    uniform int n = ((uniform int *uniform)arguments[2])[0];
    launch[(n + ROWS - 1) / ROWS] starRows((uniform float *uniform)arguments[0], (uniform float *uniform)arguments[1], n);
}
