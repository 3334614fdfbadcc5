using CudaWasm.Compiler.Semantics.Builtins;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

/// <summary>The names of one translation unit, shared by all its kernels.</summary>
internal sealed class SemanticModel
{
    public SemanticModel(TranslationUnit unit)
    {
        Unit = unit;
        Builtin = BuiltinScope.Create();
        Global = new Scope(null);
        Global.Use(Builtin);
        var std = new NamespaceSymbol("std", new Scope(Global) { Prefix = "std::" });
        std.Scope.Use(Builtin);
        Global.Add(std);
        Declarer.Declare(unit.Members, Global);
    }

    public TranslationUnit Unit { get; }

    /// <summary>What CUDA offers everywhere: vector types, math, atomics; also seen as <c>std::</c>.</summary>
    public Scope Builtin { get; }

    public Scope Global { get; }

    /// <summary>Every function of the file and what it includes that has a body.</summary>
    public IReadOnlyList<FunctionDeclaration> Functions => _functions ??= [.. FunctionsIn(Unit.Members)];

    private IReadOnlyList<FunctionDeclaration>? _functions;

    private static IEnumerable<FunctionDeclaration> FunctionsIn(IEnumerable<DeclarationSyntax> members) => members.SelectMany(m => m switch
    {
        FunctionDeclaration { HasBody: true } f => [f],
        NamespaceDeclaration n => FunctionsIn(n.Members),
        ClassDeclaration c => FunctionsIn(c.Members),
        _ => [],
    });

    /// <summary>The namespace that a function stands in; for a member of a class, the class's.</summary>
    public Scope ScopeOf(FunctionDeclaration function)
    {
        if (_scopes is null)
        {
            _scopes = new(ReferenceEqualityComparer.Instance);
            FindScopes(Unit.Members, Global);
        }

        return _scopes.GetValueOrDefault(function) ?? Global;
    }

    private Dictionary<FunctionDeclaration, Scope>? _scopes;

    private void FindScopes(IEnumerable<DeclarationSyntax> members, Scope scope)
    {
        foreach (var member in members)
        {
            if (member is FunctionDeclaration f) _scopes![f] = scope;
            if (member is ClassDeclaration c) FindScopes(c.Members, scope);
            if (member is NamespaceDeclaration n) FindScopes(n.Members, scope.Own(n.Name ?? "").OfType<NamespaceSymbol>().First().Scope);
        }
    }

    /// <summary>The classes, class templates and device functions that the program itself defines, in the order of the text.</summary>
    public IReadOnlyList<Symbol> Definitions => _definitions ??= [.. DefinitionsIn(Unit.Members, Global).Distinct()];

    private IReadOnlyList<Symbol>? _definitions;

    private static IEnumerable<Symbol> DefinitionsIn(IEnumerable<DeclarationSyntax> members, Scope scope)
    {
        foreach (var member in members)
        {
            switch (member)
            {
                case NamespaceDeclaration n:
                    foreach (var symbol in DefinitionsIn(n.Members, scope.Own(n.Name ?? "").OfType<NamespaceSymbol>().First().Scope)) yield return symbol;
                    break;
                case ClassDeclaration { IsDefinition: true, Name: { Parts.Count: 1 } name } when !HeaderLibrary.Holds(member.Span.Source):
                    foreach (var symbol in scope.Own(name.Last.Identifier).Where(s => s is AliasSymbol { Type: ClassType } or TemplateSymbol { IsFunction: false })) yield return symbol;
                    break;
                case FunctionDeclaration { HasBody: true, IsDevice: true, IsKernel: false } f when !HeaderLibrary.Holds(member.Span.Source):
                    foreach (var symbol in scope.Own(f.Name.Last.Identifier).Where(s => s is FunctionSymbol)) yield return symbol;
                    break;
            }
        }
    }

    private Dictionary<FunctionDeclaration, int>? _numbers;

    private IReadOnlyList<FunctionSymbol>? _inTables;

    /// <summary>The place of a function in the file, from 1 on; null where it has none.</summary>
    public int? NumberOf(FunctionDeclaration function)
    {
        _numbers ??= new Dictionary<FunctionDeclaration, int>(Functions.Select((f, i) => KeyValuePair.Create(f, i + 1)).DistinctBy(p => p.Key));
        return _numbers.TryGetValue(function, out var number) ? number : null;
    }

