namespace CudaWasm.Compiler.Semantics;

/// <summary>Names and what they mean in one place, and the scope around it.</summary>
public sealed class Scope(Scope? parent)
{
    private readonly Dictionary<string, List<Symbol>> _symbols = [];
    private List<Scope>? _used;

    public Scope? Parent { get; } = parent;

    /// <summary>The class this is the inside of; its bases are searched as well.</summary>
    public ClassSymbol? Class { get; init; }

    /// <summary>Namespaces and classes around, for qualified names: <c>a::b::</c>.</summary>
    public string Prefix { get; init; } = "";

    public void Add(Symbol symbol) => Add(symbol.Name, symbol);

    public void Add(string name, Symbol symbol)
    {
        if (!_symbols.TryGetValue(name, out var list)) _symbols[name] = list = [];
        list.Add(symbol);
    }

    /// <summary>The global namespace.</summary>
    public Scope Outermost => Parent?.Outermost ?? this;

    /// <summary>Replaces all meanings of a name.</summary>
    public void Set(string name, Symbol symbol) => _symbols[name] = [symbol];

    /// <summary><c>using namespace</c>.</summary>
    public void Use(Scope scope)
    {
        if (scope != this && _used?.Contains(scope) != true) (_used ??= []).Add(scope);
    }

    /// <summary>The meanings in this scope alone, without the ones it uses.</summary>
    public IReadOnlyList<Symbol> Own(string name) => _symbols.TryGetValue(name, out var list) ? list : [];

    /// <summary>The meanings in this scope, its class's bases and the namespaces it uses.</summary>
    public IReadOnlyList<Symbol> Local(string name) => Local(name, null);

    /// <summary>The meanings in the nearest scope that knows the name.</summary>
    public IReadOnlyList<Symbol> Lookup(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope.Local(name) is { Count: > 0 } found) return found;
        }

        return [];
    }

    /// <summary>The names that can be seen from here, for a hint at a misspelled one.</summary>
    public IEnumerable<string> VisibleNames()
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            foreach (var name in scope._symbols.Keys) yield return name;
            foreach (var name in scope._used?.SelectMany(s => s._symbols.Keys) ?? []) yield return name;
            if (scope.Class is null) continue;
            foreach (var field in scope.Class.Fields) yield return field.Name;
        }
    }

    private IReadOnlyList<Symbol> Local(string name, HashSet<Scope>? seen)
    {
        if (_symbols.TryGetValue(name, out var own) && (_used is null || own[0] is not (FunctionSymbol or TemplateSymbol))) return own;
        List<Symbol>? found = own is null ? null : [.. own];
        foreach (var (b, _) in Class?.Bases ?? [])
        {
            if (found is null && b.Scope.Local(name) is { Count: > 0 } inherited) found = [.. inherited];
        }

        if (_used is null) return found ?? [];
        seen ??= [];
        if (!seen.Add(this)) return found ?? [];
        foreach (var scope in _used)
        {
            foreach (var symbol in scope.Local(name, seen))
            {
                if (found?.Contains(symbol) != true) (found ??= []).Add(symbol);
            }
        }

        return found ?? [];
    }
}
