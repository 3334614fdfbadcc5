// Pairs of 16-bit floats, and operators on them; the scalar functions are built in.
#pragma once

#define __CW_PAIR(P, S, NAME, NAME2, FLOATS)                                                                                     \
    __host__ __device__ inline P make_##NAME2(S x, S y) { P p; p.x = x; p.y = y; return p; }                                     \
    __host__ __device__ inline P __##NAME##2##NAME2(S x) { return make_##NAME2(x, x); }                                          \
    __host__ __device__ inline P __##NAME##s2##NAME2(S x, S y) { return make_##NAME2(x, y); }                                    \
    __host__ __device__ inline P __halves2##NAME2(S x, S y) { return make_##NAME2(x, y); }                                       \
    __host__ __device__ inline P __float2##NAME2##_rn(float x) { return make_##NAME2(S(x), S(x)); }                              \
    __host__ __device__ inline P __floats2##NAME2##_rn(float x, float y) { return make_##NAME2(S(x), S(y)); }                    \
    __host__ __device__ inline P __float22##NAME2##_rn(float2 f) { return make_##NAME2(S(f.x), S(f.y)); }                        \
    __host__ __device__ inline float2 FLOATS(P p) { return make_float2(float(p.x), float(p.y)); }                                \
    __host__ __device__ inline S __low2##NAME(P p) { return p.x; }                                                               \
    __host__ __device__ inline S __high2##NAME(P p) { return p.y; }                                                              \
    __host__ __device__ inline P __low2##NAME2(P p) { return make_##NAME2(p.x, p.x); }                                           \
    __host__ __device__ inline P __high2##NAME2(P p) { return make_##NAME2(p.y, p.y); }                                          \
    __host__ __device__ inline P __lowhigh2highlow(P p) { return make_##NAME2(p.y, p.x); }                                       \
    __host__ __device__ inline float __low2float(P p) { return float(p.x); }                                                     \
    __host__ __device__ inline float __high2float(P p) { return float(p.y); }                                                    \
    __host__ __device__ inline P operator+(P a, P b) { return make_##NAME2(a.x + b.x, a.y + b.y); }                              \
    __host__ __device__ inline P operator-(P a, P b) { return make_##NAME2(a.x - b.x, a.y - b.y); }                              \
    __host__ __device__ inline P operator*(P a, P b) { return make_##NAME2(a.x * b.x, a.y * b.y); }                              \
    __host__ __device__ inline P operator/(P a, P b) { return make_##NAME2(a.x / b.x, a.y / b.y); }                              \
    __host__ __device__ inline P operator-(P a) { return make_##NAME2(-a.x, -a.y); }                                             \
    __host__ __device__ inline P &operator+=(P &a, P b) { a = a + b; return a; }                                                 \
    __host__ __device__ inline P &operator-=(P &a, P b) { a = a - b; return a; }                                                 \
    __host__ __device__ inline P &operator*=(P &a, P b) { a = a * b; return a; }                                                 \
    __host__ __device__ inline bool operator==(P a, P b) { return a.x == b.x && a.y == b.y; }                                    \
    __host__ __device__ inline bool operator!=(P a, P b) { return a.x != b.x || a.y != b.y; }                                    \
    __host__ __device__ inline P __hadd2(P a, P b) { return a + b; }                                                             \
    __host__ __device__ inline P __hsub2(P a, P b) { return a - b; }                                                             \
    __host__ __device__ inline P __hmul2(P a, P b) { return a * b; }                                                             \
    __host__ __device__ inline P __h2div(P a, P b) { return a / b; }                                                             \
    __host__ __device__ inline P __hneg2(P a) { return -a; }                                                                     \
    __host__ __device__ inline P __habs2(P a) { return make_##NAME2(__habs(a.x), __habs(a.y)); }                                 \
    __host__ __device__ inline P __hfma2(P a, P b, P c) { return make_##NAME2(__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)); }    \
    __host__ __device__ inline P __hmin2(P a, P b) { return make_##NAME2(__hmin(a.x, b.x), __hmin(a.y, b.y)); }                   \
    __host__ __device__ inline P __hmax2(P a, P b) { return make_##NAME2(__hmax(a.x, b.x), __hmax(a.y, b.y)); }                   \
    __host__ __device__ inline P __hgt2(P a, P b) { return make_##NAME2(S(float(a.x > b.x)), S(float(a.y > b.y))); }              \
    __host__ __device__ inline P __hlt2(P a, P b) { return make_##NAME2(S(float(a.x < b.x)), S(float(a.y < b.y))); }              \
    __host__ __device__ inline P h2exp(P a) { return make_##NAME2(hexp(a.x), hexp(a.y)); }                                       \
    __host__ __device__ inline P h2log(P a) { return make_##NAME2(hlog(a.x), hlog(a.y)); }                                       \
    __host__ __device__ inline P h2sqrt(P a) { return make_##NAME2(hsqrt(a.x), hsqrt(a.y)); }                                    \
    __host__ __device__ inline P h2rsqrt(P a) { return make_##NAME2(hrsqrt(a.x), hrsqrt(a.y)); }                                 \
    __host__ __device__ inline P h2rcp(P a) { return make_##NAME2(hrcp(a.x), hrcp(a.y)); }                                       \
    /* As on the hardware each half is atomic, the pair is not. */                                                              \
    __device__ inline P atomicAdd(P *at, P value) { return make_##NAME2(atomicAdd(&at->x, value.x), atomicAdd(&at->y, value.y)); }

__CW_PAIR(__half2, __half, half, half2, __half22float2)
__CW_PAIR(__nv_bfloat162, __nv_bfloat16, bfloat16, bfloat162, __bfloat1622float2)
#undef __CW_PAIR
