__kernel void sgemmNaive(int m, int n, int k, float alpha, __global const float *A, __global const float *B, float beta, __global float *C)
{
    int column = get_global_id(0);
    int row = get_global_id(1);
    if (row >= m || column >= n) return;

    float sum = 0.0f;
    for (int i = 0; i < k; i++) sum += A[row * k + i] * B[i * n + column];
    C[row * n + column] = alpha * sum + beta * C[row * n + column];
}
