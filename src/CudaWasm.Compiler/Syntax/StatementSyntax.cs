using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

public abstract class StatementSyntax(SourceSpan span) : SyntaxNode(span);

public sealed class CompoundStatement(SourceSpan span, IReadOnlyList<StatementSyntax> statements) : StatementSyntax(span)
{
    public IReadOnlyList<StatementSyntax> Statements { get; } = statements;
}

public sealed class ExpressionStatement(SourceSpan span, ExpressionSyntax expression) : StatementSyntax(span)
{
    public ExpressionSyntax Expression { get; } = expression;
}

public sealed class EmptyStatement(SourceSpan span) : StatementSyntax(span);

/// <summary>Local declarations: variables, types, aliases, using, static_assert.</summary>
public sealed class DeclarationStatement(SourceSpan span, IReadOnlyList<DeclarationSyntax> declarations) : StatementSyntax(span)
{
    public IReadOnlyList<DeclarationSyntax> Declarations { get; } = declarations;
}

/// <summary>The condition of if, while, for and switch: an expression, or a declaration whose value is tested.</summary>
public sealed record ConditionSyntax(ExpressionSyntax? Expression, VariableDeclaration? Declaration);

public sealed class IfStatement(
    SourceSpan span,
    bool isConstexpr,
    StatementSyntax? initializer,
    ConditionSyntax condition,
    StatementSyntax then,
    StatementSyntax? otherwise) : StatementSyntax(span)
{
    public bool IsConstexpr { get; } = isConstexpr;

    public StatementSyntax? Initializer { get; } = initializer;

    public ConditionSyntax Condition { get; } = condition;

    public StatementSyntax Then { get; } = then;

    public StatementSyntax? Else { get; } = otherwise;
}

/// <summary>What a <c>#pragma unroll</c> before a loop asks for.</summary>
/// <param name="Count">The number in the pragma; null for a bare <c>unroll</c>.</param>
public sealed record UnrollHint(ExpressionSyntax? Count);

public sealed class ForStatement(
    SourceSpan span,
    StatementSyntax? initializer,
    ConditionSyntax? condition,
    ExpressionSyntax? step,
    StatementSyntax body,
    UnrollHint? unroll) : StatementSyntax(span)
{
    public StatementSyntax? Initializer { get; } = initializer;

    public ConditionSyntax? Condition { get; } = condition;

    public ExpressionSyntax? Step { get; } = step;

    public StatementSyntax Body { get; } = body;

    public UnrollHint? Unroll { get; } = unroll;
}

/// <summary><c>for (auto x : range)</c></summary>
public sealed class RangeForStatement(SourceSpan span, VariableDeclaration variable, ExpressionSyntax range, StatementSyntax body) : StatementSyntax(span)
{
    public VariableDeclaration Variable { get; } = variable;

    public ExpressionSyntax Range { get; } = range;

    public StatementSyntax Body { get; } = body;
}

public sealed class WhileStatement(SourceSpan span, ConditionSyntax condition, StatementSyntax body, UnrollHint? unroll) : StatementSyntax(span)
{
    public ConditionSyntax Condition { get; } = condition;

    public StatementSyntax Body { get; } = body;

    public UnrollHint? Unroll { get; } = unroll;
}

public sealed class DoStatement(SourceSpan span, StatementSyntax body, ExpressionSyntax condition, UnrollHint? unroll) : StatementSyntax(span)
{
    public StatementSyntax Body { get; } = body;

    public ExpressionSyntax Condition { get; } = condition;

    public UnrollHint? Unroll { get; } = unroll;
}

/// <summary>The body holds <see cref="CaseStatement"/>s where they were written.</summary>
public sealed class SwitchStatement(SourceSpan span, StatementSyntax? initializer, ConditionSyntax condition, StatementSyntax body) : StatementSyntax(span)
{
    public StatementSyntax? Initializer { get; } = initializer;

    public ConditionSyntax Condition { get; } = condition;

    public StatementSyntax Body { get; } = body;
}

/// <summary><c>case v:</c> or, without a value, <c>default:</c>; the statement that follows is inside.</summary>
public sealed class CaseStatement(SourceSpan span, ExpressionSyntax? value, StatementSyntax statement) : StatementSyntax(span)
{
    public ExpressionSyntax? Value { get; } = value;

    public StatementSyntax Statement { get; } = statement;
}

public sealed class BreakStatement(SourceSpan span) : StatementSyntax(span);

public sealed class ContinueStatement(SourceSpan span) : StatementSyntax(span);

public sealed class ReturnStatement(SourceSpan span, ExpressionSyntax? value) : StatementSyntax(span)
{
    public ExpressionSyntax? Value { get; } = value;
}

public sealed class GotoStatement(SourceSpan span, string label) : StatementSyntax(span)
{
    public string Label { get; } = label;
}

public sealed class LabelStatement(SourceSpan span, string label, StatementSyntax statement) : StatementSyntax(span)
{
    public string Label { get; } = label;

    public StatementSyntax Statement { get; } = statement;
}

/// <summary>Inline PTX: <c>asm volatile("text" : outputs : inputs : clobbers)</c>.</summary>
public sealed class AsmStatement(
    SourceSpan span,
    string text,
    IReadOnlyList<AsmOperand> outputs,
    IReadOnlyList<AsmOperand> inputs) : StatementSyntax(span)
{
    public string Text { get; } = text;

    public IReadOnlyList<AsmOperand> Outputs { get; } = outputs;

    public IReadOnlyList<AsmOperand> Inputs { get; } = inputs;
}

public sealed record AsmOperand(string Constraint, ExpressionSyntax Expression);

/// <summary>A statement that was parsed but has no meaning in device code: try, throw, goto-based asm. The text names it.</summary>
public sealed class UnsupportedStatement(SourceSpan span, string what) : StatementSyntax(span)
{
    public string What { get; } = what;
}
