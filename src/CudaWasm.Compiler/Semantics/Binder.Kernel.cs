using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

/// <summary>What binding a kernel gives.</summary>
internal sealed record BoundKernel(IrModule Module, IReadOnlyList<KernelParameter> Parameters, IReadOnlyList<KernelSymbol> Symbols);

// A kernel as a whole.
internal sealed partial class Binder
{
    private readonly Dictionary<IrVariable, SyntaxNode> _parameterVariables = [];
    private IrFunction? _kernel;

    /// <summary>Binds a kernel to IR; null where its very signature cannot be bound.</summary>
    public BoundKernel? BindKernel(FunctionSymbol kernel)
    {
        var syntax = kernel.Declaration;
        var function = _kernel = new IrFunction(kernel.DisplayName, true, IrType.Void, kernel.Span);
        _module = new IrModule { Kernel = function };
        _function = function;
        _block = function.Body;
        var described = new List<KernelParameter>();
        _used.Add(syntax);
        try
        {
            EnsureSignature(kernel);
            if (!kernel.ReturnType!.IsVoid()) throw Error(DiagnosticCodes.TypeMismatch, kernel.Span, $"the kernel '{kernel.Name}' must return void");
            var scope = new Scope(kernel.Scope) { Prefix = kernel.Scope.Prefix };
            var frame = new Frame(kernel, null, SourceSpan.None) { ReturnType = ScalarType.Void };
            InFrame(frame, scope, () =>
            {
                DeclareParameters(kernel, function, scope, described);
                if (syntax.LaunchBounds.Count > 0) function.MaxThreadsPerBlock = (int)ConstantInteger(syntax.LaunchBounds[0], "a launch bound");
                if (syntax.LaunchBounds.Count > 1) function.MinBlocksPerMultiprocessor = (int)ConstantInteger(syntax.LaunchBounds[1], "a launch bound");
                BindBody(syntax.Body!);
                return true;
            });
        }
        catch (SemanticException error)
        {
            Report(error);
            return null;
        }

        return new BoundKernel(_module, described, _symbols);
    }

    private void DeclareParameters(FunctionSymbol kernel, IrFunction function, Scope scope, List<KernelParameter> described)
    {
        var packs = new Dictionary<string, List<Symbol>>();
        for (var i = 0; i < kernel.Parameters!.Count; i++)
        {
            var parameter = kernel.Parameters[i];
            var syntax = parameter.Syntax!;
            var name = parameter.Name ?? $"arg{i}";
            var type = parameter.Type;
            if (type is ReferenceType) throw Error(DiagnosticCodes.TypeMismatch, syntax.Span, "a kernel cannot take a reference");
            if (type.Unqualified is ClassType { Symbol.Captures: not null }) throw NotSupported(syntax.Span, "a lambda of host code that is passed to a kernel");
            RequireComplete(type, syntax.Span);
            // A pointer may point to a class that is only declared; where it is defined its size is worth knowing.
            if (type is PointerType { Element.Unqualified: ClassType { Symbol.Declaration.IsDefinition: true } pointee }) RequireComplete(pointee, syntax.Span);
            described.Add(Describe(name, type, syntax));
            var symbol = new VariableSymbol(name, syntax.Span, VariableKind.Parameter, null, null) { Type = type, Place = DeclareParameter(function, name, type, syntax) };
            if (!syntax.IsPack)
            {
                scope.Set(name, symbol);
                continue;
            }

            if (!packs.TryGetValue(name, out var elements)) packs[name] = elements = [];
            elements.Add(symbol);
        }

        foreach (var (name, elements) in packs) scope.Set(name, new PackSymbol(name, elements));
    }

    private static KernelParameter Describe(string name, CudaType type, ParameterSyntax syntax)
    {
        var spelled = syntax.Type.IsConst ? type.Const : type;
        if (type is not PointerType pointer)
        {
            return new KernelParameter(name, spelled.Name, type.IsScalar ? KernelParameterKind.Scalar : KernelParameterKind.Aggregate, type.ElementIr(), (int)type.Size, type.Alignment, 0, false);
        }

        var element = pointer.Element;
        // A function is told by its number, which is what a device variable that points to it holds.
        if (element is FunctionType) return new KernelParameter(name, spelled.Name, KernelParameterKind.Scalar, IrType.U64, 8, 8, 0, false);
        if (element.Unqualified is ClassType { Symbol: { Name: "__cw_texture" } texture } && HeaderLibrary.Holds(texture.Declaration?.Span.Source))
        {
            return element.IsConst
                ? new KernelParameter(name, "cudaTextureObject_t", KernelParameterKind.Texture, IrType.Void, 8, 8, 0, true)
                : new KernelParameter(name, "cudaSurfaceObject_t", KernelParameterKind.Surface, IrType.Void, 8, 8, 0, false);
        }

        return new KernelParameter(name, spelled.Name, KernelParameterKind.Pointer, element.ElementIr(), 8, 8, Math.Max(1, element.Size), element.IsConst);
    }

