// One block a row.
#define BLOCK 256

__global__ void softmax(const float *in, float *out, int columns)
{
    __shared__ float partial[BLOCK];

    const float *row = in + (size_t)blockIdx.x * columns;
    float *result = out + (size_t)blockIdx.x * columns;
    int t = threadIdx.x;

    float largest = -INFINITY;
    for (int i = t; i < columns; i += BLOCK) largest = fmaxf(largest, row[i]);
    partial[t] = largest;
    __syncthreads();
    for (int s = BLOCK / 2; s > 0; s /= 2) {
        if (t < s) partial[t] = fmaxf(partial[t], partial[t + s]);
        __syncthreads();
    }
    largest = partial[0];
    __syncthreads();

    float sum = 0.0f;
    for (int i = t; i < columns; i += BLOCK) {
        float e = expf(row[i] - largest);
        result[i] = e;
        sum += e;
    }
    partial[t] = sum;
    __syncthreads();
    for (int s = BLOCK / 2; s > 0; s /= 2) {
        if (t < s) partial[t] += partial[t + s];
        __syncthreads();
    }

    float scale = 1.0f / partial[0];
    for (int i = t; i < columns; i += BLOCK) result[i] *= scale;
}
