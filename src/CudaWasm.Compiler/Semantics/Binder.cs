using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

/// <summary>
/// Gives meaning to one kernel: resolves names, types, overloads and templates, and makes IR as it goes. Device functions are
/// bound anew at each call, inlined, with their template arguments and with references bound to the caller's places; that is
/// what lets references, lambdas and small classes vanish without a trace. See docs/architecture.md.
/// </summary>
internal sealed partial class Binder(SemanticModel model, PlacementChoices choices, DiagnosticBag diagnostics, CancellationToken cancellation)
{
    /// <summary>Calls inlined in one another, and template instances that need one another.</summary>
    private const int MaxDepth = 200;

    /// <summary>Nodes of the tree above one another, those of inlined functions included.</summary>
    private const int MaxNesting = 20_000;
    private const int MaxStatements = 400_000;

    private readonly Dictionary<VariableSymbol, Value> _globals = [];
    private readonly Dictionary<(SyntaxNode, FunctionSymbol?), IrVariable> _statics = [];
    private readonly HashSet<IrSlot> _temporaries = [];
    private IrModule? _module;
    private IrFunction _function = new("", false, IrType.Void, SourceSpan.None);
    private IrBlock _block = new();
    private Scope _scope = model.Global;
    private Frame? _frame;
    private int _statements;
    private int _depth;

    /// <summary>True while an operand is only looked at for its type, or evaluated at compile time.</summary>
    private bool _isUnevaluated;

    /// <summary>How much was bound.</summary>
    public int StatementCount => _statements;

    /// <summary>One function being bound, inlined in the one before.</summary>
    private sealed class Frame(FunctionSymbol? function, Frame? parent, SourceSpan call)
    {
        public FunctionSymbol? Function { get; } = function;

        public Frame? Parent { get; } = parent;

        public SourceSpan Call { get; } = call;

        public Value? Self { get; init; }

        /// <summary>Null until known where the type is auto.</summary>
        public CudaType? ReturnType { get; set; }

        public Place? ReturnPlace { get; set; }

        /// <summary>Where an inlined return goes; null in a function of its own.</summary>
        public IrLabel? ReturnLabel { get; init; }

        public bool ReturnLabelUsed { get; set; }

        /// <summary>The value of a return at the very end of the body.</summary>
        public Value? TailValue { get; set; }

        public StatementSyntax? TailStatement { get; init; }

        public Stack<(IrLabel Break, IrLabel? Continue)> Targets { get; } = new();

        public int Depth { get; } = (parent?.Depth ?? 0) + 1;
    }

    internal void Append(IrStatement statement)
    {
        if (++_statements > MaxStatements)
        {
            var place = statement.Span.Source is not null ? statement.Span : _frame?.Call.Source is not null ? _frame.Call : _function.Span;
            throw new SemanticException(DiagnosticCodes.TooLargeForTarget, place, $"this kernel grows beyond {MaxStatements} statements when its functions are inlined");
        }

        _block.Statements.Add(statement);
    }

    internal IrSlot NewSlot(string name, IrType type) => _function.NewSlot(name, type);

    /// <summary>A slot that is assigned once.</summary>
    internal IrSlot NewTemporary(IrType type)
    {
        var slot = NewSlot("t", type);
        _temporaries.Add(slot);
        return slot;
    }

    /// <summary>Keeps a value from changing: what reads memory or slots is put into a slot of its own.</summary>
    internal IrExpression Materialize(IrExpression expression, string hint = "t")
    {
        if (IsStable(expression)) return expression;
        var slot = NewSlot(hint, expression.Type);
        _temporaries.Add(slot);
        Append(new IrAssign(slot, expression));
        return IrBuilder.Read(slot);
    }

    private bool IsStable(IrExpression e) => e switch
    {
        IrConstant or IrParameterRead or IrVariableAddress or IrBuiltinRead => true,
        IrSlotRead read => _temporaries.Contains(read.Slot),
        IrConvert convert => IsStable(convert.Operand),
        IrAddress { Index: null } address => IsStable(address.Base),
        _ => false,
    };

