// OpenCL has no shuffles that every device knows: the lanes of a warp exchange through local memory.
#define BLOCK 256
#define WARP 32

__kernel void reduceShuffle(__global const float *in, __global float *out, int n)
{
    __local float lanes[BLOCK];
    __local float sums[BLOCK / WARP];

    int t = get_local_id(0);
    int lane = t % WARP;
    float sum = 0.0f;
    for (int i = get_global_id(0); i < n; i += get_global_size(0)) sum += in[i];
    lanes[t] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int offset = WARP / 2; offset > 0; offset /= 2) {
        if (lane < offset) lanes[t] += lanes[t + offset];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (lane == 0) sums[t / WARP] = lanes[t];
    barrier(CLK_LOCAL_MEM_FENCE);
    if (t == 0) {
        float total = 0.0f;
        for (int warp = 0; warp < BLOCK / WARP; warp++) total += sums[warp];
        out[get_group_id(0)] = total;
    }
}
