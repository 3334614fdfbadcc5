// A bitonic network over 2^m keys. Strides below CHUNK stay within a block's chunk in shared memory.
#define CHUNK 512

void exchange(__local uint *keys, uint i, uint j, bool ascending)
{
    uint a = keys[i];
    uint b = keys[j];
    if ((a > b) == ascending) {
        keys[i] = b;
        keys[j] = a;
    }
}

__kernel void sortChunks(__global uint *keys)
{
    __local uint chunk[CHUNK];

    uint t = get_local_id(0);
    uint first = get_group_id(0) * CHUNK;
    chunk[t] = keys[first + t];
    chunk[t + CHUNK / 2] = keys[first + t + CHUNK / 2];
    for (uint size = 2; size <= CHUNK; size *= 2) {
        for (uint stride = size / 2; stride > 0; stride /= 2) {
            barrier(CLK_LOCAL_MEM_FENCE);
            uint i = 2 * t - (t & (stride - 1));
            exchange(chunk, i, i + stride, ((first + i) & size) == 0);
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    keys[first + t] = chunk[t];
    keys[first + t + CHUNK / 2] = chunk[t + CHUNK / 2];
}

__kernel void mergeGlobal(__global uint *keys, uint size, uint stride)
{
    uint t = get_global_id(0);
    uint i = 2 * t - (t & (stride - 1));
    uint a = keys[i];
    uint b = keys[i + stride];
    if ((a > b) == ((i & size) == 0)) {
        keys[i] = b;
        keys[i + stride] = a;
    }
}

__kernel void mergeChunks(__global uint *keys, uint size)
{
    __local uint chunk[CHUNK];

    uint t = get_local_id(0);
    uint first = get_group_id(0) * CHUNK;
    chunk[t] = keys[first + t];
    chunk[t + CHUNK / 2] = keys[first + t + CHUNK / 2];
    for (uint stride = CHUNK / 2; stride > 0; stride /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        uint i = 2 * t - (t & (stride - 1));
        exchange(chunk, i, i + stride, ((first + i) & size) == 0);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    keys[first + t] = chunk[t];
    keys[first + t + CHUNK / 2] = chunk[t + CHUNK / 2];
}
