#include <math.h>

void softmax(void **arguments)
{
    const float *in = arguments[0];
    float *out = arguments[1];
    int columns = *(int *)arguments[2];
    int rows = *(int *)arguments[3];
#pragma omp parallel for
    for (int r = 0; r < rows; r++) {
        const float *restrict row = in + (long long)r * columns;
        float *restrict result = out + (long long)r * columns;
        float largest = -INFINITY;
#pragma omp simd reduction(max : largest)
        for (int i = 0; i < columns; i++) largest = row[i] > largest ? row[i] : largest;
        float sum = 0.0f;
        for (int i = 0; i < columns; i++) result[i] = expf(row[i] - largest);
#pragma omp simd reduction(+ : sum)
        for (int i = 0; i < columns; i++) sum += result[i];
        float scale = 1.0f / sum;
        for (int i = 0; i < columns; i++) result[i] *= scale;
    }
}
