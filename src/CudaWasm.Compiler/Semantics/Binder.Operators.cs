using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Built-in and overloaded operators.
internal sealed partial class Binder
{
    /// <param name="syntax">The operator and its operand.</param>
    /// <param name="isDiscarded">Nobody asks for the value, so that a postfix operator need not keep the old one.</param>
    private Value BindUnary(UnaryExpression syntax, bool isDiscarded = false)
    {
        var span = syntax.Span;
        if (syntax.Operator == UnaryOperator.AddressOf) return BindAddressOf(syntax);
        var operand = Bind(syntax.Operand);
        if (syntax.Operator == UnaryOperator.Dereference)
        {
            if (operand is ThisValue self) return self.Object;
            if (operand is FunctionValue) return operand;
        }

        if (operand is not ThisValue && operand.Type.Unqualified is ClassType or EnumType)
        {
            var name = "operator" + UnaryText(syntax.Operator);
            var isPost = syntax.Operator is UnaryOperator.PostIncrement or UnaryOperator.PostDecrement;
            IReadOnlyList<Value> extra = isPost ? [new ScalarValue(ScalarType.Int, IrBuilder.Int(0))] : [];
            if (CallOperator(name, operand, extra, span) is { } result) return result;
            if (operand.Type.Unqualified is ClassType)
            {
                if (syntax.Operator == UnaryOperator.LogicalNot) return new ScalarValue(ScalarType.Bool, IrBuilder.Not(Condition(operand, span)));
                operand = UserConversion(operand, syntax.Operator == UnaryOperator.Dereference ? operand.Type : ScalarType.Double, false, span)
                    ?? throw Error(DiagnosticCodes.BadOperand, span, $"'{operand.Type.Name}' has no operator {UnaryText(syntax.Operator)}");
            }
        }

        switch (syntax.Operator)
        {
            case UnaryOperator.Dereference:
                return Pointee(LoadScalar(operand, span), span);
            case UnaryOperator.PreIncrement:
            case UnaryOperator.PreDecrement:
                return Step(operand, syntax.Operator == UnaryOperator.PreIncrement, false, span);
            case UnaryOperator.PostIncrement:
            case UnaryOperator.PostDecrement:
                return Step(operand, syntax.Operator == UnaryOperator.PostIncrement, !isDiscarded, span);
            case UnaryOperator.LogicalNot:
                return new ScalarValue(ScalarType.Bool, IrBuilder.Not(Condition(operand, span)));
        }

        var value = LoadScalar(operand, span);
        if (syntax.Operator == UnaryOperator.Plus && value.Type is PointerType) return value;
        if (!value.Type.IsArithmetic() || (syntax.Operator == UnaryOperator.BitNot && value.Type.IsFloating()))
        {
            throw Error(DiagnosticCodes.BadOperand, span, $"operator {UnaryText(syntax.Operator)} cannot be applied to '{value.Type.Name}'");
        }

        var promoted = ConvertScalar(value, value.Type.Promote(), span, true);
        return syntax.Operator switch
        {
            UnaryOperator.Negate => new ScalarValue(promoted.Type, IrBuilder.Unary(IrUnaryOp.Negate, promoted.Expression)),
            UnaryOperator.BitNot => new ScalarValue(promoted.Type, IrBuilder.Unary(IrUnaryOp.BitNot, promoted.Expression)),
            _ => promoted,
        };
    }

    private static string UnaryText(UnaryOperator op) => op switch
    {
        UnaryOperator.Plus => "+",
        UnaryOperator.Negate => "-",
        UnaryOperator.BitNot => "~",
        UnaryOperator.LogicalNot => "!",
        UnaryOperator.Dereference => "*",
        UnaryOperator.AddressOf => "&",
        UnaryOperator.PreIncrement or UnaryOperator.PostIncrement => "++",
        _ => "--",
    };

