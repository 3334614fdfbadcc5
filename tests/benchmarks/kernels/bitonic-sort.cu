// A bitonic network over 2^m keys. Strides below CHUNK stay within a block's chunk in shared memory.
#define CHUNK 512

__device__ void exchange(uint *keys, uint i, uint j, bool ascending)
{
    uint a = keys[i];
    uint b = keys[j];
    if ((a > b) == ascending) {
        keys[i] = b;
        keys[j] = a;
    }
}

__global__ void sortChunks(uint *keys)
{
    __shared__ uint chunk[CHUNK];

    uint t = threadIdx.x;
    uint first = blockIdx.x * CHUNK;
    chunk[t] = keys[first + t];
    chunk[t + CHUNK / 2] = keys[first + t + CHUNK / 2];
    for (uint size = 2; size <= CHUNK; size *= 2) {
        for (uint stride = size / 2; stride > 0; stride /= 2) {
            __syncthreads();
            uint i = 2 * t - (t & (stride - 1));
            exchange(chunk, i, i + stride, ((first + i) & size) == 0);
        }
    }
    __syncthreads();
    keys[first + t] = chunk[t];
    keys[first + t + CHUNK / 2] = chunk[t + CHUNK / 2];
}

__global__ void mergeGlobal(uint *keys, uint size, uint stride)
{
    uint t = blockIdx.x * blockDim.x + threadIdx.x;
    uint i = 2 * t - (t & (stride - 1));
    uint a = keys[i];
    uint b = keys[i + stride];
    if ((a > b) == ((i & size) == 0)) {
        keys[i] = b;
        keys[i + stride] = a;
    }
}

__global__ void mergeChunks(uint *keys, uint size)
{
    __shared__ uint chunk[CHUNK];

    uint t = threadIdx.x;
    uint first = blockIdx.x * CHUNK;
    chunk[t] = keys[first + t];
    chunk[t + CHUNK / 2] = keys[first + t + CHUNK / 2];
    for (uint stride = CHUNK / 2; stride > 0; stride /= 2) {
        __syncthreads();
        uint i = 2 * t - (t & (stride - 1));
        exchange(chunk, i, i + stride, ((first + i) & size) == 0);
    }
    __syncthreads();
    keys[first + t] = chunk[t];
    keys[first + t + CHUNK / 2] = chunk[t + CHUNK / 2];
}
