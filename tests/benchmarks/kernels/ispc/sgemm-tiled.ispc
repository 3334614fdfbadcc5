task void sgemmRow(const uniform float A[], const uniform float B[], uniform float C[], uniform int n, uniform int k)
{
    uniform int row = taskIndex;
    foreach (column = 0 ... n) {
        float sum = 0.0f;
        for (uniform int i = 0; i < k; i++) sum += A[row * k + i] * B[i * n + column];
        C[row * n + column] = sum;
    }
}

export void sgemmTiled(void *uniform *uniform arguments)
{
    uniform int m = ((uniform int *uniform)arguments[3])[0];
    uniform int n = ((uniform int *uniform)arguments[4])[0];
    uniform int k = ((uniform int *uniform)arguments[5])[0];
    launch[m] sgemmRow((uniform float *uniform)arguments[0], (uniform float *uniform)arguments[1], (uniform float *uniform)arguments[2], n, k);
}
