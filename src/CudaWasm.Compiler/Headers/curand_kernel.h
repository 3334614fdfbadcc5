// cuRAND's device API: XORWOW (Marsaglia, "Xorshift RNGs", 2003), Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", 2011) and Sobol sequences, giving the numbers that NVIDIA's library gives for the same seed, sequence and offset.
#pragma once
#include <__cw/curand_xorwow.h>

#define CURAND_2POW32_INV (2.3283064e-10f)
#define CURAND_2POW32_INV_DOUBLE (2.3283064365386963e-10)
#define CURAND_2POW53_INV_DOUBLE (1.1102230246251565e-16)
#define CURAND_2POW32_INV_2PI (2.3283064e-10f * 6.2831855f)

struct curandStateXORWOW {
    unsigned int d, v[5];
    int boxmuller_flag, boxmuller_flag_double;
    float boxmuller_extra;
    double boxmuller_extra_double;
};
typedef curandStateXORWOW curandStateXORWOW_t;
typedef curandStateXORWOW curandState;
typedef curandStateXORWOW curandState_t;

__device__ inline void skipahead_sequence(unsigned long long n, curandStateXORWOW *state) {
    // A subsequence is 2^67 long, a multiple of the period of d.
    for (int digit = 0; n != 0; ++digit, n >>= 4) {
        if (n & 15) __cw_xorwow_jump(state->v, __cw_xorwow_sequences[digit][(n & 15) - 1]);
    }
}

__device__ inline void skipahead(unsigned long long n, curandStateXORWOW *state) {
    state->d += 362437u * (unsigned)n;
    for (int bit = 0; n != 0; ++bit, n >>= 1) {
        if (n & 1) __cw_xorwow_jump(state->v, __cw_xorwow_offsets[bit]);
    }
}

__device__ inline void curand_init(unsigned long long seed, unsigned long long subsequence, unsigned long long offset, curandStateXORWOW *state) {
    unsigned s0 = (unsigned)seed ^ 0xaad26b49u, s1 = (unsigned)(seed >> 32) ^ 0xf7dcefddu;
    unsigned t0 = 1099087573u * s0, t1 = 2591861531u * s1;
    state->d = 6615241u + t1 + t0;
    state->v[0] = 123456789u + t0;
    state->v[1] = 362436069u ^ t0;
    state->v[2] = 521288629u + t1;
    state->v[3] = 88675123u ^ t1;
    state->v[4] = 5783321u + t0;
    skipahead_sequence(subsequence, state);
    skipahead(offset, state);
    state->boxmuller_flag = 0;
    state->boxmuller_flag_double = 0;
    state->boxmuller_extra = 0.0f;
    state->boxmuller_extra_double = 0.0;
}

__device__ inline unsigned int curand(curandStateXORWOW *state) {
    unsigned t = state->v[0] ^ (state->v[0] >> 2);
    state->v[0] = state->v[1];
    state->v[1] = state->v[2];
    state->v[2] = state->v[3];
    state->v[3] = state->v[4];
    state->v[4] = (state->v[4] ^ (state->v[4] << 4)) ^ (t ^ (t << 1));
    state->d += 362437u;
    return state->v[4] + state->d;
}

struct curandStatePhilox4_32_10 {
    uint4 ctr, output;
    uint2 key;
    unsigned int STATE;
    int boxmuller_flag, boxmuller_flag_double;
    float boxmuller_extra;
    double boxmuller_extra_double;
};
typedef curandStatePhilox4_32_10 curandStatePhilox4_32_10_t;

__device__ inline uint4 curand_Philox4x32_10(uint4 c, uint2 k) {
    for (int round = 0; round < 10; ++round) {
        unsigned h0 = __umulhi(0xD2511F53u, c.x), l0 = 0xD2511F53u * c.x, h1 = __umulhi(0xCD9E8D57u, c.z), l1 = 0xCD9E8D57u * c.z;
        c = make_uint4(h1 ^ c.y ^ k.x, l1, h0 ^ c.w ^ k.y, l0);
        k.x += 0x9E3779B9u;
        k.y += 0xBB67AE85u;
    }
    return c;
}

