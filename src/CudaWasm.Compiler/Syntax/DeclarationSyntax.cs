using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

public abstract class DeclarationSyntax(SourceSpan span) : SyntaxNode(span);

/// <summary>What stands before and around a declaration. Device and host sides follow CUDA's rules: no mark means host.</summary>
[Flags]
public enum DeclarationFlags
{
    None = 0,
    Global = 1 << 0,
    Device = 1 << 1,
    Host = 1 << 2,
    Shared = 1 << 3,
    Constant = 1 << 4,
    Managed = 1 << 5,
    Extern = 1 << 6,
    Static = 1 << 7,
    Inline = 1 << 8,
    ForceInline = 1 << 9,
    NoInline = 1 << 10,
    Constexpr = 1 << 11,
    Virtual = 1 << 12,
    Explicit = 1 << 13,
    Friend = 1 << 14,
    Deleted = 1 << 15,
    Defaulted = 1 << 16,

    /// <summary>A member function marked const.</summary>
    ConstMember = 1 << 17,

    /// <summary><c>__grid_constant__</c> on a parameter.</summary>
    GridConstant = 1 << 18,

    /// <summary>Inside <c>extern "C"</c>.</summary>
    ExternC = 1 << 19,
    ThreadLocal = 1 << 20,
    Mutable = 1 << 21,
}

/// <summary>A file with everything it includes.</summary>
public sealed class TranslationUnit(SourceSpan span, IReadOnlyList<DeclarationSyntax> members, IReadOnlyList<HostLaunch> launches) : SyntaxNode(span)
{
    public IReadOnlyList<DeclarationSyntax> Members { get; } = members;

    /// <summary>Every launch in host code, in the order of the text.</summary>
    public IReadOnlyList<HostLaunch> Launches { get; } = launches;

    /// <summary>True where the preprocessor gave up: what the file means is not known.</summary>
    public bool IsCut { get; init; }

    /// <summary>Calls of the host templates that launch kernels, and names of kernel templates with arguments, that stand in host code.</summary>
    public IReadOnlyList<HostCall> HostCalls { get; init; } = [];

    /// <summary>What kept host declarations from being read; they were left out. One of them may explain why a name is not known.</summary>
    public IReadOnlyList<Diagnostic> Tolerated { get; init; } = [];
}

/// <summary>The class that a host function is a member of.</summary>
/// <param name="Name">Without its namespaces.</param>
/// <param name="TemplateParameters">Null where it is no template.</param>
public sealed record HostClass(string Name, IReadOnlyList<TemplateParameterSyntax>? TemplateParameters);

/// <summary>What host code, whose bodies are otherwise skipped, says about template arguments: a launch, a call of a function template
/// that launches, a class template or a kernel template named with arguments.</summary>
/// <param name="Name">As spelled, with template arguments.</param>
/// <param name="HostFunction">The function it stands in; its template parameters may appear in the arguments.</param>
/// <param name="Span">Where.</param>
public record HostCall(NameSyntax Name, FunctionDeclaration? HostFunction, SourceSpan Span)
{
    /// <summary>The class around it.</summary>
    public HostClass? HostClass { get; init; }

    /// <summary>What is passed, as far as it could be parsed: its types may decide template arguments.</summary>
    public IReadOnlyList<ExpressionSyntax> Arguments { get; init; } = [];

    /// <summary>Constants, variables and types declared in the host function before the call, which its arguments may name.</summary>
    public IReadOnlyList<DeclarationSyntax> LocalDeclarations { get; init; } = [];
}

/// <summary>A launch found in host code.</summary>
/// <param name="Kernel">The kernel as spelled, with template arguments.</param>
/// <param name="HostFunction">The function it stands in.</param>
/// <param name="Span">Where.</param>
public sealed record HostLaunch(NameSyntax Kernel, FunctionDeclaration? HostFunction, SourceSpan Span) : HostCall(Kernel, HostFunction, Span)
{
    /// <summary>Block, grid, shared bytes, stream, as far as they could be parsed.</summary>
    public IReadOnlyList<ExpressionSyntax> Configuration { get; init; } = [];
}

public sealed class ParameterSyntax(SourceSpan span, string? name, TypeSyntax type, ExpressionSyntax? defaultValue, bool isPack) : SyntaxNode(span)
{
    public string? Name { get; } = name;

