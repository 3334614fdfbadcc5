namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    /// <summary>The names of packs, whose use decides which side of a fold is expanded.</summary>
    private readonly HashSet<string> _packNames = new(StringComparer.Ordinal);

    /// <summary>Parses a template, a specialisation or an explicit instantiation.</summary>
    private void ParseTemplate(List<DeclarationSyntax> into, DeclarationContext context)
    {
        var start = _position;
        Accept(TokenKind.Extern);
        if (PeekKind(1) != TokenKind.Less)
        {
            ParseExplicitInstantiation(into, start);
            return;
        }

        var outer = _scope;
        var lists = new List<IReadOnlyList<TemplateParameterSyntax>>();
        while (Kind == TokenKind.Template && PeekKind(1) == TokenKind.Less && !_isPanicking)
        {
            Advance();
            PushScope(ScopeKind.Template);
            lists.Add(ParseTemplateParameters());
        }

        var inner = context with { Templates = lists };
        if (_isPanicking)
        {
            _scope = outer;
            return;
        }

        if (Kind == TokenKind.Using) ParseUsing(into, lists[^1]);
        else if (Kind == TokenKind.Friend) SkipFriend();
        else ParseSimpleDeclaration(into, inner, DeclaratorMode.Declaration);
        _scope = outer;
    }

    /// <summary>A friend template only widens access, which is not kept; its body, if any, is a host function's or found elsewhere.</summary>
    private void SkipFriend()
    {
        while (Kind is not (TokenKind.Semicolon or TokenKind.LeftBrace or TokenKind.End)) Advance();
        if (Kind == TokenKind.LeftBrace) _position = SkipBalanced(_position);
        Accept(TokenKind.Semicolon);
    }

    private void ParseExplicitInstantiation(List<DeclarationSyntax> into, int start)
    {
        Advance();
        if (Kind is TokenKind.Class or TokenKind.Struct or TokenKind.Union)
        {
            Advance();
            var attributes = new Specifiers();
            ParseAttributes(attributes);
            var name = ParseName(NameContext.Type);
            ExpectSemicolon("after an explicit instantiation");
            into.Add(new ExplicitInstantiation(SpanFrom(start), name, isClass: true));
            if (!_isPanicking) _hostCalls.Add(new HostCall(name, null, SpanFrom(start)));
            return;
        }

        var specifiers = ParseSpecifiers(SpecifierContext.Declaration);
        var declarator = ParseDeclarator(specifiers.Type ?? new AutoTypeSyntax(Current.Span), DeclaratorMode.Declaration);
        ExpectSemicolon("after an explicit instantiation");
        if (declarator.Name is not null && !_isPanicking)
        {
            into.Add(new ExplicitInstantiation(SpanFrom(start), declarator.Name, isClass: false) { Parameters = declarator.Function?.Parameters ?? [] });
            _hostCalls.Add(new HostCall(declarator.Name, null, SpanFrom(start)));
        }
    }

    /// <summary>Parses <c>&lt;typename T, int N = 4, template &lt;class&gt; class C, typename... Ts&gt;</c>.</summary>
    private List<TemplateParameterSyntax> ParseTemplateParameters()
    {
        var parameters = new List<TemplateParameterSyntax>();
        var open = Advance();
        if (!TryEnter()) return parameters;
        var mode = _greater;
        _greater = GreaterMode.ClosesTemplate;
        while (Kind != TokenKind.Greater && !_isPanicking)
        {
            parameters.Add(ParseTemplateParameter());
            if (!Accept(TokenKind.Comma)) break;
        }

        _greater = mode;
        if (!_isPanicking) ExpectClosing(TokenKind.Greater, ">", open.Span);
        Leave();
        return parameters;
    }

    private TemplateParameterSyntax ParseTemplateParameter()
    {
        var start = _position;
        if (Kind == TokenKind.Template)
        {
            Advance();
            var outer = PushScope(ScopeKind.Template);
            if (Kind == TokenKind.Less) ParseTemplateParameters();
            _scope = outer;
            if (Kind is TokenKind.Class or TokenKind.Typename) Advance();
            return ParseTypeParameter(start, TemplateParameterKind.Template);
        }

        var isType = Kind is TokenKind.Class or TokenKind.Typename && PeekKind(1) switch
        {
            TokenKind.Identifier => PeekKind(2) is TokenKind.Comma or TokenKind.Greater or TokenKind.Equal,
            TokenKind.Comma or TokenKind.Greater or TokenKind.Equal or TokenKind.Ellipsis => true,
            _ => false,
        };
        if (!isType) return ParseValueParameter(start);
        Advance();
        return ParseTypeParameter(start, TemplateParameterKind.Type);
    }

    private TemplateParameterSyntax ParseTypeParameter(int start, TemplateParameterKind kind)
    {
        var isPack = AcceptPack();
        var name = Kind == TokenKind.Identifier ? Advance().NameText : null;
        if (name is not null) _scope.Declare(name, SymbolKind.Type, isTemplate: kind == TemplateParameterKind.Template);
        if (name is not null && isPack) _packNames.Add(name);
        var type = Accept(TokenKind.Equal) ? ParseTypeId() : null;
        return new TemplateParameterSyntax(SpanFrom(start), kind, name, isPack) { DefaultType = type };
    }

    private TemplateParameterSyntax ParseValueParameter(int start)
    {
        var specifiers = ParseSpecifiers(SpecifierContext.Declaration);
        if (specifiers.Type is null)
        {
            if (!_isPanicking) ReportUnexpected("a template parameter");
            return new TemplateParameterSyntax(Current.Span, TemplateParameterKind.Value, null, false);
        }

        var declarator = ParseDeclarator(specifiers.Type, DeclaratorMode.Parameter);
        if (declarator.IsPack) _hasPacks = true;
        var name = declarator.Name?.Last.Identifier;
        if (name is not null) _scope.Declare(name, SymbolKind.Value, isTemplate: false);
        if (name is not null && declarator.IsPack) _packNames.Add(name);
        var value = Accept(TokenKind.Equal) ? ParseConditional() : null;
        return new TemplateParameterSyntax(SpanFrom(start), TemplateParameterKind.Value, name, declarator.IsPack) { ValueType = declarator.Type, DefaultValue = value };
    }

    private bool AcceptPack()
    {
        if (!Accept(TokenKind.Ellipsis)) return false;
        _hasPacks = true;
        return true;
    }
}
