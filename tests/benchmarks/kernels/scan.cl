// Inclusive prefix sums: each block scans 1024 elements, four a thread; the blocks' sums are scanned in turn and added.
#define BLOCK 256
#define PER_THREAD 4

__kernel void scanBlocks(__global const uint *in, __global uint *out, __global uint *sums, int n)
{
    __local uint work[2][BLOCK];

    int t = get_local_id(0);
    int first = (get_group_id(0) * BLOCK + t) * PER_THREAD;
    uint values[PER_THREAD];
    uint sum = 0;
    for (int i = 0; i < PER_THREAD; i++) {
        sum += first + i < n ? in[first + i] : 0;
        values[i] = sum;
    }

    int from = 0;
    work[0][t] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int offset = 1; offset < BLOCK; offset *= 2) {
        uint value = work[from][t];
        if (t >= offset) value += work[from][t - offset];
        work[1 - from][t] = value;
        from = 1 - from;
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    uint before = t > 0 ? work[from][t - 1] : 0;
    for (int i = 0; i < PER_THREAD; i++) {
        if (first + i < n) out[first + i] = before + values[i];
    }
    if (t == BLOCK - 1) sums[get_group_id(0)] = work[from][t];
}

__kernel void addOffsets(__global uint *data, __global const uint *sums, int n)
{
    int block = get_group_id(0);
    if (block == 0) return;
    uint offset = sums[block - 1];
    int first = (block * BLOCK + get_local_id(0)) * PER_THREAD;
    for (int i = 0; i < PER_THREAD; i++) {
        if (first + i < n) data[first + i] += offset;
    }
}
