using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>Bytes of a variable.</summary>
public readonly record struct ByteRange(long Offset, long Bytes);

/// <summary>
/// Which bytes of its local variables a function may read. A struct that is copied whole is often used in part; what is copied and
/// never read is no use of the memory it came from.
/// </summary>
public sealed class LocalReads
{
    private readonly Dictionary<IrVariable, HashSet<ByteRange>> _reads = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<IrVariable> _whole = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<IrSlot> _slots = [];

    private LocalReads()
    {
    }

    public static LocalReads Analyze(IrFunction function)
    {
        var analysis = new LocalReads();
        foreach (var statement in IrTree.All(function.Body)) analysis.Visit(statement);
        return analysis;
    }

    public bool IsRead(IrSlot slot) => _slots.Contains(slot);

    /// <summary>What may be read of the bytes that are copied to an address, counted from there; null where it may be anything.</summary>
    public IReadOnlyList<ByteRange>? ReadsOf(IrExpression target, long bytes)
    {
        if (Place(target) is not var (variable, offset) || variable.Space != IrSpace.Local || _whole.Contains(variable)) return null;
        if (!_reads.TryGetValue(variable, out var ranges)) return [];
        return [.. ranges
            .Select(r => (Start: Math.Max(r.Offset, offset), End: Math.Min(r.Offset + r.Bytes, offset + bytes)))
            .Where(r => r.Start < r.End)
            .Select(r => new ByteRange(r.Start - offset, r.End - r.Start))];
    }

    private static (IrVariable Variable, long Offset)? Place(IrExpression address) => address switch
    {
        IrVariableAddress e => (e.Variable, 0),
        IrAddress { Index: null } e when Place(e.Base) is var (variable, offset) => (variable, offset + e.Offset),
        _ => null,
    };

    private void Visit(IrStatement statement)
    {
        switch (statement)
        {
            case IrStore s when Place(s.Address) is not null:
                Visit(s.Value);
                break;
            case IrCopy s:
                if (Place(s.Target) is null) Visit(s.Target);
                Read(s.Source, s.Bytes);
                break;
            default:
                foreach (var expression in IrTree.Expressions(statement)) Visit(expression);
                break;
        }
    }

    private void Visit(IrExpression expression)
    {
        switch (expression)
        {
            case IrLoad e:
                Read(e.Address, e.Type.Size());
                break;
            case IrVariableAddress e:
                // Whoever has the address may read everything.
                _whole.Add(e.Variable);
                break;
            default:
                if (expression is IrSlotRead read) _slots.Add(read.Slot);
                foreach (var operand in IrTree.Operands(expression)) Visit(operand);
                break;
        }
    }

    private void Read(IrExpression address, long bytes)
    {
        if (Place(address) is not var (variable, offset))
        {
            Visit(address);
            return;
        }

        if (!_reads.TryGetValue(variable, out var ranges)) _reads.Add(variable, ranges = []);
        ranges.Add(new ByteRange(offset, bytes));
    }
}
