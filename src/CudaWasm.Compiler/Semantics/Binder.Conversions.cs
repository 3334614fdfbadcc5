using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Conversions, implicit and explicit, and how good they are.
internal sealed partial class Binder
{
    /// <summary>How far an argument is from a parameter; smaller is better.</summary>
    private static class Cost
    {
        public const int Exact = 0;
        public const int Qualification = 1;
        public const int Promotion = 2;
        public const int Conversion = 5;
        public const int ToBool = 7;
        public const int User = 20;
        public const int Ellipsis = 50;
        public const int Impossible = int.MaxValue;
    }

    internal Value Convert(Value value, CudaType target, SourceSpan span, bool isExplicit = false)
    {
        if (target is ReferenceType reference) return BindReference(value, reference, span);
        if (target.IsVoid()) return VoidValue.Instance;
        if (value is ListValue list) return BindList(list.Syntax, target, span);
        if (target is PointerType { Element: FunctionType } && value is FunctionValue function) return FunctionPointer(function);
        if (value.Type.Unqualified == target.Unqualified) return Load(value, span);
        if (value is StringValue text && target is PointerType) value = new ScalarValue(ScalarType.Char.Const.Pointer, TextAddress(text, span));
        if (target.Unqualified is ClassType targetClass) return ConvertToClass(value, targetClass, span, isExplicit);
        if (value.Type.Unqualified is ClassType)
        {
            var converted = UserConversion(value, target, isExplicit, span) ?? throw CannotConvert(value, target, span);
            return Convert(converted, target, span, isExplicit);
        }

        var loaded = Load(value, span);
        if (loaded is not ScalarValue scalar) throw CannotConvert(value, target, span);
        return ConvertScalar(scalar, target.Unqualified, span, isExplicit);
    }

    private ScalarValue ConvertScalar(ScalarValue value, CudaType target, SourceSpan span, bool isExplicit)
    {
        var source = value.Type;
        if (source == target) return value;
        if (target is PointerType pointer)
        {
            if (value.IsNullConstant) return new ScalarValue(target, IrBuilder.Zero(IrType.Pointer));
            if (source is PointerType from) return ConvertPointer(value, from, pointer, span, isExplicit);
            if (isExplicit && source.IsIntegerOrEnum()) return new ScalarValue(target, IrBuilder.Convert(IrType.Pointer, IrBuilder.Convert(IrType.U64, value.Expression)));
            throw CannotConvert(value, target, span);
        }

        if (source is PointerType || source == ScalarType.Nullptr)
        {
            if (target.IsBool()) return new ScalarValue(target, IrBuilder.Binary(IrBinaryOp.NotEqual, value.Expression, IrBuilder.Zero(IrType.Pointer)));
            if (isExplicit && target.IsIntegerOrEnum()) return new ScalarValue(target, IrBuilder.Convert(target.Ir, IrBuilder.Convert(IrType.U64, value.Expression)));
            throw CannotConvert(value, target, span);
        }

        if (!isExplicit && (target is EnumType || source is EnumType { IsScoped: true })) throw CannotConvert(value, target, span);
        return new ScalarValue(target, IrBuilder.Convert(target.Ir, value.Expression));
    }

    private ScalarValue ConvertPointer(ScalarValue value, PointerType from, PointerType to, SourceSpan span, bool isExplicit)
    {
        var (a, b) = (from.Element, to.Element);
        var dropsConst = a.IsConst && !b.IsConst && b is not FunctionType;
        if (!isExplicit && dropsConst) throw Error(DiagnosticCodes.TypeMismatch, span, $"'{from.Name}' to '{to.Name}' drops const");
        if (a.Unqualified is ClassType derived && b.Unqualified is ClassType wanted && derived.Symbol != wanted.Symbol)
        {
            if (derived.Symbol.OffsetOfBase(wanted.Symbol) is >= 0 and var up) return new ScalarValue(to, IrBuilder.Address(value.Expression, null, 1, up));
            if (isExplicit && wanted.Symbol.OffsetOfBase(derived.Symbol) is >= 0 and var down) return new ScalarValue(to, IrBuilder.Address(value.Expression, null, 1, -down));
        }

        if (isExplicit || b.IsVoid() || a.Unqualified == b.Unqualified || SameBelow(a, b)) return new ScalarValue(to, value.Expression);
        throw Error(DiagnosticCodes.TypeMismatch, span, $"cannot convert '{from.Name}' to '{to.Name}' without a cast");
    }

