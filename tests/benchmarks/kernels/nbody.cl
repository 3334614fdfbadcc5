#define BLOCK 256
#define SOFTENING 1e-3f

__kernel void nbody(__global const float4 *bodies, __global float4 *accelerations, int n)
{
    __local float4 tile[BLOCK];

    int t = get_local_id(0);
    int i = get_global_id(0);
    float4 self = bodies[i];
    float ax = 0.0f, ay = 0.0f, az = 0.0f;
    for (int start = 0; start < n; start += BLOCK) {
        tile[t] = bodies[start + t];
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 4
        for (int j = 0; j < BLOCK; j++) {
            float rx = tile[j].x - self.x;
            float ry = tile[j].y - self.y;
            float rz = tile[j].z - self.z;
            float inverse = rsqrt(rx * rx + ry * ry + rz * rz + SOFTENING);
            float s = tile[j].w * inverse * inverse * inverse;
            ax += rx * s;
            ay += ry * s;
            az += rz * s;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    accelerations[i] = (float4)(ax, ay, az, 0.0f);
}