    private static string BinaryText(BinaryOperator op) => op switch
    {
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.Remainder => "%",
        BinaryOperator.ShiftLeft => "<<",
        BinaryOperator.ShiftRight => ">>",
        BinaryOperator.BitAnd => "&",
        BinaryOperator.BitOr => "|",
        BinaryOperator.BitXor => "^",
        BinaryOperator.LogicalAnd => "&&",
        BinaryOperator.LogicalOr => "||",
        BinaryOperator.Equal => "==",
        BinaryOperator.NotEqual => "!=",
        BinaryOperator.Less => "<",
        BinaryOperator.LessOrEqual => "<=",
        BinaryOperator.Greater => ">",
        BinaryOperator.GreaterOrEqual => ">=",
        _ => ",",
    };

    private Value BindAddressOf(UnaryExpression syntax)
    {
        var operand = Bind(syntax.Operand);
        if (operand is FunctionValue) return operand;
        if (operand.Type.Unqualified is ClassType && CallOperator("operator&", operand, [], syntax.Span) is { } result) return result;
        if (operand is not Place) throw Error(DiagnosticCodes.BadOperand, syntax.Span, "the address of a value that is no variable cannot be taken");
        return new ScalarValue(operand.Type.Pointer, AddressOf(operand, syntax.Span));
    }

    /// <summary>++ and --.</summary>
    private Value Step(Value operand, bool up, bool isPost, SourceSpan span)
    {
        if (operand is not Place place || place.Type.IsConst) throw Error(DiagnosticCodes.NotAssignable, span, "this cannot be changed");
        place = Reusable(place);
        var old = LoadScalar(place, span);
        if (isPost) old = new ScalarValue(old.Type, MaterializeOld(old.Expression));
        Value next;
        if (old.Type is PointerType pointer)
        {
            next = new ScalarValue(old.Type, IrBuilder.Address(old.Expression, null, 1, (up ? 1 : -1) * (long)Scale(pointer.Element, span)));
        }
        else if (old.Type.IsArithmetic())
        {
            var one = new ScalarValue(ScalarType.Int, IrBuilder.Int(1));
            next = ConvertScalar((ScalarValue)Arithmetic(up ? BinaryOperator.Add : BinaryOperator.Subtract, old, one, span), old.Type, span, true);
        }
        else
        {
            throw Error(DiagnosticCodes.BadOperand, span, $"'{old.Type.Name}' cannot be counted");
        }

        Store(place, next, span);
        return isPost ? old : place;
    }

    private IrExpression MaterializeOld(IrExpression expression)
    {
        if (expression is IrConstant) return expression;
        var slot = NewSlot("old", expression.Type);
        _temporaries.Add(slot);
        Append(new IrAssign(slot, expression));
        return IrBuilder.Read(slot);
    }

    /// <summary>A place that can be read and then written: an address that itself reads memory is computed once.</summary>
    private Place Reusable(Place place) => place switch
    {
        MemoryPlace m when !IsRepeatable(m.Address) => new MemoryPlace(m.Type, Materialize(m.Address, "p")),
        BitFieldPlace b when !IsRepeatable(b.Unit.Address) => new BitFieldPlace(b.Type, new MemoryPlace(b.Unit.Type, Materialize(b.Unit.Address, "p")), b.Offset, b.Width),
        _ => place,
    };

    /// <summary>Cheap and without loads, so that it may be computed twice in one statement.</summary>
    private static bool IsRepeatable(IrExpression e) => e switch
    {
        IrConstant or IrParameterRead or IrSlotRead or IrVariableAddress or IrBuiltinRead => true,
        IrAddress a => IsRepeatable(a.Base) && (a.Index is null || IsRepeatable(a.Index)),
        IrBinary { Op: not (IrBinaryOp.Divide or IrBinaryOp.Remainder) } b => IsRepeatable(b.Left) && IsRepeatable(b.Right),
        IrConvert c => IsRepeatable(c.Operand),
        IrUnary u => IsRepeatable(u.Operand),
        _ => false,
    };

