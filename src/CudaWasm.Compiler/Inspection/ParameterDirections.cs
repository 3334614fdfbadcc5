using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Inspection;

/// <summary>What a kernel does with the argument of a parameter.</summary>
public enum ParameterDirection
{
    /// <summary>The pointer gets out of sight: it is stored, passed on, or mixed with others.</summary>
    Unknown,

    /// <summary>Values, and buffers that are only read.</summary>
    In,

    /// <summary>Buffers that are only written.</summary>
    Out,
    InOut,

    /// <summary>Buffers that are neither read nor written.</summary>
    Unused,
}

/// <summary>Finds which buffers a kernel reads and writes.</summary>
public sealed class ParameterDirections
{
    private readonly PointerProvenance _provenance;
    private readonly HashSet<IrParameter> _read = [];
    private readonly HashSet<IrParameter> _written = [];
    private readonly HashSet<IrParameter> _lost = [];

    private ParameterDirections(IrFunction kernel) => _provenance = PointerProvenance.Analyze(kernel);

    /// <summary>The direction of each parameter, by its index.</summary>
    public static IReadOnlyList<ParameterDirection> Find(IrModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var directions = new ParameterDirections(module.Kernel);
        foreach (var statement in IrTree.All(module.Kernel.Body)) directions.Statement(statement);
        return [.. module.Kernel.Parameters.Select(directions.Of)];
    }

    private ParameterDirection Of(IrParameter parameter)
    {
        if (parameter.Type != IrType.Pointer) return ParameterDirection.In;
        if (_lost.Contains(parameter)) return ParameterDirection.Unknown;
        return (_read.Contains(parameter), _written.Contains(parameter)) switch
        {
            (true, true) => ParameterDirection.InOut,
            (true, false) => ParameterDirection.In,
            (false, true) => ParameterDirection.Out,
            _ => ParameterDirection.Unused,
        };
    }

    private void Statement(IrStatement statement)
    {
        foreach (var expression in IrTree.Expressions(statement).SelectMany(IrTree.All))
        {
            if (expression is IrLoad load) Access(load.Address, _read);
            // As a number a pointer may come back as any other.
            if (expression is IrConvert { Operand.Type: IrType.Pointer, Type: not IrType.Bool } convert) Lose(convert.Operand);
        }

        switch (statement)
        {
            case IrStore s:
                Access(s.Address, _written);
                Lose(s.Value);
                break;
            case IrCopy s:
                Access(s.Target, _written);
                Access(s.Source, _read);
                break;
            case IrAtomic s:
                Access(s.Address, _read);
                Access(s.Address, _written);
                Lose(s.Value);
                break;
            case IrAssign { Slot.Type: IrType.Pointer } s when _provenance.Root(new IrSlotRead(s.Slot)) is null:
                Lose(s.Value);
                break;
            case IrCall s:
                foreach (var argument in s.Arguments) Lose(argument);
                break;
            case IrService s:
                foreach (var argument in s.Arguments) Lose(argument);
                break;
            case IrWarp s:
                foreach (var argument in s.Arguments) Lose(argument);
                break;
        }
    }

    private void Access(IrExpression address, HashSet<IrParameter> kind)
    {
        if (_provenance.Root(address) is { } root)
        {
            if (root.Parameter is { } parameter) kind.Add(parameter);
            return;
        }

        foreach (var parameter in Pointers(address)) kind.Add(parameter);
    }

    private void Lose(IrExpression value)
    {
        if (value.Type == IrType.Pointer) _lost.UnionWith(Pointers(value));
    }

    /// <summary>The parameters that an address may come from, as far as they can be seen.</summary>
    private IEnumerable<IrParameter> Pointers(IrExpression value) => value switch
    {
        IrParameterRead { Type: IrType.Pointer } e => [e.Parameter],
        IrAddress e => Pointers(e.Base),
        IrConditional e => Pointers(e.WhenTrue).Concat(Pointers(e.WhenFalse)),
        IrSlotRead e when _provenance.Root(e)?.Parameter is { } parameter => [parameter],
        _ => [],
    };
}
