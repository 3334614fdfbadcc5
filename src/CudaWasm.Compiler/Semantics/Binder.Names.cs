using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Semantics.Builtins;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// What a name means, as a symbol and as a value.
internal sealed partial class Binder
{
    private IReadOnlyList<Symbol> LookupName(NameSyntax name)
    {
        if (name.Parts.Count == 1) return (name.IsGlobal ? model.Global : _scope).Lookup(name.Last.Identifier);
        var scope = name.IsGlobal ? model.Global : null;
        for (var i = 0; i < name.Parts.Count - 1; i++)
        {
            var part = name.Parts[i];
            var next = scope is null ? InsideNearest(part) : Inside(scope.Local(part.Identifier), part);
            if (next.Enum is { } e) return i == name.Parts.Count - 2 ? EnumeratorOf(e, name.Last.Identifier) : [];
            if (next.Scope is null) return [];
            scope = next.Scope;
        }

        return scope!.Local(name.Last.Identifier);
    }

    /// <summary>In front of <c>::</c> only namespaces, classes and enums count: a variable does not hide them.</summary>
    private (Scope? Scope, EnumSymbol? Enum) InsideNearest(NamePart part)
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            if (Inside(scope.Local(part.Identifier), part) is { } found && found != default) return found;
        }

        return default;
    }

    private (Scope? Scope, EnumSymbol? Enum) Inside(IReadOnlyList<Symbol> symbols, NamePart part)
    {
        foreach (var symbol in symbols)
        {
            if (symbol is NamespaceSymbol n) return (n.Scope, null);
            if (symbol is EnumSymbol e) return (null, e);
            if (TypeOf(symbol, part, part.Span)?.Unqualified is ClassType c)
            {
                // A class being completed may be asked for its nested names.
                if (!c.Symbol.IsCompleting) RequireComplete(c, part.Span);
                return (c.Symbol.Scope, null);
            }
        }

        return default;
    }

    private static IReadOnlyList<Symbol> EnumeratorOf(EnumSymbol e, string name)
    {
        for (var i = 0; i < e.Declaration.Enumerators?.Count; i++)
        {
            if (e.Declaration.Enumerators[i].Name == name) return [new EnumeratorSymbol(e.Declaration.Enumerators[i], e, i)];
        }

        return [];
    }

    private Value BindName(NameExpression syntax)
    {
        var name = syntax.Name;
        if (name.Parts.Count == 1 && !name.IsGlobal && FindMember(name.Last.Identifier) is { } member) return member;
        var symbols = LookupName(name);
        if (symbols.Count == 0)
        {
            if (QualifiedField(name) is { } field) return field;
            if (name.Parts.Count == 1) throw Undeclared(name);
            throw Undeclared(syntax.Span, $"there is no '{name}'", name.Last.Identifier);
        }

        return ValueOf(symbols, name, syntax.Span);
    }

    /// <summary>A field of the object a member function works on, where no nearer name hides it.</summary>
    private Value? FindMember(string name)
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            if (scope.Own(name).Count > 0) return null;
            if (scope.Class is { } owner && owner.FindField(name) is { } found && _frame?.Self is { } self)
            {
                return Field(CastToClass(self, owner), found.Field, found.Offset, SourceSpan.None);
            }
        }

        return null;
    }

    /// <summary>Base::field inside of a member function.</summary>
    private Value? QualifiedField(NameSyntax name)
    {
        if (name.Parts.Count < 2 || _frame?.Self is not { } self) return null;
        var prefix = new NameSyntax(name.Span, name.IsGlobal, [.. name.Parts.Take(name.Parts.Count - 1)]);
        foreach (var symbol in LookupName(prefix))
        {
            if (TypeOf(symbol, prefix.Last, name.Span)?.Unqualified is ClassType c && c.Symbol.FindField(name.Last.Identifier) is { } found)
            {
                return Field(CastToClass(self, c.Symbol), found.Field, found.Offset, name.Span);
            }
        }

        return null;
    }

    private SemanticException Undeclared(NameSyntax name) => Undeclared(name.Span, $"use of undeclared identifier '{name.Last.Identifier}'", name.Last.Identifier);

    private Value ValueOf(IReadOnlyList<Symbol> symbols, NameSyntax name, SourceSpan span)
    {
        switch (symbols[0])
        {
            case VariableSymbol variable:
                return ValueOf(variable, span);
            case ConstantSymbol { Function: { } function }:
                return new FunctionValue([function], null, null, name.Last.Identifier, span);
            case ConstantSymbol constant:
                return new ScalarValue(constant.Type, constant.Value);
            case EnumeratorSymbol e:
                var type = EnumTypeOf(e.Owner);
                return new ScalarValue(type, e.Owner.Values![e.Index]);
            case PackSymbol pack:
                return new PackValue([.. pack.Elements.Select(p => ValueOf([p], name, span))]);
            case TemplateSymbol { Declaration: VariableDeclaration } template when name.Last.Arguments is { } arguments:
                return VariableInstance(template, arguments, span);
        }

        var functions = symbols.Where(s => s is FunctionSymbol or TemplateSymbol { IsFunction: true } or BuiltinFunction).ToList();
        if (functions.Count == 0) throw Error(DiagnosticCodes.TypeMismatch, span, $"'{name}' is not a value");
        var isMember = functions[0] is FunctionSymbol { Owner: not null } or TemplateSymbol { Owner: not null };
        return new FunctionValue(functions, name.Last.Arguments, isMember ? _frame?.Self : null, name.Last.Identifier, span) { AllowsArgumentLookup = name.Parts.Count == 1 };
    }

    private Value ValueOf(VariableSymbol variable, SourceSpan span)
    {
        if (variable.IsBroken) throw Consequence(span);
        if (variable.Place is { } place) return place;
        if (variable.Kind != VariableKind.Global) throw Error(DiagnosticCodes.UndeclaredName, span, $"'{variable.Name}' cannot be used here");
        if (_globals.TryGetValue(variable, out var known)) return known;
        return _globals[variable] = PlaceGlobal(variable, span);
    }

    /// <summary>Gives a global its place: device memory, or its value where it is a constant of the host.</summary>
    private Value PlaceGlobal(VariableSymbol variable, SourceSpan span)
    {
        var syntax = variable.Declaration!;
        return Defining(variable.QualifiedName, span, () => InScope(variable.Scope!, () =>
        {
            var type = syntax.Type is AutoTypeSyntax ? EvaluatedScalar(syntax.Initializers[0]).Type : BindType(syntax.Type);
            var isDevice = (syntax.Flags & (DeclarationFlags.Device | DeclarationFlags.Constant | DeclarationFlags.Managed)) != 0;
            var isConstexpr = (syntax.Flags & DeclarationFlags.Constexpr) != 0;
            if (isConstexpr) type = type.Const;
            var isTexture = type.Unqualified is ClassType { Symbol: { Template.Name: "texture" or "surface" } reference } && HeaderLibrary.Holds(reference.Template.Span.Source);
            if (isTexture) isDevice = true;
            if ((syntax.Flags & DeclarationFlags.Shared) != 0) return PlaceShared(syntax, type, null);
            if (!isDevice)
            {
                if (type.IsConst && type.IsScalar && syntax.Initializers.Count == 1) return HostConstant(variable, syntax, type, span);
                if (!(type.IsConst || type is ArrayType { InnermostElement.IsConst: true }) || syntax.Initializers.Count == 0)
                {
                    throw Error(DiagnosticCodes.HostFunctionCalled, span, $"'{variable.Name}' is a host variable; a kernel sees __device__, __constant__ and constexpr variables only",
                        DiagnosticBag.Note(variable.Span, $"'{variable.Name}' is declared here"));
                }
            }

            if (type is ArrayType { Count: < 0 } unbounded) type = CountInitializer(unbounded, syntax, span);
            RequireComplete(type, span);
            if (type.Size == 0) throw Error(DiagnosticCodes.IncompleteType, span, $"'{variable.Name}' has no size here");
            var space = (syntax.Flags & DeclarationFlags.Constant) != 0 || !isDevice || isTexture ? IrSpace.Constant : IrSpace.Global;
            var alignment = syntax.Alignments.Count == 0 ? type.Alignment : (int)syntax.Alignments.Max(a => ConstantInteger(a, "an alignment"));
            var bytes = InitialBytes(type, syntax, span);
            var place = new IrVariable(variable.QualifiedName, space, type.Size, Math.Max(alignment, type.Alignment), variable.Span) { ElementType = type.ElementIr(), InitialBytes = bytes };
            _module?.Globals.Add(place);
            if (isDevice) _symbols.Add(new KernelSymbol(variable.QualifiedName, type.Name, place) { IsTexture = isTexture });
            return (Value)new MemoryPlace(type, IrBuilder.AddressOf(place));
        }));
    }

    private readonly List<KernelSymbol> _symbols = [];

    private Value VariableInstance(TemplateSymbol template, IReadOnlyList<TemplateArgumentSyntax> spelled, SourceSpan span)
    {
        var arguments = BindTemplateArguments(template, spelled, span);
        var key = KeyOf(arguments);
        if (!template.Instances.TryGetValue(key, out var known))
        {
            var scope = new Scope(template.Scope) { Prefix = template.Scope.Prefix };
            for (var i = 0; i < arguments.Count; i++) BindParameter(scope, template.Parameters[i], arguments[i]);
            var declaration = (VariableDeclaration)template.Declaration;
            foreach (var special in template.Specialisations.OfType<VariableDeclaration>())
            {
                if (special.Name.Last.Arguments is { } own && SpelledSame(template, own, arguments, span)) declaration = special;
            }

            var display = $"{template.Scope.Prefix}{template.Name}<{string.Join(", ", arguments)}>";
            template.Instances[key] = known = new VariableSymbol(template.Name, template.Span, VariableKind.Global, declaration, scope) { QualifiedName = display };
        }

        return ValueOf((VariableSymbol)known, span);
    }

    /// <summary>Runs once for each element of the packs that a pattern names.</summary>
    private void ExpandPack(SyntaxNode pattern, Action each)
    {
        var packs = new List<PackSymbol>();
        foreach (var name in SyntaxNames.Of(pattern))
        {
            if (_scope.Lookup(name).OfType<PackSymbol>().FirstOrDefault() is { } pack) packs.Add(pack);
        }

        if (packs.Count == 0) throw Error(DiagnosticCodes.TypeMismatch, pattern.Span, "there is no parameter pack to expand here");
        for (var i = 0; i < packs[0].Elements.Count; i++)
        {
            var scope = new Scope(_scope) { Prefix = _scope.Prefix };
            foreach (var pack in packs)
            {
                if (i >= pack.Elements.Count) throw Error(DiagnosticCodes.TypeMismatch, pattern.Span, "the packs expanded here differ in length");
                scope.Set(pack.Name, pack.Elements[i]);
            }

            InScope(scope, () =>
            {
                each();
                return true;
            });
        }
    }
}
