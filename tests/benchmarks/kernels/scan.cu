// Inclusive prefix sums: each block scans 1024 elements, four a thread; the blocks' sums are scanned in turn and added.
#define BLOCK 256
#define PER_THREAD 4

__global__ void scanBlocks(const uint *in, uint *out, uint *sums, int n)
{
    __shared__ uint work[2][BLOCK];

    int t = threadIdx.x;
    int first = (blockIdx.x * BLOCK + t) * PER_THREAD;
    uint values[PER_THREAD];
    uint sum = 0;
    for (int i = 0; i < PER_THREAD; i++) {
        sum += first + i < n ? in[first + i] : 0;
        values[i] = sum;
    }

    int from = 0;
    work[0][t] = sum;
    __syncthreads();
    for (int offset = 1; offset < BLOCK; offset *= 2) {
        uint value = work[from][t];
        if (t >= offset) value += work[from][t - offset];
        work[1 - from][t] = value;
        from = 1 - from;
        __syncthreads();
    }

    uint before = t > 0 ? work[from][t - 1] : 0;
    for (int i = 0; i < PER_THREAD; i++) {
        if (first + i < n) out[first + i] = before + values[i];
    }
    if (t == BLOCK - 1) sums[blockIdx.x] = work[from][t];
}

__global__ void addOffsets(uint *data, const uint *sums, int n)
{
    int block = blockIdx.x;
    if (block == 0) return;
    uint offset = sums[block - 1];
    int first = (block * BLOCK + threadIdx.x) * PER_THREAD;
    for (int i = 0; i < PER_THREAD; i++) {
        if (first + i < n) data[first + i] += offset;
    }
}
