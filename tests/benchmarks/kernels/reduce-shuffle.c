void reduceShuffle(void **arguments)
{
    const float *in = arguments[0];
    float *out = arguments[1];
    int n = *(int *)arguments[2];
    float sum = 0.0f;
#pragma omp parallel for simd reduction(+ : sum)
    for (int i = 0; i < n; i++) sum += in[i];
    out[0] = sum;
}
