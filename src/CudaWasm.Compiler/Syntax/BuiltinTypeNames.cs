namespace CudaWasm.Compiler.Syntax;

/// <summary>Type names that CUDA's and C's headers declare, which are types without any declaration.</summary>
internal static class BuiltinTypeNames
{
    private static readonly string[] VectorElements =
    [
        "char", "uchar", "short", "ushort", "int", "uint", "long", "ulong", "longlong", "ulonglong", "float", "double",
    ];

    private static readonly string[] Others =
    [
        "dim3", "size_t", "ssize_t", "ptrdiff_t", "intptr_t", "uintptr_t", "intmax_t", "uintmax_t", "nullptr_t", "max_align_t",
        "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t",
        "int_least8_t", "int_least16_t", "int_least32_t", "int_least64_t", "uint_least8_t", "uint_least16_t", "uint_least32_t", "uint_least64_t",
        "int_fast8_t", "int_fast16_t", "int_fast32_t", "int_fast64_t", "uint_fast8_t", "uint_fast16_t", "uint_fast32_t", "uint_fast64_t",
        "uint", "ushort", "uchar", "ulong", "u_int", "u_char", "u_short", "u_long", "off_t", "time_t", "va_list", "FILE", "clock_t",
        "half", "half2", "__half", "__half2", "__half_raw", "__half2_raw", "__nv_bfloat16", "__nv_bfloat162", "nv_bfloat16", "nv_bfloat162", "__nv_bfloat16_raw",
        "__nv_fp8_e4m3", "__nv_fp8_e5m2", "cuComplex", "cuFloatComplex", "cuDoubleComplex",
        "cudaTextureObject_t", "cudaSurfaceObject_t", "cudaStream_t", "cudaEvent_t", "cudaError_t", "cudaError", "cudaArray_t", "cudaArray", "cudaMipmappedArray_t",
        "cudaDeviceProp", "cudaChannelFormatDesc", "cudaResourceDesc", "cudaTextureDesc", "cudaExtent", "cudaPos", "cudaPitchedPtr", "cudaMemcpy3DParms",
        "cudaFuncAttributes", "cudaGraph_t", "cudaGraphExec_t", "cudaGraphNode_t", "cudaLaunchConfig_t", "cudaLaunchAttribute", "cudaMemPool_t", "cudaGraphicsResource",
        "cudaMemcpyKind", "cublasHandle_t", "cublasStatus_t", "cusparseHandle_t", "cufftHandle", "cufftComplex", "cufftReal", "cufftDoubleComplex", "cusolverDnHandle_t",
        "curandGenerator_t", "curandState", "curandState_t", "curandStateXORWOW", "curandStateXORWOW_t", "curandStatePhilox4_32_10", "curandStatePhilox4_32_10_t",
        "curandStateMRG32k3a", "curandStateMRG32k3a_t", "curandStateSobol32", "curandStateSobol32_t", "curandStateScrambledSobol32", "curandStateScrambledSobol32_t",
        "curandStateSobol64", "curandStateSobol64_t", "curandStateMtgp32", "curandStateMtgp32_t", "curandDirectionVectors32_t", "curandDirectionVectors64_t",
    ];

    private static readonly string[] Templates = ["texture", "surface"];

    /// <summary>A scope that holds them all.</summary>
    public static Scope CreateScope()
    {
        var scope = new Scope(ScopeKind.Namespace, null);
        foreach (var element in VectorElements)
        {
            for (var n = '1'; n <= '4'; n++) scope.Declare(element + n, SymbolKind.Type, isTemplate: false);
        }

        foreach (var name in Others) scope.Declare(name, SymbolKind.Type, isTemplate: false);
        foreach (var name in Templates) scope.Declare(name, SymbolKind.Type, isTemplate: true);
        return scope;
    }
}
