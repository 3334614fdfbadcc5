using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Expressions other than operators and calls.
internal sealed partial class Binder
{
    private Value Bind(ExpressionSyntax syntax) => Deeper(syntax.Span, () => BindCore(syntax));

    private Value BindCore(ExpressionSyntax syntax)
    {
        switch (syntax)
        {
            case IntegerLiteral e:
                return Literal(e);
            case FloatLiteral e:
                return e.IsFloat ? new ScalarValue(ScalarType.Float, IrBuilder.Float(IrType.F32, e.Value)) : new ScalarValue(ScalarType.Double, IrBuilder.Float(IrType.F64, e.Value));
            case CharLiteral e:
                return e.Type == BuiltinTypeKind.Char
                    ? new ScalarValue(ScalarType.Char, IrBuilder.Integer(IrType.I8, e.Value))
                    : new ScalarValue(ScalarType.Int, IrBuilder.Int(e.Value));
            case StringLiteral e:
                return new StringValue(e.Value);
            case BoolLiteral e:
                return new ScalarValue(ScalarType.Bool, e.Value ? IrBuilder.True : IrBuilder.False);
            case NullptrLiteral:
                return new ScalarValue(ScalarType.Nullptr, IrBuilder.Zero(IrType.Pointer));
            case ThisExpression:
                if (_frame?.Self is not { } self) throw Error(DiagnosticCodes.UndeclaredName, syntax.Span, "'this' has no meaning outside of a member function");
                return new ThisValue(self);
            case NameExpression e:
                return BindName(e);
            case UnaryExpression e:
                return BindUnary(e);
            case BinaryExpression e:
                return BindBinary(e);
            case AssignmentExpression e:
                return BindAssignment(e);
            case ConditionalExpression e:
                return BindConditional(e);
            case CallExpression e:
                return BindCall(e);
            case IndexExpression e:
                return BindIndex(e);
            case MemberExpression e:
                return BindMember(e);
            case CastExpression e:
                return BindCast(e);
            case SizeOfExpression e:
                return BindSizeOf(e);
            case InitializerList e:
                return new ListValue(e);
            case LambdaExpression e:
                return BindLambda(e);
            case FoldExpression e:
                return BindFold(e);
            case PackExpansionExpression e:
                var elements = new List<Value>();
                ExpandPack(e.Pattern, () => elements.Add(Bind(e.Pattern)));
                return new PackValue(elements);
            case NewExpression e:
                return BindNew(e);
            case DeleteExpression e:
                return BindDelete(e);
            case LaunchExpression:
                throw NotSupported(syntax.Span, "launching a kernel from a kernel (dynamic parallelism)");
            default:
                throw NotSupported(syntax.Span, "this kind of expression");
        }
    }

    /// <summary>Binds for the side effects alone.</summary>
    private void BindDiscarded(ExpressionSyntax syntax)
    {
        switch (syntax)
        {
            case UnaryExpression e:
                BindUnary(e, isDiscarded: true);
                break;
            case BinaryExpression { Operator: BinaryOperator.Comma } e:
                BindDiscarded(e.Left);
                BindDiscarded(e.Right);
                break;
            case ConditionalExpression e:
                var condition = Condition(Bind(e.Condition), e.Condition.Span);
                var then = InBlock(() => BindDiscarded(e.WhenTrue));
                var otherwise = InBlock(() => BindDiscarded(e.WhenFalse));
                if (!then.IsEmpty || !otherwise.IsEmpty) Append(new IrIf(condition, then, otherwise, e.Span));
                break;
            default:
                Bind(syntax);
                break;
        }
    }

    private static ScalarValue Literal(IntegerLiteral e)
    {
        // [lex.icon]: the first of these that holds the value.
        var (i, l) = (e.Value <= int.MaxValue && e.LongCount == 0, e.Value <= long.MaxValue);
        ScalarType type;
        if (!e.IsUnsigned && i) type = ScalarType.Int;
        else if ((e.IsUnsigned || !e.IsDecimal) && e.Value <= uint.MaxValue && e.LongCount == 0) type = ScalarType.UInt;
        else if (!e.IsUnsigned && l) type = e.LongCount == 2 ? ScalarType.LongLong : ScalarType.Long;
        else type = e.LongCount == 2 ? ScalarType.ULongLong : ScalarType.ULong;
        return new ScalarValue(type, IrBuilder.Integer(type.Ir, (long)e.Value));
    }

