using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Statements and local declarations.
internal sealed partial class Binder
{
    private void BindBody(CompoundStatement body)
    {
        foreach (var statement in body.Statements) BindStatement(statement);
    }

    /// <summary>Binds one statement; an error in it is reported and the next one gets its turn.</summary>
    private void BindStatement(StatementSyntax syntax)
    {
        if (_isGivenUp) return;
        try
        {
            Deeper(syntax.Span, () =>
            {
                BindStatementCore(syntax);
                return true;
            });
        }
        catch (SemanticException error) when (!_isUnevaluated)
        {
            Report(error);
        }
    }

    private void BindStatementCore(StatementSyntax syntax)
    {
        switch (syntax)
        {
            case CompoundStatement s:
                InNewScope(() => BindBody(s));
                break;
            case ExpressionStatement s:
                BindDiscarded(s.Expression);
                break;
            case EmptyStatement:
                break;
            case DeclarationStatement s:
                foreach (var declaration in s.Declarations) BindDeclaration(declaration);
                break;
            case IfStatement s:
                InNewScope(() => BindIf(s));
                break;
            case ForStatement s:
                InNewScope(() => BindFor(s));
                break;
            case RangeForStatement s:
                InNewScope(() => BindRangeFor(s));
                break;
            case WhileStatement s:
                InNewScope(() => BindLoop(s.Condition, null, s.Body, s.Unroll, s.Span));
                break;
            case DoStatement s:
                BindDo(s);
                break;
            case SwitchStatement s:
                InNewScope(() => BindSwitch(s));
                break;
            case BreakStatement:
                Append(new IrLeave(Target(syntax, "break").Break, syntax.Span));
                break;
            case ContinueStatement:
                Append(new IrContinue(ContinueTarget(syntax), syntax.Span));
                break;
            case ReturnStatement s:
                BindReturn(s);
                break;
            case CaseStatement:
                throw NotSupported(syntax.Span, "a case label inside of another statement");
            case GotoStatement:
                throw NotSupported(syntax.Span, "'goto'");
            case LabelStatement s:
                BindStatement(s.Statement);
                break;
            case AsmStatement s:
                BindAsm(s);
                break;
            case UnsupportedStatement s:
                throw NotSupported(syntax.Span, s.What);
            default:
                throw NotSupported(syntax.Span, "this kind of statement");
        }
    }

    private (IrLabel Break, IrLabel? Continue) Target(StatementSyntax syntax, string word) =>
        _frame!.Targets.TryPeek(out var target) ? target : throw Error(DiagnosticCodes.UnexpectedToken, syntax.Span, $"'{word}' outside of a loop");

    private IrLabel ContinueTarget(StatementSyntax syntax) =>
        _frame!.Targets.FirstOrDefault(t => t.Continue is not null).Continue ?? throw Error(DiagnosticCodes.UnexpectedToken, syntax.Span, "'continue' outside of a loop");

    private IrExpression BindCondition(ConditionSyntax syntax, SourceSpan span)
    {
        if (syntax.Declaration is not { } declaration)
        {
            // The parser has said what is wrong with a condition that is not there.
            return syntax.Expression is null ? IrBuilder.True : Condition(Bind(syntax.Expression), syntax.Expression.Span);
        }

        BindDeclaration(declaration);
        return Condition(ValueOf(_scope.Own(declaration.Name.Last.Identifier).OfType<VariableSymbol>().Last(), span), span);
    }

    private void BindIf(IfStatement syntax)
    {
        if (syntax.Initializer is not null) BindStatement(syntax.Initializer);
        var condition = syntax is { IsConstexpr: true, Condition: { Declaration: null, Expression: { } constant } }
            ? Evaluated(() => new ScalarValue(ScalarType.Bool, Condition(Bind(constant), constant.Span))).Expression
            : BindCondition(syntax.Condition, syntax.Span);
        if (condition is IrConstant known)
        {
            // What cannot run is not bound where the condition depends on a template; elsewhere it is only dropped.
            if (known.Bits != 0) InNewScope(() => BindStatement(syntax.Then));
            else if (syntax.Else is not null) InNewScope(() => BindStatement(syntax.Else));
            return;
        }

        if (syntax.IsConstexpr) throw Error(DiagnosticCodes.NotConstant, syntax.Span, "the condition of 'if constexpr' must be known when compiling");
        var then = InBlock(() => InNewScope(() => BindStatement(syntax.Then)));
        var otherwise = syntax.Else is null ? new IrBlock() : InBlock(() => InNewScope(() => BindStatement(syntax.Else)));
        Append(new IrIf(condition, then, otherwise, syntax.Span));
    }

