// Intrinsics that few kernels use: SIMD within a word (the rest of them is built in), DPX, and conversions with a rounding.
#pragma once

// x and y are the lanes as unsigned numbers, sx and sy as signed ones, m the mask of a lane, low and high the limits of a signed lane.
#define __CW_LANES(W, EXPRESSION) \
    const unsigned m = (1u << W) - 1u; \
    const int high = (int)(m >> 1), low = -high - 1; \
    unsigned r = 0; \
    for (int s = 0; s < 32; s += W) { \
        int x = a >> s & m, y = b >> s & m, sx = x > high ? x - (int)m - 1 : x, sy = y > high ? y - (int)m - 1 : y; \
        r |= ((unsigned)(EXPRESSION) & m) << s; \
    } \
    return r;
#define __CW_TWO(NAME, EXPRESSION) \
    __device__ inline unsigned NAME##2(unsigned a, unsigned b) { __CW_LANES(16, EXPRESSION) } \
    __device__ inline unsigned NAME##4(unsigned a, unsigned b) { __CW_LANES(8, EXPRESSION) }
#define __CW_HALVES(NAME, EXPRESSION) __device__ inline unsigned NAME##2(unsigned a, unsigned b) { __CW_LANES(16, EXPRESSION) }
#define __CW_BYTES(NAME, EXPRESSION) __device__ inline unsigned NAME##4(unsigned a, unsigned b) { __CW_LANES(8, EXPRESSION) }
#define __CW_ONE(NAME, EXPRESSION) \
    __device__ inline unsigned NAME##2(unsigned a) { const unsigned b = 0; __CW_LANES(16, EXPRESSION) } \
    __device__ inline unsigned NAME##4(unsigned a) { const unsigned b = 0; __CW_LANES(8, EXPRESSION) }
#define __CW_COMPARE(NAME, CONDITION) __CW_TWO(__vcmp##NAME, (CONDITION) ? -1 : 0) __CW_TWO(__vset##NAME, (CONDITION) ? 1 : 0)
__CW_ONE(__vabs, sx < 0 ? -sx : sx)
__CW_ONE(__vabsss, sx == low ? high : sx < 0 ? -sx : sx)
__CW_ONE(__vneg, -sx)
__CW_ONE(__vnegss, sx == low ? high : -sx)
__CW_TWO(__vaddss, min(max(sx + sy, low), high))
__CW_TWO(__vsubss, min(max(sx - sy, low), high))
__CW_HALVES(__vaddus, min(x + y, (int)m))
__CW_HALVES(__vsubus, max(x - y, 0))
__CW_TWO(__vavgs, (sx + sy + (sx + sy >= 0)) >> 1)
__CW_HALVES(__vavgu, (x + y + 1) >> 1)
__CW_TWO(__vhaddu, (x + y) >> 1)
__CW_HALVES(__vabsdiffs, abs(sx - sy))
__CW_HALVES(__vcmpeq, x == y ? -1 : 0)
__CW_HALVES(__vcmpgtu, x > y ? -1 : 0)
__CW_HALVES(__vcmpltu, x < y ? -1 : 0)
__CW_TWO(__vseteq, x == y ? 1 : 0)
__CW_TWO(__vsetgtu, x > y ? 1 : 0)
__CW_TWO(__vsetltu, x < y ? 1 : 0)
__CW_COMPARE(ne, x != y)
__CW_COMPARE(geu, x >= y)
__CW_COMPARE(leu, x <= y)
__CW_COMPARE(gts, sx > sy)
__CW_COMPARE(ges, sx >= sy)
__CW_COMPARE(lts, sx < sy)
__CW_COMPARE(les, sx <= sy)
__device__ inline unsigned __vsads2(unsigned a, unsigned b) { unsigned d = __vabsdiffs2(a, b); return (d & 0xffffu) + (d >> 16); }
__device__ inline unsigned __vsads4(unsigned a, unsigned b) { unsigned d = __vabsdiffs4(a, b); return (d & 255u) + (d >> 8 & 255u) + (d >> 16 & 255u) + (d >> 24); }
__device__ inline unsigned __vsadu2(unsigned a, unsigned b) { unsigned d = __vabsdiffu2(a, b); return (d & 0xffffu) + (d >> 16); }

