#include <math.h>

void layernorm(void **arguments)
{
    const float *in = arguments[0];
    const float *restrict gamma = arguments[1];
    const float *restrict beta = arguments[2];
    float *out = arguments[3];
    int columns = *(int *)arguments[4];
    float epsilon = *(float *)arguments[5];
    int rows = *(int *)arguments[6];
#pragma omp parallel for
    for (int r = 0; r < rows; r++) {
        const float *restrict row = in + (long long)r * columns;
        float *restrict result = out + (long long)r * columns;
        float sum = 0.0f, squares = 0.0f;
#pragma omp simd reduction(+ : sum, squares)
        for (int i = 0; i < columns; i++) {
            sum += row[i];
            squares += row[i] * row[i];
        }
        float mean = sum / columns;
        float variance = squares / columns - mean * mean;
        float scale = 1.0f / sqrtf(variance + epsilon);
        for (int i = 0; i < columns; i++) result[i] = (row[i] - mean) * scale * gamma[i] + beta[i];
    }
}