    private Value BindBinary(BinaryExpression syntax)
    {
        switch (syntax.Operator)
        {
            case BinaryOperator.Comma:
                BindDiscarded(syntax.Left);
                return Bind(syntax.Right);
            case BinaryOperator.LogicalAnd:
            case BinaryOperator.LogicalOr:
                return BindLogical(syntax);
        }

        var left = Bind(syntax.Left);
        if (!IsOverloadable(left)) left = Load(Unwrap(left, syntax.Left.Span), syntax.Left.Span);
        var right = BindAfter(ref left, () => Bind(syntax.Right));
        right = Unwrap(right, syntax.Right.Span);
        if (!IsOverloadable(right)) right = Load(right, syntax.Right.Span);
        return Arithmetic(syntax.Operator, left, right, syntax.Span);
    }

    private Value Unwrap(Value value, SourceSpan span) => value is ThisValue self ? new ScalarValue(self.Type, AddressOf(self.Object, span)) : value;

    private static bool IsOverloadable(Value value) => value is not ThisValue && value.Type.Unqualified is ClassType or EnumType;

    private Value BindLogical(BinaryExpression syntax)
    {
        var isAnd = syntax.Operator == BinaryOperator.LogicalAnd;
        var left = Bind(syntax.Left);
        if (left.Type.Unqualified is ClassType)
        {
            var operand = Bind(syntax.Right);
            if (CallOperator("operator" + BinaryText(syntax.Operator), left, [operand], syntax.Span) is { } result) return result;
        }

        var a = Condition(left, syntax.Left.Span);
        if (a is IrConstant known && known.Bits == (isAnd ? 0 : 1)) return new ScalarValue(ScalarType.Bool, a);
        IrExpression b = IrBuilder.False;
        var added = InBlock(() => b = Condition(Bind(syntax.Right), syntax.Right.Span));
        if (added.IsEmpty) return new ScalarValue(ScalarType.Bool, isAnd ? IrBuilder.And(a, b) : IrBuilder.Or(a, b));
        // The right side has effects of its own: it runs only where it counts.
        var slot = NewSlot("both", IrType.Bool);
        Append(new IrAssign(slot, a));
        added.Statements.Add(new IrAssign(slot, b));
        Append(isAnd ? new IrIf(IrBuilder.Read(slot), added, new IrBlock(), syntax.Span) : new IrIf(IrBuilder.Read(slot), new IrBlock(), added, syntax.Span));
        return new ScalarValue(ScalarType.Bool, IrBuilder.Read(slot));
    }

    /// <summary>A binary operator on bound operands.</summary>
    private Value Arithmetic(BinaryOperator op, Value left, Value right, SourceSpan span)
    {
        if (IsOverloadable(left) || IsOverloadable(right))
        {
            if (CallOperator("operator" + BinaryText(op), left, [right], span) is { } result) return result;
            if (left.Type.Unqualified is ClassType || right.Type.Unqualified is ClassType)
            {
                var (l, r) = (ToArithmetic(left, span), ToArithmetic(right, span));
                if (l is null || r is null) throw NoOperator(BinaryText(op), left, right, span);
                (left, right) = (l, r);
            }
        }

        var (a, b) = (LoadScalar(left, span), LoadScalar(right, span));
        if (a.Type is PointerType || b.Type is PointerType || a.Type == ScalarType.Nullptr || b.Type == ScalarType.Nullptr) return PointerOperator(op, a, b, span);
        if (op is BinaryOperator.Equal or BinaryOperator.NotEqual or >= BinaryOperator.Less && a.Type is EnumType { IsScoped: true } && a.Type == b.Type)
        {
            return new ScalarValue(ScalarType.Bool, IrBuilder.Binary(IrOp(op), a.Expression, b.Expression, span));
        }

        if (!a.Type.IsArithmetic() || !b.Type.IsArithmetic()) throw NoOperator(BinaryText(op), a, b, span);
        if (op is BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight) return Shift(op, a, b, span);
        var common = TypeFacts.Common(a.Type, b.Type);
        if (common.IsFloating() && op is BinaryOperator.Remainder or BinaryOperator.BitAnd or BinaryOperator.BitOr or BinaryOperator.BitXor && (a.Type.IsFloating() || b.Type.IsFloating()))
        {
            throw NoOperator(BinaryText(op), a, b, span);
        }

        var x = ConvertScalar(a, common, span, true).Expression;
        var y = ConvertScalar(b, common, span, true).Expression;
        var isComparison = op is >= BinaryOperator.Equal and <= BinaryOperator.GreaterOrEqual;
        return new ScalarValue(isComparison ? ScalarType.Bool : common, IrBuilder.Binary(IrOp(op), x, y, span));
    }

