using CudaWasm.Compiler.Syntax;

namespace CudaWasm.Compiler.Semantics;

/// <summary>Enters the declarations of a file, namespace or class into scopes, without looking at types or bodies.</summary>
internal static class Declarer
{
    public static void Declare(IEnumerable<DeclarationSyntax> declarations, Scope scope)
    {
        foreach (var declaration in declarations) Declare(declaration, scope);
    }

    public static void Declare(DeclarationSyntax declaration, Scope scope)
    {
        switch (declaration)
        {
            case NamespaceDeclaration n:
                DeclareNamespace(n, scope);
                break;
            case FunctionDeclaration f:
                DeclareFunction(f, scope);
                break;
            case VariableDeclaration v:
                DeclareVariable(v, scope);
                break;
            case ClassDeclaration c:
                DeclareClass(c, scope);
                break;
            case EnumDeclaration e:
                DeclareEnum(e, scope);
                break;
            case AliasDeclaration { TemplateParameters: { } parameters } a:
                scope.Add(new TemplateSymbol(a.Name, a, parameters, scope));
                break;
            case AliasDeclaration a:
                DeclareAlias(a, scope);
                break;
            case NamespaceAlias a:
                if (FindNamespace(a.Target, scope) is { } target) scope.Add(a.Name, target);
                break;
            case UsingDeclaration u:
                Use(u, scope);
                break;
        }
    }

    public static NamespaceSymbol? FindNamespace(NameSyntax name, Scope scope)
    {
        NamespaceSymbol? found = null;
        for (var i = 0; i < name.Parts.Count; i++)
        {
            var text = name.Parts[i].Identifier;
            var symbols = i == 0 ? (name.IsGlobal ? scope.Outermost : scope).Lookup(text) : found!.Scope.Local(text);
            found = symbols.OfType<NamespaceSymbol>().FirstOrDefault();
            if (found is null) return null;
        }

        return found;
    }

    private static void DeclareNamespace(NamespaceDeclaration syntax, Scope scope)
    {
        var name = syntax.Name ?? "";
        var symbol = scope.Own(name).OfType<NamespaceSymbol>().FirstOrDefault();
        if (symbol is null)
        {
            symbol = new NamespaceSymbol(name, new Scope(scope) { Prefix = name.Length == 0 ? scope.Prefix : scope.Prefix + name + "::" });
            scope.Add(name, symbol);
            if (name.Length == 0 || syntax.IsInline) scope.Use(symbol.Scope);
        }

        Declare(syntax.Members, symbol.Scope);
    }

    private static void DeclareFunction(FunctionDeclaration syntax, Scope scope)
    {
        var name = syntax.Name.Last.Identifier;
        if (syntax.Name.Parts.Count > 1)
        {
            DeclareOuterMember(syntax, syntax.Name, scope);
            return;
        }

        if (syntax.TemplateParameters is { Count: > 0 } parameters)
        {
            scope.Add(new TemplateSymbol(name, syntax, parameters, scope) { Owner = scope.Class });
            return;
        }

        if (syntax.TemplateParameters is not null && scope.Own(name).OfType<TemplateSymbol>().ToList() is { Count: > 0 } templates)
        {
            // Which of the overloads it specialises is found when one is instantiated with the same arguments.
            foreach (var template in templates) template.Specialisations.Add(syntax);
            return;
        }

        scope.Add(new FunctionSymbol(name, syntax, scope) { Owner = scope.Class });
    }

    /// <summary>A member defined outside of its class or namespace: <c>float Vec::length() const { ... }</c>.</summary>
    private static void DeclareOuterMember(DeclarationSyntax syntax, NameSyntax name, Scope scope)
    {
        Scope? at = scope;
        for (var i = 0; i < name.Parts.Count - 1; i++)
        {
            var symbols = i == 0 ? at!.Lookup(name.Parts[i].Identifier) : at!.Local(name.Parts[i].Identifier);
            var symbol = symbols.FirstOrDefault(s => s is NamespaceSymbol or TemplateSymbol { IsFunction: false } or AliasSymbol { Type: ClassType });
            switch (symbol)
            {
                case NamespaceSymbol n:
                    at = n.Scope;
                    break;
                case TemplateSymbol template:
                    template.OuterMembers.Add(syntax);
                    return;
                case AliasSymbol { Type: ClassType c }:
                    c.Symbol.OuterMembers.Add(syntax);
                    return;
                default:
                    return;
            }
        }

        switch (syntax)
        {
            case FunctionDeclaration f:
                at!.Add(new FunctionSymbol(name.Last.Identifier, f, at));
                break;
            case VariableDeclaration v:
                at!.Set(name.Last.Identifier, new VariableSymbol(name.Last.Identifier, v.Span, VariableKind.Global, v, at) { QualifiedName = at.Prefix + name.Last.Identifier });
                break;
        }
    }

