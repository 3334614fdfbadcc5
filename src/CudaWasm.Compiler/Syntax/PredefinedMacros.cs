using System.Text;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>
/// The macros that stand before the first line of a file: nvcc's own, gcc's that code asks for, and the constants of the C headers
/// and CUDA's math_constants.h, which nvcc includes by itself or which nearly every file includes. Infinities are literals too
/// large for their type; NaNs are bit patterns, as in math_constants.h.
/// </summary>
internal static class PredefinedMacros
{
    private const string Text = """
        #define __CUDACC__ 1
        #define __NVCC__ 1
        #define __CUDA_ARCH__ 800
        #define __CUDA_ARCH_LIST__ 800
        #define __CUDACC_VER_MAJOR__ 12
        #define __CUDACC_VER_MINOR__ 4
        #define __CUDACC_VER_BUILD__ 131
        #define __CUDACC_EXTENDED_LAMBDA__ 1
        #define __CUDACC_RELAXED_CONSTEXPR__ 1
        #define CUDA_VERSION 12040
        #define CUDART_VERSION 12040
        #define __cplusplus 201703L
        #define __STDC__ 1
        #define __STDC_HOSTED__ 1
        #define __GNUC__ 13
        #define __GNUC_MINOR__ 2
        #define __GNUC_PATCHLEVEL__ 0
        #define __GNUG__ 13
        #define __VERSION__ "13.2.0"
        #define __linux__ 1
        #define __linux 1
        #define linux 1
        #define __unix__ 1
        #define __unix 1
        #define __gnu_linux__ 1
        #define __ELF__ 1
        #define __x86_64__ 1
        #define __x86_64 1
        #define __amd64__ 1
        #define __LP64__ 1
        #define _LP64 1
        #define __CHAR_BIT__ 8
        #define __SIZEOF_SHORT__ 2
        #define __SIZEOF_INT__ 4
        #define __SIZEOF_LONG__ 8
        #define __SIZEOF_LONG_LONG__ 8
        #define __SIZEOF_POINTER__ 8
        #define __SIZEOF_SIZE_T__ 8
        #define __SIZEOF_FLOAT__ 4
        #define __SIZEOF_DOUBLE__ 8
        #define __SIZEOF_INT128__ 16
        #define __ORDER_LITTLE_ENDIAN__ 1234
        #define __ORDER_BIG_ENDIAN__ 4321
        #define __BYTE_ORDER__ 1234
        #define __DATE__ "Jan  1 1970"
        #define __TIME__ "00:00:00"
        #define __TIMESTAMP__ "Thu Jan  1 00:00:00 1970"

        #define __global__ __global__
        #define __device__ __device__
        #define __host__ __host__
        #define __shared__ __shared__
        #define __constant__ __constant__
        #define __managed__ __managed__
        #define __forceinline__ __forceinline__
        #define __noinline__ __noinline__
        #define __grid_constant__ __grid_constant__
        #define __launch_bounds__(...) __launch_bounds__(__VA_ARGS__)
        #define __cluster_dims__(...) __cluster_dims__(__VA_ARGS__)
        #define __maxnreg__(...) __maxnreg__(__VA_ARGS__)
        #define __align__(n) __align__(n)
        #define __builtin_align__(n) __align__(n)
        #define __cudart_builtin__
        #define __device_builtin__
        #define __nv_pure__
        #define __location__(a) a
        #define CUDARTAPI
        #define CUDART_CB
        #define CUDA_CB
        #define __CUDART_API_VERSION 12040

        #define NULL 0
        #define offsetof(type, member) ((size_t)&(((type*)0)->member))
        #define EXIT_SUCCESS 0
        #define EXIT_FAILURE 1
        #define RAND_MAX 2147483647

        #define CHAR_BIT 8
        #define CHAR_MIN (-128)
        #define CHAR_MAX 127
        #define SCHAR_MIN (-128)
        #define SCHAR_MAX 127
        #define UCHAR_MAX 255
        #define SHRT_MIN (-32768)
        #define SHRT_MAX 32767
        #define USHRT_MAX 65535
        #define INT_MIN (-2147483647 - 1)
        #define INT_MAX 2147483647
        #define UINT_MAX 4294967295U
        #define LONG_MIN (-9223372036854775807L - 1L)
        #define LONG_MAX 9223372036854775807L
        #define ULONG_MAX 18446744073709551615UL
        #define LLONG_MIN (-9223372036854775807LL - 1LL)
        #define LLONG_MAX 9223372036854775807LL
        #define ULLONG_MAX 18446744073709551615ULL
        #define INT8_MIN (-128)
        #define INT8_MAX 127
        #define UINT8_MAX 255
        #define INT16_MIN (-32768)
        #define INT16_MAX 32767
        #define UINT16_MAX 65535
        #define INT32_MIN (-2147483647 - 1)
        #define INT32_MAX 2147483647
        #define UINT32_MAX 4294967295U
        #define INT64_MIN (-9223372036854775807L - 1L)
        #define INT64_MAX 9223372036854775807L
        #define UINT64_MAX 18446744073709551615UL
        #define INTPTR_MIN INT64_MIN
        #define INTPTR_MAX INT64_MAX
        #define UINTPTR_MAX UINT64_MAX
        #define INTMAX_MIN INT64_MIN
        #define INTMAX_MAX INT64_MAX
        #define UINTMAX_MAX UINT64_MAX
        #define PTRDIFF_MIN INT64_MIN
        #define PTRDIFF_MAX INT64_MAX
        #define SIZE_MAX UINT64_MAX
        #define INT8_C(c) c
        #define INT16_C(c) c
        #define INT32_C(c) c
        #define INT64_C(c) c ## L
        #define UINT8_C(c) c
        #define UINT16_C(c) c
        #define UINT32_C(c) c ## U
        #define UINT64_C(c) c ## UL

        #define FLT_RADIX 2
        #define FLT_MANT_DIG 24
        #define FLT_DIG 6
        #define FLT_DECIMAL_DIG 9
        #define FLT_MIN_EXP (-125)
        #define FLT_MAX_EXP 128
        #define FLT_MIN_10_EXP (-37)
        #define FLT_MAX_10_EXP 38
        #define FLT_MAX 3.40282346638528859812e+38F
        #define FLT_MIN 1.17549435082228750797e-38F
        #define FLT_TRUE_MIN 1.40129846432481707092e-45F
        #define FLT_EPSILON 1.19209289550781250000e-7F
        #define DBL_MANT_DIG 53
        #define DBL_DIG 15
        #define DBL_DECIMAL_DIG 17
        #define DBL_MIN_EXP (-1021)
        #define DBL_MAX_EXP 1024
        #define DBL_MIN_10_EXP (-307)
        #define DBL_MAX_10_EXP 308
        #define DBL_MAX 1.79769313486231570815e+308
        #define DBL_MIN 2.22507385850720138309e-308
        #define DBL_TRUE_MIN 4.94065645841246544177e-324
        #define DBL_EPSILON 2.22044604925031308085e-16
        #define LDBL_MAX DBL_MAX
        #define LDBL_MIN DBL_MIN
        #define LDBL_EPSILON DBL_EPSILON
        #define MAXFLOAT FLT_MAX

        #define INFINITY (1e999f)
        #define NAN (__int_as_float(0x7fc00000))
        #define HUGE_VALF (1e999f)
        #define HUGE_VAL (1e9999)
        #define M_E 2.7182818284590452354
        #define M_LOG2E 1.4426950408889634074
        #define M_LOG10E 0.43429448190325182765
        #define M_LN2 0.69314718055994530942
        #define M_LN10 2.30258509299404568402
        #define M_PI 3.14159265358979323846
        #define M_PI_2 1.57079632679489661923
        #define M_PI_4 0.78539816339744830962
        #define M_1_PI 0.31830988618379067154
        #define M_2_PI 0.63661977236758134308
        #define M_2_SQRTPI 1.12837916709551257390
        #define M_SQRT2 1.41421356237309504880
        #define M_SQRT1_2 0.70710678118654752440
        #define M_PIf 3.14159265358979323846f

        #define CUDART_INF_F (1e999f)
        #define CUDART_NAN_F __int_as_float(0x7fffffff)
        #define CUDART_MIN_DENORM_F 1.40129846432481707092e-45f
        #define CUDART_MAX_NORMAL_F 3.40282346638528859812e+38f
        #define CUDART_NEG_ZERO_F (-0.0f)
        #define CUDART_ZERO_F 0.0f
        #define CUDART_ONE_F 1.0f
        #define CUDART_SQRT_HALF_F 0.707106781f
        #define CUDART_SQRT_HALF_HI_F 0.707106781f
        #define CUDART_SQRT_TWO_F 1.414213562f
        #define CUDART_THIRD_F 0.333333333f
        #define CUDART_PIO4_F 0.785398163f
        #define CUDART_PIO2_F 1.570796327f
        #define CUDART_3PIO4_F 2.356194490f
        #define CUDART_2_OVER_PI_F 0.636619772f
        #define CUDART_SQRT_2_OVER_PI_F 0.797884561f
        #define CUDART_PI_F 3.141592654f
        #define CUDART_L2E_F 1.442695041f
        #define CUDART_L2T_F 3.321928094f
        #define CUDART_LG2_F 0.301029996f
        #define CUDART_LGE_F 0.434294482f
        #define CUDART_LN2_F 0.693147181f
        #define CUDART_LNT_F 2.302585093f
        #define CUDART_LNPI_F 1.144729886f
        #define CUDART_TWO_TO_M126_F 1.175494351e-38f
        #define CUDART_TWO_TO_126_F 8.507059173e37f
        #define CUDART_TWO_TO_23_F 8388608.0f
        #define CUDART_TWO_TO_24_F 16777216.0f
        #define CUDART_INF (1e9999)
        #define CUDART_NAN __longlong_as_double(0xfff8000000000000ULL)
        #define CUDART_NEG_ZERO (-0.0)
        #define CUDART_MIN_DENORM 4.94065645841246544177e-324
        #define CUDART_ZERO 0.0
        #define CUDART_ONE 1.0
        #define CUDART_SQRT_TWO 1.4142135623730951e+0
        #define CUDART_SQRT_HALF 7.0710678118654757e-1
        #define CUDART_THIRD 3.3333333333333333e-1
        #define CUDART_PIO4 7.8539816339744828e-1
        #define CUDART_PIO2 1.5707963267948966e+0
        #define CUDART_3PIO4 2.3561944901923448e+0
        #define CUDART_2_OVER_PI 6.3661977236758138e-1
        #define CUDART_PI 3.1415926535897931e+0
        #define CUDART_L2E 1.4426950408889634e+0
        #define CUDART_LG2 3.0102999566398120e-1
        #define CUDART_LGE 4.3429448190325182e-1
        #define CUDART_LN2 6.9314718055994529e-1
        #define CUDART_LNT 2.3025850929940459e+0
        #define CUDART_LNPI 1.1447298858494002e+0
        """;

    /// <summary>The names of nvcc, gcc and the C headers.</summary>
    public static SourceText Source { get; } = new("<built-in>", Text);

    /// <summary>The definitions of the command line as a source.</summary>
    public static SourceText FromDefines(IReadOnlyDictionary<string, string> defines)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in defines) text.Append("#define ").Append(OneLine(name)).Append(' ').Append(OneLine(value)).Append('\n');
        return new SourceText("<command line>", text.ToString());

        static string OneLine(string value) => value.ReplaceLineEndings(" ");
    }
}
