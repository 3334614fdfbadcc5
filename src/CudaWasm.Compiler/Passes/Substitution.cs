using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>Puts other expressions in the place of some.</summary>
/// <param name="replace">What takes an expression's place; null where it stays.</param>
internal sealed class Substitution(Func<IrExpression, IrExpression?> replace) : IrRewriter
{
    private IrLabel? _loop;
    private IrLabel? _next;

    /// <summary>One trip through a loop, by itself: a continue goes to its end.</summary>
    public IReadOnlyList<IrStatement> Trip(IrLoop loop)
    {
        (_loop, _next) = (loop.Label, null);
        var body = Rewrite(loop.Body);
        return _next is null ? body.Statements : [new IrLabeled(_next, body, loop.Span)];
    }

    public override IrExpression Rewrite(IrExpression expression) => replace(expression) ?? base.Rewrite(expression);

    protected override void Rewrite(IrStatement statement, List<IrStatement> output)
    {
        if (statement is IrContinue next && next.Target == _loop) output.Add(new IrLeave(_next ??= new IrLabel("next"), statement.Span));
        else base.Rewrite(statement, output);
    }
}
