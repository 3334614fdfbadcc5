#define BLOCK 256
#define SOFTENING 1e-3f

__device__ float3 interact(float4 a, float4 b, float3 acceleration)
{
    float3 r;
    r.x = b.x - a.x;
    r.y = b.y - a.y;
    r.z = b.z - a.z;
    float inverse = rsqrtf(r.x * r.x + r.y * r.y + r.z * r.z + SOFTENING);
    float s = b.w * inverse * inverse * inverse;
    acceleration.x += r.x * s;
    acceleration.y += r.y * s;
    acceleration.z += r.z * s;
    return acceleration;
}

__global__ void nbody(const float4 *bodies, float4 *accelerations, int n)
{
    __shared__ float4 tile[BLOCK];

    int i = blockIdx.x * BLOCK + threadIdx.x;
    float4 self = bodies[i];
    float3 acceleration = make_float3(0.0f, 0.0f, 0.0f);
    for (int start = 0; start < n; start += BLOCK) {
        tile[threadIdx.x] = bodies[start + threadIdx.x];
        __syncthreads();
#pragma unroll 4
        for (int j = 0; j < BLOCK; j++) acceleration = interact(self, tile[j], acceleration);
        __syncthreads();
    }
    accelerations[i] = make_float4(acceleration.x, acceleration.y, acceleration.z, 0.0f);
}