    private static void DeclareVariable(VariableDeclaration syntax, Scope scope)
    {
        if (syntax.Name.Parts.Count > 1)
        {
            DeclareOuterMember(syntax, syntax.Name, scope);
            return;
        }

        var name = syntax.Name.Last.Identifier;
        if (syntax.TemplateParameters is { Count: > 0 } parameters)
        {
            scope.Add(new TemplateSymbol(name, syntax, parameters, scope));
            return;
        }

        if (syntax.TemplateParameters is not null && scope.Own(name).OfType<TemplateSymbol>().FirstOrDefault() is { } template)
        {
            template.Specialisations.Add(syntax);
            return;
        }

        // A definition behind an extern declaration is the same variable.
        if (scope.Own(name).OfType<VariableSymbol>().FirstOrDefault() is { Declaration: { } earlier } known && (earlier.Flags & DeclarationFlags.Extern) != 0)
        {
            known.Declaration = syntax;
            return;
        }

        scope.Add(new VariableSymbol(name, syntax.Span, VariableKind.Global, syntax, scope) { QualifiedName = scope.Prefix + name });
    }

    private static void DeclareClass(ClassDeclaration syntax, Scope scope)
    {
        var name = syntax.Name?.Last.Identifier ?? "";
        if (syntax.Name is { Parts.Count: > 1 }) return;
        if (syntax.TemplateParameters is { } parameters)
        {
            var template = scope.Own(name).OfType<TemplateSymbol>().FirstOrDefault(t => !t.IsFunction);
            if (syntax.Name!.Last.Arguments is not null)
            {
                template?.Specialisations.Add(syntax);
            }
            else if (template is null)
            {
                scope.Add(new TemplateSymbol(name, syntax, parameters, scope) { Owner = scope.Class });
            }
            else if (syntax.IsDefinition)
            {
                // Default arguments may stand in the forward declaration.
                template.Declaration = syntax;
                template.Parameters = [.. parameters.Select((p, i) => HasDefault(p) || i >= template.Parameters.Count || !HasDefault(template.Parameters[i]) ? p : template.Parameters[i])];
            }

            return;
        }

        DeclareClassType(syntax, scope, name);
    }

    /// <summary>Enters a class that is no template and gives its symbol.</summary>
    public static ClassSymbol DeclareClassType(ClassDeclaration syntax, Scope scope, string name)
    {
        var known = name.Length == 0 ? null : scope.Own(name).OfType<AliasSymbol>().Select(a => a.Type).OfType<ClassType>().FirstOrDefault()?.Symbol;
        if (known is not null)
        {
            if (syntax.IsDefinition && known.Declaration is not { IsDefinition: true }) known.Declaration = syntax;
            return known;
        }

        var symbol = new ClassSymbol(name.Length == 0 ? "(unnamed)" : name, syntax, scope);
        symbol.Scope = new Scope(scope) { Class = symbol, Prefix = scope.Prefix + name + "::" };
        if (name.Length > 0) symbol.Scope.Add(AliasSymbol.Of(name, symbol.Type));
        if (name.Length > 0) scope.Add(AliasSymbol.Of(name, symbol.Type));
        return symbol;
    }

    private static void DeclareEnum(EnumDeclaration syntax, Scope scope)
    {
        var name = syntax.Name?.Last.Identifier ?? "";
        if (syntax.Enumerators is null && scope.Own(name).OfType<EnumSymbol>().Any()) return;
        var symbol = new EnumSymbol(name, syntax, scope);
        if (name.Length > 0) scope.Set(name, symbol);
        if (syntax.IsScoped) return;
        for (var i = 0; i < syntax.Enumerators?.Count; i++) scope.Add(new EnumeratorSymbol(syntax.Enumerators[i], symbol, i));
    }

    /// <summary>A typedef; a class or enum defined in it is entered as well.</summary>
    private static void DeclareAlias(AliasDeclaration syntax, Scope scope)
    {
        DeclareInner(syntax.Type, scope);
        // typedef struct S S; says nothing new.
        if (syntax.Type is NamedTypeSyntax { Name.IsSimple: true } named && named.Name.Last.Identifier == syntax.Name) return;
        if (syntax.Type is DefinedTypeSyntax { Definition: ClassDeclaration { Name: { } own } } && own.Last.Identifier == syntax.Name) return;
        scope.Set(syntax.Name, new AliasSymbol(syntax.Name, syntax.Span, syntax.Type, scope));
    }

    /// <summary>Enters the classes and enums that are defined inside of a type.</summary>
    public static void DeclareInner(TypeSyntax type, Scope scope)
    {
        switch (type)
        {
            case DefinedTypeSyntax { Definition: ClassDeclaration { Name: not null } c }:
                DeclareClass(c, scope);
                break;
            case DefinedTypeSyntax { Definition: EnumDeclaration e }:
                DeclareEnum(e, scope);
                break;
            case PointerTypeSyntax p:
                DeclareInner(p.Element, scope);
                break;
            case ArrayTypeSyntax a:
                DeclareInner(a.Element, scope);
                break;
        }
    }

    private static void Use(UsingDeclaration syntax, Scope scope)
    {
        if (syntax.IsNamespace)
        {
            if (FindNamespace(syntax.Name, scope) is { } n) scope.Use(n.Scope);
            return;
        }

        if (syntax.Name.Parts.Count < 2) return;
        var prefix = new NameSyntax(syntax.Name.Span, syntax.Name.IsGlobal, [.. syntax.Name.Parts.Take(syntax.Name.Parts.Count - 1)]);
        if (FindNamespace(prefix, scope) is not { } from) return;
        foreach (var symbol in from.Scope.Local(syntax.Name.Last.Identifier)) scope.Add(syntax.Name.Last.Identifier, symbol);
    }

    private static bool HasDefault(TemplateParameterSyntax parameter) => parameter.DefaultType is not null || parameter.DefaultValue is not null;
}