    private Value BindIndex(IndexExpression syntax)
    {
        var target = Bind(syntax.Target);
        if (target is PackValue or FunctionValue) throw Error(DiagnosticCodes.BadOperand, syntax.Span, "this cannot be indexed");
        var index = BindAfter(ref target, () => Bind(syntax.Index));
        if (target.Type.Unqualified is ClassType) return CallOperator("operator[]", target, [index], syntax.Span) ?? throw NoOperator("[]", target, index, syntax.Span);
        // 3[a] is a[3].
        if (target.Type.IsIntegerOrEnum() && index.Type.Decay() is PointerType) (target, index) = (index, target);
        var scalar = LoadScalar(index, syntax.Index.Span);
        if (!scalar.Type.IsIntegerOrEnum()) throw Error(DiagnosticCodes.BadOperand, syntax.Index.Span, $"an index must be an integer, this is of type '{scalar.Type.Name}'");
        return Element(target, scalar, syntax.Span);
    }

    private Value BindMember(MemberExpression syntax)
    {
        var target = Bind(syntax.Target);
        if (syntax.IsArrow)
        {
            while (target is not ThisValue && target.Type.Unqualified is ClassType)
            {
                target = CallOperator("operator->", target, [], syntax.Span) ?? throw Error(DiagnosticCodes.NoSuchMember, syntax.Span, $"'{target.Type.Name}' is no pointer; use '.'");
            }

            target = target is ThisValue self ? self.Object : Pointee(LoadScalar(target, syntax.Span), syntax.Span);
        }
        else if (target.Type is PointerType)
        {
            throw Error(DiagnosticCodes.NoSuchMember, syntax.Span, $"'{target.Type.Name}' is a pointer; use '->'");
        }

        return Member(target, syntax.Name, syntax.Span);
    }

    private Value Member(Value target, NameSyntax name, SourceSpan span)
    {
        var member = name.Last.Identifier;
        if (target.Type.Unqualified is not ClassType { Symbol: var symbol })
        {
            // p->~T() of a scalar does nothing.
            if (member.StartsWith('~')) return new FunctionValue([], null, target, member, span);
            throw Error(DiagnosticCodes.NoSuchMember, span, $"'{target.Type.Name}' has no members");
        }

        RequireComplete(symbol.Type, span);
        if (symbol.FindField(member) is { } found) return Field(target, found.Field, found.Offset, span);
        var symbols = symbol.Scope.Local(member);
        if (symbols.Count == 0)
        {
            var near = NearestName.Find(member, symbol.Fields.Select(f => f.Name));
            throw Error(DiagnosticCodes.NoSuchMember, name.Span, $"no member named '{member}' in '{symbol.Name}'{(near is null ? "" : $"; did you mean '{near}'?")}");
        }

        if (symbols[0] is FunctionSymbol or TemplateSymbol { IsFunction: true } or Builtins.BuiltinFunction)
        {
            return new FunctionValue(symbols, name.Last.Arguments, target, member, span);
        }

        return ValueOf(symbols, name, span);
    }

    private Value Field(Value target, FieldSymbol field, long offset, SourceSpan span)
    {
        if (field.BitOffset >= 0)
        {
            var memory = target as MemoryPlace ?? Spill(target, span);
            var isConst = memory.Type.IsConst;
            var unit = new MemoryPlace(field.Type.Unqualified, IrBuilder.Address(memory.Address, null, 1, offset));
            return new BitFieldPlace(isConst ? field.Type.Const : field.Type, unit, field.BitOffset, field.BitWidth);
        }

        if (field.Type is ReferenceType reference)
        {
            var pointer = (ScalarValue)Load(Part(target, reference.Element.Pointer, offset, span), span);
            return new MemoryPlace(reference.Element, pointer.Expression);
        }

        return Part(target, field.Type, offset, span);
    }