// DPX: sums and three-way choices, with relu also of zero; the b forms tell which operand won.
#define __CW_DPX(OP) \
    __device__ inline int __vi##OP##_s32_relu(int a, int b) { return max(OP##_(a, b), 0); } \
    __device__ inline int __vi##OP##3_s32(int a, int b, int c) { return OP##_(OP##_(a, b), c); } \
    __device__ inline unsigned __vi##OP##3_u32(unsigned a, unsigned b, unsigned c) { return OP##_(OP##_(a, b), c); } \
    __device__ inline int __vi##OP##3_s32_relu(int a, int b, int c) { return max(__vi##OP##3_s32(a, b, c), 0); } \
    __device__ inline int __viadd##OP##_s32(int a, int b, int c) { return OP##_((int)((unsigned)a + (unsigned)b), c); } \
    __device__ inline unsigned __viadd##OP##_u32(unsigned a, unsigned b, unsigned c) { return OP##_(a + b, c); } \
    __device__ inline int __viadd##OP##_s32_relu(int a, int b, int c) { return max(__viadd##OP##_s32(a, b, c), 0); } \
    __device__ inline unsigned __vi##OP##_s16x2_relu(unsigned a, unsigned b) { return __vmaxs2(__v##OP##s2(a, b), 0u); } \
    __device__ inline unsigned __vi##OP##3_s16x2(unsigned a, unsigned b, unsigned c) { return __v##OP##s2(__v##OP##s2(a, b), c); } \
    __device__ inline unsigned __vi##OP##3_u16x2(unsigned a, unsigned b, unsigned c) { return __v##OP##u2(__v##OP##u2(a, b), c); } \
    __device__ inline unsigned __vi##OP##3_s16x2_relu(unsigned a, unsigned b, unsigned c) { return __vmaxs2(__vi##OP##3_s16x2(a, b, c), 0u); } \
    __device__ inline unsigned __viadd##OP##_s16x2(unsigned a, unsigned b, unsigned c) { return __v##OP##s2(__vadd2(a, b), c); } \
    __device__ inline unsigned __viadd##OP##_u16x2(unsigned a, unsigned b, unsigned c) { return __v##OP##u2(__vadd2(a, b), c); } \
    __device__ inline unsigned __viadd##OP##_s16x2_relu(unsigned a, unsigned b, unsigned c) { return __vmaxs2(__viadd##OP##_s16x2(a, b, c), 0u); }
#define max_(a, b) max(a, b)
#define min_(a, b) min(a, b)
__CW_DPX(max)
__CW_DPX(min)
#undef max_
#undef min_
#define __CW_DPX_WON(NAME, T, OP) __device__ inline T NAME(T a, T b, bool *first) { *first = a OP b; return *first ? a : b; }
__CW_DPX_WON(__vibmax_s32, int, >=)
__CW_DPX_WON(__vibmax_u32, unsigned, >=)
__CW_DPX_WON(__vibmin_s32, int, <=)
__CW_DPX_WON(__vibmin_u32, unsigned, <=)
#define __CW_DPX_PAIR(NAME, T, CHOOSE, OP) \
    __device__ inline unsigned NAME(unsigned a, unsigned b, bool *high, bool *low) { \
        *high = (T)(a >> 16) OP (T)(b >> 16); \
        *low = (T)a OP (T)b; \
        return CHOOSE(a, b); \
    }
__CW_DPX_PAIR(__vibmax_s16x2, short, __vmaxs2, >=)
__CW_DPX_PAIR(__vibmax_u16x2, unsigned short, __vmaxu2, >=)
__CW_DPX_PAIR(__vibmin_s16x2, short, __vmins2, <=)
__CW_DPX_PAIR(__vibmin_u16x2, unsigned short, __vminu2, <=)

// The nearest float is at most one step away from the one wanted. Comparisons are exact: in 64 bits where the float is no integer's limit.
template <typename I> __device__ inline int __cw_order(double f, I v, double limit) { return f >= limit ? 1 : (I)f > v ? 1 : (I)f < v ? -1 : 0; }
#define __CW_CASTS(NAME, I, LIMIT, F, NEXT) \
    __device__ inline F __##NAME##_rd(I v) { F f = (F)v; return __cw_order<I>(f, v, LIMIT) > 0 ? NEXT(f, (F)-INFINITY) : f; } \
    __device__ inline F __##NAME##_ru(I v) { F f = (F)v; return __cw_order<I>(f, v, LIMIT) < 0 ? NEXT(f, (F)INFINITY) : f; } \
    __device__ inline F __##NAME##_rz(I v) { return v < 0 ? __##NAME##_ru(v) : __##NAME##_rd(v); }
__CW_CASTS(int2float, int, 2147483648.0, float, nextafterf)
__CW_CASTS(uint2float, unsigned, 4294967296.0, float, nextafterf)
__CW_CASTS(ll2float, long long, 9223372036854775808.0, float, nextafterf)
__CW_CASTS(ull2float, unsigned long long, 18446744073709551616.0, float, nextafterf)
__CW_CASTS(ll2double, long long, 9223372036854775808.0, double, nextafter)
__CW_CASTS(ull2double, unsigned long long, 18446744073709551616.0, double, nextafter)
