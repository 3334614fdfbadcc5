using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

/// <summary>Something a name can mean. Signatures and bodies are bound when first used, so that host code costs nothing.</summary>
public abstract class Symbol(string name, SourceSpan span)
{
    public string Name { get; } = name;

    public SourceSpan Span { get; } = span;
}

public sealed class NamespaceSymbol(string name, Scope scope) : Symbol(name, SourceSpan.None)
{
    public Scope Scope { get; } = scope;
}

/// <summary>A name of a type: typedef, using, a class's own name, a bound template parameter.</summary>
public sealed class AliasSymbol(string name, SourceSpan span, TypeSyntax? syntax, Scope? scope) : Symbol(name, span)
{
    public TypeSyntax? Syntax { get; } = syntax;

    public Scope? Scope { get; } = scope;

    /// <summary>The type once known.</summary>
    public CudaType? Type { get; set; }

    public static AliasSymbol Of(string name, CudaType type) => new(name, SourceSpan.None, null, null) { Type = type };
}

/// <summary>A template of classes, functions, aliases or variables.</summary>
public sealed class TemplateSymbol(string name, DeclarationSyntax declaration, IReadOnlyList<TemplateParameterSyntax> parameters, Scope scope)
    : Symbol(name, declaration is FunctionDeclaration f ? f.Name.Span : declaration is ClassDeclaration { Name: { } className } ? className.Span : declaration.Span)
{
    /// <summary>The primary template; a definition replaces a forward declaration.</summary>
    public DeclarationSyntax Declaration { get; set; } = declaration;

    public IReadOnlyList<TemplateParameterSyntax> Parameters { get; set; } = parameters;

    /// <summary>Where the template stands.</summary>
    public Scope Scope { get; } = scope;

    /// <summary>The class a member template belongs to.</summary>
    public ClassSymbol? Owner { get; init; }

    /// <summary>Explicit and partial specialisations.</summary>
    public List<DeclarationSyntax> Specialisations { get; } = [];

    /// <summary>Definitions of a class template's members outside of it.</summary>
    public List<DeclarationSyntax> OuterMembers { get; } = [];

    /// <summary>What was instantiated, by arguments.</summary>
    public Dictionary<string, Symbol> Instances { get; } = [];

    public bool IsFunction => Declaration is FunctionDeclaration;
}

/// <summary>The types, values or parameters of a pack.</summary>
public sealed class PackSymbol(string name, IReadOnlyList<Symbol> elements) : Symbol(name, SourceSpan.None)
{
    public IReadOnlyList<Symbol> Elements { get; } = elements;
}

/// <summary>A compile-time constant: an enumerator or a template's value parameter.</summary>
public sealed class ConstantSymbol(string name, SourceSpan span, CudaType type, IrExpression value) : Symbol(name, span)
{
    public CudaType Type { get; } = type;

    /// <summary>A constant; the function itself for a template parameter that names one is in <see cref="Function"/>.</summary>
    public IrExpression Value { get; } = value;

    public Symbol? Function { get; init; }
}

/// <summary>An enumerator whose value is found when first asked for.</summary>
public sealed class EnumeratorSymbol(Enumerator syntax, EnumSymbol owner, int index) : Symbol(syntax.Name, syntax.Span)
{
    public EnumSymbol Owner { get; } = owner;

    public int Index { get; } = index;
}

public sealed class EnumSymbol(string name, EnumDeclaration declaration, Scope scope) : Symbol(name, declaration.Span)
{
    public EnumDeclaration Declaration { get; } = declaration;

    public Scope Scope { get; } = scope;

    public EnumType? Type { get; set; }

    public IrConstant[]? Values { get; set; }
}

public enum VariableKind
{
    Local,
    Parameter,

    /// <summary>At namespace level, or a static member.</summary>
    Global,
}

public sealed class VariableSymbol(string name, SourceSpan span, VariableKind kind, VariableDeclaration? declaration, Scope? scope) : Symbol(name, span)
{
    public VariableKind Kind { get; } = kind;

    public VariableDeclaration? Declaration { get; set; } = declaration;

    public Scope? Scope { get; } = scope;

    /// <summary>Its declaration had an error, which is told already; what uses it says nothing more.</summary>
    public bool IsBroken { get; init; }

    /// <summary>Where the variable lives in the kernel being bound; globals are placed when first used.</summary>
    public Value? Place { get; set; }

    public CudaType? Type { get; set; }

    /// <summary>The name with its namespaces and classes, which is how a launch file finds a symbol.</summary>
    public string QualifiedName { get; init; } = name;
}

public sealed record FieldSymbol(string Name, CudaType Type, long Offset, VariableDeclaration? Declaration)
{
    /// <summary>First bit within the unit at <see cref="Offset"/>; -1 where it is no bit-field.</summary>
    public int BitOffset { get; init; } = -1;

    public int BitWidth { get; init; }

    /// <summary>A struct or union without a name, whose members count as the outer one's.</summary>
    public bool IsAnonymous => Name.Length == 0;
}

public sealed class ParameterSymbol(string? name, CudaType type, ParameterSyntax? syntax)
{
    public string? Name { get; } = name;

    public CudaType Type { get; } = type;

    public ParameterSyntax? Syntax { get; } = syntax;
}

public sealed class FunctionSymbol(string name, FunctionDeclaration declaration, Scope scope) : Symbol(name, declaration.Name.Span)
{
    public FunctionDeclaration Declaration { get; set; } = declaration;

    /// <summary>The scope its signature and body are bound in: that of its namespace or class, with template parameters bound.</summary>
    public Scope Scope { get; set; } = scope;

    public ClassSymbol? Owner { get; init; }

    public TemplateSymbol? Template { get; init; }

    /// <summary>The arguments of the template it is an instance of.</summary>
    public IReadOnlyList<TemplateArgument> TemplateArguments { get; init; } = [];

    /// <summary>With template arguments: <c>scale&lt;float&gt;</c>.</summary>
    public string DisplayName { get; init; } = name;

    /// <summary>Null until bound.</summary>
    public IReadOnlyList<ParameterSymbol>? Parameters { get; set; }

    /// <summary>Null until bound; auto types are found with the body.</summary>
    public CudaType? ReturnType { get; set; }

    /// <summary>For a lambda's operator(): nothing is looked up through the class.</summary>
    public bool IsStatic => (_first.Flags & DeclarationFlags.Static) != 0 && Owner is not null;

    /// <summary>The one in the class, which alone says static.</summary>
    private readonly FunctionDeclaration _first = declaration;
}
