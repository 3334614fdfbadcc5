using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Reading, writing and taking apart places.
internal sealed partial class Binder
{
    /// <summary>The value in a place; arrays and functions become pointers. Values stay what they are.</summary>
    internal Value Load(Value value, SourceSpan span)
    {
        switch (value)
        {
            case Place { Type: ArrayType array } place:
                return new ScalarValue(array.Element.Pointer, AddressOf(place, span));
            case SlotPlace place:
                return MakeValue(place.Type, [.. place.Slots.ToArray().Select(IrBuilder.Read)]);
            case FixedPlace place:
                return MakeValue(place.Type, place.Leaves.ToArray());
            case BitFieldPlace place:
                return LoadBitField(place, span);
            case MemoryPlace place:
                return LoadMemory(place, span);
            case FunctionValue function:
                return FunctionPointer(function);
            case StringValue text:
                return new ScalarValue(ScalarType.Char.Const.Pointer, TextAddress(text, span));
            case ListValue list:
                throw Error(DiagnosticCodes.BadInitializer, list.Syntax.Span, "an initializer list cannot stand here");
            case PackValue:
                throw Error(DiagnosticCodes.TypeMismatch, span, "a parameter pack must be expanded with '...'");
            default:
                return value;
        }
    }

    internal ScalarValue LoadScalar(Value value, SourceSpan span) => Load(value, span) switch
    {
        ScalarValue scalar => scalar,
        FunctionValue function => PointerTo(function, null, span),
        VoidValue => throw Error(DiagnosticCodes.TypeMismatch, span, "an expression of type 'void' has no value"),
        var other => throw Error(DiagnosticCodes.TypeMismatch, span, $"a scalar is needed here, this is of type '{other.Type.Name}'"),
    };

    private static Value MakeValue(CudaType type, IReadOnlyList<IrExpression> leaves) =>
        type.IsScalar ? new ScalarValue(type.Unqualified, leaves[0]) : new AggregateValue(type.Unqualified, leaves);

    private Value LoadMemory(MemoryPlace place, SourceSpan span)
    {
        if (place.Type.IsScalar) return new ScalarValue(place.Type.Unqualified, IrBuilder.Load(place.Type.Ir, place.Address, place.IsVolatile, span));
        RequireComplete(place.Type, span);
        if (place.Type.Leaves() is not { } leaves) return place;
        var address = leaves.Count > 1 ? Materialize(place.Address, "p") : place.Address;
        return new AggregateValue(place.Type.Unqualified, [.. leaves.Select(l => new IrLoad(l.Type.Ir, IrBuilder.Address(address, null, 1, l.Offset), place.IsVolatile, span) { Alignment = l.Offset == 0 ? place.Type.Alignment : 1 })]);
    }

    /// <summary>Writes a value of the place's type.</summary>
    internal void Store(Place place, Value value, SourceSpan span)
    {
        switch (place)
        {
            case SlotPlace target:
                StoreSlots(target, LeavesOf(value, target.Type, span), span);
                break;
            case MemoryPlace target:
                StoreMemory(target, value, span);
                break;
            case BitFieldPlace target:
                StoreBitField(target, (ScalarValue)value, span);
                break;
            case FixedPlace { Variable: { } variable }:
                choices.Written.Add(variable);
                break;
            default:
                throw Error(DiagnosticCodes.NotAssignable, span, "this cannot be assigned to");
        }
    }

    /// <summary>One expression a leaf, for a value of a type that is kept so.</summary>
    private IReadOnlyList<IrExpression> LeavesOf(Value value, CudaType type, SourceSpan span)
    {
        switch (Load(value, span))
        {
            case ScalarValue scalar:
                return [scalar.Expression];
            case AggregateValue aggregate:
                return aggregate.Leaves;
            case FunctionValue function when type.Unqualified is PointerType pointer:
                return [PointerTo(function, pointer, span).Expression];
            default:
                throw Error(DiagnosticCodes.TypeMismatch, span, $"a value of type '{type.Name}' is needed here");
        }
    }

    private void StoreSlots(SlotPlace target, IReadOnlyList<IrExpression> leaves, SourceSpan span)
    {
        var slots = target.Slots.Span;
        // v = make_float2(v.y, v.x): all is read before anything is written.
        if (leaves.Count > 1) leaves = [.. leaves.Select(l => IsImmune(l) ? l : Materialize(l))];
        for (var i = 0; i < leaves.Count; i++)
        {
            if (leaves[i] is IrSlotRead read && read.Slot == slots[i]) continue;
            Append(new IrAssign(slots[i], leaves[i], span));
        }
    }

