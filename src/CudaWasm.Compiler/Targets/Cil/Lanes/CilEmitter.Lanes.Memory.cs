using System.Numerics;
using System.Reflection.Emit;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    // Areas of BlockContext.Lanes for accesses lane by lane; spilled slots lie behind them.
    private const int AddressArea = 0;
    private const int ValueArea = LaneMemory.ValueBytes;
    private const int IndexArea = 2 * LaneMemory.ValueBytes;
    private const int SpillArea = 3 * LaneMemory.ValueBytes;

    private readonly Dictionary<(LocalBuilder Length, long Bytes), LocalBuilder> _laneLimits = [];

    /// <summary>The object that the lanes of an access share, and how their places in it are told apart.</summary>
    /// <param name="Base">Native address of its first byte (of the first lane's copy of a local variable).</param>
    /// <param name="Length">Bytes of it, where known only at run time.</param>
    /// <param name="ConstantLength">Bytes of it, where known now.</param>
    /// <param name="Root">For faults.</param>
    /// <param name="Own">The local variable that each lane has a copy of.</param>
    private sealed record LaneObject(LocalBuilder? Base, LocalBuilder? Length, long? ConstantLength, PointerRoot? Root, IrVariable? Own);

    /// <summary>An index that lanes do not share, and its scale in bytes.</summary>
    private readonly record struct LaneTerm(IrExpression Index, long Scale, LaneShape Shape);

    /// <summary>An access taken apart: the first lane's offset, what the lanes add to it, and the index that has no pattern.</summary>
    private sealed record LaneAccess(LaneObject Object, LocalBuilder? Offset, long Stride, LaneTerm? Varying, IrExpression Address, IrType Type, bool IsWrite, SourceSpan Span);

    /// <summary>Reads for all active lanes into locals.</summary>
    private LocalBuilder[] EmitLaneLoad(IrLoad load)
    {
        var access = TakeApart(load.Address, load.Type, false, load.Span);
        var values = AcquireVectors(load.Type);
        EmitAccess(access, values);
        if (access.Offset is not null) Release(access.Offset);
        return values;
    }

    private void EmitLaneStore(IrStore store)
    {
        Prepare(store.Value);
        var values = Materialize(store.Value);
        var access = TakeApart(store.Address, store.Value.Type, true, store.Span);
        EmitAccess(access, values);
        if (access.Offset is not null) Release(access.Offset);
    }

    private LaneAccess TakeApart(IrExpression address, IrType type, bool isWrite, SourceSpan span)
    {
        var terms = new List<LaneTerm>();
        var constant = 0L;
        var start = address;
        for (; start is IrAddress e; start = e.Base)
        {
            constant += e.Offset;
            if (e.Index is { } index) terms.Add(new LaneTerm(index, e.Scale, _lanes!.Shape(index)));
        }

        var varying = terms.Where(t => t.Shape.IsVarying).ToList();
        var stride = terms.Where(t => t.Shape.IsAffine).Sum(t => t.Shape.Stride!.Value * t.Scale);
        var shape = _lanes!.Shape(start);
        var isPlain = shape.IsAffine && varying.Count <= 1
            && varying.All(t => VectorIsa.Parts(t.Index.Type) == 1 && BitOperations.IsPow2(t.Scale));
        var target = FindObject(start);
        if (!isPlain || target is null)
        {
            Prepare(address);
            return new LaneAccess(target ?? new LaneObject(null, null, null, null, null), null, 0, null, address, type, isWrite, span);
        }

        foreach (var term in varying) Prepare(term.Index);
        stride += shape.Stride!.Value;
        var offset = Acquire(typeof(long));
        // Everything but the varying index, for the first lane.
        var pushed = target.Root is null ? PushPointerOffset(start) : EmitOffset(start, target.Root);
        foreach (var term in terms.Where(t => t.Shape.IsAffine))
        {
            EmitLaneIndex(term);
            if (pushed) _il.Emit(OpCodes.Add);
            pushed = true;
        }

        if (constant != 0 || !pushed)
        {
            _il.Emit(OpCodes.Ldc_I8, constant);
            if (pushed) _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Stloc, offset);
        return new LaneAccess(target, offset, stride, varying.Count > 0 ? varying[0] : null, address, type, isWrite, span);
    }

    /// <summary>
    /// The first lane's index in bytes. An unsigned index that counts up through zero is taken as signed, so that the lanes stay in a row;
    /// one that is truly so large leads outside either way, as lanes are not used with buffers that it could reach.
    /// </summary>
    private void EmitLaneIndex(LaneTerm term)
    {
        Emit(term.Index);
        if (term.Index.Type.Size() < 8) _il.Emit(term.Index.Type == IrType.U32 && term.Shape.IsUniform ? OpCodes.Conv_U8 : OpCodes.Conv_I8);
        if (term.Scale == 1) return;
        _il.Emit(OpCodes.Ldc_I8, term.Scale);
        _il.Emit(OpCodes.Mul);
    }

    /// <summary>The object a pointer that the lanes share points into; null where each lane's own pointer must be looked up.</summary>
    private LaneObject? FindObject(IrExpression pointer)
    {
        if (_provenance.Root(pointer) is { } root)
        {
            var code = Root(root);
            return new LaneObject(_checked ? code.Base : code.Tag!, code.Length, code.ConstantLength, root, root.Variable is { Space: IrSpace.Local } variable ? variable : null);
        }

        if (!_checked)
        {
            return new LaneObject(null, null, null, null, null);
        }

        if (_lanes!.Shape(pointer).IsVarying) return null;
        Prepare(pointer);
        KeepScalar(pointer);
        var (start, length) = (Acquire(typeof(long)), Acquire(typeof(long)));
        _borrowed.Add(start);
        _borrowed.Add(length);
        EmitEntry(() =>
        {
            PushScalar(pointer);
            _il.Emit(OpCodes.Ldc_I4, 48);
            _il.Emit(OpCodes.Shr_Un);
        });
        _il.Emit(OpCodes.Dup);
        _il.Emit(OpCodes.Ldfld, typeof(MemoryObject).GetField(nameof(MemoryObject.Length))!);
        _il.Emit(OpCodes.Stloc, length);
        _il.Emit(OpCodes.Ldfld, typeof(MemoryObject).GetField(nameof(MemoryObject.Base))!);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Stloc, start);
        return new LaneObject(start, length, null, null, null);
    }

    private void PushScalar(IrExpression e)
    {
        if (_laneScalars.TryGetValue(e, out var local)) _il.Emit(OpCodes.Ldloc, local);
        else Emit(e);
    }

    /// <summary>The offset in its object of a pointer whose object was looked up; the whole address in unchecked code.</summary>
    private bool PushPointerOffset(IrExpression pointer)
    {
        PushScalar(pointer);
        if (!_checked) return true;
        _il.Emit(OpCodes.Ldc_I8, CilPointer.OffsetMask);
        _il.Emit(OpCodes.And);
        _il.Emit(OpCodes.Ldc_I8, CilPointer.Bias);
        _il.Emit(OpCodes.Sub);
        return true;
    }

    private void EmitAccess(LaneAccess access, LocalBuilder[] values)
    {
        var done = _il.DefineLabel();
        if (access.Offset is null)
        {
            EmitScattered(access, values, Mask);
            return;
        }

        var bytes = access.Type.Size();
        var own = access.Object.Own;
        if (access.Varying is not null)
        {
            EmitIndexed(access, values);
            return;
        }

        var isOwn = own is not null;
        var isContiguous = isOwn ? access.Stride == 0 && IsInterleaved(own!) : access.Stride == bytes;
        if (!isContiguous)
        {
            if (!isOwn && access.IsWrite && access.Stride == 0) EmitCommonStore(access, values);
            else if (!isOwn && HasIndexed(access) && Math.Abs(access.Stride) < 1 << 24) EmitStrided(access, values);
            else EmitScattered(access, values, Mask);
            return;
        }

        var isNarrow = bytes < 4 && !isOwn;
        var go = _il.DefineLabel();
        if (_checked && !IsInside(access))
        {
            var slow = _il.DefineLabel();
            EmitSpanCheck(access, isOwn ? bytes : (long)bytes * _block.Lanes, slow);
            if (isNarrow && Mask is not null) AddCold(slow, done, access, values);
            else AddFault(slow, go, access);
        }

        _il.MarkLabel(go);
        if (Mask is { } active && !isNarrow && !isOwn) EmitMasked(access, values, active);
        else if (Mask is not null && access.IsWrite) EmitMasked(access, values, Mask);
        else EmitPlain(access, values);
        _il.MarkLabel(done);
    }

    private void EmitPlain(LaneAccess access, LocalBuilder[] values)
    {
        PushPlace(access);
        if (access.IsWrite) EmitVectorStore(access.Type, values);
        else EmitVectorLoad(access.Type, values);
    }

    /// <summary>The access lane by lane, at the end of the method. Locals are as they are at the jump, whatever they are used for elsewhere.</summary>
    private void AddCold(Label slow, Label done, LaneAccess access, LocalBuilder[] values)
    {
        var mask = Mask;
        _cold.Add(() =>
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
        var site = _sites.Add(new FaultSite(access.Span, DiagnosticCodes.OutOfBounds, access.Object.Root, access.Type, access.Type.Size(), access.IsWrite));
        _cold.Add(() =>
        {
            _il.MarkLabel(slow);
            PushLaneRange(access);
            PushMaskBits(mask);
            if (mask is not null)
            {
                Call(typeof(LaneMemory), nameof(LaneMemory.IsInside));
                _il.Emit(OpCodes.Brtrue, go);
                PushLaneRange(access);
                PushMaskBits(mask);
            }

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
        if (access.Object.ConstantLength is { } length) _il.Emit(OpCodes.Ldc_I8, length);
        else _il.Emit(OpCodes.Ldloc, access.Object.Length!);
        _il.Emit(OpCodes.Ldc_I4, access.Type.Size());
    }

    /// <summary>No value of the indices leads outside.</summary>
    private bool IsInside(LaneAccess access) => access.Object is { Root: { } root, ConstantLength: { } length } && IsInside(access.Address, root, length, access.Type.Size());

    private bool IsInside(IrExpression address, PointerRoot root, long length, int bytes) =>
        _plan is not null && IsAligned(address, root, bytes) && _plan.Ranges.IsInside(address, length, bytes);

    /// <summary>Puts the native address of the first lane's element on the stack.</summary>
    private void PushPlace(LaneAccess access)
    {
        _il.Emit(OpCodes.Ldloc, access.Offset!);
        if (access.Object.Own is { } own && IsInterleaved(own))
        {
            _il.Emit(OpCodes.Ldc_I8, (long)_block.Lanes);
            _il.Emit(OpCodes.Mul);
        }

        if (access.Object.Base is not null)
        {
            _il.Emit(OpCodes.Ldloc, access.Object.Base);
            _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Conv_I);
    }

    /// <summary>Jumps unless the bytes from the first lane's place on are all inside the object, and aligned.</summary>
    private void EmitSpanCheck(LaneAccess access, long bytes, Label slow)
    {
        var size = access.Type.Size();
        if (size > 1 && !(access.Object.Root is { } root && IsAligned(access.Address, root, size)))
        {
            _il.Emit(OpCodes.Ldloc, access.Offset!);
            _il.Emit(OpCodes.Ldc_I8, size - 1L);
            _il.Emit(OpCodes.And);
            _il.Emit(OpCodes.Brtrue, slow);
        }

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

    /// <summary>All lanes write one element: the last of them that is here does.</summary>
    private void EmitCommonStore(LaneAccess access, LocalBuilder[] values)
    {
        var (lane, place) = (Acquire(typeof(int)), Acquire(typeof(long)));
        EmitAddress(access.Address, access.Type.Size(), access.Type, access.Span, true);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Stloc, place);
        Spill(values, ValueArea);
        PushMaskBits(Mask);
        _il.Emit(OpCodes.Call, typeof(BitOperations).GetMethod(nameof(BitOperations.Log2), [typeof(uint)])!);
        _il.Emit(OpCodes.Stloc, lane);
        _il.Emit(OpCodes.Ldloc, place);
        _il.Emit(OpCodes.Conv_I);
        PushSpilled(ValueArea, lane, access.Type);
        EmitLoad(SpillType(access.Type), false);
        if (access.Type == IrType.Bool) _il.Emit(OpCodes.Neg);
        EmitStore(access.Type, false);
        Release(lane);
        Release(place);
    }

    /// <summary>There is code for elements of this size at indices of their own.</summary>
    private static bool HasIndexed(LaneAccess access) => access.IsWrite ? access.Type.Size() == 4 && VectorIsa.Element(access.Type) is var e && (e == typeof(int) || e == typeof(float)) : true;

    /// <summary>Reads or writes elements at a constant distance.</summary>
    private void EmitStrided(LaneAccess access, LocalBuilder[] values)
    {
        var (slow, go) = (_il.DefineLabel(), _il.DefineLabel());
        if (_checked && !IsInside(access))
        {
            var span = (Math.Abs(access.Stride) * (_block.Lanes - 1)) + access.Type.Size();
            if (access.Stride < 0)
            {
                // The last lane is the lowest.
                var first = Acquire(typeof(long));
                _il.Emit(OpCodes.Ldloc, access.Offset!);
                _il.Emit(OpCodes.Ldc_I8, access.Stride * (_block.Lanes - 1));
                _il.Emit(OpCodes.Add);
                _il.Emit(OpCodes.Stloc, first);
                EmitSpanCheck(access with { Offset = first }, span, slow);
                Release(first);
            }
            else
            {
                EmitSpanCheck(access, span, slow);
            }

            AddFault(slow, go, access);
        }

        _il.MarkLabel(go);
        EmitAtIndices(access, values, () => EmitSequence(typeof(int), access.Stride, 0), 1);
    }

    /// <summary>Reads or writes at the first lane's place + index * scale; nothing is checked.</summary>
    private void EmitAtIndices(LaneAccess access, LocalBuilder[] values, Action pushIndex, int scale)
    {
        var element = VectorIsa.Element(access.Type);
        if (access.IsWrite || access.Type.Size() < 4)
        {
            var area = Acquire(typeof(long));
            PushArea(IndexArea);
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Stloc, area);
            pushIndex();
            _il.Emit(OpCodes.Ldloc, area);
            _il.Emit(OpCodes.Conv_I);
            EmitRegisterStore(typeof(int));
            if (access.IsWrite) Spill(values, ValueArea);
            PushPlace(access);
            _il.Emit(OpCodes.Ldloc, area);
            _il.Emit(OpCodes.Conv_I);
            Release(area);
            _il.Emit(OpCodes.Ldc_I4, scale);
            PushMaskBits(Mask);
            if (!access.IsWrite) _il.Emit(OpCodes.Ldc_I4, (int)access.Type);
            PushArea(ValueArea);
            Call(typeof(LaneMemory), access.IsWrite ? nameof(LaneMemory.Scatter) : nameof(LaneMemory.GatherNarrow));
            if (!access.IsWrite) Unspill(values, ValueArea);
            return;
        }

        for (var part = 0; part < values.Length; part++)
        {
            PushPlace(access);
            pushIndex();
            PushActive();
            if (values.Length == 2)
            {
                EmitMaskCast(typeof(long), part);
                _il.Emit(OpCodes.Ldc_I4, part);
                _il.Emit(OpCodes.Ldc_I4, scale);
                var longs = _isa.Vector(typeof(long));
                CallLanes(typeof(LaneMemory), nameof(LaneMemory.GatherWide), typeof(byte*), IntVector, longs, typeof(int), typeof(int));
                EmitCast(typeof(long), element);
            }
            else
            {
                _il.Emit(OpCodes.Ldc_I4, scale);
                CallLanes(typeof(LaneMemory), nameof(LaneMemory.Gather), typeof(byte*), IntVector, IntVector, typeof(int));
                EmitCast(typeof(int), element);
            }

            _il.Emit(OpCodes.Stloc, values[part]);
        }
    }

    private void PushActive()
    {
        if (Mask is { } mask)
        {
            _il.Emit(OpCodes.Ldloc, mask);
            return;
        }

        _il.Emit(OpCodes.Ldc_I4_M1);
        EmitCreate(typeof(int));
    }

    /// <summary>One index of 32 bits a lane, checked as a vector.</summary>
    private void EmitIndexed(LaneAccess access, LocalBuilder[] values)
    {
        var term = access.Varying!.Value;
        var (size, own) = (access.Type.Size(), access.Object.Own);
        var shift = BitOperations.Log2((ulong)term.Scale);
        if (own is not null || !HasIndexed(access) || size > term.Scale || access.Stride != 0 || access.Object.Base is null || shift > 8)
        {
            EmitScattered(access, values, Mask);
            return;
        }

        var slow = _il.DefineLabel();
        var index = Acquire(IntVector);
        PushLanes(term.Index, 0);
        _il.Emit(OpCodes.Stloc, index);
        if (_checked && !IsInside(access))
        {
            EmitIndexCheck(access, index, shift, slow);
            var mask = Mask;
            _cold.Add(() =>
            {
                // Reads nothing: the check of its lanes faults.
                _il.MarkLabel(slow);
                EmitScattered(access, values, mask, index);
                _il.Emit(OpCodes.Ldnull);
                _il.Emit(OpCodes.Throw);
            });
        }

        EmitAtIndices(
            access,
            values,
            () =>
            {
                _il.Emit(OpCodes.Ldloc, index);
                if (shift <= 3) return;
                _il.Emit(OpCodes.Ldc_I4, shift - 3);
                EmitVector("ShiftLeft", typeof(int), IntVector, typeof(int));
            },
            1 << Math.Min(3, shift));
        Release(index);
    }

    /// <summary>Jumps unless every active lane's index keeps the access inside: low &lt;= index &lt;= high, both from the first offset and the length.</summary>
    private void EmitIndexCheck(LaneAccess access, LocalBuilder index, int shift, Label slow)
    {
        var size = access.Type.Size();
        if (size > 1 && !(access.Object.Root is { } root && IsAligned(access.Address, root, size)))
        {
            _il.Emit(OpCodes.Ldloc, access.Offset!);
            _il.Emit(OpCodes.Ldc_I8, size - 1L);
            _il.Emit(OpCodes.And);
            _il.Emit(OpCodes.Brtrue, slow);
        }

        // index < low
        _il.Emit(OpCodes.Ldloc, index);
        _il.Emit(OpCodes.Ldc_I8, 0L);
        _il.Emit(OpCodes.Ldloc, access.Offset!);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Ldc_I8, (1L << shift) - 1);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldc_I4, shift);
        _il.Emit(OpCodes.Shr);
        _il.Emit(OpCodes.Ldc_I8, access.Varying!.Value.Index.Type.IsSigned() ? int.MinValue : 0L);
        Call(typeof(Math), nameof(Math.Max), typeof(long), typeof(long));
        _il.Emit(OpCodes.Ldc_I8, (long)int.MaxValue);
        Call(typeof(Math), nameof(Math.Min), typeof(long), typeof(long));
        _il.Emit(OpCodes.Conv_I4);
        EmitCreate(typeof(int));
        EmitBinary("LessThan", typeof(int));
        // index > high
        _il.Emit(OpCodes.Ldloc, index);
        if (access.Object.ConstantLength is { } constant) _il.Emit(OpCodes.Ldc_I8, constant);
        else _il.Emit(OpCodes.Ldloc, access.Object.Length!);
        _il.Emit(OpCodes.Ldloc, access.Offset!);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Ldc_I8, (long)access.Type.Size());
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Ldc_I4, shift);
        _il.Emit(OpCodes.Shr);
        _il.Emit(OpCodes.Ldc_I8, (long)int.MinValue);
        Call(typeof(Math), nameof(Math.Max), typeof(long), typeof(long));
        // The gather takes signed indices of at most eight bytes.
        _il.Emit(OpCodes.Ldc_I8, (long)(int.MaxValue >> Math.Max(0, shift - 3)));
        Call(typeof(Math), nameof(Math.Min), typeof(long), typeof(long));
        _il.Emit(OpCodes.Conv_I4);
        EmitCreate(typeof(int));
        EmitBinary("GreaterThan", typeof(int));
        EmitBinary("BitwiseOr", typeof(int));
        if (Mask is { } mask)
        {
            _il.Emit(OpCodes.Ldloc, mask);
            EmitBinary("BitwiseAnd", typeof(int));
        }

        EmitVector("ExtractMostSignificantBits", typeof(int), IntVector);
        _il.Emit(OpCodes.Brtrue, slow);
    }

    /// <summary>Does an access lane by lane: spreads the offsets, checks them, makes them addresses, and reads or writes.</summary>
    /// <param name="access">What to do.</param>
    /// <param name="values">The registers read or written.</param>
    /// <param name="mask">Active lanes.</param>
    /// <param name="index">The varying index in a local.</param>
    private void EmitScattered(LaneAccess access, LocalBuilder[] values, LocalBuilder? mask, LocalBuilder? index = null)
    {
        EmitAddresses(access, mask, index);
        if (access.IsWrite) Spill(values, ValueArea);
        PushArea(ValueArea);
        PushArea(AddressArea);
        PushMaskBits(mask);
        _il.Emit(OpCodes.Ldc_I4, (int)access.Type);
        Call(typeof(LaneMemory), access.IsWrite ? nameof(LaneMemory.Store) : nameof(LaneMemory.Load));
        if (!access.IsWrite) Unspill(values, ValueArea);
    }

    /// <summary>Fills the address area with the native addresses of the active lanes, checked.</summary>
    private void EmitAddresses(LaneAccess access, LocalBuilder? mask, LocalBuilder? index)
    {
        var (type, size, target) = (access.Type, access.Type.Size(), access.Object);
        EmitSpread(access, index);
        if (_checked)
        {
            var site = _sites.Add(new FaultSite(access.Span, DiagnosticCodes.OutOfBounds, target.Root, type, size, access.IsWrite));
            PushArea(AddressArea);
            if (access.Offset is null && target.Root is null)
            {
                _il.Emit(OpCodes.Ldarg_0);
                PushMaskBits(mask);
                _il.Emit(OpCodes.Ldc_I4, BitOperations.Log2((uint)size));
                _il.Emit(OpCodes.Ldc_I4, site);
                _il.Emit(OpCodes.Ldloc, ThreadLocal);
                Call(typeof(LaneMemory), nameof(LaneMemory.Resolve));
            }
            else
            {
                EmitPlaceCall(target, size, site, mask);
            }
        }

        if (target.Own is not { } own) return;
        PushArea(AddressArea);
        if (IsInterleaved(own))
        {
            _il.Emit(OpCodes.Ldloc, target.Base!);
            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Ldc_I4, _block.Lanes);
            _il.Emit(OpCodes.Ldc_I4, size);
            PushMaskBits(mask);
            Call(typeof(LaneMemory), nameof(LaneMemory.Interleave));
        }
        else
        {
            _il.Emit(OpCodes.Ldc_I8, CilLayout.Stride(own));
            PushMaskBits(mask);
            Call(typeof(LaneMemory), nameof(LaneMemory.Own));
        }
    }

    private void EmitPlaceCall(LaneObject target, int size, int site, LocalBuilder? mask)
    {
        _il.Emit(OpCodes.Ldloc, target.Base!);
        _il.Emit(OpCodes.Conv_I);
        if (target.ConstantLength is { } length) _il.Emit(OpCodes.Ldc_I8, length);
        else _il.Emit(OpCodes.Ldloc, target.Length!);
        PushMaskBits(mask);
        _il.Emit(OpCodes.Ldc_I4, size);
        _il.Emit(OpCodes.Ldc_I4, site);
        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        Call(typeof(LaneMemory), nameof(LaneMemory.Place));
    }

    /// <summary>Fills the address area: with offsets in the object, or with pointers where lanes may have objects of their own.</summary>
    private void EmitSpread(LaneAccess access, LocalBuilder? index)
    {
        if (access.Offset is null)
        {
            for (var part = 0; part < 2; part++)
            {
                PushLanes(access.Address, part);
                if (access.Object.Root is { } root)
                {
                    // Offsets from the object's first byte; native addresses in unchecked code.
                    EmitTag(Root(root));
                    EmitCreate(typeof(long));
                    EmitBinary("Subtract", typeof(long));
                    if (!_checked) AddBase(access.Object);
                }

                PushArea(AddressArea + (part * _isa.Bits / 8));
                _il.Emit(OpCodes.Conv_I);
                EmitRegisterStore(typeof(long));
            }

            return;
        }

        if (access.Varying is { } term)
        {
            PushArea(IndexArea);
            var pointer = Acquire(typeof(long));
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Stloc, pointer);
            if (index is not null) _il.Emit(OpCodes.Ldloc, index);
            else PushLanes(term.Index, 0);
            _il.Emit(OpCodes.Ldloc, pointer);
            _il.Emit(OpCodes.Conv_I);
            EmitRegisterStore(typeof(int));
            Release(pointer);
            PushArea(AddressArea);
            PushArea(IndexArea);
            _il.Emit(OpCodes.Ldc_I4, term.Index.Type.IsSigned() ? 1 : 0);
            _il.Emit(OpCodes.Ldc_I8, term.Scale);
            PushFirst(access);
            _il.Emit(OpCodes.Ldc_I8, access.Stride);
            _il.Emit(OpCodes.Ldc_I4, _block.Lanes);
            Call(typeof(LaneMemory), nameof(LaneMemory.SpreadIndex));
            return;
        }

        PushArea(AddressArea);
        PushFirst(access);
        _il.Emit(OpCodes.Ldc_I8, access.Stride);
        _il.Emit(OpCodes.Ldc_I4, _block.Lanes);
        Call(typeof(LaneMemory), nameof(LaneMemory.SpreadAffine));
    }

    private void PushFirst(LaneAccess access)
    {
        _il.Emit(OpCodes.Ldloc, access.Offset!);
        if (_checked || access.Object.Base is null) return;
        _il.Emit(OpCodes.Ldloc, access.Object.Base);
        _il.Emit(OpCodes.Add);
    }

    private void AddBase(LaneObject target)
    {
        _il.Emit(OpCodes.Ldloc, target.Base!);
        EmitCreate(typeof(long));
        EmitBinary("Add", typeof(long));
    }

    private void PushArea(int offset)
    {
        _sites.UseLanes(offset + LaneMemory.ValueBytes);
        LoadConstantField(nameof(BlockContext.Lanes));
        _il.Emit(OpCodes.Ldc_I8, (long)offset);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Conv_I);
    }

    private void Spill(IReadOnlyList<LocalBuilder> values, int area)
    {
        for (var part = 0; part < values.Count; part++)
        {
            var element = values[part].LocalType.GetGenericArguments()[0];
            _il.Emit(OpCodes.Ldloc, values[part]);
            PushArea(area + (part * _isa.Bits / 8));
            EmitRegisterStore(element);
        }
    }

    private void Unspill(IReadOnlyList<LocalBuilder> values, int area)
    {
        for (var part = 0; part < values.Count; part++)
        {
            var element = values[part].LocalType.GetGenericArguments()[0];
            PushArea(area + (part * _isa.Bits / 8));
            EmitRegisterLoad(element);
            _il.Emit(OpCodes.Stloc, values[part]);
        }
    }

    /// <summary>Reads neighbouring elements from the address on the stack.</summary>
    private void EmitVectorLoad(IrType type, LocalBuilder[] values)
    {
        var element = VectorIsa.Element(type);
        switch (type)
        {
            case IrType.Bool:
                EmitNarrowLoad(IrType.U8);
                EmitUnary("Negate", typeof(int));
                break;
            case IrType.I8 or IrType.U8 or IrType.I16 or IrType.U16:
                EmitNarrowLoad(type);
                break;
            case IrType.BF16:
                EmitNarrowLoad(IrType.U16);
                _il.Emit(OpCodes.Ldc_I4, 16);
                EmitVector("ShiftLeft", typeof(int), IntVector, typeof(int));
                EmitCast(typeof(int), typeof(float));
                break;
            case IrType.F16:
                CallLanes(typeof(LaneHalf), "Load" + _isa.Bits, typeof(byte*));
                break;
            default:
                if (values.Length == 2)
                {
                    _il.Emit(OpCodes.Dup);
                    EmitRegisterLoad(element);
                    _il.Emit(OpCodes.Stloc, values[0]);
                    _il.Emit(OpCodes.Ldc_I4, _isa.Bits / 8);
                    _il.Emit(OpCodes.Add);
                }

                EmitRegisterLoad(element);
                break;
        }

        _il.Emit(OpCodes.Stloc, values[^1]);
    }

    private void EmitNarrowLoad(IrType type)
    {
        // The argument only chooses the overload.
        _il.Emit(OpCodes.Ldc_I4_0);
        EmitCreate(typeof(int));
        CallLanes(typeof(LaneConvert), "Load" + type, typeof(byte*), IntVector);
    }

    /// <summary>Writes neighbouring elements to the address on the stack.</summary>
    private void EmitVectorStore(IrType type, LocalBuilder[] values)
    {
        var element = VectorIsa.Element(type);
        var pointer = Acquire(typeof(long));
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Stloc, pointer);
        if (type.Size() >= 4)
        {
            for (var part = 0; part < values.Length; part++)
            {
                _il.Emit(OpCodes.Ldloc, values[part]);
                _il.Emit(OpCodes.Ldloc, pointer);
                _il.Emit(OpCodes.Ldc_I8, (long)part * _isa.Bits / 8);
                _il.Emit(OpCodes.Add);
                _il.Emit(OpCodes.Conv_I);
                EmitRegisterStore(element);
            }
        }
        else
        {
            _il.Emit(OpCodes.Ldloc, pointer);
            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Ldloc, values[0]);
            if (type == IrType.Bool) EmitUnary("Negate", typeof(int));
            if (element == typeof(float))
            {
                CallLanes(typeof(LaneHalf), type == IrType.F16 ? nameof(LaneHalf.Store) : nameof(LaneHalf.StoreBFloat), typeof(byte*), _isa.Vector(typeof(float)));
            }
            else
            {
                CallLanes(typeof(LaneConvert), type.Size() == 1 ? nameof(LaneConvert.Store8) : nameof(LaneConvert.Store16), typeof(byte*), IntVector);
            }
        }

        Release(pointer);
    }

    /// <summary>Reads or writes neighbouring elements of active lanes only.</summary>
    private void EmitMasked(LaneAccess access, LocalBuilder[] values, LocalBuilder mask)
    {
        if (access.Type.Size() < 4)
        {
            EmitScattered(access, values, mask);
            return;
        }

        var element = VectorIsa.Element(access.Type);
        for (var part = 0; part < values.Length; part++)
        {
            PushPlace(access);
            if (part > 0)
            {
                _il.Emit(OpCodes.Ldc_I4, _isa.Bits / 8);
                _il.Emit(OpCodes.Add);
            }

            _il.Emit(OpCodes.Ldloc, mask);
            if (values.Length == 2)
            {
                EmitMaskCast(typeof(long), part);
                EmitCast(typeof(long), typeof(int));
            }

            if (!access.IsWrite)
            {
                CallLanes(typeof(LaneMemory), nameof(LaneMemory.LoadMasked), typeof(byte*), IntVector);
                EmitCast(typeof(int), element);
                _il.Emit(OpCodes.Stloc, values[part]);
                continue;
            }

            _il.Emit(OpCodes.Ldloc, values[part]);
            EmitCast(element, typeof(int));
            CallLanes(typeof(LaneMemory), nameof(LaneMemory.StoreMasked), typeof(byte*), IntVector, IntVector);
        }
    }
}
