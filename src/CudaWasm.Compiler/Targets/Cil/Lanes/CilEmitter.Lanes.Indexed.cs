using System.Numerics;
using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Accesses whose lanes are no neighbours: at a constant distance, at an index a lane, or anywhere.</summary>
internal sealed partial class CilEmitter
{
    /// <summary>There is code for elements of this size at indices of their own.</summary>
    private static bool HasIndexed(LaneAccess access) => !access.IsWrite || access.Type.Size() == 4;

    /// <summary>Reads or writes elements at a constant distance.</summary>
    private void EmitStrided(LaneAccess access, LocalBuilder[] values)
    {
        var (slow, go) = (_il.DefineLabel(), _il.DefineLabel());
        if (_checked && !IsInside(access))
        {
            var span = (Math.Abs(access.Stride) * (Lanes - 1)) + access.Type.Size();
            if (access.Stride < 0)
            {
                // The last lane is the lowest.
                var first = Acquire(typeof(long));
                _il.Emit(OpCodes.Ldloc, access.Offset!);
                _il.Emit(OpCodes.Ldc_I8, access.Stride * (Lanes - 1));
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
        EmitPrefetch(access);
        if (Mask is null && access.Type.Size() == 4 && (access.IsWrite || access.Stride is 8 or 16)) EmitEvery(access, values);
        else EmitAtIndices(access, values, row => EmitSequence(typeof(int), access.Stride, row), 1);
    }

    /// <summary>Reads or writes every second, fourth, ... element for all lanes.</summary>
    private void EmitEvery(LaneAccess access, LocalBuilder[] values)
    {
        var (lanes, stride) = (RegisterBytes / sizeof(int), (int)access.Stride);
        if (!access.IsWrite)
        {
            StoreParts(values, part =>
            {
                PushPlace(access, part * lanes * stride);
                _il.Emit(OpCodes.Ldc_I4, stride);
                CallLanes(typeof(LaneExchange), "LoadEvery" + _isa.Bits, typeof(byte*), typeof(int));
                EmitCast(typeof(int), VectorIsa.Element(access.Type));
            });
            return;
        }

        for (var part = 0; part < values.Length; part++)
        {
            PushPlace(access, part * lanes * stride);
            _il.Emit(OpCodes.Ldloc, values[part]);
            EmitCast(VectorIsa.Element(access.Type), typeof(int));
            _il.Emit(OpCodes.Ldc_I4, stride);
            CallLanes(typeof(LaneExchange), nameof(LaneExchange.StoreEvery), typeof(byte*), IntVector, typeof(int));
        }
    }

    /// <summary>One index of 32 bits a lane.</summary>
    private void EmitIndexed(LaneAccess access, LocalBuilder[] values)
    {
        if (!HasIndexed(access) || !IsPlainIndex(access))
        {
            EmitScattered(access, values, Mask);
            return;
        }

        var shift = BitOperations.Log2((ulong)access.Varying!.Value.Scale);
        var index = EmitIndex(access);
        EmitPrefetch(access, index[0]);
        EmitAtIndices(
            access,
            values,
            row =>
            {
                _il.Emit(OpCodes.Ldloc, index[row]);
                if (shift <= 3) return;
                _il.Emit(OpCodes.Ldc_I4, shift - 3);
                EmitVector("ShiftLeft", typeof(int), IntVector, typeof(int));
            },
            1 << Math.Min(3, shift));
        Release(index);
    }

    /// <summary>All that tells the lanes' places apart is an index that counts in at least as many bytes as the access takes.</summary>
    private static bool IsPlainIndex(LaneAccess access) =>
        access is { Varying: { Scale: <= 256 } term, Stride: 0, Object: { Own: null, Base: not null } } && access.Type.Size() <= term.Scale;

    /// <summary>The indices of the lanes, checked as vectors.</summary>
    private LocalBuilder[] EmitIndex(LaneAccess access)
    {
        var term = access.Varying!.Value;
        var slow = _il.DefineLabel();
        var index = AcquireVectors(IrType.I32);
        StoreParts(index, row => PushLanes(term.Index, row));
        if (!_checked || IsInside(access)) return index;
        EmitIndexCheck(access, index, BitOperations.Log2((ulong)term.Scale), slow);
        var mask = Mask;
        EmitLater(() =>
        {
            // Does nothing to memory: the check of its lanes faults.
            _il.MarkLabel(slow);
            EmitAddresses(access, mask, index);
            _il.Emit(OpCodes.Ldnull);
            _il.Emit(OpCodes.Throw);
        });
        return index;
    }

    /// <summary>Reads or writes at the first lane's place + index * scale; nothing is checked.</summary>
    private void EmitAtIndices(LaneAccess access, LocalBuilder[] values, Action<int> pushIndex, int scale)
    {
        var mayBeRow = scale == 4 && access.Varying is { Scale: 4 } term && _plan!.IsComputed(term.Index);
        if (access.IsWrite && mayBeRow)
        {
            for (var part = 0; part < values.Length; part++)
            {
                PushPlace(access);
                pushIndex(part);
                PushActive(Mask, part);
                _il.Emit(OpCodes.Ldloc, values[part]);
                EmitCast(VectorIsa.Element(access.Type), typeof(int));
                _il.Emit(IsBlockOwn(access) ? OpCodes.Ldc_I4_1 : OpCodes.Ldc_I4_0);
                CallLanes(typeof(LaneMemory), nameof(LaneMemory.ScatterRow), typeof(byte*), IntVector, IntVector, IntVector, typeof(bool));
            }

            return;
        }

        if (access.IsWrite || access.Type.Size() < 4)
        {
            SpillRows(IndexArea, pushIndex);
            if (access.IsWrite) Spill(values, ValueArea);
            PushPlace(access);
            PushArea(IndexArea);
            _il.Emit(OpCodes.Ldc_I4, scale);
            PushMaskBits(Mask);
            if (!access.IsWrite) _il.Emit(OpCodes.Ldc_I4, (int)access.Type);
            _il.Emit(OpCodes.Ldc_I4, Lanes);
            PushArea(ValueArea);
            Call(typeof(LaneMemory), access.IsWrite ? nameof(LaneMemory.Scatter) : nameof(LaneMemory.GatherNarrow));
            if (!access.IsWrite) Unspill(values, ValueArea);
            return;
        }

        StoreParts(values, part =>
        {
            PushPlace(access);
            pushIndex(Row(access.Type, part));
            PushActive(Mask, Row(access.Type, part));
            if (IsWide(access.Type))
            {
                EmitMaskCast(typeof(long), part);
                _il.Emit(OpCodes.Ldc_I4, part % 2);
                _il.Emit(OpCodes.Ldc_I4, scale);
                CallLanes(typeof(LaneMemory), nameof(LaneMemory.GatherWide), typeof(byte*), IntVector, _isa.Vector(typeof(long)), typeof(int), typeof(int));
                EmitCast(typeof(long), VectorIsa.Element(access.Type));
            }
            else
            {
                if (mayBeRow)
                {
                    CallLanes(typeof(LaneMemory), nameof(LaneMemory.GatherRow), typeof(byte*), IntVector, IntVector);
                }
                else
                {
                    _il.Emit(OpCodes.Ldc_I4, scale);
                    CallLanes(typeof(LaneMemory), nameof(LaneMemory.Gather), typeof(byte*), IntVector, IntVector, typeof(int));
                }

                EmitCast(typeof(int), VectorIsa.Element(access.Type));
            }
        });
    }

    private void SpillRows(int area, Action<int> push)
    {
        for (var row = 0; row < _rows; row++)
        {
            PushArea(area + (row * RegisterBytes));
            push(row);
            EmitRegisterStore(typeof(int));
        }
    }

    /// <summary>Does an access lane by lane: spreads the offsets, checks them, makes them addresses, and reads or writes.</summary>
    /// <param name="access">What to do.</param>
    /// <param name="values">The registers read or written.</param>
    /// <param name="mask">Active lanes.</param>
    /// <param name="index">The varying index in a local.</param>
    private void EmitScattered(LaneAccess access, LocalBuilder[] values, LocalBuilder[]? mask, LocalBuilder[]? index = null)
    {
        EmitAddresses(access, mask, index);
        if (access.IsWrite) Spill(values, ValueArea);
        PushArea(ValueArea);
        PushArea(AddressArea);
        PushMaskBits(mask);
        _il.Emit(OpCodes.Ldc_I4, (int)access.Type);
        _il.Emit(OpCodes.Ldc_I4, Lanes);
        Call(typeof(LaneMemory), access.IsWrite ? nameof(LaneMemory.Store) : nameof(LaneMemory.Load));
        if (!access.IsWrite) Unspill(values, ValueArea);
    }

    /// <summary>Fills the address area with the native addresses of the active lanes, checked.</summary>
    private void EmitAddresses(LaneAccess access, LocalBuilder[]? mask, LocalBuilder[]? index)
    {
        var (size, target) = (access.Type.Size(), access.Object);
        EmitSpread(access, index);
        if (_checked)
        {
            var site = _sites.Add(access.Site);
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

    private void EmitPlaceCall(LaneObject target, int size, int site, LocalBuilder[]? mask)
    {
        _il.Emit(OpCodes.Ldloc, target.Base!);
        _il.Emit(OpCodes.Conv_I);
        PushLength(target);
        PushMaskBits(mask);
        _il.Emit(OpCodes.Ldc_I4, size);
        _il.Emit(OpCodes.Ldc_I4, site);
        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        Call(typeof(LaneMemory), nameof(LaneMemory.Place));
    }

    /// <summary>Fills the address area: with offsets in the object, or with pointers where lanes may have objects of their own.</summary>
    private void EmitSpread(LaneAccess access, LocalBuilder[]? index)
    {
        if (access.Offset is null)
        {
            for (var part = 0; part < Parts(IrType.Pointer); part++)
            {
                PushArea(AddressArea + (part * RegisterBytes));
                PushLanes(access.Address, part);
                if (access.Object.Root is { } root)
                {
                    // Offsets from the object's first byte; native addresses in unchecked code.
                    EmitTag(Root(root));
                    EmitCreate(typeof(long));
                    EmitBinary("Subtract", typeof(long));
                    if (!_checked) AddBase(access.Object);
                }

                EmitRegisterStore(typeof(long));
            }

            return;
        }

        if (access.Varying is { } term)
        {
            SpillRows(IndexArea, row =>
            {
                if (index is not null) _il.Emit(OpCodes.Ldloc, index[row]);
                else PushLanes(term.Index, row);
            });
            PushArea(AddressArea);
            PushArea(IndexArea);
            _il.Emit(OpCodes.Ldc_I4, term.Index.Type.IsSigned() ? 1 : 0);
            _il.Emit(OpCodes.Ldc_I8, term.Scale);
            PushFirst(access);
            _il.Emit(OpCodes.Ldc_I8, access.Stride);
            _il.Emit(OpCodes.Ldc_I4, Lanes);
            Call(typeof(LaneMemory), nameof(LaneMemory.SpreadIndex));
            return;
        }

        PushArea(AddressArea);
        PushFirst(access);
        _il.Emit(OpCodes.Ldc_I8, access.Stride);
        _il.Emit(OpCodes.Ldc_I4, Lanes);
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
}