    private Value? ToArithmetic(Value value, SourceSpan span)
    {
        if (value.Type.Unqualified is not ClassType) return value;
        foreach (var target in new CudaType[] { ScalarType.Int, ScalarType.Float, ScalarType.Double })
        {
            if (FindConversion(value, target, false) is { } f) return Call(f, value, [], span);
        }

        return null;
    }

    private ScalarValue Shift(BinaryOperator op, ScalarValue a, ScalarValue b, SourceSpan span)
    {
        if (a.Type.IsFloating() || b.Type.IsFloating()) throw NoOperator(BinaryText(op), a, b, span);
        var type = a.Type.Promote();
        var x = ConvertScalar(a, type, span, true).Expression;
        var count = IrBuilder.Convert(IrType.I32, ConvertScalar(b, b.Type.Promote(), span, true).Expression);
        return new ScalarValue(type, IrBuilder.Binary(IrOp(op), x, count, span));
    }

    private ScalarValue PointerOperator(BinaryOperator op, ScalarValue a, ScalarValue b, SourceSpan span)
    {
        switch (op)
        {
            case BinaryOperator.Add when a.Type is PointerType p && b.Type.IsIntegerOrEnum():
                return new ScalarValue(a.Type, IrBuilder.Address(a.Expression, b.Expression, Scale(p.Element, span)));
            case BinaryOperator.Add when b.Type is PointerType p && a.Type.IsIntegerOrEnum():
                return new ScalarValue(b.Type, IrBuilder.Address(b.Expression, a.Expression, Scale(p.Element, span)));
            case BinaryOperator.Subtract when a.Type is PointerType p && b.Type.IsIntegerOrEnum():
                var negated = IrBuilder.Unary(IrUnaryOp.Negate, IrBuilder.Convert(IrType.I64, b.Expression));
                return new ScalarValue(a.Type, IrBuilder.Address(a.Expression, negated, Scale(p.Element, span)));
            case BinaryOperator.Subtract when a.Type is PointerType p && b.Type is PointerType q && SameBelow(p.Element, q.Element):
                var bytes = IrBuilder.Binary(IrBinaryOp.Subtract, IrBuilder.Convert(IrType.I64, a.Expression), IrBuilder.Convert(IrType.I64, b.Expression));
                return new ScalarValue(ScalarType.Long, IrBuilder.Binary(IrBinaryOp.Divide, bytes, IrBuilder.Integer(IrType.I64, Scale(p.Element, span)), span));
            case >= BinaryOperator.Equal and <= BinaryOperator.GreaterOrEqual:
                var isNull = a.IsNullConstant || b.IsNullConstant;
                if (isNull || (a.Type is PointerType && b.Type is PointerType))
                {
                    var x = a.Type is PointerType ? a.Expression : IrBuilder.Zero(IrType.Pointer);
                    var y = b.Type is PointerType ? b.Expression : IrBuilder.Zero(IrType.Pointer);
                    return new ScalarValue(ScalarType.Bool, IrBuilder.Binary(IrOp(op), x, y, span));
                }

                break;
        }

        throw NoOperator(BinaryText(op), a, b, span);
    }

