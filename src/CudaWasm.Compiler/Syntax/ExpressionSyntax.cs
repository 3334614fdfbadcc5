using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

public abstract class ExpressionSyntax(SourceSpan span) : SyntaxNode(span);

/// <summary>Integer literal; suffix and base decide its type together with its value.</summary>
public sealed class IntegerLiteral(SourceSpan span, ulong value, bool isUnsigned, int longCount, bool isDecimal) : ExpressionSyntax(span)
{
    public ulong Value { get; } = value;

    /// <summary>Carries <c>u</c>.</summary>
    public bool IsUnsigned { get; } = isUnsigned;

    /// <summary>The number of <c>l</c> in the suffix: 0, 1 or 2.</summary>
    public int LongCount { get; } = longCount;

    /// <summary>Decimal literals never become unsigned by their size alone.</summary>
    public bool IsDecimal { get; } = isDecimal;
}

/// <summary>Floating literal; the value is kept in double, rounded once from the text (for float from the text as well).</summary>
public sealed class FloatLiteral(SourceSpan span, double value, bool isFloat) : ExpressionSyntax(span)
{
    public double Value { get; } = value;

    /// <summary>Carries <c>f</c>.</summary>
    public bool IsFloat { get; } = isFloat;
}

/// <summary>Character literal with its value as <c>char</c> (wide ones as int).</summary>
public sealed class CharLiteral(SourceSpan span, int value, BuiltinTypeKind type) : ExpressionSyntax(span)
{
    public int Value { get; } = value;

    public BuiltinTypeKind Type { get; } = type;
}

/// <summary>String literal, neighbours joined, escapes resolved; one char a byte.</summary>
public sealed class StringLiteral(SourceSpan span, string value) : ExpressionSyntax(span)
{
    public string Value { get; } = value;
}

public sealed class BoolLiteral(SourceSpan span, bool value) : ExpressionSyntax(span)
{
    public bool Value { get; } = value;
}

public sealed class NullptrLiteral(SourceSpan span) : ExpressionSyntax(span);

public sealed class ThisExpression(SourceSpan span) : ExpressionSyntax(span);

public sealed class NameExpression(SourceSpan span, NameSyntax name) : ExpressionSyntax(span)
{
    public NameSyntax Name { get; } = name;
}

public enum UnaryOperator
{
    Plus,
    Negate,
    BitNot,
    LogicalNot,
    Dereference,
    AddressOf,
    PreIncrement,
    PreDecrement,
    PostIncrement,
    PostDecrement,
}

public sealed class UnaryExpression(SourceSpan span, UnaryOperator op, ExpressionSyntax operand) : ExpressionSyntax(span)
{
    public UnaryOperator Operator { get; } = op;

    public ExpressionSyntax Operand { get; } = operand;
}

public enum BinaryOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    ShiftLeft,
    ShiftRight,
    BitAnd,
    BitOr,
    BitXor,
    LogicalAnd,
    LogicalOr,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Comma,
}

public sealed class BinaryExpression(SourceSpan span, BinaryOperator op, ExpressionSyntax left, ExpressionSyntax right, SourceSpan operatorSpan) : ExpressionSyntax(span)
{
    public BinaryOperator Operator { get; } = op;

    public ExpressionSyntax Left { get; } = left;

    public ExpressionSyntax Right { get; } = right;

    public SourceSpan OperatorSpan { get; } = operatorSpan;
}

/// <summary><c>=</c> (no operator) and <c>+=</c> and its kin.</summary>
public sealed class AssignmentExpression(SourceSpan span, BinaryOperator? op, ExpressionSyntax target, ExpressionSyntax value, SourceSpan operatorSpan) : ExpressionSyntax(span)
{
    public BinaryOperator? Operator { get; } = op;

    public ExpressionSyntax Target { get; } = target;

    public ExpressionSyntax Value { get; } = value;

    public SourceSpan OperatorSpan { get; } = operatorSpan;
}

public sealed class ConditionalExpression(SourceSpan span, ExpressionSyntax condition, ExpressionSyntax whenTrue, ExpressionSyntax whenFalse) : ExpressionSyntax(span)
{
    public ExpressionSyntax Condition { get; } = condition;

    public ExpressionSyntax WhenTrue { get; } = whenTrue;

    public ExpressionSyntax WhenFalse { get; } = whenFalse;
}

public sealed class CallExpression(SourceSpan span, ExpressionSyntax callee, IReadOnlyList<ExpressionSyntax> arguments) : ExpressionSyntax(span)
{
    public ExpressionSyntax Callee { get; } = callee;

    public IReadOnlyList<ExpressionSyntax> Arguments { get; } = arguments;
}

public sealed class IndexExpression(SourceSpan span, ExpressionSyntax target, ExpressionSyntax index) : ExpressionSyntax(span)
{
    public ExpressionSyntax Target { get; } = target;

    public ExpressionSyntax Index { get; } = index;
}

/// <summary><c>a.b</c> and <c>a-&gt;b</c>.</summary>
public sealed class MemberExpression(SourceSpan span, ExpressionSyntax target, NameSyntax name, bool isArrow) : ExpressionSyntax(span)
{
    public ExpressionSyntax Target { get; } = target;

    public NameSyntax Name { get; } = name;

    public bool IsArrow { get; } = isArrow;
}