// Adds to the 128 bits of the counter.
__device__ inline void __cw_philox_advance(curandStatePhilox4_32_10 *s, unsigned long long n) {
    unsigned long long low = s->ctr.x | (unsigned long long)s->ctr.y << 32;
    low += n;
    s->ctr.x = (unsigned)low;
    s->ctr.y = (unsigned)(low >> 32);
    if (low < n && ++s->ctr.z == 0) ++s->ctr.w;
}

__device__ inline void skipahead_sequence(unsigned long long n, curandStatePhilox4_32_10 *s) {
    unsigned low = (unsigned)n, high = (unsigned)(n >> 32);
    s->ctr.z += low;
    if (s->ctr.z < low) ++high;
    s->ctr.w += high;
    s->output = curand_Philox4x32_10(s->ctr, s->key);
}

__device__ inline void skipahead(unsigned long long n, curandStatePhilox4_32_10 *s) {
    s->STATE += (unsigned)(n & 3);
    n /= 4;
    if (s->STATE > 3) {
        ++n;
        s->STATE -= 4;
    }
    __cw_philox_advance(s, n);
    s->output = curand_Philox4x32_10(s->ctr, s->key);
}

__device__ inline void curand_init(unsigned long long seed, unsigned long long subsequence, unsigned long long offset, curandStatePhilox4_32_10 *s) {
    s->ctr = make_uint4(0, 0, 0, 0);
    s->key = make_uint2((unsigned)seed, (unsigned)(seed >> 32));
    s->STATE = 0;
    s->boxmuller_flag = 0;
    s->boxmuller_flag_double = 0;
    s->boxmuller_extra = 0.0f;
    s->boxmuller_extra_double = 0.0;
    skipahead_sequence(subsequence, s);
    skipahead(offset, s);
}

__device__ inline unsigned __cw_lane(uint4 v, unsigned i) { return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w; }

__device__ inline unsigned int curand(curandStatePhilox4_32_10 *s) {
    unsigned result = __cw_lane(s->output, s->STATE++);
    if (s->STATE == 4) {
        __cw_philox_advance(s, 1);
        s->output = curand_Philox4x32_10(s->ctr, s->key);
        s->STATE = 0;
    }
    return result;
}

__device__ inline uint4 curand4(curandStatePhilox4_32_10 *s) {
    uint4 a = s->output;
    __cw_philox_advance(s, 1);
    uint4 b = s->output = curand_Philox4x32_10(s->ctr, s->key);
    switch (s->STATE) {
        case 1: return make_uint4(a.y, a.z, a.w, b.x);
        case 2: return make_uint4(a.z, a.w, b.x, b.y);
        case 3: return make_uint4(a.w, b.x, b.y, b.z);
        default: return a;
    }
}

// Sobol sequences: the state is the point and how many came before it, in Gray code order.
typedef unsigned int curandDirectionVectors32_t[32];
typedef unsigned long long curandDirectionVectors64_t[64];
#define __CW_SOBOL(NAME, WORD, BITS, FFS) \
    struct NAME { WORD i, x, c; WORD direction_vectors[BITS]; }; \
    __device__ inline void skipahead(WORD n, NAME *s) { \
        s->i += n; \
        WORD gray = s->i ^ (s->i >> 1); \
        s->x = s->c; \
        for (int k = 0; k < BITS; ++k) if (gray >> k & 1) s->x ^= s->direction_vectors[k]; \
    } \
    __device__ inline WORD curand(NAME *s) { \
        WORD result = s->x; \
        int zero = FFS(~s->i); \
        s->x ^= s->direction_vectors[zero == 0 ? BITS - 1 : zero - 1]; \
        ++s->i; \
        return result; \
    } \
    __device__ inline void __cw_sobol_init(const WORD *vectors, WORD scramble, WORD offset, NAME *s) { \
        s->i = 0; \
        s->c = scramble; \
        for (int k = 0; k < BITS; ++k) s->direction_vectors[k] = vectors[k]; \
        skipahead(offset, s); \
    }
