using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Makes a conditional expression with a side that may fault into an if statement before the statement it stands in, within thread
/// loops. What is left of expressions can be evaluated for threads that should not, as vector code does.
/// </summary>
internal static class FaultHoisting
{
    public static void Apply(IrFunction kernel)
    {
        foreach (var loop in IrTree.All(kernel.Body).OfType<IrThreadLoop>().ToList())
        {
            if (!IrTree.AllExpressions(loop.Body).Any(IsHoisted)) continue;
            var body = new Hoister(kernel).Rewrite(loop.Body);
            loop.Body.Statements.Clear();
            loop.Body.Statements.AddRange(body.Statements);
        }
    }

    private static bool IsHoisted(IrExpression expression) => expression is IrConditional e && (IrTree.CanFault(e.WhenTrue) || IrTree.CanFault(e.WhenFalse));

    private static bool NeedsHoisting(IrExpression? expression) => expression is not null && IrTree.All(expression).Any(IsHoisted);

    private sealed class Hoister(IrFunction kernel) : IrRewriter
    {
        private List<IrStatement> _before = [];

        protected override void Rewrite(IrStatement statement, List<IrStatement> output)
        {
            var outer = _before;
            _before = output;
            output.Add(statement switch
            {
                IrIf { Condition: IrConditional { WhenFalse: IrConstant { Bits: 0 } } both, Else.IsEmpty: true } s when IsHoisted(both) => Nest(s, both),
                IrLoop s when NeedsHoisting(s.Before) || NeedsHoisting(s.After) => Loop(s),
                _ => Copy(statement),
            });
            _before = outer;
        }

        public override IrExpression Rewrite(IrExpression expression)
        {
            if (!IsHoisted(expression)) return base.Rewrite(expression);
            var conditional = (IrConditional)expression;
            var condition = Rewrite(conditional.Condition);
            var slot = kernel.NewSlot("chosen", conditional.Type);
            _before.Add(new IrIf(condition, Side(slot, conditional.WhenTrue), Side(slot, conditional.WhenFalse)));
            return IrBuilder.Read(slot);
        }

        /// <summary><c>if (a &amp;&amp; b)</c> without an else is an if in an if.</summary>
        private IrIf Nest(IrIf statement, IrConditional both)
        {
            var outer = Rewrite(both.Condition);
            var inner = new IrBlock();
            Rewrite(new IrIf(both.WhenTrue, statement.Then, statement.Else, statement.Span), inner.Statements);
            return new IrIf(outer, inner, new IrBlock(), statement.Span);
        }

        private IrLoop Loop(IrLoop loop)
        {
            var body = new IrBlock();
            var before = loop.Before;
            if (NeedsHoisting(before))
            {
                body.Statements.Add(new IrIf(IrBuilder.Not(Into(body.Statements, before!)), new IrBlock([new IrLeave(loop.Label, loop.Span)]), new IrBlock(), loop.Span));
                before = null;
            }

            body.Statements.AddRange(Rewrite(loop.Body).Statements);
            var step = Rewrite(loop.Step);
            var after = loop.After is null ? null : Into(step.Statements, loop.After);
            return new IrLoop(loop.Label, before is null ? null : Rewrite(before), body, step, after, loop.Span) { Unroll = loop.Unroll };
        }

        private IrBlock Side(IrSlot slot, IrExpression value)
        {
            var block = new IrBlock();
            block.Statements.Add(new IrAssign(slot, Into(block.Statements, value)));
            return block;
        }

        private IrExpression Into(List<IrStatement> statements, IrExpression value)
        {
            var outer = _before;
            _before = statements;
            var result = Rewrite(value);
            _before = outer;
            return result;
        }
    }
}