public enum CastKind
{
    /// <summary><c>(T)e</c></summary>
    CStyle,

    /// <summary><c>T(e)</c>, <c>T(a, b)</c></summary>
    Functional,

    /// <summary><c>T{a, b}</c></summary>
    List,
    Static,
    Reinterpret,
    Const,
    Dynamic,
}

/// <summary>Any explicit conversion, and construction of a temporary.</summary>
public sealed class CastExpression(SourceSpan span, CastKind kind, TypeSyntax type, IReadOnlyList<ExpressionSyntax> arguments) : ExpressionSyntax(span)
{
    public CastKind Kind { get; } = kind;

    public TypeSyntax Type { get; } = type;

    /// <summary>One for all but <see cref="CastKind.Functional"/> and <see cref="CastKind.List"/>.</summary>
    public IReadOnlyList<ExpressionSyntax> Arguments { get; } = arguments;
}

/// <summary><c>sizeof</c> or <c>alignof</c> of a type or an expression; <c>sizeof...(pack)</c> has the pack's name as expression.</summary>
public sealed class SizeOfExpression(SourceSpan span, TypeSyntax? type, ExpressionSyntax? expression, bool isAlignment, bool isPack) : ExpressionSyntax(span)
{
    public TypeSyntax? Type { get; } = type;

    /// <summary>Where a parenthesised name may be either, both readings are given.</summary>
    public ExpressionSyntax? Expression { get; } = expression;

    public bool IsAlignment { get; } = isAlignment;

    public bool IsPack { get; } = isPack;
}

/// <summary><c>{a, b}</c>, <c>{.x = a}</c>.</summary>
public sealed class InitializerList(SourceSpan span, IReadOnlyList<InitializerElement> elements) : ExpressionSyntax(span)
{
    public IReadOnlyList<InitializerElement> Elements { get; } = elements;
}

/// <param name="Field">The designated field (<c>.x =</c>), else null.</param>
/// <param name="Index">The designated index (<c>[3] =</c>), else null.</param>
/// <param name="Value">The value.</param>
public sealed record InitializerElement(string? Field, ExpressionSyntax? Index, ExpressionSyntax Value);

public sealed record LambdaCapture(string? Name, bool IsReference, bool IsThis, ExpressionSyntax? Initializer);

public sealed class LambdaExpression(
    SourceSpan span,
    bool capturesAllByValue,
    bool capturesAllByReference,
    IReadOnlyList<LambdaCapture> captures,
    FunctionDeclaration function) : ExpressionSyntax(span)
{
    public bool CapturesAllByValue { get; } = capturesAllByValue;

    public bool CapturesAllByReference { get; } = capturesAllByReference;

    public IReadOnlyList<LambdaCapture> Captures { get; } = captures;

    /// <summary>Parameters, return type (<see cref="AutoTypeSyntax"/> where not written) and body, as <c>operator()</c>.</summary>
    public FunctionDeclaration Function { get; } = function;
}

/// <summary><c>(args + ... + init)</c> and its kin.</summary>
public sealed class FoldExpression(SourceSpan span, BinaryOperator op, ExpressionSyntax? left, ExpressionSyntax? right, bool packIsLeft) : ExpressionSyntax(span)
{
    public BinaryOperator Operator { get; } = op;

    public ExpressionSyntax? Left { get; } = left;

    public ExpressionSyntax? Right { get; } = right;

    /// <summary>True where the pack stands left of the dots.</summary>
    public bool PackIsLeft { get; } = packIsLeft;
}

/// <summary><c>f(args)...</c></summary>
public sealed class PackExpansionExpression(SourceSpan span, ExpressionSyntax pattern) : ExpressionSyntax(span)
{
    public ExpressionSyntax Pattern { get; } = pattern;
}

/// <summary><c>new T[n]</c></summary>
public sealed class NewExpression(SourceSpan span, TypeSyntax type, ExpressionSyntax? count, IReadOnlyList<ExpressionSyntax> arguments) : ExpressionSyntax(span)
{
    public TypeSyntax Type { get; } = type;

    public ExpressionSyntax? Count { get; } = count;

    public IReadOnlyList<ExpressionSyntax> Arguments { get; } = arguments;

    /// <summary>What stands in parentheses before the type: where to build the object.</summary>
    public IReadOnlyList<ExpressionSyntax> Placement { get; init; } = [];
}

public sealed class DeleteExpression(SourceSpan span, ExpressionSyntax operand, bool isArray) : ExpressionSyntax(span)
{
    public ExpressionSyntax Operand { get; } = operand;

    public bool IsArray { get; } = isArray;
}

/// <summary><c>kernel&lt;T&gt;&lt;&lt;&lt;grid, block, shared, stream&gt;&gt;&gt;(args)</c></summary>
public sealed class LaunchExpression(
    SourceSpan span,
    ExpressionSyntax kernel,
    IReadOnlyList<ExpressionSyntax> configuration,
    IReadOnlyList<ExpressionSyntax> arguments) : ExpressionSyntax(span)
{
    public ExpressionSyntax Kernel { get; } = kernel;

    public IReadOnlyList<ExpressionSyntax> Configuration { get; } = configuration;

    public IReadOnlyList<ExpressionSyntax> Arguments { get; } = arguments;
}
