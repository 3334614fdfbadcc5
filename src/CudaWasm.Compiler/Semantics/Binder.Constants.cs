using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Values that must be known when compiling.
internal sealed partial class Binder
{
    /// <summary>Binds and evaluates a scalar, running constexpr functions; its expression is a constant where the value is known.</summary>
    private ScalarValue Evaluated(Func<ScalarValue> bind)
    {
        while (true)
        {
            var known = choices.Count;
            var result = Unevaluated(() =>
            {
                var value = bind();
                if (value.Expression is IrConstant) return value;
                return new ConstantEvaluator(_function, IsConstantMemory, cancellation).Evaluate(_block, value.Expression) is { } constant ? new ScalarValue(value.Type, constant) : value;
            });
            // What was bound with variables in the wrong places may have computed something else.
            if (choices.Count == known) return result;
        }
    }

    private ScalarValue EvaluatedScalar(ExpressionSyntax syntax) => Evaluated(() => LoadScalar(Bind(syntax), syntax.Span));

    /// <summary>The host may change what a launch can name as a symbol.</summary>
    private bool IsConstantMemory(IrVariable variable) => variable.Space == IrSpace.Constant && _symbols.TrueForAll(s => s.Variable != variable);

    /// <summary>An integer that must be known now.</summary>
    private long ConstantInteger(ExpressionSyntax syntax, string what)
    {
        var value = EvaluatedScalar(syntax);
        if (!value.Type.IsIntegerOrEnum() && value.Type is not EnumType) throw Error(DiagnosticCodes.TypeMismatch, syntax.Span, $"{what} must be an integer, this is of type '{value.Type.Name}'");
        return value.Expression is IrConstant constant ? constant.Bits
            : throw Error(DiagnosticCodes.NotConstant, syntax.Span, $"{what} must be known when compiling");
    }

    private ScalarValue HostConstant(VariableSymbol variable, VariableDeclaration syntax, CudaType type, SourceSpan span)
    {
        var init = syntax.Initializers[0] is InitializerList { Elements: [var single] } ? single.Value : syntax.Initializers[0];
        var value = Evaluated(() => (ScalarValue)Convert(Bind(init), type.Unqualified, span));
        if (value.Expression is IrConstant) return value;
        throw Error(DiagnosticCodes.NotConstant, span, $"the value of '{variable.Name}' is not known when compiling", DiagnosticBag.Note(variable.Span, $"'{variable.Name}' is declared here"));
    }

    private void BindStaticAssert(StaticAssertDeclaration syntax)
    {
        var condition = Evaluated(() => new ScalarValue(ScalarType.Bool, Condition(Bind(syntax.Condition), syntax.Condition.Span)));
        if (condition.Expression is not IrConstant constant) throw Error(DiagnosticCodes.NotConstant, syntax.Span, "the condition of static_assert must be known when compiling");
        if (constant.Bits == 0) throw Error(DiagnosticCodes.StaticAssertFailed, syntax.Span, "static assertion failed" + (syntax.Message is null ? "" : $": {syntax.Message}"));
    }
}
