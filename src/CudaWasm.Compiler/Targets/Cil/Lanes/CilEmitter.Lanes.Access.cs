using System.Numerics;
using System.Reflection.Emit;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Accesses of all active lanes: taken apart into what the lanes share and what tells their places apart, and done in the way that fits.</summary>
internal sealed partial class CilEmitter
{
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
    private sealed record LaneAccess(LaneObject Object, LocalBuilder? Offset, long Stride, LaneTerm? Varying, IrExpression Address, IrType Type, bool IsWrite, SourceSpan Span)
    {
        /// <summary>The varying index counts from the object's first byte.</summary>
        public bool IsFromStart { get; init; }

        public FaultSite Site => new(Span, DiagnosticCodes.OutOfBounds, Object.Root, Type, Type.Size(), IsWrite);
    }

    /// <summary>
    /// Reads for all active lanes: now into locals, or, where the lanes are neighbours, when a part is asked for. Then the check is made now, and
    /// fewer values are alive at a time.
    /// </summary>
    private void PrepareLoad(IrLoad load)
    {
        if (_laneLoads.ContainsKey(load)) return;
        var access = TakeApart(load.Address, load.Type, false, load.Span);
        if (access.Offset is not null) _borrowed.Add(access.Offset);
        if (IsContiguous(access) && load.Type.Size() >= 4 && access.Object.Own is null)
        {
            EmitRowCheck(access);
            EmitPrefetch(access);
            _laneLoads.Add(load, access);
            return;
        }

        var values = AcquireVectors(load.Type);
        EmitAccess(access, values);
        _laneValues[load] = values;
    }

    /// <summary>Puts a part of what a load reads on the stack.</summary>
    private void PushLoad(IrLoad load, int part)
    {
        var access = _laneLoads[load];
        if (Mask is { } mask)
        {
            PushMaskedLoad(access, mask, part);
            return;
        }

        PushPlace(access, part * RegisterBytes);
        EmitRegisterLoad(VectorIsa.Element(load.Type));
    }

    private void EmitLaneStore(IrStore store)
    {
        Prepare(store.Value);
        var values = Materialize(store.Value);
        var access = TakeApart(store.Address, store.Value.Type, true, store.Span);
        EmitAccess(access, values);
        if (access.Offset is not null) Release(access.Offset);
    }

    private readonly Dictionary<IrLoad, LaneAccess> _laneLoads = new(ReferenceEqualityComparer.Instance);

    private LaneAccess TakeApart(IrExpression address, IrType type, bool isWrite, SourceSpan span)
    {
        var terms = new List<LaneTerm>();
        var constant = 0L;
        var start = address;
        for (; start is IrAddress e; start = e.Base)
        {
            constant += e.Offset;
            if (e.Index is not { } index) continue;
            var term = new LaneTerm(index, e.Scale, _lanes!.Shape(index));
            if (term.Shape.IsAffine)
            {
                (term, var bytes) = SplitConstant(term);
                constant += bytes;
            }

            terms.Add(term);
        }

        var varying = terms.Where(t => t.Shape.IsVarying).ToList();
        var stride = terms.Where(t => t.Shape.IsAffine).Sum(t => t.Shape.Stride!.Value * t.Scale);
        var shape = _lanes!.Shape(start);
        var isPlain = shape.IsAffine && varying.Count <= 1
            && varying.All(t => !IsWide(t.Index.Type) && BitOperations.IsPow2(t.Scale));
        var target = FindObject(start);
        if (!isPlain || target is null)
        {
            Prepare(address);
            return new LaneAccess(target ?? new LaneObject(null, null, null, null, null), null, 0, null, address, type, isWrite, span);
        }

        foreach (var term in varying) Prepare(term.Index);
        stride += shape.Stride!.Value;
        var affine = terms.Where(t => t.Shape.IsAffine).ToList();
        var sum = affine.Count > 0 ? SumOf(affine) : null;
        var offset = Acquire(typeof(long));
        // Everything but the varying index, for the first lane.
        var pushed = true;
        if (target.Root is null) PushPointerOffset(start);
        else pushed = EmitOffset(start, target.Root);
        if (sum is not null)
        {
            _il.Emit(OpCodes.Ldloc, sum);
            if (pushed) _il.Emit(OpCodes.Add);
            pushed = true;
        }

        if (constant != 0 || !pushed)
        {
            _il.Emit(OpCodes.Ldc_I8, constant);
            if (pushed) _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Stloc, offset);
        return new LaneAccess(target, offset, stride, varying.Count > 0 ? varying[0] : null, address, type, isWrite, span)
        {
            IsFromStart = target.Root is not null && varying.Count == 1 && terms.Count == 1 && constant == 0 && start is IrParameterRead or IrVariableAddress,
        };
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

    /// <summary>The offset in its object of a pointer whose object was looked up; the whole address in unchecked code.</summary>
    private void PushPointerOffset(IrExpression pointer)
    {
        PushScalar(pointer);
        if (!_checked) return;
        _il.Emit(OpCodes.Ldc_I8, CilPointer.OffsetMask);
        _il.Emit(OpCodes.And);
        _il.Emit(OpCodes.Ldc_I8, CilPointer.Bias);
        _il.Emit(OpCodes.Sub);
    }

    /// <summary>The lanes' elements are neighbours, the first lane's first.</summary>
    private bool IsContiguous(LaneAccess access)
    {
        if (access.Offset is null || access.Varying is not null) return false;
        return access.Object.Own is { } own ? access.Stride == 0 && IsInterleaved(own) : access.Stride == access.Type.Size();
    }

    private void EmitAccess(LaneAccess access, LocalBuilder[] values)
    {
        var isOwn = access.Object.Own is not null;
        if (IsContiguous(access))
        {
            var isNarrow = access.Type.Size() < 4 && !isOwn;
            var done = _il.DefineLabel();
            EmitRowCheck(access, isNarrow && Mask is not null ? (values, done) : null);
            EmitPrefetch(access);
            // What a lane that is elsewhere reads of its own variable, or of a whole row of narrow elements, does no harm.
            if (Mask is { } active && (access.IsWrite || (!isNarrow && !isOwn))) EmitMasked(access, values, active);
            else EmitPlain(access, values);
            _il.MarkLabel(done);
            return;
        }

        if (access.Offset is null) EmitScattered(access, values, Mask);
        else if (access.Varying is not null) EmitIndexed(access, values);
        else if (!isOwn && access.IsWrite && access.Stride == 0) EmitCommonStore(access, values);
        else if (!isOwn && HasIndexed(access) && Math.Abs(access.Stride) < 1 << 24) EmitStrided(access, values);
        else EmitScattered(access, values, Mask);
    }

    /// <summary>Checks that neighbouring lanes stay inside.</summary>
    /// <param name="access">What is to be read or written.</param>
    /// <param name="byLane">For code that reads whole rows: the registers, and where to go on when the lanes were served one by one.</param>
    private void EmitRowCheck(LaneAccess access, (LocalBuilder[] Values, Label Done)? byLane = null)
    {
        if (!_checked && byLane is { } row) EmitPageCheck(access, row);
        if (!_checked || IsInside(access)) return;
        var (slow, go) = (_il.DefineLabel(), _il.DefineLabel());
        EmitSpanCheck(access, (long)access.Type.Size() * (access.Object.Own is null ? Lanes : 1), slow);
        if (byLane is { } served) AddCold(slow, served.Done, access, served.Values);
        else AddFault(slow, go, access);
        _il.MarkLabel(go);
    }

    /// <summary>
    /// Where lengths are not known, a row that crosses a page is read lane by lane: the next page may be nobody's, and not all lanes are here.
    /// </summary>
    private void EmitPageCheck(LaneAccess access, (LocalBuilder[] Values, Label Done) byLane)
    {
        const int SmallestPage = 4096;
        var slow = _il.DefineLabel();
        PushPlace(access);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Ldc_I8, SmallestPage - 1L);
        _il.Emit(OpCodes.And);
        _il.Emit(OpCodes.Ldc_I8, (long)SmallestPage - (access.Type.Size() * Lanes));
        _il.Emit(OpCodes.Bgt, slow);
        AddCold(slow, byLane.Done, access, byLane.Values);
    }

