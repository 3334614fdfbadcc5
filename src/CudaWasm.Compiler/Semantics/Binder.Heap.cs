using System.Globalization;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Objects that no declaration makes: new, delete, and the text of string literals.
internal sealed partial class Binder
{
    private readonly Dictionary<string, IrVariable> _texts = [];

    internal IrExpression Allocate(IrExpression bytes, SourceSpan span)
    {
        var slot = NewTemporary(IrType.Pointer);
        Append(new IrService(slot, IrServiceOp.Allocate, [IrBuilder.Convert(IrType.U64, bytes)], span));
        return IrBuilder.Read(slot);
    }

    /// <summary>new gives null where there is no memory; then nothing is constructed.</summary>
    private ScalarValue BindNew(NewExpression syntax)
    {
        var span = syntax.Span;
        var type = BindType(syntax.Type).Unqualified;
        RequireComplete(type, span);
        IrExpression? count = syntax.Count is null ? null : Materialize(LoadAs(Bind(syntax.Count), ScalarType.ULong, span));
        var size = IrBuilder.Integer(IrType.U64, type.Size);
        var isPlaced = syntax.Placement.Count > 0;
        var address = isPlaced
            ? Materialize(LoadAs(Bind(syntax.Placement[0]), ScalarType.Void.Pointer, span))
            : Allocate(count is null ? size : IrBuilder.Binary(IrBinaryOp.Multiply, count, size), span);
        var construction = InBlock(() =>
        {
            if (count is not null) ConstructElements(type, address, count, span);
            else if (type is ClassType c) ConstructInto(new MemoryPlace(type, address), c, BindArguments(syntax.Arguments), span);
            else if (syntax.Arguments is [var initial]) Store(new MemoryPlace(type, address), Convert(Bind(initial), type, span), span);
        });
        if (!construction.IsEmpty)
        {
            if (isPlaced) _block.Statements.AddRange(construction.Statements);
            else Append(new IrIf(IrBuilder.Binary(IrBinaryOp.NotEqual, address, IrBuilder.Zero(IrType.Pointer)), construction, new IrBlock(), span));
        }

        return new ScalarValue(type.Pointer, address);
    }

    private void ConstructElements(CudaType type, IrExpression address, IrExpression count, SourceSpan span)
    {
        if (!NeedsConstruction(type)) return;
        var index = NewSlot("element", IrType.U64);
        Append(new IrAssign(index, IrBuilder.Zero(IrType.U64)));
        var body = InBlock(() => DefaultInitialize(new MemoryPlace(type, Materialize(ElementAddress(type, address, IrBuilder.Read(index), span))), span));
        var step = InBlock(() => Append(new IrAssign(index, IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Read(index), IrBuilder.Integer(IrType.U64, 1)))));
        Append(new IrLoop(new IrLabel("elements"), IrBuilder.Binary(IrBinaryOp.Less, IrBuilder.Read(index), count), body, step, null, span));
    }

    private IrExpression ElementAddress(CudaType type, IrExpression address, IrExpression index, SourceSpan span) => IrBuilder.Address(address, index, Scale(type, span));

    private VoidValue BindDelete(DeleteExpression syntax)
    {
        var span = syntax.Span;
        var pointer = LoadScalar(Bind(syntax.Operand), span);
        if (pointer.Type is not PointerType { Element: var element }) throw Error(DiagnosticCodes.BadOperand, span, $"delete takes a pointer, not '{pointer.Type.Name}'");
        var address = Materialize(pointer.Expression);
        if (element.Unqualified is ClassType { Symbol: var symbol } type && Destructor(symbol) is { } destructor)
        {
            if (syntax.IsArray) throw NotSupported(span, $"delete[] of '{symbol.Name}', which has a destructor,");
            var destruction = InBlock(() => Call(destructor, new MemoryPlace(type, address), [], span));
            Append(new IrIf(IrBuilder.Binary(IrBinaryOp.NotEqual, address, IrBuilder.Zero(IrType.Pointer)), destruction, new IrBlock(), span));
        }

        Append(new IrService(null, IrServiceOp.Free, [address], span));
        return VoidValue.Instance;
    }

    /// <summary>The destructor that a class writes out; null where it has none.</summary>
    private FunctionSymbol? Destructor(ClassSymbol symbol)
    {
        RequireComplete(symbol.Type, symbol.Span);
        return symbol.Scope.Own("~" + (symbol.Template?.Name ?? symbol.Declaration?.Name?.Last.Identifier)).OfType<FunctionSymbol>().FirstOrDefault(f => f.Declaration.Body is not null);
    }

    private IrExpression LoadAs(Value value, CudaType type, SourceSpan span) => LoadScalar(Convert(value, type, span), span).Expression;

    /// <summary>The bytes of a literal in constant memory, closed by zero; equal literals are one object.</summary>
    private IrExpression TextAddress(StringValue text, SourceSpan span)
    {
        if (!_texts.TryGetValue(text.Text, out var variable))
        {
            byte[] bytes = [.. text.Text.Select(c => (byte)c), 0];
            var name = string.Create(CultureInfo.InvariantCulture, $"text {_texts.Count}");
            _texts[text.Text] = variable = new IrVariable(name, IrSpace.Constant, bytes.Length, 16, span) { ElementType = IrType.I8, InitialBytes = bytes };
            _module?.Globals.Add(variable);
        }

        return IrBuilder.AddressOf(variable);
    }
}