    private static IrBinaryOp IrOp(BinaryOperator op) => op switch
    {
        BinaryOperator.Add => IrBinaryOp.Add,
        BinaryOperator.Subtract => IrBinaryOp.Subtract,
        BinaryOperator.Multiply => IrBinaryOp.Multiply,
        BinaryOperator.Divide => IrBinaryOp.Divide,
        BinaryOperator.Remainder => IrBinaryOp.Remainder,
        BinaryOperator.ShiftLeft => IrBinaryOp.ShiftLeft,
        BinaryOperator.ShiftRight => IrBinaryOp.ShiftRight,
        BinaryOperator.BitAnd => IrBinaryOp.And,
        BinaryOperator.BitOr => IrBinaryOp.Or,
        BinaryOperator.BitXor => IrBinaryOp.Xor,
        BinaryOperator.Equal => IrBinaryOp.Equal,
        BinaryOperator.NotEqual => IrBinaryOp.NotEqual,
        BinaryOperator.Less => IrBinaryOp.Less,
        BinaryOperator.LessOrEqual => IrBinaryOp.LessOrEqual,
        BinaryOperator.Greater => IrBinaryOp.Greater,
        _ => IrBinaryOp.GreaterOrEqual,
    };

    private static SemanticException NoOperator(string op, Value left, Value right, SourceSpan span) =>
        Error(DiagnosticCodes.BadOperand, span, $"operator {op} cannot be applied to '{Describe(left)}' and '{Describe(right)}'");

    private Value BindAssignment(AssignmentExpression syntax)
    {
        var span = syntax.Span;
        if (syntax.Value is InitializerList list && syntax.Operator is null)
        {
            var to = Bind(syntax.Target);
            if (to is not Place) throw Error(DiagnosticCodes.NotAssignable, span, "this cannot be assigned to");
            Store((Place)to, BindList(list, to.Type.Unqualified, span), span);
            return to;
        }

        // C++17: the right side comes first.
        var value = Bind(syntax.Value);
        if (value is not (FunctionValue or StringValue) && (!IsOverloadable(value) || syntax.Operator is null) && value is not MemoryPlace { Type: ClassType }) value = Load(Unwrap(value, syntax.Value.Span), syntax.Value.Span);
        var target = BindAfter(ref value, () => Bind(syntax.Target));
        if (target.Type.Unqualified is ClassType or EnumType || IsOverloadable(value))
        {
            var name = "operator" + (syntax.Operator is { } o ? BinaryText(o) : "") + "=";
            if (CallOperator(name, target, [value], span) is { } result) return result;
        }

        if (target is FunctionValue { Variable: { } pointer } && syntax.Operator is null)
        {
            // It points to another function later, so it is a variable after all.
            choices.Written.Add(pointer);
            return target;
        }

        if (target is not Place place) throw Error(DiagnosticCodes.NotAssignable, syntax.Target.Span, "the left side of an assignment must be a variable");
        if (place.Type.IsConst) throw Error(DiagnosticCodes.NotAssignable, syntax.Target.Span, $"{SpelledAt(syntax.Target.Span)} is const ('{place.Type.Name}') and cannot be assigned to", DeclarationOf(syntax.Target));
        if (place.Type is ArrayType) throw Error(DiagnosticCodes.NotAssignable, syntax.Target.Span, "an array cannot be assigned to");
        if (syntax.Operator is not { } op)
        {
            Store(place, Convert(value, place.Type.Unqualified, syntax.Value.Span), span);
            return place;
        }

        place = Reusable(place);
        var current = Load(place, span);
        Store(place, Convert(Arithmetic(op, current, value, span), place.Type.Unqualified, span, isExplicit: true), span);
        return place;
    }

