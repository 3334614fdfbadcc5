#define BLOCK 256

__kernel void softmax(__global const float *in, __global float *out, int columns)
{
    __local float partial[BLOCK];

    __global const float *row = in + (size_t)get_group_id(0) * columns;
    __global float *result = out + (size_t)get_group_id(0) * columns;
    int t = get_local_id(0);

    float largest = -INFINITY;
    for (int i = t; i < columns; i += BLOCK) largest = fmax(largest, row[i]);
    partial[t] = largest;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int s = BLOCK / 2; s > 0; s /= 2) {
        if (t < s) partial[t] = fmax(partial[t], partial[t + s]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    largest = partial[0];
    barrier(CLK_LOCAL_MEM_FENCE);

    float sum = 0.0f;
    for (int i = t; i < columns; i += BLOCK) {
        float e = exp(row[i] - largest);
        result[i] = e;
        sum += e;
    }
    partial[t] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int s = BLOCK / 2; s > 0; s /= 2) {
        if (t < s) partial[t] += partial[t + s];
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    float scale = 1.0f / partial[0];
    for (int i = t; i < columns; i += BLOCK) result[i] *= scale;
}