__CW_SOBOL(curandStateSobol32, unsigned int, 32, __ffs)
__CW_SOBOL(curandStateScrambledSobol32, unsigned int, 32, __ffs)
__CW_SOBOL(curandStateSobol64, unsigned long long, 64, __ffsll)
__CW_SOBOL(curandStateScrambledSobol64, unsigned long long, 64, __ffsll)
#undef __CW_SOBOL
typedef curandStateSobol32 curandStateSobol32_t;
typedef curandStateScrambledSobol32 curandStateScrambledSobol32_t;
typedef curandStateSobol64 curandStateSobol64_t;
typedef curandStateScrambledSobol64 curandStateScrambledSobol64_t;
__device__ inline void curand_init(const unsigned int *vectors, unsigned int offset, curandStateSobol32 *s) { __cw_sobol_init(vectors, 0u, offset, s); }
__device__ inline void curand_init(const unsigned int *vectors, unsigned int scramble, unsigned int offset, curandStateScrambledSobol32 *s) { __cw_sobol_init(vectors, scramble, offset, s); }
__device__ inline void curand_init(const unsigned long long *vectors, unsigned long long offset, curandStateSobol64 *s) { __cw_sobol_init(vectors, 0ull, offset, s); }
__device__ inline void curand_init(const unsigned long long *vectors, unsigned long long scramble, unsigned long long offset, curandStateScrambledSobol64 *s) { __cw_sobol_init(vectors, scramble, offset, s); }

// Uniform numbers leave out 0 and may be 1.
__device__ inline float _curand_uniform(unsigned int x) { return x * CURAND_2POW32_INV + CURAND_2POW32_INV / 2.0f; }
__device__ inline float _curand_uniform(unsigned long long x) { return _curand_uniform((unsigned)(x >> 32)); }
__device__ inline double _curand_uniform_double(unsigned int x) { return x * CURAND_2POW32_INV_DOUBLE + CURAND_2POW32_INV_DOUBLE; }
__device__ inline double _curand_uniform_double(unsigned long long x) { return (x >> 11) * CURAND_2POW53_INV_DOUBLE + CURAND_2POW53_INV_DOUBLE / 2.0; }
__device__ inline double _curand_uniform_double_hq(unsigned x, unsigned y) {
    unsigned long long z = (unsigned long long)x ^ ((unsigned long long)y << 21);
    return z * CURAND_2POW53_INV_DOUBLE + CURAND_2POW53_INV_DOUBLE / 2.0;
}

template <typename State> __device__ inline float curand_uniform(State *s) { return _curand_uniform(curand(s)); }
template <typename State> __device__ inline double curand_uniform_double(State *s) { return _curand_uniform_double(curand(s)); }
__device__ inline double curand_uniform_double(curandStateXORWOW *s) {
    unsigned x = curand(s), y = curand(s);
    return _curand_uniform_double_hq(x, y);
}
__device__ inline float4 curand_uniform4(curandStatePhilox4_32_10 *s) {
    uint4 x = curand4(s);
    return make_float4(_curand_uniform(x.x), _curand_uniform(x.y), _curand_uniform(x.z), _curand_uniform(x.w));
}
__device__ inline double2 curand_uniform2_double(curandStatePhilox4_32_10 *s) {
    uint4 x = curand4(s);
    return make_double2(_curand_uniform_double_hq(x.x, x.y), _curand_uniform_double_hq(x.z, x.w));
}
__device__ inline double4 curand_uniform4_double(curandStatePhilox4_32_10 *s) {
    double2 a = curand_uniform2_double(s), b = curand_uniform2_double(s);
    return make_double4(a.x, a.y, b.x, b.y);
}

// Normal numbers come in pairs (Box and Muller), of which the second one waits in the state.
__device__ inline float2 _curand_box_muller(unsigned x, unsigned y) {
    float u = x * CURAND_2POW32_INV + CURAND_2POW32_INV / 2.0f, v = y * CURAND_2POW32_INV_2PI + CURAND_2POW32_INV_2PI / 2.0f;
    float s = sqrtf(-2.0f * logf(u));
    return make_float2(s * sinf(v), s * cosf(v));
}
__device__ inline double2 _curand_box_muller_double(unsigned x0, unsigned x1, unsigned y0, unsigned y1) {
    unsigned long long zx = (unsigned long long)x0 ^ ((unsigned long long)x1 << 21), zy = (unsigned long long)y0 ^ ((unsigned long long)y1 << 21);
    double u = zx * CURAND_2POW53_INV_DOUBLE + CURAND_2POW53_INV_DOUBLE / 2.0, v = zy * (CURAND_2POW53_INV_DOUBLE * 2.0) + CURAND_2POW53_INV_DOUBLE;
    double s = sqrt(-2.0 * log(u));
    return make_double2(s * sinpi(v), s * cospi(v));
}

