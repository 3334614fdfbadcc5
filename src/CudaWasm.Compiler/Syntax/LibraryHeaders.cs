using System.Collections.Frozen;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>Headers that come with CUDA or the host's libraries. No kernel needs their text: what they declare for device code is built in.</summary>
internal static class LibraryHeaders
{
    private static readonly string[] Folders =
    [
        "thrust/", "cub/", "cuda/", "cooperative_groups/", "cutlass/", "cute/", "nv/", "nvtx3/", "mma/", "crt/", "sys/", "bits/", "GL/", "boost/", "hip/", "CL/",
        "openmpi/", "unsupported/", "Eigen/", "arpa/", "netinet/",
    ];

    private static readonly string[] Prefixes =
    [
        "cuda", "cublas", "curand", "cufft", "cusparse", "cusolver", "cudnn", "nccl", "nvml", "nvtx", "nvToolsExt", "nvrtc", "nvcuvid", "npp", "nvjpeg",
        "device_", "vector_", "math_", "sm_", "texture_", "surface_", "driver_", "channel_descriptor", "helper_", "exception.h", "cooperative_groups",
    ];

    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.Ordinal,
        "mma.h", "cuComplex.h", "host_defines.h", "host_config.h", "builtin_types.h", "common_functions.h", "library_types.h", "cutil.h", "cutil_inline.h",
        "cutil_math.h", "shrUtils.h", "sdkHelper.h", "timer.h", "drvapi_error_string.h", "stdio.h", "stdlib.h", "string.h", "math.h", "time.h", "assert.h", "stdint.h",
        "stddef.h", "stdbool.h", "stdarg.h", "limits.h", "float.h", "ctype.h", "errno.h", "signal.h", "inttypes.h", "complex.h", "fcntl.h", "unistd.h", "malloc.h", "memory.h",
        "getopt.h", "pthread.h", "dirent.h", "omp.h", "mpi.h", "windows.h", "strings.h", "locale.h", "setjmp.h", "fenv.h", "tgmath.h", "wchar.h", "png.h", "zlib.h");

    /// <summary>What assert.h makes of <c>assert</c> where NDEBUG is set; else a call of <c>assert</c> is a device built-in.</summary>
    private static readonly SourceText Assert = new("assert.h", "#ifdef NDEBUG\n#undef assert\n#define assert(...) ((void)0)\n#endif\n");

    /// <summary>True for a header that needs no file.</summary>
    public static bool IsKnown(string name) =>
        Names.Contains(name)
        || !name.Contains('.', StringComparison.Ordinal)
        || Array.Exists(Folders, f => name.StartsWith(f, StringComparison.Ordinal))
        || Array.Exists(Prefixes, p => name.StartsWith(p, StringComparison.Ordinal));

    /// <summary>The text of a header whose macros change what the file means, else null.</summary>
    public static SourceText? Definitions(string name) => name is "assert.h" or "cassert" ? Assert : null;
}
