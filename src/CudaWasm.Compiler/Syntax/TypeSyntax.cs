using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>A type as written, with its own const and volatile.</summary>
public abstract class TypeSyntax(SourceSpan span) : SyntaxNode(span)
{
    public bool IsConst { get; init; }

    public bool IsVolatile { get; init; }
}

/// <summary>The types with a keyword; sign and size words are already combined.</summary>
public enum BuiltinTypeKind
{
    Void,
    Bool,

    /// <summary>Plain <c>char</c>: a type of its own, signed as on every CUDA host.</summary>
    Char,
    SignedChar,
    UnsignedChar,
    Short,
    UnsignedShort,
    Int,
    UnsignedInt,

    /// <summary>64 bits, as on Linux; distinct from long long.</summary>
    Long,
    UnsignedLong,
    LongLong,
    UnsignedLongLong,
    Float,
    Double,

    /// <summary><c>long double</c>: double in device code.</summary>
    LongDouble,
    WChar,
    Char16,
    Char32,
    Int128,
    UnsignedInt128,
}

public sealed class BuiltinTypeSyntax(SourceSpan span, BuiltinTypeKind kind) : TypeSyntax(span)
{
    public BuiltinTypeKind Kind { get; } = kind;
}

/// <summary>A named type: <c>float4</c>, <c>size_t</c>, <c>Vec&lt;T&gt;</c>, <c>typename A::B</c>, <c>struct S</c>.</summary>
public sealed class NamedTypeSyntax(SourceSpan span, NameSyntax name) : TypeSyntax(span)
{
    public NameSyntax Name { get; } = name;
}

/// <summary>A class or enum that is defined where its type is used: <c>struct { int a; } x;</c>.</summary>
public sealed class DefinedTypeSyntax(SourceSpan span, DeclarationSyntax definition) : TypeSyntax(span)
{
    /// <summary>A <see cref="ClassDeclaration"/> or an <see cref="EnumDeclaration"/>.</summary>
    public DeclarationSyntax Definition { get; } = definition;
}

/// <summary><c>auto</c> and <c>decltype(auto)</c>.</summary>
public sealed class AutoTypeSyntax(SourceSpan span) : TypeSyntax(span);

/// <summary><c>decltype(e)</c> and <c>typeof(e)</c>.</summary>
public sealed class DecltypeSyntax(SourceSpan span, ExpressionSyntax expression) : TypeSyntax(span)
{
    public ExpressionSyntax Expression { get; } = expression;
}

public sealed class PointerTypeSyntax(SourceSpan span, TypeSyntax element) : TypeSyntax(span)
{
    public TypeSyntax Element { get; } = element;

    /// <summary>Carries <c>__restrict__</c>.</summary>
    public bool IsRestrict { get; init; }
}

public sealed class ReferenceTypeSyntax(SourceSpan span, TypeSyntax element, bool isRvalue) : TypeSyntax(span)
{
    public TypeSyntax Element { get; } = element;

    /// <summary>True for <c>T&amp;&amp;</c>.</summary>
    public bool IsRvalue { get; } = isRvalue;
}

/// <summary>One dimension of an array; <c>int a[2][3]</c> is an array of 2 of an array of 3.</summary>
public sealed class ArrayTypeSyntax(SourceSpan span, TypeSyntax element, ExpressionSyntax? size) : TypeSyntax(span)
{
    public TypeSyntax Element { get; } = element;

    /// <summary>Null for <c>[]</c>.</summary>
    public ExpressionSyntax? Size { get; } = size;
}

/// <summary>A function type; behind a <see cref="PointerTypeSyntax"/> it is a function pointer.</summary>
public sealed class FunctionTypeSyntax(SourceSpan span, TypeSyntax returnType, IReadOnlyList<ParameterSyntax> parameters) : TypeSyntax(span)
{
    public TypeSyntax ReturnType { get; } = returnType;

    public IReadOnlyList<ParameterSyntax> Parameters { get; } = parameters;
}

/// <summary>A pack expansion in a parameter or base list: <c>Ts...</c>.</summary>
public sealed class PackTypeSyntax(SourceSpan span, TypeSyntax pattern) : TypeSyntax(span)
{
    public TypeSyntax Pattern { get; } = pattern;
}
