using System.Reflection.Emit;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Whether the lanes of an access stay inside of its object: one check for all of them. Which lane does not is found out in cold code.</summary>
internal sealed partial class CilEmitter
{
    private readonly Dictionary<(LocalBuilder Length, long Bytes), LocalBuilder> _laneLimits = [];
    private readonly Dictionary<(object Object, int Shift, int Size), LocalBuilder> _laneCounts = [];

    /// <summary>The access lane by lane, at the end of the method. Locals are as they are at the jump, whatever they are used for elsewhere.</summary>
    private void AddCold(Label slow, Label done, LaneAccess access, LocalBuilder[] values)
    {
        var mask = Mask;
        EmitLater(() =>
        {
            _il.MarkLabel(slow);
            EmitScattered(access, values, mask);
            _il.Emit(OpCodes.Br, done);
        });
    }

    /// <summary>
    /// Where the whole row of lanes does not fit: a fault, unless the lanes that are here do. They do if the first and the last of them do.
    /// </summary>
    private void AddFault(Label slow, Label go, LaneAccess access)
    {
        var mask = Mask;
        var site = _sites.Add(access.Site);
        EmitLater(() =>
        {
            _il.MarkLabel(slow);
            // Once: what cold code has twice, the JIT looks after at the expense of hot code.
            var bits = Acquire(typeof(int));
            PushMaskBits(mask);
            _il.Emit(OpCodes.Stloc, bits);
            if (mask is not null)
            {
                PushLaneRange(access);
                _il.Emit(OpCodes.Ldloc, bits);
                Call(typeof(LaneMemory), nameof(LaneMemory.IsInside));
                _il.Emit(OpCodes.Brtrue, go);
            }

            PushLaneRange(access);
            _il.Emit(OpCodes.Ldloc, bits);
            Release(bits);
            _il.Emit(OpCodes.Ldc_I4, site);
            _il.Emit(OpCodes.Ldloc, ThreadLocal);
            Call(typeof(LaneMemory), nameof(LaneMemory.Fault));
            _il.Emit(OpCodes.Ldnull);
            _il.Emit(OpCodes.Throw);
        });
    }

    private void PushLaneRange(LaneAccess access)
    {
        _il.Emit(OpCodes.Ldloc, access.Offset!);
        _il.Emit(OpCodes.Ldc_I8, access.Stride);
        PushLength(access.Object);
        _il.Emit(OpCodes.Ldc_I4, access.Type.Size());
    }

    /// <summary>No value of the indices leads outside.</summary>
    private bool IsInside(LaneAccess access) => access.Object is { Root: { } root, ConstantLength: { } length } && IsInside(access.Address, root, length, access.Type.Size());

    private bool IsInside(IrExpression address, PointerRoot root, long length, int bytes) =>
        _plan is not null && IsAligned(address, root, bytes) && _plan.Ranges.IsInside(address, length, bytes);

    /// <summary>Jumps unless the bytes from the first lane's place on are all inside the object, and aligned.</summary>
    private void EmitSpanCheck(LaneAccess access, long bytes, Label slow)
    {
        EmitAlignmentCheck(access, slow);
        _il.Emit(OpCodes.Ldloc, access.Offset!);
        PushLaneLimit(access.Object, bytes);
        _il.Emit(OpCodes.Bge_Un, slow);
    }

    /// <summary>One more than the last offset at which so many bytes are inside; 0 where they never are.</summary>
    private void PushLaneLimit(LaneObject target, long bytes)
    {
        if (target.ConstantLength is { } constant)
        {
            _il.Emit(OpCodes.Ldc_I8, Math.Max(0, constant - bytes + 1));
            return;
        }

        // A length looked up just now is not known when the method begins.
        if (target.Root is null)
        {
            PushLimit(target.Length!, bytes);
            return;
        }

        if (!_laneLimits.TryGetValue((target.Length!, bytes), out var limit))
        {
            limit = _il.DeclareLocal(typeof(long));
            _laneLimits.Add((target.Length!, bytes), limit);
            var kept = limit;
            _prologue.Add(() =>
            {
                PushLimit(target.Length!, bytes);
                _il.Emit(OpCodes.Stloc, kept);
            });
        }

        _il.Emit(OpCodes.Ldloc, limit);
    }

