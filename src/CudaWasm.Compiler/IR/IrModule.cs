using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.IR;

/// <summary>A kernel with all it needs: functions that were not inlined, and device globals.</summary>
public sealed class IrModule
{
    public required IrFunction Kernel { get; init; }

    /// <summary>Functions called and not inlined; may call each other and themselves.</summary>
    public List<IrFunction> Functions { get; } = [];

    /// <summary><c>__constant__</c> and <c>__device__</c> globals that are used.</summary>
    public List<IrVariable> Globals { get; } = [];

    /// <summary>Bytes of static shared memory, each variable at its alignment.</summary>
    public long StaticSharedBytes =>
        Kernel.Variables.Where(v => v.Space == IrSpace.Shared).Aggregate(0L, (end, v) => ((end + v.Alignment - 1) / v.Alignment * v.Alignment) + v.Bytes);
}

public sealed class IrFunction(string name, bool isKernel, IrType returnType, SourceSpan span)
{
    /// <summary>As a person would spell it: <c>scale&lt;float&gt;</c>.</summary>
    public string Name { get; } = name;

    public bool IsKernel { get; } = isKernel;

    public IrType ReturnType { get; } = returnType;

    public SourceSpan Span { get; } = span;

    public List<IrParameter> Parameters { get; } = [];

    public List<IrSlot> Slots { get; } = [];

    /// <summary>Shared and local variables in memory, those of inlined functions included.</summary>
    public List<IrVariable> Variables { get; } = [];

    public IrBlock Body { get; set; } = new();

    /// <summary>From <c>__launch_bounds__</c>; null where not given.</summary>
    public int? MaxThreadsPerBlock { get; set; }

    /// <summary>From <c>__launch_bounds__</c>; null where not given.</summary>
    public int? MinBlocksPerMultiprocessor { get; set; }
}

/// <summary>A parameter: a scalar, or an aggregate by value, whose bytes are read through <see cref="Variable"/>.</summary>
public sealed class IrParameter(string name, IrType type, int index)
{
    public string Name { get; } = name;

    /// <summary>Void for an aggregate.</summary>
    public IrType Type { get; } = type;

    public int Index { get; } = index;

    /// <summary>The read-only memory that holds an aggregate's bytes; null for a scalar.</summary>
    public IrVariable? Variable { get; init; }
}

/// <summary>A mutable scalar of one thread that has no address. Its value before the first assignment is zero.</summary>
public sealed class IrSlot(string name, IrType type, int index)
{
    public string Name { get; } = name;

    public IrType Type { get; } = type;

    public int Index { get; } = index;

    /// <summary>Where the barrier split put it.</summary>
    public IrSlotStorage Storage { get; set; }
}

public enum IrSlotStorage
{
    /// <summary>Lives within one thread's run through one region.</summary>
    Register,

    /// <summary>One value a thread of the block, kept over barriers.</summary>
    PerThread,

    /// <summary>One value for the block.</summary>
    Uniform,
}

public enum IrSpace
{
    /// <summary><c>__device__</c> globals.</summary>
    Global,

    /// <summary><c>__constant__</c> globals: kernels only read them.</summary>
    Constant,

    /// <summary>Static <c>__shared__</c>.</summary>
    Shared,

    /// <summary><c>extern __shared__</c>: all such variables of a kernel begin at the same address, its size comes with the launch.</summary>
    DynamicShared,

    /// <summary>A thread's own memory: arrays, aggregates, and whatever has its address taken.</summary>
    Local,

    /// <summary>A by-value aggregate parameter.</summary>
    Parameter,
}

/// <summary>A variable that lives in memory.</summary>
public sealed class IrVariable(string name, IrSpace space, long bytes, int alignment, SourceSpan span)
{
    public string Name { get; } = name;

    public IrSpace Space { get; } = space;

    /// <summary>Size; 0 for <see cref="IrSpace.DynamicShared"/>.</summary>
    public long Bytes { get; } = bytes;

    public int Alignment { get; } = alignment;

    public SourceSpan Span { get; } = span;

    /// <summary>The element a person thinks of when told an index: scalar type of the array, Void for mixed structs.</summary>
    public IrType ElementType { get; init; }

    /// <summary>First content of a global; null means zeros.</summary>
    public byte[]? InitialBytes { get; init; }
}
