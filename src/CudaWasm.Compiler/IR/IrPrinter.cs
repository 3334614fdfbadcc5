using System.Globalization;
using System.Text;

namespace CudaWasm.Compiler.IR;

/// <summary>Writes IR as text, for people and for tests. There is no reader for it.</summary>
public sealed class IrPrinter
{
    private readonly StringBuilder _text = new();
    private readonly Dictionary<IrLabel, string> _labels = [];
    private int _depth;

    private IrPrinter()
    {
    }

    public static string Print(IrModule module)
    {
        var printer = new IrPrinter();
        foreach (var variable in module.Globals) printer.Line(Declaration(variable));
        foreach (var function in module.Functions) printer.Function(function);
        printer.Function(module.Kernel);
        return printer._text.ToString();
    }

    public static string Print(IrBlock block)
    {
        var printer = new IrPrinter();
        printer.Statements(block);
        return printer._text.ToString();
    }

    public static string Print(IrExpression expression) => expression switch
    {
        IrConstant { Type: IrType.Bool } e => e.Bits != 0 ? "true" : "false",
        IrConstant e when e.Type.IsFloat() => e.AsDouble.ToString("R", CultureInfo.InvariantCulture) + ":" + Name(e.Type),
        IrConstant { Type: IrType.I32 } e => e.Bits.ToString(CultureInfo.InvariantCulture),
        IrConstant e => e.Bits.ToString(CultureInfo.InvariantCulture) + ":" + Name(e.Type),
        IrParameterRead e => e.Parameter.Name,
        IrSlotRead e => Name(e.Slot),
        IrBuiltinRead e => "$" + e.Builtin,
        IrUnary e => $"{(e.Op switch { IrUnaryOp.Negate => "-", IrUnaryOp.BitNot => "~", _ => "!" })}{Print(e.Operand)}",
        IrBinary e => $"({Print(e.Left)} {Symbol(e.Op)} {Print(e.Right)})",
        IrConditional e => $"({Print(e.Condition)} ? {Print(e.WhenTrue)} : {Print(e.WhenFalse)})",
        IrConvert e => $"{Name(e.Type)}({Print(e.Operand)})",
        IrBitcast e => $"bits.{Name(e.Type)}({Print(e.Operand)})",
        IrAddress e => Address(e),
        IrVariableAddress e => "&" + e.Variable.Name,
        IrTrackedRead e => Print(e.Read),
        IrLoad e => $"{(e.IsVolatile ? "volatile " : "")}{Name(e.Type)}[{Print(e.Address)}]",
        IrIntrinsicCall e => $"{e.Intrinsic}.{Name(e.Type)}({List(e.Arguments)})",
        _ => expression.GetType().Name,
    };

    private void Function(IrFunction function)
    {
        var parameters = function.Parameters.Select(p => p.Variable is { } v ? $"{v.Bytes} bytes {p.Name}" : $"{Name(p.Type)} {p.Name}");
        Line($"{(function.IsKernel ? "kernel" : Name(function.ReturnType))} {function.Name}({string.Join(", ", parameters)})");
        Line("{");
        _depth++;
        foreach (var variable in function.Variables) Line(Declaration(variable));
        foreach (var slot in function.Slots) Line($"{(slot.Storage == IrSlotStorage.Register ? "" : slot.Storage.ToString().ToLowerInvariant() + " ")}{Name(slot.Type)} {Name(slot)}");
        _depth--;
        Nested(function.Body);
        Line("}");
    }

    private void Statements(IrBlock block)
    {
        foreach (var statement in block.Statements) Statement(statement);
    }

    private void Nested(IrBlock block)
    {
        _depth++;
        Statements(block);
        _depth--;
    }

    private void Statement(IrStatement statement)
    {
        switch (statement)
        {
            case IrIf s:
                Line($"if {Print(s.Condition)}");
                Nested(s.Then);
                if (s.Else.IsEmpty) break;
                Line("else");
                Nested(s.Else);
                break;
            case IrLoop s:
                Line($"loop {Name(s.Label)}{(s.Before is null ? "" : " while " + Print(s.Before))}");
                Nested(s.Body);
                if (!s.Step.IsEmpty) Line("step");
                Nested(s.Step);
                if (s.After is not null) Line($"again if {Print(s.After)}");
                break;
            case IrLabeled s:
                Line($"region {Name(s.Label)}");
                Nested(s.Body);
                break;
            case IrSwitch s:
                Line($"switch {Print(s.Value)}");
                foreach (var section in s.Sections)
                {
                    Line($"case {string.Join(", ", section.Values.Select(v => v.ToString(CultureInfo.InvariantCulture)).Concat(section.IsDefault ? ["default"] : []))}");
                    Nested(section.Body);
                }

                break;
            case IrThreadLoop s:
                Line("threads");
                Nested(s.Body);
                break;
            default:
                Line(Simple(statement));
                break;
        }
    }