    private Place DeclareParameter(IrFunction function, string name, CudaType type, ParameterSyntax syntax)
    {
        var qualified = syntax.Type.IsConst ? type.Const : type;
        var isOwn = choices.Written.Contains(syntax) || choices.InMemory.Contains(syntax);
        if (type.IsScalar)
        {
            var parameter = new IrParameter(name, type.Ir, function.Parameters.Count);
            function.Parameters.Add(parameter);
            if (!isOwn) return new FixedPlace(qualified, new[] { IrBuilder.Read(parameter) }, syntax);
            var variable = NewPlace(name, type, syntax, syntax.Span);
            Store(variable, new ScalarValue(type, IrBuilder.Read(parameter)), syntax.Span);
            return WithType(variable, qualified);
        }

        var memory = new IrVariable(name, IrSpace.Parameter, type.Size, type.Alignment, syntax.Span) { ElementType = type.ElementIr() };
        function.Parameters.Add(new IrParameter(name, IrType.Void, function.Parameters.Count) { Variable = memory });
        var source = new MemoryPlace(type, IrBuilder.AddressOf(memory));
        _parameterVariables[memory] = syntax;
        if (isOwn)
        {
            var copy = NewPlace(name, type, syntax, syntax.Span);
            Store(copy, LoadMemory(source, syntax.Span), syntax.Span);
            return WithType(copy, qualified);
        }

        // A small struct is read once; unused members fall away later.
        if (type.Leaves() is { Count: <= 16 } leaves)
        {
            return new FixedPlace(qualified, leaves.Select(l => Materialize(IrBuilder.Load(l.Type.Ir, IrBuilder.Address(source.Address, null, 1, l.Offset), false, syntax.Span), name)).ToArray(), syntax);
        }

        return WithType(source, qualified);
    }

    private void BindAsm(AsmStatement syntax)
    {
        var text = syntax.Text.Trim().TrimEnd(';').Trim();
        if (text.Length == 0 || text.StartsWith("prefetch", StringComparison.Ordinal) || text.StartsWith("discard", StringComparison.Ordinal)) return;
        if (text.StartsWith("membar", StringComparison.Ordinal) || text.StartsWith("fence", StringComparison.Ordinal))
        {
            Append(new IrFence(syntax.Span));
            return;
        }

        if (AsmSpecialRegister(text, syntax.Span) is { } value && syntax.Outputs is [{ } output])
        {
            var target = Bind(output.Expression) as Place ?? throw Error(DiagnosticCodes.NotAssignable, syntax.Span, "the output of asm must be a variable");
            Store(target, Convert(value, target.Type.Unqualified, syntax.Span, isExplicit: true), syntax.Span);
            return;
        }

        throw NotSupported(syntax.Span, $"inline PTX ('{text.Split(' ', '\t')[0]}')");
    }

    /// <summary>mov from a register that says who a thread is or what time.</summary>
    private ScalarValue? AsmSpecialRegister(string text, SourceSpan span)
    {
        var name = text.StartsWith("mov.", StringComparison.Ordinal) ? text.Split('%')[^1].Trim() : "";
        if (name is "clock" or "clock64" or "clock_hi" or "globaltimer" or "globaltimer_lo")
        {
            var slot = NewTemporary(name.StartsWith('g') ? IrType.U64 : IrType.I64);
            Append(new IrService(slot, name.StartsWith('g') ? IrServiceOp.GlobalTimer : IrServiceOp.Clock, [], span));
            var now = IrBuilder.Convert(IrType.U64, IrBuilder.Read(slot));
            return new ScalarValue(ScalarType.ULongLong, name == "clock_hi" ? IrBuilder.Binary(IrBinaryOp.ShiftRight, now, IrBuilder.Int(32)) : now);
        }

        return ThreadRegister(text) is { } value ? new ScalarValue(ScalarType.UInt, value) : null;
    }

    private static IrExpression? ThreadRegister(string text)
    {
        if (!text.StartsWith("mov.", StringComparison.Ordinal)) return null;
        var thread = IrBuilder.Builtin(IrBuiltin.LinearThread);
        var lane = IrBuilder.Binary(IrBinaryOp.And, thread, IrBuilder.Integer(IrType.U32, 31));
        IrExpression MaskOf(IrExpression bits) => IrBuilder.Binary(IrBinaryOp.Subtract, IrBuilder.Binary(IrBinaryOp.ShiftLeft, IrBuilder.Integer(IrType.U32, 1), bits), IrBuilder.Integer(IrType.U32, 1));
        return text.Split('%')[^1].Trim() switch
        {
            "laneid" => lane,
            "warpid" => IrBuilder.Binary(IrBinaryOp.ShiftRight, thread, IrBuilder.Int(5)),
            "lanemask_lt" => MaskOf(lane),
            "lanemask_eq" => IrBuilder.Binary(IrBinaryOp.ShiftLeft, IrBuilder.Integer(IrType.U32, 1), lane),
            "lanemask_ge" => IrBuilder.Unary(IrUnaryOp.BitNot, MaskOf(lane)),
            "lanemask_le" => IrBuilder.Binary(IrBinaryOp.Or, MaskOf(lane), IrBuilder.Binary(IrBinaryOp.ShiftLeft, IrBuilder.Integer(IrType.U32, 1), lane)),
            "lanemask_gt" => IrBuilder.Unary(IrUnaryOp.BitNot, IrBuilder.Binary(IrBinaryOp.Or, MaskOf(lane), IrBuilder.Binary(IrBinaryOp.ShiftLeft, IrBuilder.Integer(IrType.U32, 1), lane))),
            _ => null,
        };
    }
}