    /// <summary>True where later statements cannot change what the expression gives.</summary>
    private bool IsImmune(IrExpression e) => e switch
    {
        IrLoad => false,
        IrBinary b => IsImmune(b.Left) && IsImmune(b.Right),
        IrUnary u => IsImmune(u.Operand),
        IrConvert c => IsImmune(c.Operand),
        IrBitcast c => IsImmune(c.Operand),
        IrAddress a => IsImmune(a.Base) && (a.Index is null || IsImmune(a.Index)),
        IrConditional c => IsImmune(c.Condition) && IsImmune(c.WhenTrue) && IsImmune(c.WhenFalse),
        IrIntrinsicCall call => call.Arguments.All(IsImmune),
        _ => IsStable(e),
    };

    /// <summary>
    /// Binds a later operand; where that adds statements, the earlier value is saved before them, so that operands keep their
    /// order of evaluation.
    /// </summary>
    private Value BindAfter(ref Value earlier, Func<Value> bind)
    {
        var block = _block;
        var at = block.Statements.Count;
        var later = bind();
        if (block.Statements.Count > at) earlier = SaveAt(earlier, block, at);
        return later;
    }

    private Value SaveAt(Value value, IrBlock block, int at)
    {
        var added = new List<IrStatement>();
        IrExpression Keep(IrExpression e)
        {
            if (IsImmune(e)) return e;
            var slot = NewSlot("t", e.Type);
            _temporaries.Add(slot);
            added.Add(new IrAssign(slot, e));
            return IrBuilder.Read(slot);
        }

        Value kept = value switch
        {
            ScalarValue s => new ScalarValue(s.Type, Keep(s.Expression)),
            AggregateValue a => new AggregateValue(a.Type, [.. a.Leaves.Select(Keep)]),
            MemoryPlace m => new MemoryPlace(m.Type, Keep(m.Address)) { IsTemporary = m.IsTemporary },
            FunctionValue { Self: not null } f => new FunctionValue(f.Candidates, f.TemplateArguments, SaveAt(f.Self, block, at), f.Name, f.Span),
            _ => value,
        };
        block.Statements.InsertRange(at, added);
        return kept;
    }

    /// <summary>Runs with another block as the current one and gives it back filled.</summary>
    private IrBlock InBlock(Action action)
    {
        var outer = _block;
        var block = _block = new IrBlock();
        try
        {
            action();
        }
        finally
        {
            _block = outer;
        }

        return block;
    }

    /// <summary>Binds without leaving a trace: for sizeof, decltype and constants.</summary>
    private T Unevaluated<T>(Func<T> bind)
    {
        var (function, block, unevaluated, statements) = (_function, _block, _isUnevaluated, _statements);
        _function = new IrFunction("", false, IrType.Void, SourceSpan.None);
        _block = new IrBlock();
        _isUnevaluated = true;
        try
        {
            return bind();
        }
        finally
        {
            (_function, _block, _isUnevaluated, _statements) = (function, block, unevaluated, statements);
        }
    }

    private T InScope<T>(Scope scope, Func<T> action)
    {
        var outer = _scope;
        _scope = scope;
        try
        {
            return action();
        }
        finally
        {
            _scope = outer;
        }
    }

    private void InNewScope(Action action)
    {
        var outer = _scope;
        _scope = new Scope(outer) { Prefix = outer.Prefix };
        try
        {
            action();
        }
        finally
        {
            _scope = outer;
        }
    }

    /// <summary>Guards recursion over the tree; the parser bounds nesting, templates do not.</summary>
    private T Deeper<T>(SourceSpan span, Func<T> action)
    {
        if (++_depth > MaxNesting || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            _depth--;
            throw new SemanticException(DiagnosticCodes.NestingTooDeep, span, "this is nested too deeply");
        }

        try
        {
            return action();
        }
        finally
        {
            _depth--;
        }
    }
}