    private void StoreMemory(MemoryPlace target, Value value, SourceSpan span)
    {
        if (RootOf(target.Address) is { Space: IrSpace.Parameter } parameter && _parameterVariables.TryGetValue(parameter, out var syntax))
        {
            choices.Written.Add(syntax);
            return;
        }

        if (target.Type.IsScalar)
        {
            var scalar = value is FunctionValue function && target.Type.Unqualified is PointerType pointer ? PointerTo(function, pointer, span) : LoadScalar(value, span);
            Append(new IrStore(target.Address, scalar.Expression, target.IsVolatile, span));
            return;
        }

        if (target.Type.Leaves() is { } places)
        {
            var leaves = LeavesOf(value, target.Type, span);
            if (leaves.Count > 1) leaves = [.. leaves.Select(l => IsImmune(l) ? l : Materialize(l))];
            var address = leaves.Count > 1 ? Materialize(target.Address, "p") : target.Address;
            for (var i = 0; i < leaves.Count; i++)
            {
                Append(new IrStore(IrBuilder.Address(address, null, 1, places[i].Offset), leaves[i], target.IsVolatile, span) { Alignment = places[i].Offset == 0 ? target.Type.Alignment : 1 });
            }

            return;
        }

        if (value is not MemoryPlace source) throw Error(DiagnosticCodes.TypeMismatch, span, $"a value of type '{target.Type.Name}' is needed here");
        Append(new IrCopy(target.Address, source.Address, target.Type.Size, target.Type.Alignment, span));
    }

    private static IrVariable? RootOf(IrExpression address) => address switch
    {
        IrVariableAddress v => v.Variable,
        IrAddress a => RootOf(a.Base),
        _ => null,
    };

    /// <summary>The address of a place; a variable kept in slots is remembered to need memory, a temporary is put there.</summary>
    internal IrExpression AddressOf(Value value, SourceSpan span)
    {
        switch (value)
        {
            case MemoryPlace memory:
                return memory.Address;
            case BitFieldPlace:
                throw Error(DiagnosticCodes.BadOperand, span, "the address of a bit-field cannot be taken");
            case SlotPlace { Variable: { } variable }:
                choices.InMemory.Add(variable);
                return IrBuilder.Zero(IrType.Pointer);
            case FixedPlace { Variable: { } variable } when !value.Type.IsConst:
                choices.InMemory.Add(variable);
                return IrBuilder.Zero(IrType.Pointer);
            case FunctionValue or VoidValue or ListValue or PackValue:
                throw Error(DiagnosticCodes.BadOperand, span, "this has no address");
            case StringValue text:
                return TextAddress(text, span);
            default:
                return Spill(value, span).Address;
        }
    }

    /// <summary>Puts a value into local memory.</summary>
    private MemoryPlace Spill(Value value, SourceSpan span)
    {
        var place = NewLocal("tmp", value.Type.Unqualified, span);
        if (value.Type is ArrayType array) SpillArray(place, array, value, span);
        else StoreMemory(place, Load(value, span), span);
        return new MemoryPlace(place.Type, place.Address) { IsTemporary = true };
    }

    private void SpillArray(MemoryPlace place, ArrayType array, Value value, SourceSpan span)
    {
        for (var i = 0; i < array.Count; i++)
        {
            var element = new ScalarValue(ScalarType.Long, IrBuilder.Integer(IrType.I64, i));
            var (target, source) = ((MemoryPlace)Element(place, element, span), Element(value, element, span));
            if (array.Element is ArrayType inner) SpillArray(target, inner, source, span);
            else StoreMemory(target, Load(source, span), span);
        }
    }

    private MemoryPlace NewLocal(string name, CudaType type, SourceSpan span)
    {
        var variable = new IrVariable(name, IrSpace.Local, Math.Max(1, type.Size), Math.Max(1, type.Alignment), span) { ElementType = type.ElementIr() };
        _function.Variables.Add(variable);
        return new MemoryPlace(type, IrBuilder.AddressOf(variable));
    }

    /// <summary>A part of a place or value at an offset: a field, a base class, an element.</summary>
    private Value Part(Value whole, CudaType type, long offset, SourceSpan span)
    {
        if (whole is MemoryPlace memory)
        {
            return new MemoryPlace(type.Qualify(type.IsConst || memory.Type.IsConst, type.IsVolatile || memory.IsVolatile), IrBuilder.Address(memory.Address, null, 1, offset)) { IsTemporary = memory.IsTemporary };
        }

        var leaves = whole.Type.Leaves()!;
        var count = type is ArrayType array ? ArrayLeaves(array) : type.Leaves()?.Count ?? 0;
        var first = 0;
        while (first < leaves.Count && leaves[first].Offset < offset) first++;
        var qualified = type.Qualify(type.IsConst || whole.Type.IsConst, type.IsVolatile);
        return whole switch
        {
            SlotPlace s => new SlotPlace(qualified, s.Slots.Slice(first, count), s.Variable) { IsTemporary = s.IsTemporary },
            FixedPlace f => new FixedPlace(qualified, f.Leaves.Slice(first, count), f.Variable),
            AggregateValue a when type is ArrayType => new FixedPlace(qualified.Qualify(true, false), a.Leaves.Skip(first).Take(count).ToArray(), null),
            AggregateValue a => MakeValue(type, [.. a.Leaves.Skip(first).Take(count)]),
            _ => throw Error(DiagnosticCodes.BadOperand, span, $"'{whole.Type.Name}' has no parts"),
        };
    }