    private void PushLimit(LocalBuilder length, long bytes)
    {
        _il.Emit(OpCodes.Ldloc, length);
        _il.Emit(OpCodes.Ldc_I8, bytes - 1);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Ldc_I8, 0L);
        Call(typeof(Math), nameof(Math.Max), typeof(long), typeof(long));
    }

    /// <summary>Jumps if the first lane's offset is no multiple of the access's size.</summary>
    private void EmitAlignmentCheck(LaneAccess access, Label slow)
    {
        var size = access.Type.Size();
        if (size > 1 && !(access.Object.Root is { } root && IsAligned(access.Address, root, size)))
        {
            _il.Emit(OpCodes.Ldloc, access.Offset!);
            _il.Emit(OpCodes.Ldc_I8, size - 1L);
            _il.Emit(OpCodes.And);
            _il.Emit(OpCodes.Brtrue, slow);
        }
    }

    private void PushLength(LaneObject target)
    {
        if (target.ConstantLength is { } length) _il.Emit(OpCodes.Ldc_I8, length);
        else _il.Emit(OpCodes.Ldloc, target.Length!);
    }

    /// <summary>Jumps unless every active lane's index keeps the access inside: low &lt;= index &lt;= high, both from the first offset and the length.</summary>
    private void EmitIndexCheck(LaneAccess access, LocalBuilder[] index, int shift, Label slow)
    {
        if (access.IsFromStart)
        {
            EmitCountCheck(access, index, shift, slow);
            return;
        }

        EmitAlignmentCheck(access, slow);
        var (low, high, outside) = (Acquire(IntVector), Acquire(IntVector), AcquireVectors(IrType.I32));
        _il.Emit(OpCodes.Ldc_I8, 0L);
        _il.Emit(OpCodes.Ldloc, access.Offset!);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Ldc_I8, (1L << shift) - 1);
        _il.Emit(OpCodes.Add);
        StoreIndexLimit(low, shift, access.Varying!.Value.Index.Type.IsSigned() ? int.MinValue : 0L, int.MaxValue);
        PushLength(access.Object);
        _il.Emit(OpCodes.Ldloc, access.Offset!);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Ldc_I8, (long)access.Type.Size());
        _il.Emit(OpCodes.Sub);
        // The gather takes signed indices of at most eight bytes.
        StoreIndexLimit(high, shift, int.MinValue, int.MaxValue >> Math.Max(0, shift - 3));
        StoreParts(outside, row =>
        {
            _il.Emit(OpCodes.Ldloc, index[row]);
            _il.Emit(OpCodes.Ldloc, low);
            EmitBinary("LessThan", typeof(int));
            _il.Emit(OpCodes.Ldloc, index[row]);
            _il.Emit(OpCodes.Ldloc, high);
            EmitBinary("GreaterThan", typeof(int));
            EmitBinary("BitwiseOr", typeof(int));
            AndMask(Mask, row);
        });
        PushCombined(outside, "BitwiseOr");
        EmitBits();
        _il.Emit(OpCodes.Brtrue, slow);
        Release([low, high, .. outside]);
    }

    /// <summary>Jumps unless every active lane's index, taken as unsigned, is below the number of elements.</summary>
    private void EmitCountCheck(LaneAccess access, LocalBuilder[] index, int shift, Label slow)
    {
        var outside = AcquireVectors(IrType.I32);
        StoreParts(outside, row =>
        {
            _il.Emit(OpCodes.Ldloc, index[row]);
            EmitCast(typeof(int), typeof(uint));
            PushCount(access, shift);
            EmitCast(typeof(int), typeof(uint));
            EmitBinary("GreaterThanOrEqual", typeof(uint));
            EmitCast(typeof(uint), typeof(int));
            AndMask(Mask, row);
        });
        PushCombined(outside, "BitwiseOr");
        EmitBits();
        _il.Emit(OpCodes.Brtrue, slow);
        Release(outside);
    }

    /// <summary>The number of elements of an object in every lane of a register; not more than a gather can count.</summary>
    private void PushCount(LaneAccess access, int shift)
    {
        var (target, size) = (access.Object, access.Type.Size());
        var key = (target.Root!.Parameter ?? (object)target.Root.Variable!, shift, size);
        if (!_laneCounts.TryGetValue(key, out var count))
        {
            _laneCounts.Add(key, count = _il.DeclareLocal(IntVector));
            var kept = count;
            _prologue.Add(() =>
            {
                PushLength(target);
                _il.Emit(OpCodes.Ldc_I8, (1L << shift) - size);
                _il.Emit(OpCodes.Add);
                StoreIndexLimit(kept, shift, 0, int.MaxValue >> Math.Max(0, shift - 3));
            });
        }

        _il.Emit(OpCodes.Ldloc, count);
    }

    /// <summary>The bytes on the stack as an index within bounds, in every lane of a register.</summary>
    private void StoreIndexLimit(LocalBuilder limit, int shift, long least, long most)
    {
        _il.Emit(OpCodes.Ldc_I4, shift);
        _il.Emit(OpCodes.Shr);
        _il.Emit(OpCodes.Ldc_I8, least);
        Call(typeof(Math), nameof(Math.Max), typeof(long), typeof(long));
        _il.Emit(OpCodes.Ldc_I8, most);
        Call(typeof(Math), nameof(Math.Min), typeof(long), typeof(long));
        _il.Emit(OpCodes.Conv_I4);
        EmitCreate(typeof(int));
        _il.Emit(OpCodes.Stloc, limit);
    }
}
