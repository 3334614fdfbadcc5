using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Device functions: signatures, inlining, and the few that stay functions because they call themselves.
internal sealed partial class Binder
{
    private readonly Dictionary<FunctionSymbol, IrFunction> _outlined = [];

    private void EnsureSignature(FunctionSymbol function)
    {
        if (function.Parameters is not null) return;
        var syntax = function.Declaration;
        InScope(function.Scope, () =>
        {
            var parameters = new List<ParameterSymbol>();
            foreach (var p in syntax.Parameters)
            {
                if (!p.IsPack)
                {
                    parameters.Add(new ParameterSymbol(p.Name, ParameterType(p.Type), p));
                    continue;
                }

                var pattern = p.Type is PackTypeSyntax pack ? pack.Pattern : p.Type;
                ExpandPack(pattern, () => parameters.Add(new ParameterSymbol(p.Name, ParameterType(pattern), p)));
            }

            function.Parameters = parameters;
            function.ReturnType = syntax.IsConstructor || syntax.IsDestructor ? ScalarType.Void
                : IsAuto(syntax.ReturnType) ? null
                : syntax.ReturnType is DecltypeSyntax ? TrailingType(syntax.ReturnType, parameters)
                : BindType(syntax.ReturnType);
            return true;
        });
    }

    /// <summary>A type after the arrow that may name the parameters.</summary>
    private CudaType TrailingType(TypeSyntax syntax, List<ParameterSymbol> parameters)
    {
        var scope = new Scope(_scope) { Prefix = _scope.Prefix };
        foreach (var parameter in parameters)
        {
            if (parameter.Name is null) continue;
            var place = new MemoryPlace(parameter.Type.StripReference(), IrBuilder.Zero(IrType.Pointer));
            scope.Set(parameter.Name, new VariableSymbol(parameter.Name, parameter.Syntax!.Span, VariableKind.Parameter, null, null) { Place = place, Type = parameter.Type });
        }

        return InScope(scope, () => BindType(syntax));
    }

    private static bool IsAuto(TypeSyntax type) => type switch
    {
        AutoTypeSyntax => true,
        ReferenceTypeSyntax r => IsAuto(r.Element),
        PointerTypeSyntax p => IsAuto(p.Element),
        _ => false,
    };

    /// <summary>Arrays and functions are passed as pointers; const of a value does not count.</summary>
    private CudaType ParameterType(TypeSyntax syntax) => BindType(syntax) switch
    {
        ArrayType array => array.Element.Pointer,
        FunctionType f => f.Pointer,
        ReferenceType r => r,
        var type => type.Unqualified,
    };

    private Value Call(FunctionSymbol function, Value? self, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_isGivenUp) throw Consequence(span);
        EnsureSignature(function);
        var syntax = function.Declaration;
        if ((syntax.Flags & DeclarationFlags.Deleted) != 0) throw Error(DiagnosticCodes.NoMatchingFunction, span, $"'{function.DisplayName}' is deleted");
        if (syntax.Body is null) throw NoBody(function, span);
        if (function.Owner is not null && !function.IsStatic && self is null) throw Error(DiagnosticCodes.NoMatchingFunction, span, $"'{function.DisplayName}' needs an object to be called on");
        if (self is not null && function.Owner is { } owner) self = CastToClass(self, owner);
        arguments = WithDefaults(function, arguments);
        if (choices.Outlined.Contains(function) || IsOutlinedLibrary(function)) return CallOutlined(function, self, arguments, span);
        for (var frame = _frame; frame is not null; frame = frame.Parent)
        {
            if (frame.Function != function) continue;
            if (_isUnevaluated && frame.Depth < MaxDepth - 1) continue;
            choices.Outlined.Add(function);
            return DummyResult(function, span);
        }