    private Value BindCast(CastExpression syntax)
    {
        if (syntax.Type is AutoTypeSyntax) return Load(Bind(syntax.Arguments[0]), syntax.Span);
        var type = BindType(syntax.Type);
        switch (syntax.Kind)
        {
            case CastKind.Functional or CastKind.List when syntax.Arguments.Count != 1 || type.Unqualified is ClassType:
                var arguments = BindArguments(syntax.Arguments);
                if (syntax.Kind == CastKind.List) return BindList(new InitializerList(syntax.Span, [.. syntax.Arguments.Select(a => new InitializerElement(null, null, a))]), type, syntax.Span);
                if (type.Unqualified is ClassType c)
                {
                    RequireComplete(c, syntax.Span);
                    return Construct(c, arguments, syntax.Span, true)
                        ?? throw Error(DiagnosticCodes.NoMatchingFunction, syntax.Span, $"no constructor of '{type.Name}' takes ({string.Join(", ", arguments.Select(Describe))})");
                }

                if (syntax.Arguments.Count == 0) return type.IsVoid() ? VoidValue.Instance : new ScalarValue(type.Unqualified, IrBuilder.Zero(type.Ir));
                throw Error(DiagnosticCodes.TypeMismatch, syntax.Span, $"'{type.Name}' is made of one value");
            case CastKind.List:
                return BindList(new InitializerList(syntax.Span, [.. syntax.Arguments.Select(a => new InitializerElement(null, null, a))]), type, syntax.Span);
            case CastKind.Dynamic:
                throw NotSupported(syntax.Span, "dynamic_cast");
            case CastKind.Reinterpret or CastKind.CStyle when type is ReferenceType reference && Bind(syntax.Arguments[0]) is var place:
                // (T&)x looks at the same memory as another type.
                if (place is Place && (place.Type.Unqualified == reference.Element.Unqualified || (syntax.Kind == CastKind.CStyle && place.Type.Unqualified is ClassType d && reference.Element.Unqualified is ClassType b && d.Symbol.DerivesFrom(b.Symbol))))
                {
                    return BindReference(place is Place p ? WithType(p, p.Type.Unqualified) : place, reference, syntax.Span);
                }

                return new MemoryPlace(reference.Element, AddressOf(place, syntax.Span));
        }

        if (type.IsVoid())
        {
            BindDiscarded(syntax.Arguments[0]);
            return VoidValue.Instance;
        }

        var value = Bind(syntax.Arguments[0]);
        if (type is ReferenceType { Element: var element } target)
        {
            if (value is Place moved) return target.IsRvalue ? AsTemporary(WithType(moved, syntax.Kind == CastKind.Const ? element : moved.Type)) : WithType(moved, element);
            return BindReference(value, target, syntax.Span);
        }

        if (value is ThisValue self) value = new ScalarValue(self.Object.Type.Pointer, AddressOf(self.Object, syntax.Span));
        return Convert(value, type, syntax.Span, isExplicit: true);
    }

    internal static Value AsTemporaryValue(Value value) => value is Place place ? AsTemporary(place) : value;

    private static Place AsTemporary(Place place) => place switch
    {
        SlotPlace s => new SlotPlace(s.Type, s.Slots, s.Variable) { IsTemporary = true },
        FixedPlace f => new FixedPlace(f.Type, f.Leaves, f.Variable) { IsTemporary = true },
        MemoryPlace m => new MemoryPlace(m.Type, m.Address) { IsTemporary = true },
        _ => place,
    };

