__global__ void triad(float *__restrict__ a, const float *__restrict__ b, const float *__restrict__ c, float scale, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) a[i] = b[i] + scale * c[i];
}