        if ((_frame?.Depth ?? 0) >= MaxDepth) throw Error(DiagnosticCodes.TemplateTooDeep, span, $"calls are nested over {MaxDepth} deep");
        return Deeper(span, () => Inline(function, self, arguments, span));
    }

    /// <summary>A user's __noinline__ is but a wish; the library's larger functions hold neither barriers nor warp operations, and stay functions.</summary>
    private static bool IsOutlinedLibrary(FunctionSymbol function) => (function.Declaration.Flags & DeclarationFlags.NoInline) != 0 && HeaderLibrary.Holds(function.Span.Source);

    /// <summary>Where the user's own code called the library that is being bound.</summary>
    internal SourceSpan UserSpan(SourceSpan span)
    {
        for (var frame = _frame; frame is { Function: { } function } && HeaderLibrary.Holds(function.Span.Source); frame = frame.Parent) span = frame.Call;
        return span;
    }

    private static SemanticException NoBody(FunctionSymbol function, SourceSpan span)
    {
        var note = DiagnosticBag.Note(function.Span, $"'{function.DisplayName}' is declared here");
        if (function.Declaration.HasBody && !function.Declaration.IsDevice)
        {
            return Error(DiagnosticCodes.HostFunctionCalled, span, $"'{function.DisplayName}' is a host function and cannot be called in a kernel; mark it __device__", note);
        }

        return Error(DiagnosticCodes.NoMatchingFunction, span, $"'{function.DisplayName}' is declared but not defined in this file or what it includes", note);
    }

    private Value DummyResult(FunctionSymbol function, SourceSpan span)
    {
        if (function.ReturnType is null) throw Error(DiagnosticCodes.TypeMismatch, span, $"the type of '{function.DisplayName}' is not known yet where it calls itself");
        if (function.ReturnType.IsVoid()) return VoidValue.Instance;
        if (function.ReturnType is ReferenceType reference) return new MemoryPlace(reference.Element, IrBuilder.Zero(IrType.Pointer));
        return Load(NewPlace("recursive", function.ReturnType.Unqualified, null, span), span);
    }

    private IReadOnlyList<Value> WithDefaults(FunctionSymbol function, IReadOnlyList<Value> arguments)
    {
        if (arguments.Count == function.Parameters!.Count) return arguments;
        var all = new List<Value>(arguments);
        InScope(function.Scope, () =>
        {
            for (var i = arguments.Count; i < function.Parameters.Count; i++) all.Add(Bind(function.Parameters[i].Syntax!.DefaultValue!));
            return true;
        });
        return all;
    }

    private Value Inline(FunctionSymbol function, Value? self, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        var syntax = function.Declaration;
        _used.Add(syntax);
        var scope = new Scope(function.Scope) { Prefix = function.Scope.Prefix };
        var outerFrame = _frame;
        var frame = new Frame(function, outerFrame, span)
        {
            Self = self is null or Place ? self is MemoryPlace m ? new MemoryPlace(m.Type, Materialize(m.Address, "self")) : self : Temporary(self, self.Type, span),
            ReturnType = function.ReturnType,
            ReturnLabel = new IrLabel(function.Name),
            TailStatement = Tail(syntax.Body!),
        };
        BindParameters(function, arguments, scope, span);
        var body = InBlock(() => InFrame(frame, scope, () =>
        {
            if (syntax.IsConstructor) BindMemberInitializers(function, frame.Self!);
            BindBody(syntax.Body!);
            return true;
        }));
        if (frame.ReturnLabelUsed)
        {
            // The value at the end joins those of the other returns.
            if (frame.TailValue is { } tail && frame.ReturnPlace is { } place) Extend(body, () => Store(place, tail, span));
            Append(new IrLabeled(frame.ReturnLabel!, body, span));
            return frame.ReturnPlace is { } result ? ReturnedValue(frame, result, span) : VoidValue.Instance;
        }

        _block.Statements.AddRange(body.Statements);
        if (frame.TailValue is { } value) return value;
        if (frame.ReturnType is null || frame.ReturnType.IsVoid()) return VoidValue.Instance;
        return DummyResult(function, span);
    }

    private Value ReturnedValue(Frame frame, Place place, SourceSpan span) => frame.ReturnType is ReferenceType reference
        ? new MemoryPlace(reference.Element, ((ScalarValue)Load(place, span)).Expression)
        : place is SlotPlace s ? new SlotPlace(s.Type, s.Slots, null) { IsTemporary = true } : AsTemporary(place);

    /// <summary>The return that ends a body, whose value needs no variable.</summary>
    private static StatementSyntax? Tail(CompoundStatement body) => body.Statements.LastOrDefault() switch
    {
        CompoundStatement inner => Tail(inner),
        var last => last as ReturnStatement,
    };

    private T InFrame<T>(Frame frame, Scope scope, Func<T> action)
    {
        var outer = _frame;
        _frame = frame;
        try
        {
            return InScope(scope, action);
        }
        finally
        {
            _frame = outer;
        }
    }

    private void BindParameters(FunctionSymbol function, IReadOnlyList<Value> arguments, Scope scope, SourceSpan span)
    {
        var packs = new Dictionary<string, List<Symbol>>();
        foreach (var p in function.Declaration.Parameters)
        {
            if (p is { IsPack: true, Name: { } pack }) packs[pack] = [];
        }

        for (var i = 0; i < function.Parameters!.Count; i++)
        {
            var parameter = function.Parameters[i];
            var place = BindParameter(parameter, arguments[i], span);
            if (parameter.Name is null) continue;
            var symbol = new VariableSymbol(parameter.Name, parameter.Syntax!.Span, VariableKind.Parameter, null, null) { Place = place, Type = parameter.Type };
            if (parameter.Syntax.IsPack) packs[parameter.Name].Add(symbol);
            else scope.Set(parameter.Name, symbol);
        }

        foreach (var (name, elements) in packs) scope.Set(name, new PackSymbol(name, elements));
    }

    private Value BindParameter(ParameterSymbol parameter, Value argument, SourceSpan span)
    {
        if (argument is FunctionValue function) return function;
        if (argument is StringValue text && parameter.Type is PointerType or ReferenceType) return text;
        if (parameter.Type is ReferenceType reference)
        {
            var bound = BindReference(argument, reference, span);
            return bound is MemoryPlace m && !IsImmune(m.Address) ? new MemoryPlace(m.Type, Materialize(m.Address, "ref")) { IsTemporary = m.IsTemporary } : bound;
        }

        var syntax = parameter.Syntax!;
        var isConst = syntax.Type.IsConst;
        var type = isConst ? parameter.Type.Const : parameter.Type;
        var value = Convert(argument, parameter.Type, span);
        if (parameter.Type.Unqualified is ClassType { Symbol.Captures: not null }) return value;
        if (value is ScalarValue { Expression: IrConstant or IrParameterRead or IrVariableAddress } fixedValue && !choices.Written.Contains(syntax) && !choices.InMemory.Contains(syntax))
        {
            return new FixedPlace(type, new[] { fixedValue.Expression }, syntax);
        }

        var place = NewPlace(parameter.Name ?? "unnamed", parameter.Type, syntax, span);
        Store(place, value, span);
        return WithType(place, type);
    }

    private void BindReturn(ReturnStatement syntax)
    {
        var frame = _frame!;
        var span = syntax.Span;
        if (frame.ReturnLabel is null && frame.Function is { Declaration.IsKernel: true })
        {
            if (syntax.Value is not null) throw Error(DiagnosticCodes.TypeMismatch, span, "a kernel returns nothing");
            Append(new IrReturn(null, span));
            return;
        }

        Value value = VoidValue.Instance;
        if (syntax.Value is not null)
        {
            value = Bind(syntax.Value);
            if (value is ThisValue self) value = new ScalarValue(self.Type, AddressOf(self.Object, span));
            frame.ReturnType ??= AutoReturnType(frame, value);
            value = frame.ReturnType.IsVoid() ? value : Convert(value, frame.ReturnType, span);
        }
        else if (frame.ReturnType is null)
        {
            frame.ReturnType = ScalarType.Void;
        }

        if (frame.ReturnLabel is null)
        {
            ReturnOutlined(frame, value, span);
            return;
        }

        var returnsValue = !frame.ReturnType.IsVoid() && syntax.Value is not null;
        if (frame.TailStatement == syntax)
        {
            if (!returnsValue) return;
            if (frame.ReturnLabelUsed)
            {
                frame.ReturnPlace ??= ReturnPlaceFor(frame, span);
                Store(frame.ReturnPlace, AsReturned(frame, value, span), span);
            }
            else
            {
                // What the value reads may go with the scope, but nothing runs in between.
                frame.TailValue = value is MemoryPlace m ? new MemoryPlace(m.Type, m.Address) { IsTemporary = frame.ReturnType is not ReferenceType } : value;
            }

            return;
        }

        frame.ReturnLabelUsed = true;
        if (returnsValue)
        {
            frame.ReturnPlace ??= ReturnPlaceFor(frame, span);
            Store(frame.ReturnPlace, AsReturned(frame, value, span), span);
        }

        Append(new IrLeave(frame.ReturnLabel, span));
    }

    private Place ReturnPlaceFor(Frame frame, SourceSpan span) =>
        NewPlace("result", frame.ReturnType is ReferenceType reference ? reference.Element.Pointer : frame.ReturnType!.Unqualified, null, span);

    private Value AsReturned(Frame frame, Value value, SourceSpan span) =>
        frame.ReturnType is ReferenceType reference ? new ScalarValue(reference.Element.Pointer, AddressOf(value, span)) : value;

    private CudaType AutoReturnType(Frame frame, Value value)
    {
        var syntax = frame.Function!.Declaration.ReturnType;
        if (syntax is ReferenceTypeSyntax) return (syntax.IsConst ? value.Type.Const : value.Type).ReferenceTo(false);
        return value is FunctionValue f ? FunctionTypeOf(f) ?? ScalarType.Void : value.Type.Decay();
    }

    /// <summary>A call of a function that stays one: scalars by value, everything else by address.</summary>
    private Value CallOutlined(FunctionSymbol function, Value? self, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        var type = function.ReturnType ?? throw NotSupported(span, $"recursion in '{function.DisplayName}', whose type is auto,");
        var target = Outline(function, span);
        var passed = new List<IrExpression>();
        MemoryPlace? returned = null;
        if (!type.IsVoid() && !type.IsScalar && type is not ReferenceType)
        {
            returned = NewLocal("result", type.Unqualified, span);
            passed.Add(returned.Address);
        }

        if (self is not null && !function.IsStatic) passed.Add(AddressOf(self, span));
        for (var i = 0; i < arguments.Count; i++)
        {
            var parameter = function.Parameters![i].Type;
            if (arguments[i] is FunctionValue pointer) passed.Add(PointerTo(pointer, parameter as PointerType, span).Expression);
            else if (parameter is ReferenceType reference) passed.Add(AddressOf(BindReference(arguments[i], reference, span), span));
            else if (parameter.IsScalar) passed.Add(LoadScalar(Convert(arguments[i], parameter, span), span).Expression);
            else passed.Add(Spill(Convert(arguments[i], parameter, span), span).Address);
        }

        IrSlot? result = null;
        if (type.IsScalar || type is ReferenceType)
        {
            result = NewSlot("result", type is ReferenceType ? IrType.Pointer : type.Ir);
            _temporaries.Add(result);
        }

        Append(new IrCall(result, target, passed, span));
        if (returned is not null) return AsTemporary(returned);
        if (result is null) return VoidValue.Instance;
        return type is ReferenceType r ? new MemoryPlace(r.Element, IrBuilder.Read(result)) : new ScalarValue(type.Unqualified, IrBuilder.Read(result));
    }

    private IrFunction Outline(FunctionSymbol function, SourceSpan span)
    {
        if (_outlined.TryGetValue(function, out var known)) return known;
        var type = function.ReturnType!;
        _used.Add(function.Declaration);
        var target = new IrFunction(function.DisplayName, false, type is ReferenceType ? IrType.Pointer : type.IsScalar ? type.Ir : IrType.Void, function.Span);
        _outlined[function] = target;
        _module?.Functions.Add(target);
        var (outerFunction, outerBlock, outerFrame) = (_function, _block, _frame);
        _function = target;
        _block = target.Body;
        try
        {
            IrExpression Parameter(string name, IrType ir)
            {
                var parameter = new IrParameter(name, ir, target.Parameters.Count);
                target.Parameters.Add(parameter);
                return IrBuilder.Read(parameter);
            }

            Place? returnPlace = null;
            if (!type.IsVoid() && !type.IsScalar && type is not ReferenceType) returnPlace = new MemoryPlace(type.Unqualified, Parameter("result", IrType.Pointer));
            var self = function.Owner is not null && !function.IsStatic ? new MemoryPlace(function.Owner.Type, Parameter("this", IrType.Pointer)) : null;
            var arguments = function.Parameters!.Select(p => p.Type switch
            {
                ReferenceType r => (Value)new MemoryPlace(r.Element, Parameter(p.Name ?? "", IrType.Pointer)),
                { IsScalar: true } => new ScalarValue(p.Type, Parameter(p.Name ?? "", p.Type.Ir)),
                _ => new MemoryPlace(p.Type, Parameter(p.Name ?? "", IrType.Pointer)),
            }).ToList();
            var scope = new Scope(function.Scope) { Prefix = function.Scope.Prefix };
            var frame = new Frame(function, null, span) { Self = self, ReturnType = type, ReturnPlace = returnPlace };
            BindParameters(function, arguments, scope, span);
            InFrame(frame, scope, () =>
            {
                if (function.Declaration.IsConstructor) BindMemberInitializers(function, self!);
                BindBody(function.Declaration.Body!);
                return true;
            });
            if (target.ReturnType == IrType.Void) Append(new IrReturn(null));
            else Append(new IrTrap(DiagnosticCodes.Trap, $"'{function.DisplayName}' ends without returning a value", function.Span));
        }
        finally
        {
            (_function, _block, _frame) = (outerFunction, outerBlock, outerFrame);
        }

        return target;
    }

    private void ReturnOutlined(Frame frame, Value value, SourceSpan span)
    {
        if (frame.ReturnPlace is { } place)
        {
            Store(place, value, span);
            Append(new IrReturn(null, span));
            return;
        }

        Append(new IrReturn(frame.ReturnType!.IsVoid() ? null : frame.ReturnType is ReferenceType ? AddressOf(value, span) : LoadScalar(value, span).Expression, span));
    }
}
