using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Inspection;

/// <summary>What a kernel asks of a device beyond scalar arithmetic and buffers.</summary>
public enum KernelFeature
{
    /// <summary>Static <c>__shared__</c> memory.</summary>
    StaticShared,

    /// <summary><c>extern __shared__</c> memory: the launch says how much.</summary>
    DynamicShared,

    /// <summary>Arrays or structs of each thread that live in memory.</summary>
    LocalMemory,

    /// <summary><c>__constant__</c> globals, and tables of constants.</summary>
    ConstantMemory,

    /// <summary><c>__device__</c> globals.</summary>
    DeviceGlobals,

    /// <summary><c>__syncthreads</c> and its kin.</summary>
    Barriers,

    /// <summary><c>__syncthreads_count</c>, <c>_and</c>, <c>_or</c>.</summary>
    BarrierReductions,

    /// <summary><c>grid.sync()</c>: all blocks run at the same time.</summary>
    GridSync,
    WarpSync,
    WarpShuffle,
    WarpVote,
    WarpMatch,
    WarpReduce,

    /// <summary>Atomics of 32-bit integers.</summary>
    Atomics32,

    /// <summary>Atomics of 64-bit integers.</summary>
    Atomics64,

    /// <summary>Atomics of 16-bit integers.</summary>
    Atomics16,

    /// <summary>Atomics of floating-point numbers.</summary>
    FloatAtomics,

    /// <summary><c>__threadfence</c> and its kin.</summary>
    Fences,

    /// <summary>Accesses that must not be kept in registers.</summary>
    VolatileAccess,
    Fp64,
    Fp16,
    Bf16,
    Int64,
    Printf,

    /// <summary><c>clock</c>, <c>clock64</c> and the global timer.</summary>
    Clock,

    /// <summary><c>malloc</c>, <c>free</c>, <c>new</c> and <c>delete</c>.</summary>
    Heap,
    Assert,
    Trap,

    /// <summary>Functions that are called and not inlined.</summary>
    Calls,

    /// <summary>Functions that call themselves.</summary>
    Recursion,

    /// <summary>Pointers read from memory.</summary>
    PointersInMemory,
    Textures,
    Surfaces,
}

/// <summary>A feature where a kernel first uses it.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Detail">What of it is used: <c>add f32, compareExchange u64</c>; empty where there is nothing to add.</param>
/// <param name="Span">The first use; without a source where it has no place of its own.</param>
public sealed record KernelFeatureUse(KernelFeature Feature, string Detail, SourceSpan Span)
{
    public override string ToString() => Detail.Length == 0 ? Feature.ToString() : $"{Feature}({Detail})";
}