    public TypeSyntax Type { get; } = type;

    public ExpressionSyntax? DefaultValue { get; } = defaultValue;

    /// <summary>True for <c>Ts... args</c>.</summary>
    public bool IsPack { get; } = isPack;

    public DeclarationFlags Flags { get; init; }
}

public enum TemplateParameterKind
{
    Type,
    Value,
    Template,
}

public sealed class TemplateParameterSyntax(SourceSpan span, TemplateParameterKind kind, string? name, bool isPack) : SyntaxNode(span)
{
    public TemplateParameterKind Kind { get; } = kind;

    public string? Name { get; } = name;

    public bool IsPack { get; } = isPack;

    /// <summary>The type of a value parameter.</summary>
    public TypeSyntax? ValueType { get; init; }

    public TypeSyntax? DefaultType { get; init; }

    public ExpressionSyntax? DefaultValue { get; init; }
}

/// <summary>A constructor's <c>: a(1), b{2}</c>.</summary>
public sealed record MemberInitializer(NameSyntax Name, IReadOnlyList<ExpressionSyntax> Arguments, bool IsList, SourceSpan Span);

public sealed class FunctionDeclaration(
    SourceSpan span,
    NameSyntax name,
    TypeSyntax returnType,
    IReadOnlyList<ParameterSyntax> parameters,
    DeclarationFlags flags) : DeclarationSyntax(span)
{
    /// <summary>Qualified for a member defined outside of its class.</summary>
    public NameSyntax Name { get; } = name;

    /// <summary><c>void</c> for constructors and destructors; the converted-to type for conversion functions.</summary>
    public TypeSyntax ReturnType { get; } = returnType;

    public IReadOnlyList<ParameterSyntax> Parameters { get; } = parameters;

    public DeclarationFlags Flags { get; } = flags;

    /// <summary>Null for a declaration, and for a host function: its body is skipped.</summary>
    public CompoundStatement? Body { get; init; }

    /// <summary>True where there was a body, parsed or skipped.</summary>
    public bool HasBody { get; init; }

    /// <summary>True where the body or the parameters had syntax errors, which are reported already: its tree has gaps.</summary>
    public bool HasErrors { get; init; }

    /// <summary>Null where it is no template; empty for an explicit specialisation (<c>template&lt;&gt;</c>). For a member of a class template
    /// defined outside, the class's list stands in <see cref="OuterTemplateParameters"/>.</summary>
    public IReadOnlyList<TemplateParameterSyntax>? TemplateParameters { get; init; }

    public IReadOnlyList<TemplateParameterSyntax>? OuterTemplateParameters { get; init; }

    public bool IsConstructor { get; init; }

    public bool IsDestructor { get; init; }

    public bool IsVariadic { get; init; }

    public IReadOnlyList<MemberInitializer> MemberInitializers { get; init; } = [];

    /// <summary><c>__launch_bounds__(max threads a block, min blocks a multiprocessor)</c>.</summary>
    public IReadOnlyList<ExpressionSyntax> LaunchBounds { get; init; } = [];

    /// <summary>The names of host-only functions that this host function calls are of use only for launches; see <see cref="HostLaunch"/>.</summary>
    public bool IsDevice => (Flags & (DeclarationFlags.Global | DeclarationFlags.Device)) != 0;

    public bool IsKernel => (Flags & DeclarationFlags.Global) != 0;
}

public enum InitializerStyle
{
    None,

    /// <summary><c>= e</c></summary>
    Copy,

    /// <summary><c>(a, b)</c></summary>
    Direct,

    /// <summary><c>{a, b}</c> or <c>= {a, b}</c>: one <see cref="InitializerList"/>.</summary>
    List,
}

/// <summary>A variable, field or constant; one node a declarator.</summary>
public sealed class VariableDeclaration(SourceSpan span, NameSyntax name, TypeSyntax type, DeclarationFlags flags) : DeclarationSyntax(span)
{
    public NameSyntax Name { get; } = name;

    public TypeSyntax Type { get; } = type;

    public DeclarationFlags Flags { get; } = flags;

    public InitializerStyle InitializerStyle { get; init; }

    /// <summary>The value, the constructor's arguments, or one list, by style.</summary>
    public IReadOnlyList<ExpressionSyntax> Initializers { get; init; } = [];