    private static int ArrayLeaves(ArrayType array) => (int)array.Count * (array.Element is ArrayType inner ? ArrayLeaves(inner) : array.Element.Leaves()!.Count);

    /// <summary>The place a pointer points to.</summary>
    internal static MemoryPlace Pointee(ScalarValue pointer, SourceSpan span)
    {
        if (pointer.Type is not PointerType type) throw Error(DiagnosticCodes.BadOperand, span, $"'{pointer.Type.Name}' is not a pointer");
        if (type.Element.IsVoid()) throw Error(DiagnosticCodes.BadOperand, span, "a pointer to void cannot be dereferenced");
        return new MemoryPlace(type.Element, pointer.Expression);
    }

    /// <summary>a[i] for arrays and pointers.</summary>
    private Value Element(Value target, ScalarValue index, SourceSpan span)
    {
        if (target is Place { Type: ArrayType array } place and not MemoryPlace)
        {
            // An array kept in slots: only a constant index stays there.
            if (index.Expression is IrConstant constant && constant.Bits >= 0 && constant.Bits < array.Count) return ConstantElement(place, array, constant.Bits, span);
            return new MemoryPlace(array.Element, IrBuilder.Address(AddressOf(place, span), index.Expression, Scale(array.Element, span)));
        }

        if (target is MemoryPlace { Type: ArrayType inMemory } m)
        {
            var element = inMemory.Element.Qualify(inMemory.Element.IsConst || m.Type.IsConst, inMemory.Element.IsVolatile || m.IsVolatile);
            return new MemoryPlace(element, IrBuilder.Address(m.Address, index.Expression, Scale(element, span)));
        }

        var pointer = LoadScalar(target, span);
        if (pointer.Type is not PointerType { Element: var pointee }) throw Error(DiagnosticCodes.BadOperand, span, $"'{pointer.Type.Name}' cannot be indexed");
        return Pointee(new ScalarValue(pointer.Type, IrBuilder.Address(pointer.Expression, index.Expression, Scale(pointee, span))), span);
    }

    private Value ConstantElement(Place place, ArrayType array, long index, SourceSpan span)
    {
        var count = array.Element is ArrayType inner ? ArrayLeaves(inner) : array.Element.Leaves()!.Count;
        var first = (int)index * count;
        return place switch
        {
            SlotPlace s => new SlotPlace(array.Element, s.Slots.Slice(first, count), s.Variable),
            FixedPlace f => new FixedPlace(array.Element, f.Leaves.Slice(first, count), f.Variable),
            _ => throw Error(DiagnosticCodes.BadOperand, span, "this cannot be indexed"),
        };
    }

    private int Scale(CudaType element, SourceSpan span)
    {
        RequireComplete(element, span);
        if (element.Size > int.MaxValue) throw Error(DiagnosticCodes.BadArraySize, span, "an element is larger than 2 GiB");
        return element is FunctionType || element.IsVoid() ? 1 : (int)element.Size;
    }

    private ScalarValue LoadBitField(BitFieldPlace place, SourceSpan span)
    {
        var ir = place.Unit.Type.Ir;
        var bits = ir.Size() * 8;
        var unit = ((ScalarValue)LoadMemory(place.Unit, span)).Expression;
        // Shift up to drop what is above, then down to bring it to the bottom and extend the sign.
        var up = IrBuilder.Binary(IrBinaryOp.ShiftLeft, unit, IrBuilder.Int(bits - place.Offset - place.Width));
        var value = IrBuilder.Binary(IrBinaryOp.ShiftRight, up, IrBuilder.Int(bits - place.Width));
        return new ScalarValue(place.Type.Unqualified, IrBuilder.Convert(place.Type.Ir, value));
    }

    private void StoreBitField(BitFieldPlace place, ScalarValue value, SourceSpan span)
    {
        var ir = place.Unit.Type.Ir;
        var mask = (place.Width == 64 ? -1L : (1L << place.Width) - 1) << place.Offset;
        var address = Materialize(place.Unit.Address, "p");
        var unit = new MemoryPlace(place.Unit.Type, address);
        var old = IrBuilder.Binary(IrBinaryOp.And, ((ScalarValue)LoadMemory(unit, span)).Expression, IrBuilder.Integer(ir, ~mask));
        var shifted = IrBuilder.Binary(IrBinaryOp.ShiftLeft, IrBuilder.Convert(ir, value.Expression), IrBuilder.Int(place.Offset));
        var merged = IrBuilder.Binary(IrBinaryOp.Or, old, IrBuilder.Binary(IrBinaryOp.And, shifted, IrBuilder.Integer(ir, mask)));
        Append(new IrStore(address, merged, place.Unit.IsVolatile, span));
    }
}
