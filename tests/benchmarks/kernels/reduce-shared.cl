#define BLOCK 256

__kernel void reduceShared(__global const float *in, __global float *out, int n)
{
    __local float partial[BLOCK];

    int t = get_local_id(0);
    float sum = 0.0f;
    for (int i = get_global_id(0); i < n; i += get_global_size(0)) sum += in[i];
    partial[t] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);

    for (int width = BLOCK / 2; width > 0; width /= 2) {
        if (t < width) partial[t] += partial[t + width];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (t == 0) out[get_group_id(0)] = partial[0];
}
