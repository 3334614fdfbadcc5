using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Serialization;

/// <summary>Writes a module. Globals come first, then the heads of all functions, then their bodies, so that each reference leads back.</summary>
internal sealed class IrWriter(CompilationOutput output)
{
    private readonly Dictionary<IrVariable, int> _variables = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<IrFunction, int> _functions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<IrLabel, int> _labels = new(ReferenceEqualityComparer.Instance);

    public void Write(IrModule module)
    {
        output.Write(module.Globals, Declare);
        var functions = module.Functions.Prepend(module.Kernel).ToList();
        output.Write(functions, Head);
        foreach (var function in functions) Block(function.Body);
    }

    public void Reference(IrVariable variable) => output.Write(_variables[variable]);

    private void Declare(IrVariable variable)
    {
        output.Write(variable.Name);
        output.Write(variable.Space);
        output.Write(variable.Bytes);
        output.Write(variable.Alignment);
        output.Write(variable.Span);
        output.Write(variable.ElementType);
        output.Write(variable.InitialBytes);
        _variables.Add(variable, _variables.Count);
    }

    private void Head(IrFunction function)
    {
        _functions.Add(function, _functions.Count);
        output.Write(function.Name);
        output.Write(function.IsKernel);
        output.Write(function.ReturnType);
        output.Write(function.Span);
        output.Write(function.MaxThreadsPerBlock);
        output.Write(function.MinBlocksPerMultiprocessor);
        output.Write(function.Variables, Declare);
        output.Write(function.Parameters, parameter =>
        {
            output.Write(parameter.Name);
            output.Write(parameter.Type);
            output.Write(parameter.Variable is not null);
            if (parameter.Variable is { } variable) Declare(variable);
        });
        output.Write(function.Slots, slot =>
        {
            output.Write(slot.Name);
            output.Write(slot.Type);
        });
    }

    private void Block(IrBlock block) => output.Write(block.Statements, Statement);

    private void Tag(object node) => output.WriteByte((byte)IrNodeTags.Of[node.GetType()]);

    private void Slot(IrSlot slot) => output.Write(slot.Index);

    /// <summary>0 where nobody asks for the result.</summary>
    private void Result(IrSlot? slot) => output.Write(slot is null ? 0 : slot.Index + 1);

    private void Define(IrLabel label)
    {
        output.Write(label.Hint);
        _labels.Add(label, _labels.Count);
    }

    private void Statement(IrStatement statement)
    {
        Tag(statement);
        output.Write(statement.Span);
        switch (statement)
        {
            case IrAssign s:
                Slot(s.Slot);
                Expression(s.Value);
                break;
            case IrStore s:
                Expression(s.Address);
                Expression(s.Value);
                output.Write(s.IsVolatile);
                output.Write(s.Alignment);
                break;
            case IrCopy s:
                Expression(s.Target);
                Expression(s.Source);
                output.Write(s.Bytes);
                output.Write(s.Alignment);
                break;
            case IrIf s:
                Expression(s.Condition);
                Block(s.Then);
                Block(s.Else);
                break;
            case IrLoop s:
                Define(s.Label);
                output.Write(s.Unroll);
                Maybe(s.Before);
                Block(s.Body);
                Block(s.Step);
                Maybe(s.After);
                break;
            case IrLabeled s:
                Define(s.Label);
                Block(s.Body);
                break;
            case IrLeave s:
                output.Write(_labels[s.Target]);
                break;
            case IrContinue s:
                output.Write(_labels[s.Target]);
                break;
            case IrSwitch s:
                Expression(s.Value);
                output.Write(s.Sections, section =>
                {
                    output.Write(section.Values, output.Write);
                    output.Write(section.IsDefault);
                    Block(section.Body);
                });
                break;
            case IrReturn s:
                Maybe(s.Value);
                break;
            case IrCall s:
                Result(s.Result);
                output.Write(_functions[s.Function]);
                output.Write(s.Arguments, Expression);
                break;
            case IrAtomic s:
                Result(s.Result);
                output.Write(s.Op);
                Expression(s.Address);
                Expression(s.Value);
                Maybe(s.Compare);
                break;
            case IrBarrier s:
                output.Write(s.Kind);
                Result(s.Result);
                Maybe(s.Predicate);
                break;
            case IrWarp s:
                Result(s.Result);
                output.Write(s.Op);
                output.Write(s.Arguments, Expression);
                output.Write(s.NamesLanes);
                break;
            case IrService s:
                Result(s.Result);
                output.Write(s.Op);
                output.Write(s.Arguments, Expression);
                break;
            case IrPrintf s:
                output.Write(s.Format);
                output.Write(s.Arguments, Expression);
                output.Write(s.Strings, output.Write);
                Result(s.Result);
                break;
            case IrTrap s:
                output.Write(s.Code);
                output.Write(s.Message);
                break;
        }
    }

    private void Maybe(IrExpression? expression)
    {
        if (expression is null) output.WriteByte((byte)IrNodeTag.None);
        else Expression(expression);
    }

    private void Expression(IrExpression expression)
    {
        Tag(expression);
        switch (expression)
        {
            case IrConstant e:
                output.Write(e.Type);
                output.Write(e.Bits);
                break;
            case IrParameterRead e:
                output.Write(e.Parameter.Index);
                break;
            case IrSlotRead e:
                Slot(e.Slot);
                break;
            case IrBuiltinRead e:
                output.Write(e.Builtin);
                break;
            case IrUnary e:
                output.Write(e.Op);
                Expression(e.Operand);
                break;
            case IrBinary e:
                output.Write(e.Op);
                Expression(e.Left);
                Expression(e.Right);
                output.Write(e.Span);
                break;
            case IrConditional e:
                Expression(e.Condition);
                Expression(e.WhenTrue);
                Expression(e.WhenFalse);
                break;
            case IrConvert e:
                output.Write(e.Type);
                Expression(e.Operand);
                break;
            case IrBitcast e:
                output.Write(e.Type);
                Expression(e.Operand);
                break;
            case IrAddress e:
                Expression(e.Base);
                Maybe(e.Index);
                output.Write(e.Scale);
                output.Write(e.Offset);
                break;
            case IrVariableAddress e:
                Reference(e.Variable);
                break;
            case IrLoad e:
                output.Write(e.Type);
                Expression(e.Address);
                output.Write(e.IsVolatile);
                output.Write(e.Span);
                output.Write(e.Alignment);
                break;
            case IrIntrinsicCall e:
                output.Write(e.Intrinsic);
                output.Write(e.Type);
                output.Write(e.Arguments, Expression);
                break;
        }
    }
}
