namespace CudaWasm.Compiler.Syntax;

/// <summary>What a name stands for, as far as the grammar must know.</summary>
internal enum SymbolKind : byte
{
    Type,
    Value,
    Function,
    Namespace,
}

/// <summary>A declared name.</summary>
internal sealed class Symbol(SymbolKind kind, bool isTemplate)
{
    public SymbolKind Kind { get; set; } = kind;

    /// <summary>True where <c>&lt;</c> after the name opens arguments.</summary>
    public bool IsTemplate { get; set; } = isTemplate;

    /// <summary>The names inside a class, enum or namespace.</summary>
    public Scope? Members { get; set; }
}

internal enum ScopeKind : byte
{
    Namespace,
    Class,
    Template,
    Block,
}

/// <summary>The names of one region of the program.</summary>
internal sealed class Scope(ScopeKind kind, Scope? parent)
{
    private const int MaxLinkDepth = 8;

    private Dictionary<string, Symbol>? _symbols; // Most blocks declare nothing.
    private List<Scope>? _linked;

    public ScopeKind Kind { get; } = kind;

    public Scope? Parent { get; } = parent;

    /// <summary>The class's name, for seeing its constructors.</summary>
    public string? ClassName { get; init; }

    /// <summary>The scope a declaration made here belongs to: template parameters stand around it.</summary>
    public Scope Target => Kind == ScopeKind.Template && Parent is not null ? Parent.Target : this;

    /// <summary>Makes another scope's names visible here: base classes, using-directives, unnamed namespaces.</summary>
    public void Link(Scope? other)
    {
        if (other is not null && !ReferenceEquals(other, this)) (_linked ??= []).Add(other);
    }

    /// <summary>Declares a name; an overload joins what is there, a type gives way to a value of its name.</summary>
    public Symbol Declare(string name, SymbolKind kind, bool isTemplate)
    {
        if (_symbols is not null && _symbols.TryGetValue(name, out var known))
        {
            if (known.Kind == kind) known.IsTemplate |= isTemplate;
            if (known.Kind == kind || known.Kind == SymbolKind.Namespace || (known.Kind == SymbolKind.Type && kind == SymbolKind.Function)) return known;
        }

        var symbol = new Symbol(kind, isTemplate);
        Declare(name, symbol);
        return symbol;
    }

    public void Declare(string name, Symbol symbol) => (_symbols ??= new(StringComparer.Ordinal))[name] = symbol;

    public Symbol? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope.FindHere(name) is { } found) return found;
        }

        return null;
    }

    /// <summary>Looks a name up in this scope and those linked to it, not around it.</summary>
    public Symbol? FindHere(string name, int depth = 0)
    {
        if (_symbols is not null && _symbols.TryGetValue(name, out var symbol)) return symbol;
        if (_linked is null || depth >= MaxLinkDepth) return null;
        foreach (var linked in _linked)
        {
            if (linked.FindHere(name, depth + 1) is { } found) return found;
        }

        return null;
    }
}
