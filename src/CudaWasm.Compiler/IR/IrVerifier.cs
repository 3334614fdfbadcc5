namespace CudaWasm.Compiler.IR;

/// <summary>
/// Checks what every pass relies on: operand types agree, labels stand around their exits, slots belong to the function, functions hold
/// no barriers, and in a block program no value of one thread is read at block level.
/// </summary>
public sealed class IrVerifier
{
    private readonly List<string> _errors = [];
    private readonly HashSet<IrLabel> _loops = [];
    private readonly HashSet<IrLabel> _regions = [];
    private readonly HashSet<IrSlot> _slots;
    private readonly IrFunction _function;
    private readonly bool _isBlockProgram;
    private bool _inThreadLoop;

    private IrVerifier(IrFunction function, bool isBlockProgram)
    {
        _function = function;
        _isBlockProgram = isBlockProgram;
        _slots = [.. function.Slots];
    }

    /// <summary>What is wrong with a module, one line each; empty when nothing is.</summary>
    public static IReadOnlyList<string> Verify(IrModule module, bool isBlockProgram = false)
    {
        var errors = new List<string>();
        foreach (var function in module.Functions.Append(module.Kernel))
        {
            var verifier = new IrVerifier(function, isBlockProgram && function.IsKernel);
            verifier.Block(function.Body);
            errors.AddRange(verifier._errors.Select(e => $"{function.Name}: {e}"));
        }

        return errors;
    }

    private void Block(IrBlock block)
    {
        foreach (var statement in block.Statements) Statement(statement);
    }

    private void Statement(IrStatement statement)
    {
        foreach (var expression in IrTree.Expressions(statement)) Expression(expression);
        if (IrTree.Target(statement) is { } target) Check(_slots.Contains(target), statement, $"assigns slot {target.Name} of another function");
        switch (statement)
        {
            case IrAssign s:
                Check(s.Slot.Type == s.Value.Type, s, $"assigns {s.Value.Type} to the {s.Slot.Type} slot {s.Slot.Name}");
                Check(!AtBlockLevel || s.Slot.Storage == IrSlotStorage.Uniform, s, $"assigns the slot {s.Slot.Name} of one thread at block level");
                break;
            case IrStore s:
                Pointer(s, s.Address);
                break;
            case IrCopy s:
                Pointer(s, s.Target);
                Pointer(s, s.Source);
                break;
            case IrAtomic s:
                Pointer(s, s.Address);
                Check(s.Op == IrAtomicOp.CompareExchange == s.Compare is not null, s, "has a compare value where it should not, or none where it should");
                break;
            case IrService s:
                var (result, arguments) = Signature(s.Op);
                Check(s.Result is null || s.Result.Type == result, s, $"gives {result} to the {s.Result?.Type} slot {s.Result?.Name}");
                Check(s.Arguments.Select(a => a.Type).SequenceEqual(arguments), s, $"takes ({string.Join(", ", arguments)})");
                Check(!AtBlockLevel, s, "stands at block level");
                break;
            case IrIf s:
                Check(s.Condition.Type == IrType.Bool, s, "has a condition that is no Bool");
                break;
            case IrLoop s:
                Check((s.Before ?? s.After ?? IrBuilder.True).Type == IrType.Bool && (s.After ?? IrBuilder.True).Type == IrType.Bool, s, "has a condition that is no Bool");
                Loop(s);
                return;
            case IrLabeled s:
                _regions.Add(s.Label);
                Block(s.Body);
                _regions.Remove(s.Label);
                return;
            case IrSwitch s:
                Check(s.Value.Type.IsInteger(), s, "switches on a value that is no integer");
                Check(s.Sections.Count(x => x.IsDefault) <= 1, s, "has two defaults");
                break;
            case IrLeave s:
                Check(_regions.Contains(s.Target) || _loops.Contains(s.Target), s, "leaves a region that is not around it");
                break;
            case IrContinue s:
                Check(_loops.Contains(s.Target), s, "continues a loop that is not around it");
                break;
            case IrReturn s:
                Check((s.Value?.Type ?? IrType.Void) == _function.ReturnType, s, $"returns {s.Value?.Type ?? IrType.Void} from a function of {_function.ReturnType}");
                break;
            case IrBarrier s:
                Check(_function.IsKernel, s, "stands in a function that is not a kernel");
                Check(!_isBlockProgram || AtBlockLevel, s, "stands in a thread loop");
                break;
            case IrWarp s:
                Check(_function.IsKernel && !_isBlockProgram, s, "stands where no warp operation may be");
                break;
            case IrWarpExchange or IrDivergence or IrArrival:
                Check(AtBlockLevel, statement, "stands outside of block level");
                break;
            case IrThreadLoop s:
                ThreadLoop(s);
                return;
            default:
                Check(!AtBlockLevel || statement is IrTrap, statement, "stands at block level");
                break;
        }

        foreach (var block in IrTree.Blocks(statement)) Block(block);
    }

