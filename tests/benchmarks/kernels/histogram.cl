#define BINS 256

__kernel void histogram(__global const uchar *data, __global uint *bins, int n)
{
    __local uint counts[BINS];

    for (int i = get_local_id(0); i < BINS; i += get_local_size(0)) counts[i] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = get_global_id(0); i < n; i += get_global_size(0)) atomic_add(&counts[data[i]], 1u);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = get_local_id(0); i < BINS; i += get_local_size(0)) atomic_add(&bins[i], counts[i]);
}