template <typename State> __device__ inline float2 curand_normal2(State *s) {
    unsigned x = curand(s), y = curand(s);
    return _curand_box_muller(x, y);
}
__device__ inline double2 curand_normal2_double(curandStateXORWOW *s) {
    unsigned x0 = curand(s), x1 = curand(s), y0 = curand(s), y1 = curand(s);
    return _curand_box_muller_double(x0, x1, y0, y1);
}
__device__ inline double2 curand_normal2_double(curandStatePhilox4_32_10 *s) {
    uint4 x = curand4(s);
    return _curand_box_muller_double(x.x, x.y, x.z, x.w);
}
template <typename State> __device__ inline float curand_normal(State *s) {
    if (s->boxmuller_flag != 0) {
        s->boxmuller_flag = 0;
        return s->boxmuller_extra;
    }
    float2 v = curand_normal2(s);
    s->boxmuller_extra = v.y;
    s->boxmuller_flag = 1;
    return v.x;
}
template <typename State> __device__ inline double curand_normal_double(State *s) {
    if (s->boxmuller_flag_double != 0) {
        s->boxmuller_flag_double = 0;
        return s->boxmuller_extra_double;
    }
    double2 v = curand_normal2_double(s);
    s->boxmuller_extra_double = v.y;
    s->boxmuller_flag_double = 1;
    return v.x;
}
__device__ inline float4 curand_normal4(curandStatePhilox4_32_10 *s) {
    uint4 x = curand4(s);
    float2 a = _curand_box_muller(x.x, x.y), b = _curand_box_muller(x.z, x.w);
    return make_float4(a.x, a.y, b.x, b.y);
}
__device__ inline double4 curand_normal4_double(curandStatePhilox4_32_10 *s) {
    double2 a = curand_normal2_double(s), b = curand_normal2_double(s);
    return make_double4(a.x, a.y, b.x, b.y);
}

// Points of a Sobol sequence go through the inverse of the distribution, so that their order survives.
__device__ inline float _curand_normal_icdf(unsigned x) {
    float sign = -1.41421356f;
    if (x > 0x80000000u) {
        x = 0xffffffffu - x;
        sign = -sign;
    }
    return sign * erfcinvf(2.0f * (x * CURAND_2POW32_INV + CURAND_2POW32_INV / 2.0f));
}
__device__ inline float curand_normal(curandStateSobol32 *s) { return _curand_normal_icdf(curand(s)); }
__device__ inline float curand_normal(curandStateScrambledSobol32 *s) { return _curand_normal_icdf(curand(s)); }

template <typename State> __device__ inline float curand_log_normal(State *s, float mean, float stddev) { return expf(mean + stddev * curand_normal(s)); }
template <typename State> __device__ inline double curand_log_normal_double(State *s, double mean, double stddev) { return exp(mean + stddev * curand_normal_double(s)); }
template <typename State> __device__ inline float2 curand_log_normal2(State *s, float mean, float stddev) {
    float2 v = curand_normal2(s);
    return make_float2(expf(mean + stddev * v.x), expf(mean + stddev * v.y));
}
template <typename State> __device__ inline double2 curand_log_normal2_double(State *s, double mean, double stddev) {
    double2 v = curand_normal2_double(s);
    return make_double2(exp(mean + stddev * v.x), exp(mean + stddev * v.y));
}
__device__ inline float4 curand_log_normal4(curandStatePhilox4_32_10 *s, float mean, float stddev) {
    float4 v = curand_normal4(s);
    return make_float4(expf(mean + stddev * v.x), expf(mean + stddev * v.y), expf(mean + stddev * v.z), expf(mean + stddev * v.w));
}
