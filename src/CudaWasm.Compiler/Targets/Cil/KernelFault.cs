using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>A place in generated code that may fault, and what is needed to tell about it.</summary>
/// <param name="Span">In the source.</param>
/// <param name="Code">What a fault here is, of <see cref="DiagnosticCodes"/>; of an access <see cref="DiagnosticCodes.OutOfBounds"/>.</param>
/// <param name="Root">The buffer or variable, where the compiler knows it.</param>
/// <param name="Access">The type that is read or written.</param>
/// <param name="Bytes">Size of the access.</param>
/// <param name="IsWrite">Writes, or updates.</param>
/// <param name="Message">Of a trap; of a read of a slot that was not assigned the slot's name.</param>
public sealed record FaultSite(SourceSpan Span, string Code, PointerRoot? Root = null, IrType Access = IrType.Void, long Bytes = 0, bool IsWrite = false, string? Message = null)
{
    /// <summary>As in <see cref="IrLoad.Alignment"/>; of a copy its alignment.</summary>
    public int Alignment { get; init; }

    public bool IsVolatile { get; init; }

    /// <summary>Of an atomic.</summary>
    public IrAtomicOp? Atomic { get; init; }

    /// <summary>Of an atomic: its result is used, so it may be what the thread waits for.</summary>
    public bool IsAwaited { get; init; }

    /// <summary>Of a read: the parts of it that are used, counted from its start; null for all.</summary>
    public IReadOnlyList<ByteRange>? Used { get; init; }

    /// <summary>Of a warp operation: it has a mask that names the lanes which must come.</summary>
    public bool NamesLanes { get; init; }
}

/// <summary>Thrown by generated code, and turned into words by the device, which knows the launch.</summary>
public sealed class KernelFault(int site, int thread) : Exception
{
    /// <summary>Index in <see cref="CilKernel.Sites"/>.</summary>
    public int Site { get; } = site;

    /// <summary>Linear index in the block.</summary>
    public int Thread { get; } = thread;

    /// <summary>Of an access through a pointer with a known root: bytes from the root's start.</summary>
    public long? Offset { get; init; }

    /// <summary>Of any other access: the tagged pointer.</summary>
    public long? Pointer { get; init; }

    /// <summary>Of a barrier in divergent code: a thread that did not come.</summary>
    public int? OtherThread { get; init; }
}

/// <summary>Thrown by generated code that saw <see cref="BlockContext.Cancel"/>.</summary>
public sealed class KernelCancelled : Exception;

/// <summary>What checked code calls. The methods that only throw are separate, so that the JIT moves the calls out of the hot path.</summary>
internal static unsafe class CilChecks
{
    [DoesNotReturn]
    public static void Access(long offset, int site, int thread) => throw new KernelFault(site, thread) { Offset = offset };

    [DoesNotReturn]
    public static void Fault(int site, int thread) => throw new KernelFault(site, thread);

    [DoesNotReturn]
    public static void Divergence(int thread, int other, int site) => throw new KernelFault(site, thread) { OtherThread = other };

    [DoesNotReturn]
    public static void Cancelled() => throw new KernelCancelled();

    /// <summary>The native address of an access of 2^shift bytes through any tagged pointer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Resolve(long pointer, BlockContext* context, int shift, int site, int thread)
    {
        var target = context->Objects + ((ulong)pointer >> 48);
        var offset = (pointer & CilPointer.OffsetMask) - CilPointer.Bias;
        // One comparison for both: a misaligned offset has low bits, which the rotation makes high ones.
        if (BitOperations.RotateRight((ulong)offset, shift) >= (ulong)target->Length >> shift) Pointer(pointer, site, thread);
        return (long)target->Base + offset;
    }

    /// <summary>The native address of a piece of memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long ResolveRange(long pointer, BlockContext* context, long bytes, int alignment, int site, int thread)
    {
        var target = context->Objects + ((ulong)pointer >> 48);
        var offset = (pointer & CilPointer.OffsetMask) - CilPointer.Bias;
        if (offset < 0 || bytes > target->Length - offset || (offset & (alignment - 1)) != 0) Pointer(pointer, site, thread);
        return (long)target->Base + offset;
    }

    [DoesNotReturn]
    private static void Pointer(long pointer, int site, int thread) => throw new KernelFault(site, thread) { Pointer = pointer };
}