    private void BindFor(ForStatement syntax)
    {
        if (syntax.Initializer is not null) BindStatement(syntax.Initializer);
        BindLoop(syntax.Condition, syntax.Step, syntax.Body, syntax.Unroll, syntax.Span);
    }

    private void BindLoop(ConditionSyntax? condition, ExpressionSyntax? step, StatementSyntax body, UnrollHint? unroll, SourceSpan span)
    {
        var label = new IrLabel("loop");
        IrExpression? before = null;
        var inner = InBlock(() =>
        {
            if (condition is not null)
            {
                var test = BindCondition(condition, span);
                if (_block.IsEmpty && condition.Declaration is null)
                {
                    before = test;
                }
                else
                {
                    var leave = new IrBlock();
                    leave.Statements.Add(new IrLeave(label, span));
                    Append(new IrIf(test, new IrBlock(), leave, span));
                }
            }

            BindTargeted(label, label, body);
        });
        if (before is IrConstant { Bits: 0 }) return;
        var steps = InBlock(() =>
        {
            if (step is not null) BindDiscarded(step);
        });
        Append(new IrLoop(label, before is IrConstant ? null : before, inner, steps, null, span) { Unroll = UnrollCount(unroll) });
    }

    private int? UnrollCount(UnrollHint? hint)
    {
        if (hint is null) return null;
        if (hint.Count is null) return 0;
        // A count that is no constant is ignored, as nvcc does with a warning: it is a hint only.
        return Unevaluated(() => Bind(hint.Count)) is ScalarValue { Expression: IrConstant constant } ? (int)Math.Clamp(constant.Bits, 0, int.MaxValue) : null;
    }

    private void BindTargeted(IrLabel breakLabel, IrLabel? continueLabel, StatementSyntax body)
    {
        _frame!.Targets.Push((breakLabel, continueLabel));
        try
        {
            InNewScope(() => BindStatement(body));
        }
        finally
        {
            _frame.Targets.Pop();
        }
    }

    private void BindDo(DoStatement syntax)
    {
        var label = new IrLabel("loop");
        var body = InBlock(() => BindTargeted(label, label, syntax.Body));
        IrExpression after = IrBuilder.True;
        var steps = InBlock(() => after = Condition(Bind(syntax.Condition), syntax.Condition.Span));
        Append(new IrLoop(label, null, body, steps, after is IrConstant { Bits: 1 } ? null : after, syntax.Span) { Unroll = UnrollCount(syntax.Unroll) });
    }