    private static (IrType Result, IrType[] Arguments) Signature(IrServiceOp op) => op switch
    {
        IrServiceOp.Clock => (IrType.I64, []),
        IrServiceOp.GlobalTimer => (IrType.U64, []),
        IrServiceOp.Allocate => (IrType.Pointer, [IrType.U64]),
        _ => (IrType.Void, [IrType.Pointer]),
    };

    private bool AtBlockLevel => _isBlockProgram && !_inThreadLoop;

    private void Loop(IrLoop loop)
    {
        _loops.Add(loop.Label);
        Block(loop.Body);
        _loops.Remove(loop.Label);
        Closed(loop.Step);
    }

    /// <summary>A block that nothing inside leaves: exits reach labels in it only.</summary>
    private void Closed(IrBlock block)
    {
        var (loops, regions) = (_loops.ToArray(), _regions.ToArray());
        _loops.Clear();
        _regions.Clear();
        Block(block);
        _loops.UnionWith(loops);
        _regions.UnionWith(regions);
    }

    private void ThreadLoop(IrThreadLoop loop)
    {
        Check(AtBlockLevel, loop, "stands inside another or in a function that was not split");
        _inThreadLoop = true;
        Closed(loop.Body);
        _inThreadLoop = false;
    }

    private void Expression(IrExpression root)
    {
        foreach (var expression in IrTree.All(root))
        {
            switch (expression)
            {
                case IrSlotRead e:
                    Check(_slots.Contains(e.Slot), null, $"reads slot {e.Slot.Name} of another function");
                    break;
                case IrParameterRead e:
                    Check(_function.Parameters.Contains(e.Parameter), null, $"reads parameter {e.Parameter.Name} of another function");
                    break;
                case IrBinary { Op: IrBinaryOp.ShiftLeft or IrBinaryOp.ShiftRight } e:
                    Check(e.Right.Type is IrType.I32 or IrType.U32, null, $"shifts by {e.Right.Type}");
                    break;
                case IrBinary e:
                    Check(e.Left.Type == e.Right.Type, null, $"{e.Op} of {e.Left.Type} and {e.Right.Type} in {IrPrinter.Print(e)}");
                    break;
                case IrConditional e:
                    Check(e.Condition.Type == IrType.Bool && e.WhenTrue.Type == e.WhenFalse.Type, null, $"types do not agree in {IrPrinter.Print(e)}");
                    break;
                case IrAddress e:
                    Check(e.Base.Type == IrType.Pointer && (e.Index is null || e.Index.Type.IsInteger()), null, $"types do not agree in {IrPrinter.Print(e)}");
                    break;
                case IrLoad e:
                    Check(e.Address.Type == IrType.Pointer, null, $"loads from what is no pointer: {IrPrinter.Print(e)}");
                    break;
                case IrBitcast e:
                    Check(e.Type.Size() == e.Operand.Type.Size(), null, $"bit cast changes the size: {IrPrinter.Print(e)}");
                    break;
            }
        }
    }

    private void Pointer(IrStatement statement, IrExpression address) => Check(address.Type == IrType.Pointer, statement, "has an address that is no pointer");

    private void Check(bool holds, IrStatement? statement, string what)
    {
        if (holds) return;
        _errors.Add(statement is null ? what : $"{statement.GetType().Name[2..]} {statement.Span}{(statement.Span.Source is null ? "" : " ")}{what}");
    }
}
