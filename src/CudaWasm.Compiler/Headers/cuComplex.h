// cuComplex.h: complex numbers in vector types.
#pragma once

typedef float2 cuFloatComplex;
typedef double2 cuDoubleComplex;
typedef cuFloatComplex cuComplex;
typedef float2 cufftComplex;
typedef double2 cufftDoubleComplex;

#define __CW_COMPLEX(C, R, SUFFIX, PLAIN)                                                                                   \
    __host__ __device__ inline C make_##PLAIN(R x, R y) { C c; c.x = x; c.y = y; return c; }                                 \
    __host__ __device__ inline R cuCreal##SUFFIX(C c) { return c.x; }                                                        \
    __host__ __device__ inline R cuCimag##SUFFIX(C c) { return c.y; }                                                        \
    __host__ __device__ inline C cuConj##SUFFIX(C c) { return make_##PLAIN(c.x, -c.y); }                                     \
    __host__ __device__ inline C cuCadd##SUFFIX(C a, C b) { return make_##PLAIN(a.x + b.x, a.y + b.y); }                     \
    __host__ __device__ inline C cuCsub##SUFFIX(C a, C b) { return make_##PLAIN(a.x - b.x, a.y - b.y); }                     \
    __host__ __device__ inline C cuCmul##SUFFIX(C a, C b) { return make_##PLAIN(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); } \
    __host__ __device__ inline R cuCabs##SUFFIX(C c) { return hypot(c.x, c.y); }                                             \
    __host__ __device__ inline C cuCfma##SUFFIX(C a, C b, C d) { return cuCadd##SUFFIX(cuCmul##SUFFIX(a, b), d); }           \
    __host__ __device__ inline C cuCdiv##SUFFIX(C a, C b) {                                                                  \
        /* Scaled, so that no square overflows. */                                                                          \
        R s = R(1) / (fabs(b.x) + fabs(b.y));                                                                                \
        R ax = a.x * s, ay = a.y * s, bx = b.x * s, by = b.y * s;                                                            \
        R n = R(1) / (bx * bx + by * by);                                                                                    \
        return make_##PLAIN((ax * bx + ay * by) * n, (ay * bx - ax * by) * n);                                               \
    }
__CW_COMPLEX(cuFloatComplex, float, f, cuFloatComplex)
__CW_COMPLEX(cuDoubleComplex, double, , cuDoubleComplex)
#undef __CW_COMPLEX

__host__ __device__ inline cuComplex make_cuComplex(float x, float y) { return make_cuFloatComplex(x, y); }