    /// <summary>Device functions that initialise device variables: any pointer of their type may be one of them.</summary>
    public IReadOnlyList<FunctionSymbol> FunctionsInTables()
    {
        if (_inTables is not null) return _inTables;
        var names = new HashSet<string>(StringComparer.Ordinal);
        CollectNames(Unit.Members);
        return _inTables = [.. DeviceFunctions(Unit.Members, Global).Where(f => names.Contains(f.Name))];

        void CollectNames(IEnumerable<DeclarationSyntax> members)
        {
            foreach (var member in members)
            {
                if (member is NamespaceDeclaration n) CollectNames(n.Members);
                if (member is VariableDeclaration v && (v.Flags & (DeclarationFlags.Device | DeclarationFlags.Constant)) != 0) names.UnionWith(v.Initializers.SelectMany(SyntaxNames.Of));
            }
        }
    }

    private static IEnumerable<FunctionSymbol> DeviceFunctions(IEnumerable<DeclarationSyntax> members, Scope scope) => members.SelectMany(member => member switch
    {
        FunctionDeclaration { IsDevice: true, IsKernel: false, HasBody: true, TemplateParameters: null, Name.Parts.Count: 1 } f => scope.Own(f.Name.Last.Identifier).OfType<FunctionSymbol>().Where(s => s.Declaration == f),
        NamespaceDeclaration n when scope.Own(n.Name ?? "").OfType<NamespaceSymbol>().FirstOrDefault() is { } inner => DeviceFunctions(n.Members, inner.Scope),
        _ => [],
    });

    /// <summary>Every kernel and kernel template, in the order of the text.</summary>
    public IEnumerable<Symbol> Kernels() => Kernels(Unit.Members, Global);

    private static IEnumerable<Symbol> Kernels(IEnumerable<DeclarationSyntax> members, Scope scope)
    {
        foreach (var member in members)
        {
            switch (member)
            {
                case FunctionDeclaration { IsKernel: true, HasBody: true } f:
                    foreach (var symbol in scope.Local(f.Name.Last.Identifier))
                    {
                        if (symbol is FunctionSymbol fn && fn.Declaration == f) yield return fn;
                        if (symbol is TemplateSymbol template && template.Declaration == f) yield return template;
                    }

                    break;
                case NamespaceDeclaration n:
                    var inner = scope.Own(n.Name ?? "").OfType<NamespaceSymbol>().First();
                    foreach (var symbol in Kernels(n.Members, inner.Scope)) yield return symbol;
                    break;
                case ClassDeclaration { TemplateParameters: null, Name: { } name } c:
                    if (scope.Own(name.Last.Identifier).OfType<AliasSymbol>().FirstOrDefault()?.Type is ClassType type)
                    {
                        foreach (var f in c.Members.OfType<FunctionDeclaration>().Where(f => f is { IsKernel: true, HasBody: true, TemplateParameters: null }))
                        {
                            yield return new FunctionSymbol(f.Name.Last.Identifier, f, type.Symbol.Scope) { DisplayName = type.Symbol.Name + "::" + f.Name.Last.Identifier };
                        }
                    }

                    break;
            }
        }
    }
}

/// <summary>
/// What binding a kernel once taught: which variables need an address, which parameters are written, which functions call
/// themselves. Places are chosen before a body is seen, so a kernel is bound again where a choice was wrong.
/// </summary>
internal sealed class PlacementChoices
{
    /// <summary>Variables whose address is taken.</summary>
    public HashSet<SyntaxNode> InMemory { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Variables thought constant that are assigned.</summary>
    public HashSet<SyntaxNode> Written { get; } = new(ReferenceEqualityComparer.Instance);

    private readonly Dictionary<(string, SourceSpan), SyntaxNode> _temporaries = [];

    /// <summary>Stands for the variable that the compiler makes at a place, the same one each time the kernel is bound.</summary>
    public SyntaxNode Temporary(string name, SourceSpan span)
    {
        if (!_temporaries.TryGetValue((name, span), out var node)) _temporaries[(name, span)] = node = new EmptyStatement(span);
        return node;
    }

    /// <summary>Functions that cannot be inlined.</summary>
    public HashSet<FunctionSymbol> Outlined { get; } = [];

    private readonly List<FunctionSymbol> _taken = [];

    /// <summary>Functions whose address is kept somewhere, in the order they were met.</summary>
    public IReadOnlyList<FunctionSymbol> TakenFunctions => _taken;

    public void AddressTaken(FunctionSymbol function)
    {
        if (!_taken.Contains(function)) _taken.Add(function);
    }

    public int Count => InMemory.Count + Written.Count + Outlined.Count + _taken.Count;
}
