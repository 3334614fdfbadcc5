#define BLOCK 256

__kernel void reduceTree(__global const float *in, __global float *out, int n)
{
    __local float partial[BLOCK];

    uint t = get_local_id(0);
    uint i = get_group_id(0) * (get_local_size(0) * 2) + t;
    float sum = i < n ? in[i] : 0.0f;
    if (i + get_local_size(0) < n) sum += in[i + get_local_size(0)];
    partial[t] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);

    for (uint s = get_local_size(0) / 2; s > 0; s >>= 1) {
        if (t < s) partial[t] += partial[t + s];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (t == 0) out[get_group_id(0)] = partial[0];
}