    /// <summary>From <c>__align__(n)</c> and <c>alignas(n)</c>.</summary>
    public IReadOnlyList<ExpressionSyntax> Alignments { get; init; } = [];

    /// <summary>Width of a bit-field.</summary>
    public ExpressionSyntax? BitWidth { get; init; }

    /// <summary>A variable template's or an out-of-class member's parameters.</summary>
    public IReadOnlyList<TemplateParameterSyntax>? TemplateParameters { get; init; }

    /// <summary>The names of a structured binding (<c>auto [a, b] = e</c>); <see cref="Name"/> is then empty text.</summary>
    public IReadOnlyList<string> Bindings { get; init; } = [];
}

public enum ClassKey
{
    Struct,
    Class,
    Union,
}

public sealed class ClassDeclaration(SourceSpan span, ClassKey key, NameSyntax? name, bool isDefinition) : DeclarationSyntax(span)
{
    public ClassKey Key { get; } = key;

    /// <summary>Null where it has no name; with arguments for a specialisation.</summary>
    public NameSyntax? Name { get; } = name;

    public bool IsDefinition { get; } = isDefinition;

    public IReadOnlyList<TypeSyntax> Bases { get; init; } = [];

    /// <summary>Fields, functions, nested types, aliases, enums; access is not kept.</summary>
    public IReadOnlyList<DeclarationSyntax> Members { get; init; } = [];

    public IReadOnlyList<TemplateParameterSyntax>? TemplateParameters { get; init; }

    public IReadOnlyList<ExpressionSyntax> Alignments { get; init; } = [];
}

public sealed record Enumerator(string Name, ExpressionSyntax? Value, SourceSpan Span);

public sealed class EnumDeclaration(SourceSpan span, NameSyntax? name, bool isScoped, TypeSyntax? underlying, IReadOnlyList<Enumerator>? enumerators) : DeclarationSyntax(span)
{
    public NameSyntax? Name { get; } = name;

    public bool IsScoped { get; } = isScoped;

    public TypeSyntax? Underlying { get; } = underlying;

    /// <summary>Null for a forward declaration.</summary>
    public IReadOnlyList<Enumerator>? Enumerators { get; } = enumerators;
}

/// <summary><c>typedef T name;</c> and <c>using name = T;</c>, also as a template.</summary>
public sealed class AliasDeclaration(SourceSpan span, string name, TypeSyntax type, IReadOnlyList<TemplateParameterSyntax>? templateParameters) : DeclarationSyntax(span)
{
    public string Name { get; } = name;

    public TypeSyntax Type { get; } = type;

    public IReadOnlyList<TemplateParameterSyntax>? TemplateParameters { get; } = templateParameters;
}

public sealed class NamespaceDeclaration(SourceSpan span, string? name, bool isInline, IReadOnlyList<DeclarationSyntax> members) : DeclarationSyntax(span)
{
    /// <summary>Null for an unnamed namespace; <c>namespace a::b</c> gives two nested nodes.</summary>
    public string? Name { get; } = name;

    public bool IsInline { get; } = isInline;

    public IReadOnlyList<DeclarationSyntax> Members { get; } = members;
}

public sealed class NamespaceAlias(SourceSpan span, string name, NameSyntax target) : DeclarationSyntax(span)
{
    public string Name { get; } = name;

    public NameSyntax Target { get; } = target;
}

/// <summary><c>using namespace a;</c> and <c>using a::b;</c>.</summary>
public sealed class UsingDeclaration(SourceSpan span, NameSyntax name, bool isNamespace) : DeclarationSyntax(span)
{
    public NameSyntax Name { get; } = name;

    public bool IsNamespace { get; } = isNamespace;
}

public sealed class StaticAssertDeclaration(SourceSpan span, ExpressionSyntax condition, string? message) : DeclarationSyntax(span)
{
    public ExpressionSyntax Condition { get; } = condition;

    public string? Message { get; } = message;
}

/// <summary><c>template __global__ void k&lt;float&gt;(float*);</c></summary>
public sealed class ExplicitInstantiation(SourceSpan span, NameSyntax name, bool isClass) : DeclarationSyntax(span)
{
    public NameSyntax Name { get; } = name;

    public bool IsClass { get; } = isClass;

    /// <summary>The parameters of a function, which tell its template arguments where the name does not.</summary>
    public IReadOnlyList<ParameterSyntax> Parameters { get; init; } = [];
}
