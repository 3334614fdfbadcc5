using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>A piece of the tree. Nodes never change; compare them by reference.</summary>
public abstract class SyntaxNode(SourceSpan span)
{
    public SourceSpan Span { get; } = span;
}

/// <summary>One identifier of a name, with template arguments if any: <c>vector&lt;int&gt;</c>.</summary>
/// <param name="Identifier">The identifier; <c>operator+</c>, <c>operator()</c> and <c>~T</c> for those functions; <c>operator</c> for a conversion.</param>
/// <param name="Arguments">Null where there is no argument list; empty for <c>f&lt;&gt;</c>.</param>
/// <param name="Span">Where it stands.</param>
public sealed record NamePart(string Identifier, IReadOnlyList<TemplateArgumentSyntax>? Arguments, SourceSpan Span)
{
    /// <summary>The type of a conversion function's name (<c>operator float</c>), or the <c>decltype(e)</c> that starts a qualified name.</summary>
    public TypeSyntax? ConversionType { get; init; }
}

/// <summary>A possibly qualified name: <c>cooperative_groups::tiled_partition&lt;32&gt;</c>.</summary>
public sealed class NameSyntax(SourceSpan span, bool isGlobal, IReadOnlyList<NamePart> parts) : SyntaxNode(span)
{
    /// <summary>True where it starts with <c>::</c>.</summary>
    public bool IsGlobal { get; } = isGlobal;

    public IReadOnlyList<NamePart> Parts { get; } = parts;

    public NamePart Last => Parts[^1];

    public bool IsSimple => !IsGlobal && Parts.Count == 1 && Parts[0].Arguments is null;

    public override string ToString() => (IsGlobal ? "::" : "") + string.Join("::", Parts.Select(p => p.Identifier + (p.Arguments is null ? "" : "<...>")));
}

/// <summary>
/// A template argument. Where the parser cannot tell a type from a value (a dependent or unknown name) it gives both readings.
/// </summary>
public sealed class TemplateArgumentSyntax(SourceSpan span, TypeSyntax? type, ExpressionSyntax? expression, bool isPackExpansion) : SyntaxNode(span)
{
    public TypeSyntax? Type { get; } = type;

    public ExpressionSyntax? Expression { get; } = expression;

    /// <summary>True for <c>Ts...</c>.</summary>
    public bool IsPackExpansion { get; } = isPackExpansion;
}