    private string Simple(IrStatement statement) => statement switch
    {
        IrAssign s => $"{Name(s.Slot)} = {Print(s.Value)}",
        IrStore s => $"{(s.IsVolatile ? "volatile " : "")}{Name(s.Value.Type)}[{Print(s.Address)}] = {Print(s.Value)}",
        IrCopy s => $"copy {s.Bytes} bytes to [{Print(s.Target)}] from [{Print(s.Source)}]",
        IrLeave s => $"leave {Name(s.Target)}",
        IrContinue s => $"continue {Name(s.Target)}",
        IrReturn s => s.Value is null ? "return" : $"return {Print(s.Value)}",
        IrCall s => $"{Result(s.Result)}{s.Function.Name}({List(s.Arguments)})",
        IrAtomic s => $"{Result(s.Result)}atomic {s.Op} {Name(s.Value.Type)}[{Print(s.Address)}], {Print(s.Value)}{(s.Compare is null ? "" : ", if " + Print(s.Compare))}",
        IrBarrier s => $"{Result(s.Result)}barrier {s.Kind}{(s.Predicate is null ? "" : " " + Print(s.Predicate))}",
        IrWarp s => $"{Result(s.Result)}warp {s.Op}({List(s.Arguments)})",
        IrWarpExchange s => $"{Result(s.Result)}exchange {s.Op}({List(s.Arguments)}){(s.Active is null ? "" : " where " + Name(s.Active))}",
        IrFence => "fence",
        IrPrintf s => $"{Result(s.Result)}printf \"{s.Format.Replace("\n", "\\n", StringComparison.Ordinal)}\"{string.Concat(s.Arguments.Select(a => ", " + Print(a)))}",
        IrService s => $"{Result(s.Result)}service {s.Op}({List(s.Arguments)})",
        IrTrap s => $"trap {s.Code} \"{s.Message}\"",
        IrArrival s => $"arrival{(s.Here is null ? "" : " of " + Name(s.Here))}",
        IrDivergence s => $"divergence {Print(s.Here)}, {Print(s.Missing)}",
        _ => statement.GetType().Name,
    };

    private void Line(string line) => _text.Append(' ', _depth * 2).Append(line).Append('\n');

    private string Name(IrLabel label)
    {
        if (!_labels.TryGetValue(label, out var name)) _labels.Add(label, name = $"{label.Hint}{_labels.Count}");
        return name;
    }

    private static string Name(IrSlot slot) => string.Create(CultureInfo.InvariantCulture, $"{slot.Name}.{slot.Index}");

    private static string Name(IrType type) => type.ToString().ToLowerInvariant();

    private static string Result(IrSlot? slot) => slot is null ? "" : Name(slot) + " = ";

    private static string List(IReadOnlyList<IrExpression> expressions) => string.Join(", ", expressions.Select(Print));

    private static string Declaration(IrVariable variable) =>
        string.Create(CultureInfo.InvariantCulture, $"{variable.Space.ToString().ToLowerInvariant()} {variable.Bytes} bytes {variable.Name}");

    private static string Address(IrAddress address)
    {
        var text = new StringBuilder(Print(address.Base));
        if (address.Index is not null) text.Append(" + ").Append(Print(address.Index));
        if (address.Scale != 1) text.Append(CultureInfo.InvariantCulture, $"*{address.Scale}");
        if (address.Offset != 0) text.Append(CultureInfo.InvariantCulture, $" + {address.Offset}");
        return text.ToString();
    }

    private static string Symbol(IrBinaryOp op) => op switch
    {
        IrBinaryOp.Add => "+",
        IrBinaryOp.Subtract => "-",
        IrBinaryOp.Multiply => "*",
        IrBinaryOp.Divide => "/",
        IrBinaryOp.Remainder => "%",
        IrBinaryOp.And => "&",
        IrBinaryOp.Or => "|",
        IrBinaryOp.Xor => "^",
        IrBinaryOp.ShiftLeft => "<<",
        IrBinaryOp.ShiftRight => ">>",
        IrBinaryOp.Equal => "==",
        IrBinaryOp.NotEqual => "!=",
        IrBinaryOp.Less => "<",
        IrBinaryOp.LessOrEqual => "<=",
        IrBinaryOp.Greater => ">",
        _ => ">=",
    };
}
