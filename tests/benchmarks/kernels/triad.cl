__kernel void triad(__global float *restrict a, __global const float *restrict b, __global const float *restrict c, float scale, int n)
{
    int i = get_global_id(0);
    if (i < n) a[i] = b[i] + scale * c[i];
}