    /// <summary>Equal but for qualifiers, at every level of pointers and arrays.</summary>
    private static bool SameBelow(CudaType a, CudaType b) => (a.Unqualified, b.Unqualified) switch
    {
        (PointerType x, PointerType y) => SameBelow(x.Element, y.Element),
        (ArrayType x, ArrayType y) => (x.Count == y.Count || x.Count < 0 || y.Count < 0) && SameBelow(x.Element, y.Element),
        (FunctionType x, FunctionType y) => SameBelow(x.ReturnType, y.ReturnType) && x.Parameters.Count == y.Parameters.Count && x.Parameters.Zip(y.Parameters).All(p => SameBelow(p.First, p.Second)),
        (ReferenceType x, ReferenceType y) => x.IsRvalue == y.IsRvalue && SameBelow(x.Element, y.Element),
        var (x, y) => x == y,
    };

    private static SemanticException CannotConvert(Value value, CudaType target, SourceSpan span) =>
        Error(DiagnosticCodes.TypeMismatch, span, value is FunctionValue f ? $"'{f.Name}' is a function, a value of type '{target.Name}' is needed" : $"cannot convert '{value.Type.Name}' to '{target.Name}'");

    private Value ConvertToClass(Value value, ClassType target, SourceSpan span, bool isExplicit)
    {
        RequireComplete(target, span);
        if (value.Type.Unqualified is ClassType source)
        {
            RequireComplete(source, span);
            if (source.Symbol.OffsetOfBase(target.Symbol) is >= 0) return Load(CastToClass(value, target.Symbol), span);
            if (UserConversion(value, target, isExplicit, span) is { } converted) return Load(converted, span);
        }

        return Construct(target, [value], span, isExplicit) ?? throw CannotConvert(value, target, span);
    }

    /// <summary>The part of an object that is its base class.</summary>
    private Value CastToClass(Value value, ClassSymbol target)
    {
        if (value.Type.Unqualified is not ClassType c || c.Symbol == target) return value;
        var offset = c.Symbol.OffsetOfBase(target);
        return offset < 0 ? value : Part(value, value.Type.IsConst ? target.Type.Const : target.Type, offset, SourceSpan.None);
    }

    /// <summary>Calls a conversion function; null where there is none that fits.</summary>
    private Value? UserConversion(Value value, CudaType target, bool isExplicit, SourceSpan span)
    {
        if (FindConversion(value, target, isExplicit) is not { } best) return null;
        return Call(best, value, [], span);
    }

    private FunctionSymbol? FindConversion(Value value, CudaType target, bool isExplicit)
    {
        if (value.Type.Unqualified is not ClassType { Symbol: var symbol }) return null;
        FunctionSymbol? best = null;
        var bestCost = Cost.Impossible;
        foreach (var s in symbol.Scope.Local("operator"))
        {
            if (s is not FunctionSymbol f || (!isExplicit && (f.Declaration.Flags & DeclarationFlags.Explicit) != 0 && !target.IsBool())) continue;
            EnsureSignature(f);
            var cost = ConversionCost(new MemoryPlace(f.ReturnType!.StripReference(), IrBuilder.Zero(IrType.Pointer)), target, allowUser: false);
            if (cost >= bestCost) continue;
            (best, bestCost) = (f, cost);
        }

        return best;
    }

    /// <summary>Binds a reference: to the place itself where types agree, else to a temporary with the converted value.</summary>
    private Value BindReference(Value value, ReferenceType reference, SourceSpan span)
    {
        var element = reference.Element;
        if (value is FunctionValue) return value;
        if (value is Place place)
        {
            if (place.Type.Unqualified == element.Unqualified || SameBelow(place.Type, element))
            {
                if (!element.IsConst && !reference.IsRvalue)
                {
                    if (place.Type.IsConst) throw Error(DiagnosticCodes.TypeMismatch, span, $"a reference to non-const '{element.Name}' cannot be bound to a const object");
                    if (place is FixedPlace { Variable: { } variable }) choices.Written.Add(variable);
                }

                return element.IsConst && !place.Type.IsConst ? WithType(place, place.Type.Const) : place;
            }

            if (place.Type.Unqualified is ClassType derived && element.Unqualified is ClassType wanted && derived.Symbol.DerivesFrom(wanted.Symbol)) return CastToClass(place, wanted.Symbol);
        }

        if (!element.IsConst && !reference.IsRvalue)
        {
            throw Error(DiagnosticCodes.TypeMismatch, span, $"a reference to non-const '{element.Name}' needs a variable of that type, this is '{value.Type.Name}'");
        }

        return Temporary(Convert(value, element.Unqualified, span), element, span);
    }

