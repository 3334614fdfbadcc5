#include <math.h>

#define SOFTENING 1e-3f

typedef struct { float x, y, z, w; } float4;

void nbody(void **arguments)
{
    const float4 *restrict bodies = arguments[0];
    float4 *restrict accelerations = arguments[1];
    int n = *(int *)arguments[2];
#pragma omp parallel for
    for (int i = 0; i < n; i++) {
        float4 self = bodies[i];
        float ax = 0.0f, ay = 0.0f, az = 0.0f;
#pragma omp simd reduction(+ : ax, ay, az)
        for (int j = 0; j < n; j++) {
            float rx = bodies[j].x - self.x;
            float ry = bodies[j].y - self.y;
            float rz = bodies[j].z - self.z;
            float inverse = 1.0f / sqrtf(rx * rx + ry * ry + rz * rz + SOFTENING);
            float s = bodies[j].w * inverse * inverse * inverse;
            ax += rx * s;
            ay += ry * s;
            az += rz * s;
        }
        accelerations[i] = (float4){ax, ay, az, 0.0f};
    }
}