    private Value BindConditional(ConditionalExpression syntax)
    {
        var condition = Condition(Bind(syntax.Condition), syntax.Condition.Span);
        if (condition is IrConstant known) return Bind(known.Bits != 0 ? syntax.WhenTrue : syntax.WhenFalse);
        Value a = VoidValue.Instance, b = VoidValue.Instance;
        var then = InBlock(() => a = Unwrap(Bind(syntax.WhenTrue), syntax.WhenTrue.Span));
        var otherwise = InBlock(() => b = Unwrap(Bind(syntax.WhenFalse), syntax.WhenFalse.Span));
        if (a.Type.IsVoid() && a is VoidValue && b is VoidValue)
        {
            Append(new IrIf(condition, then, otherwise, syntax.Span));
            return VoidValue.Instance;
        }

        // Two memory places of one type stay a place: the address is chosen.
        if (a is MemoryPlace m && b is MemoryPlace n && m.Type == n.Type && !m.Type.IsScalar && then.IsEmpty && otherwise.IsEmpty)
        {
            return new MemoryPlace(m.Type, IrBuilder.Conditional(condition, m.Address, n.Address));
        }

        if (a is FunctionValue whenTrue && b is FunctionValue whenFalse) (a, b) = (PointerTo(whenTrue, null, syntax.Span), PointerTo(whenFalse, null, syntax.Span));
        var type = ConditionalType(a, b, syntax.Span);
        Extend(then, () => a = Load(Convert(a, type, syntax.WhenTrue.Span, true), syntax.WhenTrue.Span));
        Extend(otherwise, () => b = Load(Convert(b, type, syntax.WhenFalse.Span, true), syntax.WhenFalse.Span));
        if (a is ScalarValue x && b is ScalarValue y && then.IsEmpty && otherwise.IsEmpty)
        {
            return new ScalarValue(type, IrBuilder.Conditional(condition, x.Expression, y.Expression));
        }

        var result = NewPlace("either", type, null, syntax.Span);
        Extend(then, () => Store(result, a, syntax.Span));
        Extend(otherwise, () => Store(result, b, syntax.Span));
        Append(new IrIf(condition, then, otherwise, syntax.Span));
        return Load(result, syntax.Span);
    }

    private void Extend(IrBlock block, Action action)
    {
        var outer = _block;
        _block = block;
        try
        {
            action();
        }
        finally
        {
            _block = outer;
        }
    }

    private CudaType ConditionalType(Value a, Value b, SourceSpan span)
    {
        var (x, y) = (a.Type.Decay(), b.Type.Decay());
        if (a is ListValue) return y;
        if (b is ListValue) return x;
        if (x == y) return x;
        if (x.IsArithmetic() && y.IsArithmetic()) return TypeFacts.Common(x, y);
        if (x is PointerType && b is ScalarValue { IsNullConstant: true }) return x;
        if (y is PointerType && a is ScalarValue { IsNullConstant: true }) return y;
        if (x is PointerType p && y is PointerType q)
        {
            if (SameBelow(p.Element, q.Element)) return p.Element.IsConst ? x : y;
            if (p.Element.IsVoid()) return x;
            if (q.Element.IsVoid()) return y;
        }

        if (ConversionCost(b, x) != Cost.Impossible) return x;
        if (ConversionCost(a, y) != Cost.Impossible) return y;
        throw Error(DiagnosticCodes.TypeMismatch, span, $"the sides of ?: have types that do not go together: '{x.Name}' and '{y.Name}'");
    }

    /// <summary>A variable of its own for a value: slots where the type allows, else local memory.</summary>
    private Place NewPlace(string name, CudaType type, SyntaxNode? variable, SourceSpan span)
    {
        RequireComplete(type, span);
        variable ??= choices.Temporary(name, span);
        if (type is not ArrayType && !type.IsVolatile && type.Leaves() is { } leaves && !choices.InMemory.Contains(variable))
        {
            var slots = new IrSlot[leaves.Count];
            for (var i = 0; i < slots.Length; i++) slots[i] = NewSlot(name, leaves[i].Type.Ir);
            return new SlotPlace(type, slots, variable);
        }

        return NewLocal(name, type, span);
    }
}