    private static Place WithType(Place place, CudaType type) => place switch
    {
        SlotPlace s => new SlotPlace(type, s.Slots, s.Variable) { IsTemporary = s.IsTemporary },
        FixedPlace f => new FixedPlace(type, f.Leaves, f.Variable),
        MemoryPlace m => new MemoryPlace(type, m.Address) { IsTemporary = m.IsTemporary },
        _ => place,
    };

    /// <summary>A place for a value without one.</summary>
    internal Place Temporary(Value value, CudaType type, SourceSpan span)
    {
        switch (Load(value, span))
        {
            case ScalarValue scalar:
                return new FixedPlace(type, new[] { Materialize(scalar.Expression) }, null);
            case AggregateValue aggregate:
                var place = NewPlace("tmp", type.Unqualified, null, span);
                Store(place, aggregate, span);
                return AsTemporary(place);
            case MemoryPlace memory:
                return memory;
            default:
                throw Error(DiagnosticCodes.TypeMismatch, span, $"a value of type '{type.Name}' is needed here");
        }
    }

    private int ConversionCost(Value value, CudaType target, bool allowUser = true)
    {
        if (target is ReferenceType reference)
        {
            if (value is Place place && (place.Type.Unqualified == reference.Element.Unqualified || SameBelow(place.Type, reference.Element)))
            {
                if (reference.IsRvalue) return place.IsTemporary ? Cost.Exact : Cost.Impossible;
                if (place.Type.IsConst && !reference.Element.IsConst) return Cost.Impossible;
                if (place.IsTemporary && !reference.Element.IsConst) return Cost.Impossible;
                return reference.Element.IsConst && !place.Type.IsConst ? Cost.Qualification : Cost.Exact;
            }

            if (value is FunctionValue) return reference.Element is FunctionType or UnknownType ? Cost.Exact : Cost.Impossible;
            if (value is Place && !reference.Element.IsConst && !reference.IsRvalue)
            {
                return value.Type.Unqualified is ClassType a && reference.Element.Unqualified is ClassType b && a.Symbol.DerivesFrom(b.Symbol) ? Cost.Conversion : Cost.Impossible;
            }

            if (!reference.Element.IsConst && !reference.IsRvalue) return Cost.Impossible;
            var inner = ConversionCost(value, reference.Element.Unqualified, allowUser);
            return inner == Cost.Exact && !reference.IsRvalue ? Cost.Qualification : inner;
        }

        target = target.Unqualified;
        if (value is ListValue) return target is ClassType or ArrayType ? Cost.User : Cost.Conversion;
        if (value is FunctionValue) return target is PointerType { Element: FunctionType } ? Cost.Exact : Cost.Impossible;
        if (value is StringValue) return target is PointerType { Element: var e } && e.Unqualified == ScalarType.Char ? Cost.Exact : Cost.Impossible;
        var source = value.Type.Decay();
        if (source == target) return Cost.Exact;
        if (source is ClassType sourceClass)
        {
            if (target is ClassType t && sourceClass.Symbol.DerivesFrom(t.Symbol)) return Cost.Conversion;
            if (allowUser && FindConversion(value, target, false) is not null) return Cost.User;
        }

        if (target is ClassType targetClass) return allowUser && CanConstruct(targetClass, value) ? Cost.User : Cost.Impossible;
        if (source is ClassType) return Cost.Impossible;
        if (target is PointerType to)
        {
            if (value is ScalarValue { IsNullConstant: true }) return Cost.Conversion;
            if (source is not PointerType from || (from.Element.IsConst && !to.Element.IsConst && to.Element is not FunctionType)) return Cost.Impossible;
            if (SameBelow(from.Element, to.Element)) return Cost.Qualification;
            if (to.Element.IsVoid()) return Cost.Conversion + 1;
            return from.Element.Unqualified is ClassType a && to.Element.Unqualified is ClassType b && a.Symbol.DerivesFrom(b.Symbol) ? Cost.Conversion : Cost.Impossible;
        }

        if (source is PointerType) return target.IsBool() ? Cost.ToBool : Cost.Impossible;
        if (source is EnumType { IsScoped: true } || target is EnumType || !target.IsArithmetic() || !source.IsArithmetic()) return Cost.Impossible;
        if (source.Promote() == target || (source == ScalarType.Float && target == ScalarType.Double)) return Cost.Promotion;
        return Cost.Conversion;
    }
}
