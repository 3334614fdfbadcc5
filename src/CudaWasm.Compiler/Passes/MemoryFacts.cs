using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Takes away what would let bounds of values be concluded wrongly, and with them checks be left out. A Bool in memory may be any byte, since a
/// caller filled it: what is read is compared with zero, so that a Bool is 0 or 1. And sums of an address that could wrap around 64 bits get a
/// base of which nothing is known, so that the access looks its object up.
/// </summary>
internal static class MemoryFacts
{
    /// <summary>Indices whose bounds are known lie in 32 bits; sums of bounds stay below this.</summary>
    private const long Reach = 1L << 62;

    public static void Apply(IrModule module)
    {
        var rewriter = new Facts();
        foreach (var function in module.Functions.Prepend(module.Kernel)) function.Body = rewriter.Rewrite(function.Body);
    }

    private sealed class Facts : IrRewriter
    {
        public override IrExpression Rewrite(IrExpression expression) => expression switch
        {
            IrLoad { Type: IrType.Bool } e => IrBuilder.Convert(IrType.Bool, new IrLoad(IrType.U8, Rewrite(e.Address), e.IsVolatile, e.Span) { Alignment = e.Alignment }),
            IrAddress e when ReachOf(e) >= Reach => new IrAddress(Opaque(Rewrite(e.Base)), e.Index is null ? null : Rewrite(e.Index), e.Scale, e.Offset),
            _ => base.Rewrite(expression),
        };

        private static IrConvert Opaque(IrExpression pointer) => new(IrType.Pointer, new IrConvert(IrType.U64, pointer));

        private static Int128 ReachOf(IrExpression address)
        {
            Int128 reach = 0;
            for (; address is IrAddress e; address = e.Base) reach += Int128.Abs(e.Offset) + (e.Index is null ? 0 : Int128.Abs(e.Scale) << 32);
            return reach;
        }
    }
}
