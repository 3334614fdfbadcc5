#include <math.h>

void gelu(void **arguments)
{
    const float *restrict in = arguments[0];
    float *restrict out = arguments[1];
    int n = *(int *)arguments[2];
#pragma omp parallel for
    for (int i = 0; i < n; i++) {
        float x = in[i];
        out[i] = 0.5f * x * (1.0f + tanhf(0.7978845608f * (x + 0.044715f * x * x * x)));
    }
}
