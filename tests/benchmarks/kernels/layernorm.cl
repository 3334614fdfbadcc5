#define BLOCK 256

float blockSum(float value, __local float *scratch)
{
    int t = get_local_id(0);
    scratch[t] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int s = BLOCK / 2; s > 0; s /= 2) {
        if (t < s) scratch[t] += scratch[t + s];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    float sum = scratch[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return sum;
}

__kernel void layernorm(__global const float *in, __global const float *gamma, __global const float *beta, __global float *out, int columns, float epsilon)
{
    __local float scratch[BLOCK];

    __global const float *row = in + (size_t)get_group_id(0) * columns;
    float sum = 0.0f, squares = 0.0f;
    for (int i = get_local_id(0); i < columns; i += BLOCK) {
        float v = row[i];
        sum += v;
        squares += v * v;
    }
    float mean = blockSum(sum, scratch) / columns;
    float variance = blockSum(squares, scratch) / columns - mean * mean;
    float scale = rsqrt(variance + epsilon);
    for (int i = get_local_id(0); i < columns; i += BLOCK) {
        out[(size_t)get_group_id(0) * columns + i] = (row[i] - mean) * scale * gamma[i] + beta[i];
    }
}
