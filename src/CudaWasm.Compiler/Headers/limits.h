// std::numeric_limits and the traits that kernels choose code by.
#pragma once

namespace std {

template <typename T> struct numeric_limits { static constexpr bool is_specialized = false; };

#define __CW_INTEGER_LIMITS(T, LOW, HIGH, DIGITS, SIGNED)                                   \
    template <> struct numeric_limits<T> {                                                  \
        static constexpr bool is_specialized = true, is_integer = true, is_exact = true;    \
        static constexpr bool is_signed = SIGNED, has_infinity = false, has_quiet_NaN = false; \
        static constexpr int digits = DIGITS, radix = 2;                                    \
        __host__ __device__ static constexpr T min() { return LOW; }                        \
        __host__ __device__ static constexpr T lowest() { return LOW; }                     \
        __host__ __device__ static constexpr T max() { return HIGH; }                       \
        __host__ __device__ static constexpr T epsilon() { return 0; }                      \
        __host__ __device__ static constexpr T infinity() { return 0; }                     \
    };
__CW_INTEGER_LIMITS(bool, false, true, 1, false)
__CW_INTEGER_LIMITS(char, -128, 127, 7, true)
__CW_INTEGER_LIMITS(signed char, -128, 127, 7, true)
__CW_INTEGER_LIMITS(unsigned char, 0, 255, 8, false)
__CW_INTEGER_LIMITS(short, -32768, 32767, 15, true)
__CW_INTEGER_LIMITS(unsigned short, 0, 65535, 16, false)
__CW_INTEGER_LIMITS(int, -2147483647 - 1, 2147483647, 31, true)
__CW_INTEGER_LIMITS(unsigned int, 0u, 4294967295u, 32, false)
__CW_INTEGER_LIMITS(long, -9223372036854775807l - 1, 9223372036854775807l, 63, true)
__CW_INTEGER_LIMITS(unsigned long, 0ul, 18446744073709551615ul, 64, false)
__CW_INTEGER_LIMITS(long long, -9223372036854775807ll - 1, 9223372036854775807ll, 63, true)
__CW_INTEGER_LIMITS(unsigned long long, 0ull, 18446744073709551615ull, 64, false)
#undef __CW_INTEGER_LIMITS

template <> struct numeric_limits<float> {
    static constexpr bool is_specialized = true, is_integer = false, is_exact = false, is_signed = true, has_infinity = true, has_quiet_NaN = true;
    static constexpr int digits = 24, radix = 2, max_exponent = 128, min_exponent = -125;
    __host__ __device__ static constexpr float min() { return 1.17549435e-38f; }
    __host__ __device__ static constexpr float lowest() { return -3.40282347e+38f; }
    __host__ __device__ static constexpr float max() { return 3.40282347e+38f; }
    __host__ __device__ static constexpr float epsilon() { return 1.1920929e-7f; }
    __host__ __device__ static constexpr float infinity() { return 1e39f; }
    __host__ __device__ static constexpr float quiet_NaN() { return 1e39f - 1e39f; }
    __host__ __device__ static constexpr float denorm_min() { return 1.40129846e-45f; }
};

template <> struct numeric_limits<double> {
    static constexpr bool is_specialized = true, is_integer = false, is_exact = false, is_signed = true, has_infinity = true, has_quiet_NaN = true;
    static constexpr int digits = 53, radix = 2, max_exponent = 1024, min_exponent = -1021;
    __host__ __device__ static constexpr double min() { return 2.2250738585072014e-308; }
    __host__ __device__ static constexpr double lowest() { return -1.7976931348623157e+308; }
    __host__ __device__ static constexpr double max() { return 1.7976931348623157e+308; }
    __host__ __device__ static constexpr double epsilon() { return 2.2204460492503131e-16; }
    __host__ __device__ static constexpr double infinity() { return 1e309; }
    __host__ __device__ static constexpr double quiet_NaN() { return 1e309 - 1e309; }
    __host__ __device__ static constexpr double denorm_min() { return 4.9406564584124654e-324; }
};

}
