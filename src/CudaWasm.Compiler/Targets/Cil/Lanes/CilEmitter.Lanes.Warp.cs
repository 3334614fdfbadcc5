using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Warp operations where the lanes are a whole warp: its threads run in step, so that an exchange is a permutation of registers. What has no
/// permutation known now goes through memory.
/// </summary>
internal sealed partial class CilEmitter
{
    private readonly Dictionary<string, LocalBuilder> _patterns = [];

    private void EmitLaneWarp(IrWarp warp)
    {
        // What the others order, running in step has ordered.
        if (warp.Result is not { } result) return;
        foreach (var argument in warp.Arguments) Prepare(argument);
        if (Mask is null && _lanes!.IsShared(warp))
        {
            EmitShared(warp);
            if (_lanes!.Shape(result).IsAffine)
            {
                _il.Emit(OpCodes.Stloc, Slot(result));
                return;
            }

            var shared = Acquire(StackType(result.Type));
            _il.Emit(OpCodes.Stloc, shared);
            AssignLanes(result, false, _ =>
            {
                _il.Emit(OpCodes.Ldloc, shared);
                EmitCreate(VectorIsa.Element(result.Type));
            });
            Release(shared);
            return;
        }

        var values = Mask is null && Distance(warp) is { } distance ? EmitPermutation(warp, distance) : EmitExchange(warp, result.Type);
        AssignLanes(result, _lanes!.IsBlended(warp), part => _il.Emit(OpCodes.Ldloc, values[part]));
        Release(values);
    }

    /// <summary>Puts a result that all lanes share on the stack.</summary>
    private void EmitShared(IrWarp warp)
    {
        if (warp.Op == IrWarpOp.ActiveMask)
        {
            PushMaskBits(null);
            return;
        }

        if (warp.Op == IrWarpOp.Shuffle)
        {
            var type = warp.Arguments[1].Type;
            Spill(Materialize(warp.Arguments[1]), ValueArea);
            var lane = Acquire(typeof(int));
            PushScalar(warp.Arguments[2]);
            _il.Emit(OpCodes.Ldc_I4, _block.Lanes - 1);
            _il.Emit(OpCodes.And);
            _il.Emit(OpCodes.Stloc, lane);
            PushSpilled(ValueArea, lane, type);
            EmitLoad(SpillType(type), false);
            Release(lane);
            return;
        }

        var truth = AcquireVectors(IrType.Bool);
        StoreParts(truth, row => PushTruth(warp.Arguments[1], row));
        PushMaskBits(truth);
        PushScalar(warp.Arguments[0]);
        _il.Emit(OpCodes.And);
        if (warp.Op == IrWarpOp.Any)
        {
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Cgt_Un);
        }
        else if (warp.Op == IrWarpOp.All)
        {
            PushScalar(warp.Arguments[0]);
            _il.Emit(OpCodes.Ceq);
        }

        Release(truth);
    }

    /// <summary>How far a shuffle within the whole warp reaches, where that is known now.</summary>
    private int? Distance(IrWarp warp) =>
        warp.Op is IrWarpOp.ShuffleXor or IrWarpOp.ShuffleUp or IrWarpOp.ShuffleDown
        && warp.Arguments[2] is IrConstant { Bits: >= 0 and < LaneMemory.MaxLanes } by && warp.Arguments[3] is IrConstant { Bits: LaneMemory.MaxLanes }
        ? (int)by.Bits : null;

    /// <summary>Elements are taken as 32 bits: a wide lane is two of them.</summary>
    private LocalBuilder[] EmitPermutation(IrWarp warp, int distance)
    {
        var type = warp.Arguments[1].Type;
        var source = Materialize(warp.Arguments[1]);
        var values = AcquireVectors(type);
        var elements = RegisterLanes;
        var width = IsWide(type) ? 2 : 1;
        // So many registers on, and so many elements within.
        var (registers, shift) = (distance / (elements / width), distance % (elements / width) * width);
        StoreParts(values, part =>
        {
            switch (warp.Op)
            {
                case IrWarpOp.ShuffleXor:
                    PushShuffled(source[part ^ registers], e => e ^ shift);
                    break;
                case IrWarpOp.ShuffleDown:
                    PushJoined(source, part, part + registers, part + registers + 1, e => (e + shift) % elements, elements - shift);
                    break;
                default:
                    PushJoined(source, part, part - registers - 1, part - registers, e => (e - shift + elements) % elements, shift);
                    break;
            }

            EmitCast(typeof(int), VectorIsa.Element(type));
        });
        return values;
    }

    /// <summary>The first elements come from one register, the others from another; lanes beyond the ends of the warp keep their own.</summary>
    private void PushJoined(LocalBuilder[] source, int own, int first, int second, Func<int, int> pick, int count)
    {
        if (count == 0) PushPicked(second);
        else if (count == RegisterLanes) PushPicked(first);
        else
        {
            PushPattern(e => e < count ? -1 : 0);
            PushPicked(first);
            PushPicked(second);
            EmitSelect(typeof(int));
        }

        void PushPicked(int register) => PushShuffled(IsThere(register) ? source[register] : source[own], IsThere(register) ? pick : e => e);

        bool IsThere(int register) => register >= 0 && register < source.Length;
    }

    private void PushShuffled(LocalBuilder register, Func<int, int> pick)
    {
        _il.Emit(OpCodes.Ldloc, register);
        EmitCast(register.LocalType.GetGenericArguments()[0], typeof(int));
        if (Enumerable.Range(0, RegisterLanes).All(e => pick(e) == e)) return;
        PushPattern(pick);
        EmitBinary("ShuffleNative", typeof(int));
    }

    /// <summary>A register of constants.</summary>
    private void PushPattern(Func<int, int> element)
    {
        var elements = Enumerable.Range(0, RegisterLanes).Select(element).ToArray();
        var key = string.Join(',', elements);
        if (!_patterns.TryGetValue(key, out var local))
        {
            _patterns.Add(key, local = _il.DeclareLocal(IntVector));
            var kept = local;
            _prologue.Add(() =>
            {
                foreach (var value in elements) _il.Emit(OpCodes.Ldc_I4, value);
                EmitVector("Create", typeof(int), [.. elements.Select(_ => typeof(int))]);
                _il.Emit(OpCodes.Stloc, kept);
            });
        }

        _il.Emit(OpCodes.Ldloc, local);
    }

    /// <summary>Through memory, for the active lanes: the arguments lie in areas one behind the other, the result in that of the value.</summary>
    private LocalBuilder[] EmitExchange(IrWarp warp, IrType result)
    {
        for (var i = 0; i < warp.Arguments.Count; i++) Spill(Materialize(warp.Arguments[i]), i * LaneMemory.ValueBytes);
        _il.Emit(OpCodes.Ldc_I4, (int)warp.Op);
        _il.Emit(OpCodes.Ldc_I4, (int)(warp.Arguments.Count > 1 ? SpillType(warp.Arguments[1].Type) : IrType.U32));
        PushArea(ValueArea);
        PushArea(AddressArea);
        PushMaskBits(Mask);
        Call(typeof(CilWarp), nameof(CilWarp.ExchangeLanes));
        var values = AcquireVectors(result);
        Unspill(values, ValueArea);
        return values;
    }
}
