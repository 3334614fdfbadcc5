using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    /// <summary>Parses <c>struct S { ... }</c>, <c>struct S</c> and <c>struct { ... }</c>; gives what makes the type of it.</summary>
    private Func<bool, bool, TypeSyntax> ParseClassSpecifier(Specifiers into, SpecifierContext context, IReadOnlyList<TemplateParameterSyntax>? templateParameters)
    {
        var start = _position;
        var key = Advance().Kind switch
        {
            TokenKind.Class => ClassKey.Class,
            TokenKind.Struct => ClassKey.Struct,
            _ => ClassKey.Union,
        };
        var attributes = new Specifiers();
        while (ParseAttributes(attributes) || Kind is TokenKind.Device or TokenKind.Host)
        {
            if (Kind is TokenKind.Device or TokenKind.Host) Advance();
        }

        NameSyntax? name = null;
        if (Kind is TokenKind.Identifier or TokenKind.ColonColon)
        {
            SkipForeignMacros();
            name = ParseName(NameContext.Declarator);
        }

        ParseAttributes(attributes);
        if (Kind == TokenKind.Identifier && Current.NameText == "final" && PeekKind(1) is TokenKind.Colon or TokenKind.LeftBrace) Advance();
        var isDefinition = context == SpecifierContext.Declaration && Kind is TokenKind.LeftBrace || (Kind == TokenKind.Colon && name is not null && IsBaseClause());
        if (!isDefinition) return AnnounceClass(into, context, start, key, name, attributes, templateParameters);

        var scope = DeclareClass(name, templateParameters is not null);
        var outer = (_scope, _hostClass);
        _scope = scope;
        if (name is not null) _hostClass = new HostClass(name.Last.Identifier, templateParameters);
        var bases = Kind == TokenKind.Colon ? ParseBases() : [];
        var members = _isPanicking ? [] : ParseClassBody();
        (_scope, _hostClass) = outer;
        ParseAttributes(attributes);
        var declaration = new ClassDeclaration(SpanFrom(start), key, name, isDefinition: true)
        {
            Bases = bases,
            Members = members,
            TemplateParameters = templateParameters,
            Alignments = attributes.Alignments,
        };
        return GiveType(into, declaration, name, start);
    }

    /// <summary>A class head may hold a macro of a missing header: <c>class MYLIB_API Name {</c>.</summary>
    private void SkipForeignMacros()
    {
        while (Kind == TokenKind.Identifier && PeekKind(1) == TokenKind.Identifier && TokenAt(_position + 1).NameText != "final"
            && PeekKind(2) is TokenKind.LeftBrace or TokenKind.Colon or TokenKind.Identifier or TokenKind.Less && _scope.Find(Current.NameText) is null)
        {
            Advance();
        }
    }

    /// <summary>Tells the colon of a base clause from that of an unnamed bit-field or a conditional.</summary>
    private bool IsBaseClause()
    {
        var position = _position + 1;
        while (KindAt(position) is TokenKind.Public or TokenKind.Private or TokenKind.Protected or TokenKind.Virtual or TokenKind.Typename) position++;
        if (KindAt(position) == TokenKind.Decltype) return true;
        var end = SkipName(position).End;
        return end > 0 && KindAt(end) is TokenKind.LeftBrace or TokenKind.Comma or TokenKind.Ellipsis;
    }

    private Func<bool, bool, TypeSyntax> AnnounceClass(
        Specifiers into, SpecifierContext context, int start, ClassKey key, NameSyntax? name, Specifiers attributes, IReadOnlyList<TemplateParameterSyntax>? templateParameters)
    {
        if (name is null)
        {
            ReportUnexpected("the name or the body of a class");
            return (_, _) => new BuiltinTypeSyntax(TokenAt(start).Span, BuiltinTypeKind.Int);
        }

        var isFriend = (into.Flags & DeclarationFlags.Friend) != 0;
        if (name.Parts.Count == 1 && context == SpecifierContext.Declaration && _scope.Find(name.Last.Identifier) is not { Kind: SymbolKind.Type })
        {
            DeclareClass(name, templateParameters is not null);
        }

        var span = SpanFrom(start);
        if (Kind == TokenKind.Semicolon && !isFriend && context == SpecifierContext.Declaration)
        {
            into.Definition = new ClassDeclaration(span, key, name, isDefinition: false) { TemplateParameters = templateParameters, Alignments = attributes.Alignments };
        }

        return (c, v) => new NamedTypeSyntax(span, name) { IsConst = c, IsVolatile = v };
    }

    /// <summary>Declares a class and gives the scope of its members; a specialisation has a scope of its own.</summary>
    private Scope DeclareClass(NameSyntax? name, bool isTemplate)
    {
        if (name is null) return new Scope(ScopeKind.Class, _scope);
        var text = name.Last.Identifier;
        if (name.Last.Arguments is not null) return new Scope(ScopeKind.Class, _scope) { ClassName = text };
        if (name.Parts.Count > 1)
        {
            var known = FindScope(name)?.Declare(text, SymbolKind.Type, isTemplate);
            var members = known?.Members ?? new Scope(ScopeKind.Class, _scope) { ClassName = text };
            if (known is not null) known.Members = members;
            return members;
        }

        var symbol = _scope.Target.Declare(text, SymbolKind.Type, isTemplate);
        if (symbol.Kind != SymbolKind.Type) return new Scope(ScopeKind.Class, _scope) { ClassName = text };
        // The template parameters around this declaration must be seen inside, so a forward declaration's scope is not kept.
        var scope = new Scope(ScopeKind.Class, _scope) { ClassName = text };
        scope.Link(symbol.Members);
        symbol.Members = scope;
        return scope;
    }

    private static Func<bool, bool, TypeSyntax> GiveTypeOf(DeclarationSyntax declaration, SourceSpan span) =>
        (c, v) => new DefinedTypeSyntax(span, declaration) { IsConst = c, IsVolatile = v };

    /// <summary>A named definition stands as a declaration of its own and the type names it; a nameless one is the type.</summary>
    private Func<bool, bool, TypeSyntax> GiveType(Specifiers into, DeclarationSyntax declaration, NameSyntax? name, int start)
    {
        if (name is null) return GiveTypeOf(declaration, SpanFrom(start));
        into.Definition = declaration;
        return (c, v) => new NamedTypeSyntax(name.Span, name) { IsConst = c, IsVolatile = v };
    }

    private List<TypeSyntax> ParseBases()
    {
        var bases = new List<TypeSyntax>();
        Advance();
        do
        {
            while (Kind is TokenKind.Public or TokenKind.Private or TokenKind.Protected or TokenKind.Virtual) Advance();
            var start = _position;
            Accept(TokenKind.Typename);
            if (Kind is TokenKind.Decltype)
            {
                bases.Add(ParseTypeId());
                continue;
            }

            var name = ParseName(NameContext.Type);
            _scope.Link(_lastSymbol?.Members);
            TypeSyntax type = new NamedTypeSyntax(SpanFrom(start), name);
            if (Accept(TokenKind.Ellipsis)) type = new PackTypeSyntax(SpanFrom(start), type);
            bases.Add(type);
        }
        while (Accept(TokenKind.Comma) && !_isPanicking);
        return bases;
    }

    private List<DeclarationSyntax> ParseClassBody()
    {
        var members = new List<DeclarationSyntax>();
        var open = Current.Span;
        if (!Expect(TokenKind.LeftBrace, "{", "after the head of a class") || !TryEnter(isLoud: true)) return members;
        DeclareMembersAhead();
        while (Kind is not (TokenKind.RightBrace or TokenKind.End))
        {
            if (Kind is TokenKind.Public or TokenKind.Private or TokenKind.Protected && PeekKind(1) == TokenKind.Colon)
            {
                Advance();
                Advance();
                continue;
            }

            if (_isPoisoned) break;
            ParseMember(members, default);
        }

        Leave();
        if (Kind == TokenKind.End && !_isPoisoned) _isQuiet = false;
        ExpectClosing(TokenKind.RightBrace, "}", open);
        return members;
    }

    /// <summary>
    /// Declares the types and fields of a class before its members are parsed, since the bodies of its functions may use what
    /// comes after them.
    /// </summary>
    private void DeclareMembersAhead()
    {
        var end = SkipBalanced(_position - 1) - 1;
        var isTemplate = false;
        for (var i = _position; i < end; i++)
        {
            var kind = KindAt(i);
            switch (kind)
            {
                case TokenKind.LeftBrace or TokenKind.LeftParen:
                    i = SkipBalanced(i) - 1;
                    isTemplate = false;
                    break;
                case TokenKind.Semicolon:
                    isTemplate = false;
                    break;
                case TokenKind.Template when KindAt(i + 1) == TokenKind.Less:
                    isTemplate = true;
                    if (SkipTemplateArguments(i + 1, isKnownTemplate: true) is > 0 and var parameters) i = parameters - 1;
                    break;
                case TokenKind.Struct or TokenKind.Class or TokenKind.Union or TokenKind.Enum when KindAt(i + 1) == TokenKind.Identifier && KindAt(i + 2) is TokenKind.LeftBrace or TokenKind.Colon or TokenKind.Semicolon:
                    _scope.Declare(_tokens[i + 1].NameText, SymbolKind.Type, isTemplate);
                    break;
                case TokenKind.Using when KindAt(i + 1) == TokenKind.Identifier && KindAt(i + 2) == TokenKind.Equal:
                    _scope.Declare(_tokens[i + 1].NameText, SymbolKind.Type, isTemplate);
                    break;
                case TokenKind.Identifier when KindAt(i + 1) is TokenKind.Semicolon or TokenKind.Equal or TokenKind.LeftBracket && !isTemplate && IsAfterType(i):
                    DeclareMemberAhead(i);
                    break;
            }
        }
    }

    private bool IsAfterType(int position) =>
        KindAt(position - 1) is TokenKind.Identifier or TokenKind.Star or TokenKind.Ampersand or TokenKind.Greater or TokenKind.Comma or (>= TokenKind.Void and <= TokenKind.Int128) or TokenKind.Const or TokenKind.Restrict;

    private void DeclareMemberAhead(int position)
    {
        var start = position;
        while (start > 0 && KindAt(start - 1) is not (TokenKind.Semicolon or TokenKind.LeftBrace or TokenKind.RightBrace or TokenKind.Colon)) start--;
        if (KindAt(start) == TokenKind.Using) return;
        var kind = KindAt(start) == TokenKind.Typedef ? SymbolKind.Type : SymbolKind.Value;
        if (_scope.FindHere(_tokens[position].NameText) is null) _scope.Declare(_tokens[position].NameText, kind, isTemplate: false);
    }

    private Func<bool, bool, TypeSyntax> ParseEnumSpecifier(Specifiers into, SpecifierContext context)
    {
        var start = _position;
        Advance();
        var isScoped = Kind is TokenKind.Class or TokenKind.Struct;
        if (isScoped) Advance();
        ParseAttributes(new Specifiers());
        var name = Kind is TokenKind.Identifier or TokenKind.ColonColon ? ParseName(NameContext.Declarator) : null;
        TypeSyntax? underlying = null;
        if (Kind == TokenKind.Colon && context == SpecifierContext.Declaration)
        {
            Advance();
            underlying = ParseSpecifiers(SpecifierContext.TypeOnly).Type;
        }

        if (name is { Parts.Count: 1 } && (Kind is TokenKind.LeftBrace || underlying is not null || isScoped)) _scope.Target.Declare(name.Last.Identifier, SymbolKind.Type, isTemplate: false);
        if (Kind != TokenKind.LeftBrace)
        {
            if (name is null) ReportUnexpected("the name or the body of an enum");
            var span = SpanFrom(start);
            if (name is not null && Kind == TokenKind.Semicolon) into.Definition = new EnumDeclaration(span, name, isScoped, underlying, null);
            return (c, v) => name is null ? new BuiltinTypeSyntax(span, BuiltinTypeKind.Int) : new NamedTypeSyntax(span, name) { IsConst = c, IsVolatile = v };
        }

        var enumerators = ParseEnumerators(name, isScoped);
        return GiveType(into, new EnumDeclaration(SpanFrom(start), name, isScoped, underlying, enumerators), name, start);
    }

    private List<Enumerator> ParseEnumerators(NameSyntax? name, bool isScoped)
    {
        var enumerators = new List<Enumerator>();
        var open = Advance();
        var members = new Scope(ScopeKind.Class, _scope);
        if (name is { Parts.Count: 1 } && _scope.Target.FindHere(name.Last.Identifier) is { Kind: SymbolKind.Type } symbol) symbol.Members = members;
        while (Kind == TokenKind.Identifier && !_isPanicking)
        {
            var start = _position;
            var text = Advance().NameText;
            ParseAttributes(new Specifiers());
            members.Declare(text, SymbolKind.Value, isTemplate: false);
            if (!isScoped) _scope.Target.Declare(text, SymbolKind.Value, isTemplate: false);
            var value = Accept(TokenKind.Equal) ? ParseConditional() : null;
            enumerators.Add(new Enumerator(text, value, SpanFrom(start)));
            if (!Accept(TokenKind.Comma)) break;
        }

        if (!_isPanicking) ExpectClosing(TokenKind.RightBrace, "}", open.Span);
        return enumerators;
    }
}