    private void EmitPlain(LaneAccess access, LocalBuilder[] values)
    {
        if (access.IsWrite && MayStream(access))
        {
            EmitStreamingStore(access, values);
            return;
        }

        PushPlace(access);
        if (access.IsWrite) EmitVectorStore(access.Type, values);
        else EmitVectorLoad(access.Type, values);
    }

    /// <summary>Reads or writes neighbouring elements of active lanes only.</summary>
    private void EmitMasked(LaneAccess access, LocalBuilder[] values, LocalBuilder[] mask)
    {
        if (access.Type.Size() < 4)
        {
            EmitScattered(access, values, mask);
            return;
        }

        if (!access.IsWrite)
        {
            StoreParts(values, part => PushMaskedLoad(access, mask, part));
            return;
        }

        // Nobody else writes to the block's shared memory meanwhile, and around it lies room: what other lanes have there is written back.
        var isShared = IsBlockOwn(access);
        for (var part = 0; part < values.Length; part++)
        {
            PushMaskedPlace(access, mask, part);
            _il.Emit(OpCodes.Ldloc, values[part]);
            EmitCast(VectorIsa.Element(access.Type), typeof(int));
            CallLanes(typeof(LaneMemory), isShared ? nameof(LaneMemory.StoreBlended) : nameof(LaneMemory.StoreMasked), typeof(byte*), IntVector, IntVector);
        }
    }

    private static bool IsBlockOwn(LaneAccess access) => access.Object.Root is { Variable.Space: IrSpace.Shared or IrSpace.DynamicShared };

    private void PushMaskedLoad(LaneAccess access, LocalBuilder[] mask, int part)
    {
        PushMaskedPlace(access, mask, part);
        CallLanes(typeof(LaneMemory), nameof(LaneMemory.LoadMasked), typeof(byte*), IntVector);
        EmitCast(typeof(int), VectorIsa.Element(access.Type));
    }

    /// <summary>Puts the place of a part and the mask of its 32-bit halves on the stack.</summary>
    private void PushMaskedPlace(LaneAccess access, LocalBuilder[] mask, int part)
    {
        PushPlace(access, part * RegisterBytes);
        _il.Emit(OpCodes.Ldloc, mask[Row(access.Type, part)]);
        if (!IsWide(access.Type)) return;
        EmitMaskCast(typeof(long), part);
        EmitCast(typeof(long), typeof(int));
    }

    /// <summary>Puts the native address of the first lane's element on the stack, or one so many bytes behind it.</summary>
    private void PushPlace(LaneAccess access, int distance = 0)
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

        if (distance != 0)
        {
            _il.Emit(OpCodes.Ldc_I8, (long)distance);
            _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Conv_I);
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
}
