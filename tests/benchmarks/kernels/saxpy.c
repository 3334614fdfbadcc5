void saxpy(void **arguments)
{
    int n = *(int *)arguments[0];
    float a = *(float *)arguments[1];
    const float *x = arguments[2];
    float *y = arguments[3];
#pragma omp parallel for
    for (int i = 0; i < n; i++) y[i] = a * x[i] + y[i];
}