    private void BindRangeFor(RangeForStatement syntax)
    {
        var range = Bind(syntax.Range);
        if (range is not Place { Type: ArrayType array } place) throw NotSupported(syntax.Range.Span, $"a range-based for over '{range.Type.Name}'");
        var index = NewSlot("index", IrType.I32);
        var label = new IrLabel("loop");
        Append(new IrAssign(index, IrBuilder.Int(0)));
        var body = InBlock(() =>
        {
            var element = Element(place, new ScalarValue(ScalarType.Int, IrBuilder.Read(index)), syntax.Span);
            var type = syntax.Variable.Type is ReferenceTypeSyntax ? element.Type.ReferenceTo(false) : IsAuto(syntax.Variable.Type) ? element.Type.Unqualified : BindType(syntax.Variable.Type);
            Value bound = type is ReferenceType reference ? BindReference(element, reference, syntax.Span) : NewPlace(syntax.Variable.Name.Last.Identifier, type, syntax.Variable, syntax.Span);
            if (type is not ReferenceType) Store((Place)bound, Convert(element, type, syntax.Span), syntax.Span);
            _scope.Set(syntax.Variable.Name.Last.Identifier, new VariableSymbol(syntax.Variable.Name.Last.Identifier, syntax.Span, VariableKind.Local, syntax.Variable, null) { Place = bound, Type = type });
            BindTargeted(label, label, syntax.Body);
        });
        var steps = InBlock(() => Append(new IrAssign(index, IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Read(index), IrBuilder.Int(1)))));
        Append(new IrLoop(label, IrBuilder.Binary(IrBinaryOp.Less, IrBuilder.Read(index), IrBuilder.Int((int)array.Count)), body, steps, null, syntax.Span));
    }

    private void BindSwitch(SwitchStatement syntax)
    {
        if (syntax.Initializer is not null) BindStatement(syntax.Initializer);
        var value = syntax.Condition.Declaration is null
            ? LoadScalar(Bind(syntax.Condition.Expression!), syntax.Condition.Expression!.Span)
            : new ScalarValue(ScalarType.Int, BindCondition(syntax.Condition, syntax.Span));
        var type = value.Type is EnumType e ? e.Underlying.Unqualified : value.Type.Promote();
        if (!type.IsInteger()) throw Error(DiagnosticCodes.TypeMismatch, syntax.Span, $"a switch needs an integer, this is of type '{value.Type.Name}'");
        var selector = ConvertScalar(value, type, syntax.Span, true);
        var label = new IrLabel("switch");
        var sections = new List<IrSwitchSection>();
        _frame!.Targets.Push((label, null));
        try
        {
            InNewScope(() => BindSections(syntax.Body is CompoundStatement c ? c.Statements : [syntax.Body], type, sections));
        }
        finally
        {
            _frame.Targets.Pop();
        }

        var body = new IrBlock();
        body.Statements.Add(new IrSwitch(selector.Expression, sections, syntax.Span));
        Append(new IrLabeled(label, body, syntax.Span));
    }

    private void BindSections(IReadOnlyList<StatementSyntax> statements, CudaType type, List<IrSwitchSection> sections)
    {
        var seen = new HashSet<long>();
        IrBlock? current = null;
        foreach (var s in statements)
        {
            var statement = s;
            if (statement is CaseStatement)
            {
                var values = new List<long>();
                var isDefault = false;
                for (; statement is CaseStatement label; statement = label.Statement)
                {
                    if (label.Value is null)
                    {
                        isDefault = true;
                        continue;
                    }

                    var value = IrFolding.Wrap(type.Ir, ConstantInteger(label.Value, "a case value"));
                    if (!seen.Add(value)) throw Error(DiagnosticCodes.Redeclared, label.Value.Span, $"case {value} is there already");
                    values.Add(value);
                }

                current = new IrBlock();
                sections.Add(new IrSwitchSection(values, isDefault, current));
            }

            // A declaration before the first case is in scope, though it never runs.
            var into = current ?? new IrBlock();
            var bound = statement;
            Extend(into, () => BindStatement(bound));
        }
    }

    private void BindDeclaration(DeclarationSyntax syntax)
    {
        switch (syntax)
        {
            case VariableDeclaration v:
                CheckFirst(v);
                try
                {
                    BindVariable(v);
                }
                catch (SemanticException)
                {
                    DeclareBroken(v);
                    throw;
                }

                break;
            case StaticAssertDeclaration s:
                BindStaticAssert(s);
                break;
            default:
                Declarer.Declare(syntax, _scope);
                break;
        }
    }

    private void BindVariable(VariableDeclaration syntax)
    {
        var name = syntax.Name.Last.Identifier;
        if (syntax.Bindings.Count > 0)
        {
            BindStructured(syntax);
            return;
        }

        Declarer.DeclareInner(syntax.Type, _scope);
        var symbol = new VariableSymbol(name, syntax.Span, VariableKind.Local, syntax, null);
        Value? initial = null;
        CudaType type;
        if (IsAuto(syntax.Type))
        {
            if (syntax.Initializers.Count != 1) throw Error(DiagnosticCodes.BadInitializer, syntax.Span, $"'{name}' is auto and needs an initializer");
            initial = Bind(syntax.Initializers[0]);
            if (initial is ThisValue self) initial = new ScalarValue(self.Type, AddressOf(self.Object, syntax.Span));
            if (initial is FunctionValue || initial.Type.Unqualified is ClassType { Symbol.Captures: not null })
            {
                symbol.Place = initial;
                _scope.Set(name, symbol);
                return;
            }

            if (initial.Type.IsVoid()) throw Error(DiagnosticCodes.TypeMismatch, syntax.Span, $"'{name}' is auto, but its initializer has no value");
            type = syntax.Type switch
            {
                ReferenceTypeSyntax r => (r.Element.IsConst ? initial.Type.Const : initial.Type).ReferenceTo(r.IsRvalue && initial is not Place),
                PointerTypeSyntax => initial.Type.Decay(),
                _ => syntax.Type.IsConst ? initial.Type.Decay().Const : initial.Type.Decay(),
            };
        }
        else
        {
            type = BindType(syntax.Type);
        }

        if ((syntax.Flags & DeclarationFlags.Constexpr) != 0) type = type.Const;
        symbol.Type = type;
        if ((syntax.Flags & DeclarationFlags.Shared) != 0)
        {
            symbol.Place = PlaceShared(syntax, type, _frame?.Function);
            _scope.Set(name, symbol);
            return;
        }

        if (type is PointerType { Element: FunctionType } && !choices.Written.Contains(syntax) && syntax.Initializers.Count == 1 && (initial ?? Bind(syntax.Initializers[0])) is FunctionValue function)
        {
            symbol.Place = new FunctionValue(function.Candidates, function.TemplateArguments, function.Self, function.Name, function.Span) { Variable = syntax };
            _scope.Set(name, symbol);
            return;
        }

        if (type is ReferenceType reference)
        {
            if (syntax.Initializers.Count != 1) throw Error(DiagnosticCodes.BadInitializer, syntax.Span, $"the reference '{name}' needs an initializer");
            var bound = BindReference(initial ?? Bind(syntax.Initializers[0]), reference, syntax.Span);
            symbol.Place = bound is MemoryPlace m ? new MemoryPlace(m.Type, IsImmune(m.Address) ? m.Address : Materialize(m.Address, name)) : bound;
            _scope.Set(name, symbol);
            return;
        }

        if (type is ArrayType { Count: < 0 } unbounded) type = CountInitializer(unbounded, syntax, syntax.Span);
        RequireComplete(type, syntax.Span);
        if (type.IsVoid()) throw Error(DiagnosticCodes.TypeMismatch, syntax.Span, $"'{name}' cannot be of type void");
        symbol.Type = type;
        symbol.Place = PlaceLocal(symbol, syntax, type, initial);
    }

    /// <summary>Makes a local variable with its first value and enters its name (which its own initialiser may see).</summary>
    private Value PlaceLocal(VariableSymbol symbol, VariableDeclaration syntax, CudaType type, Value? initial)
    {
        var isStatic = (syntax.Flags & DeclarationFlags.Static) != 0;
        var isConstantTable = type is ArrayType { InnermostElement.IsConst: true } && syntax.Initializers.Count > 0;
        if ((isStatic || isConstantTable) && PlaceTable(syntax, type, isStatic && !type.IsConst && type is not ArrayType { InnermostElement.IsConst: true }) is { } table)
        {
            _scope.Set(symbol.Name, symbol);
            return table;
        }

        // A constant with a known value needs no variable.
        if (type.IsConst && type.IsScalar && syntax.Initializers.Count == 1 && !choices.InMemory.Contains(syntax))
        {
            var source = syntax.Initializers[0] is InitializerList { Elements: [var single] } ? single.Value : syntax.Initializers[0];
            var isConstexpr = (syntax.Flags & DeclarationFlags.Constexpr) != 0;
            var value = isConstexpr && type is not PointerType ? Evaluated(() => (ScalarValue)Convert(Bind(source), type.Unqualified, syntax.Span)) : Convert(initial ?? Bind(source), type.Unqualified, syntax.Span);
            if (isConstexpr && value is ScalarValue { Expression: not IrConstant }) value = Convert(initial ?? Bind(source), type.Unqualified, syntax.Span);
            _scope.Set(symbol.Name, symbol);
            if (value is ScalarValue { Expression: IrConstant } constant) return new FixedPlace(type, new[] { constant.Expression }, syntax);
            var variable = NewPlace(symbol.Name, type.Unqualified, syntax, syntax.Span);
            Store(variable, value, syntax.Span);
            return WithType(variable, type);
        }

        var place = NewPlace(symbol.Name, type.Unqualified is ArrayType ? type : type.Qualify(false, type.IsVolatile), syntax, syntax.Span);
        symbol.Place = place;
        _scope.Set(symbol.Name, symbol);
        if (initial is not null) Store(place, Convert(initial, type.Unqualified, syntax.Span), syntax.Span);
        else Initialize(place, syntax.InitializerStyle, syntax.Initializers, syntax.Span);
        return WithType(place, type);
    }

    /// <summary>A static or constant table: one for all threads, in constant memory. Null where its content is not known when compiling.</summary>
    private MemoryPlace? PlaceTable(VariableDeclaration syntax, CudaType type, bool isMutable)
    {
        if (isMutable) throw NotSupported(syntax.Span, "a static local variable that is not const");
        if (!_statics.TryGetValue((syntax, _frame?.Function), out var variable))
        {
            byte[]? bytes;
            try
            {
                bytes = InitialBytes(type, syntax, syntax.Span);
            }
            catch (SemanticException e) when (e.Diagnostic.Code == DiagnosticCodes.NotConstant)
            {
                return null;
            }

            variable = new IrVariable(syntax.Name.Last.Identifier, IrSpace.Constant, type.Size, type.Alignment, syntax.Span) { ElementType = type.ElementIr(), InitialBytes = bytes };
            _statics[(syntax, _frame?.Function)] = variable;
            _module?.Globals.Add(variable);
        }

        return new MemoryPlace(type, IrBuilder.AddressOf(variable));
    }

    /// <summary>Shared memory belongs to the function it is declared in, or to the file (null).</summary>
    private MemoryPlace PlaceShared(VariableDeclaration syntax, CudaType type, FunctionSymbol? owner)
    {
        if (!_statics.TryGetValue((syntax, owner), out var variable))
        {
            var isDynamic = (syntax.Flags & DeclarationFlags.Extern) != 0;
            if (!isDynamic)
            {
                RequireComplete(type, syntax.Span);
                if (type.Size == 0) throw Error(DiagnosticCodes.BadArraySize, syntax.Span, $"the shared variable '{syntax.Name}' has no size; write extern for dynamic shared memory");
            }
            else if (type is ArrayType a)
            {
                RequireComplete(a.Element, syntax.Span);
            }

            var alignment = syntax.Alignments.Count == 0 ? type.Alignment : (int)syntax.Alignments.Max(a => ConstantInteger(a, "an alignment"));
            variable = new IrVariable(syntax.Name.Last.Identifier, isDynamic ? IrSpace.DynamicShared : IrSpace.Shared, isDynamic ? 0 : type.Size, Math.Max(alignment, type.Alignment), syntax.Span) { ElementType = type.ElementIr() };
            _statics[(syntax, owner)] = variable;
            _kernel!.Variables.Add(variable);
        }

        return new MemoryPlace(type, IrBuilder.AddressOf(variable));
    }

    private void BindStructured(VariableDeclaration syntax)
    {
        var value = Bind(syntax.Initializers[0]);
        var whole = syntax.Type is ReferenceTypeSyntax && value is Place p ? p : Temporary(Load(value, syntax.Span), value.Type.Unqualified, syntax.Span);
        if (whole.Type.Unqualified is not ClassType { Symbol: var symbol } || symbol.Fields.Count != syntax.Bindings.Count)
        {
            throw Error(DiagnosticCodes.BadInitializer, syntax.Span, $"'{value.Type.Name}' does not have {syntax.Bindings.Count} members to bind");
        }

        for (var i = 0; i < symbol.Fields.Count; i++)
        {
            var field = symbol.Fields[i];
            _scope.Set(syntax.Bindings[i], new VariableSymbol(syntax.Bindings[i], syntax.Span, VariableKind.Local, null, null) { Place = Field(whole, field, field.Offset, syntax.Span), Type = field.Type });
        }
    }
}