    private ScalarValue BindSizeOf(SizeOfExpression syntax)
    {
        long result;
        if (syntax.IsPack)
        {
            var name = (syntax.Expression as NameExpression)?.Name ?? (syntax.Type as NamedTypeSyntax)?.Name;
            var pack = name is null ? null : _scope.Lookup(name.Last.Identifier).OfType<PackSymbol>().FirstOrDefault();
            result = pack?.Elements.Count ?? throw Error(DiagnosticCodes.TypeMismatch, syntax.Span, "sizeof... needs a parameter pack");
        }
        else
        {
            var type = SizeOfOperand(syntax).StripReference();
            RequireComplete(type, syntax.Span);
            result = syntax.IsAlignment ? type.Alignment : type.Size;
            if (type.IsVoid()) result = 1;
        }

        return new ScalarValue(ScalarType.ULong, IrBuilder.Integer(IrType.U64, result));
    }

    private CudaType SizeOfOperand(SizeOfExpression syntax)
    {
        if (syntax.Type is not null && syntax.Expression is not null)
        {
            // The parser could not tell; a name that is a type is one.
            var name = (syntax.Type as NamedTypeSyntax)?.Name;
            if (name is null || LookupName(name).Any(s => TypeOf(s, name.Last, syntax.Span) is not null)) return BindType(syntax.Type);
        }
        else if (syntax.Type is not null)
        {
            return BindType(syntax.Type);
        }

        return Unevaluated(() => Bind(syntax.Expression!)).Type;
    }

    private Value BindFold(FoldExpression syntax)
    {
        var pattern = syntax.PackIsLeft ? syntax.Left! : syntax.Right!;
        var start = syntax.PackIsLeft ? syntax.Right : syntax.Left;
        var operands = new List<(ExpressionSyntax Syntax, Scope Scope)>();
        ExpandPack(pattern, () => operands.Add((pattern, _scope)));
        // A left fold starts from the left; (pack op ...) is a right fold.
        if (syntax.PackIsLeft) operands.Reverse();
        Value? result = start is null ? null : Bind(start);
        foreach (var (operand, scope) in operands)
        {
            if (result is null)
            {
                result = InScope(scope, () => Bind(operand));
                continue;
            }

            if (syntax.Operator == BinaryOperator.Comma)
            {
                result = InScope(scope, () => Bind(operand));
                continue;
            }

            var earlier = Load(result, syntax.Span);
            var next = BindAfter(ref earlier, () => InScope(scope, () => Load(Bind(operand), syntax.Span)));
            if (syntax.Operator is BinaryOperator.LogicalAnd or BinaryOperator.LogicalOr)
            {
                var (a, b) = (Condition(earlier, syntax.Span), Condition(next, syntax.Span));
                result = new ScalarValue(ScalarType.Bool, syntax.Operator == BinaryOperator.LogicalAnd ? IrBuilder.And(a, b) : IrBuilder.Or(a, b));
                continue;
            }

            result = syntax.PackIsLeft ? Arithmetic(syntax.Operator, next, earlier, syntax.Span) : Arithmetic(syntax.Operator, earlier, next, syntax.Span);
        }

        return result ?? syntax.Operator switch
        {
            BinaryOperator.LogicalAnd => new ScalarValue(ScalarType.Bool, IrBuilder.True),
            BinaryOperator.LogicalOr => new ScalarValue(ScalarType.Bool, IrBuilder.False),
            _ => VoidValue.Instance,
        };
    }

    /// <summary>A value as a truth value.</summary>
    private IrExpression Condition(Value value, SourceSpan span)
    {
        if (value.Type.Unqualified is ClassType && value is not ThisValue) value = Convert(value, ScalarType.Bool, span, isExplicit: true);
        if (value is ThisValue or StringValue) return IrBuilder.True;
        return ConvertScalar(LoadScalar(value, span), ScalarType.Bool, span, isExplicit: true).Expression;
    }

    private static string Describe(Value value) => value switch
    {
        ListValue => "{...}",
        FunctionValue f => $"function {f.Name}",
        _ => value.Type.Name,
    };

    /// <summary>The value of <c>this</c>: a pointer, but kept as the object while nobody asks for the address.</summary>
    private sealed class ThisValue(Value target) : Value(target.Type.Pointer)
    {
        public Value Object { get; } = target;
    }
}
