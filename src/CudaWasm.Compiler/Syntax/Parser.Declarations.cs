using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    /// <summary>What surrounds a declaration.</summary>
    /// <param name="Templates">The template parameter lists before it, outermost first; null for none.</param>
    /// <param name="Flags">What all declarations around it share: <c>extern "C"</c>.</param>
    private readonly record struct DeclarationContext(IReadOnlyList<IReadOnlyList<TemplateParameterSyntax>>? Templates, DeclarationFlags Flags)
    {
        public bool IsTemplate => Templates is not null;
    }

    private Diagnostic? _firstTolerated;

    /// <summary>Parses declarations up to a closing brace or the end.</summary>
    private void ParseMembers(List<DeclarationSyntax> into, DeclarationContext context)
    {
        while (Kind is not (TokenKind.RightBrace or TokenKind.End) || (Kind == TokenKind.RightBrace && _scope.Parent?.Parent is null))
        {
            _cancellation.ThrowIfCancellationRequested();
            if (Kind == TokenKind.RightBrace)
            {
                // Host code with unbalanced conditionals ends up here; device code says what it misses by itself.
                Advance();
                continue;
            }

            ParseMember(into, context);
        }
    }

    /// <summary>
    /// Parses one declaration. Where it has no mark of the device it is parsed quietly, and left out if that fails. Either way
    /// parsing goes on behind it.
    /// </summary>
    private void ParseMember(List<DeclarationSyntax> into, DeclarationContext context)
    {
        var start = _position;
        var count = into.Count;
        var outer = (_isQuiet, _scope, _depth, _greater, _inDeviceFunction, _firstTolerated, _elseIfs);
        _isQuiet = !_inDeviceFunction && !HasDeviceMark(start);
        _firstTolerated = null;
        ParseDeclaration(into, context);
        var failed = _isPanicking;
        if (failed)
        {
            if (_isQuiet && _firstTolerated is { } tolerated && _tolerated.Count < DiagnosticBag.Limit) _tolerated.Add(tolerated);
            _isPoisoned = false;
            _isPanicking = false;
            if (_isQuiet) into.RemoveRange(count, into.Count - count);
        }

        (_isQuiet, _scope, _depth, _greater, _inDeviceFunction, _firstTolerated, _elseIfs) = outer;
        if (failed) SkipDeclaration(start);
        else if (_position == start) Advance();
    }

    /// <summary>True where one of CUDA's marks stands in the head of the declaration that starts at a position.</summary>
    private bool HasDeviceMark(int position)
    {
        while (true)
        {
            switch (KindAt(position))
            {
                case TokenKind.Global or TokenKind.Device or TokenKind.Shared or TokenKind.Constant or TokenKind.Managed:
                    return true;
                case TokenKind.Semicolon or TokenKind.LeftBrace or TokenKind.RightBrace or TokenKind.End:
                    return false;
                case TokenKind.LeftParen:
                    position = SkipBalanced(position);
                    break;
                default:
                    position++;
                    break;
            }
        }
    }

    /// <summary>Goes behind a declaration that could not be parsed, by its braces and semicolons; launches in it still count.</summary>
    private void SkipDeclaration(int start)
    {
        var position = start;
        var endsAtBrace = true;
        var parsed = _position >= _tokens.Length - 1 ? start : _position;
        while (KindAt(position) != TokenKind.End)
        {
            switch (KindAt(position))
            {
                case TokenKind.Semicolon:
                    position++;
                    goto Done;
                case TokenKind.RightBrace:
                    if (position == start) position++;
                    goto Done;
                case TokenKind.Equal or TokenKind.Typedef:
                    endsAtBrace = false;
                    position++;
                    break;
                case TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace when FindKernelAfterOpen(position, parsed) is var next && next > 0:
                    position = next;
                    goto Done;
                case TokenKind.LeftParen:
                    position = SkipBalanced(position);
                    break;
                case TokenKind.LeftBrace:
                    AddHostCode(position, SkipBalanced(position), null, _hostClass, _scope);
                    position = SkipBalanced(position);
                    if (KindAt(position) == TokenKind.Semicolon) endsAtBrace = true;
                    if (!endsAtBrace) break;
                    if (KindAt(position) == TokenKind.Semicolon) position++;
                    goto Done;
                case TokenKind.Global or TokenKind.Template when position > parsed && TokenAt(position).AtLineStart:
                    goto Done; // The next kernel: something before it was not closed.
                default:
                    position++;
                    break;
            }
        }

    Done:
        _position = Math.Max(position, start + 1);
        if (_position >= _tokens.Length) _position = _tokens.Length - 1;
    }

    /// <summary>
    /// Where the bracket at a position is never closed, finds the next declaration of device code at the start of a line, so that
    /// one missing bracket does not take the rest of the file along. 0 where the bracket is closed or nothing follows.
    /// </summary>
    private int FindKernelAfterOpen(int position, int after)
    {
        var end = SkipBalanced(position);
        if (end < _tokens.Length - 1 || IsClosed(position)) return 0;
        for (position = Math.Max(position, after) + 1; position < end; position++)
        {
            if (KindAt(position) is TokenKind.Global or TokenKind.Device or TokenKind.Template or TokenKind.Namespace && TokenAt(position).AtLineStart) return position;
        }

        return 0;
    }

    /// <summary>Tells a bracket closed by the last token of the file from one that is not closed at all.</summary>
    private bool IsClosed(int position)
    {
        var depth = 0;
        for (; position < _tokens.Length - 1; position++)
        {
            if (KindAt(position) is TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace) depth++;
            else if (KindAt(position) is TokenKind.RightParen or TokenKind.RightBracket or TokenKind.RightBrace) depth--;
        }

        return depth <= 0;
    }

    private void ParseDeclaration(List<DeclarationSyntax> into, DeclarationContext context)
    {
        switch (Kind)
        {
            case TokenKind.Semicolon:
                Advance();
                break;
            case TokenKind.Namespace or TokenKind.Inline when Kind == TokenKind.Namespace || PeekKind(1) == TokenKind.Namespace:
                ParseNamespace(into, context);
                break;
            case TokenKind.Using:
                ParseUsing(into, null);
                break;
            case TokenKind.StaticAssert:
                into.Add(ParseStaticAssert());
                break;
            case TokenKind.Extern when PeekKind(1) == TokenKind.String:
                ParseLinkage(into, context);
                break;
            case TokenKind.Template or TokenKind.Extern when Kind == TokenKind.Template || PeekKind(1) == TokenKind.Template:
                ParseTemplate(into, context);
                break;
            case TokenKind.Asm:
                Advance();
                if (Kind == TokenKind.LeftParen) _position = SkipBalanced(_position);
                Accept(TokenKind.Semicolon);
                break;
            default:
                ParseSimpleDeclaration(into, context, DeclaratorMode.Declaration);
                break;
        }
    }

    private void ParseNamespace(List<DeclarationSyntax> into, DeclarationContext context)
    {
        var start = _position;
        var isInline = Accept(TokenKind.Inline);
        Advance();
        ParseAttributes(new Specifiers());
        if (Kind == TokenKind.Identifier && PeekKind(1) == TokenKind.Equal)
        {
            var alias = Advance().NameText;
            Advance();
            var target = ParseName(NameContext.Type);
            ExpectSemicolon("after a namespace alias");
            var symbol = _lastSymbol ?? new Symbol(SymbolKind.Namespace, isTemplate: false);
            _scope.Declare(alias, symbol);
            into.Add(new NamespaceAlias(SpanFrom(start), alias, target));
            return;
        }

        var names = new List<string?>();
        while (Kind == TokenKind.Identifier)
        {
            names.Add(Advance().NameText);
            if (!Accept(TokenKind.ColonColon)) break;
            Accept(TokenKind.Inline);
        }

        if (names.Count == 0) names.Add(null);
        ParseAttributes(new Specifiers());
        var open = Current.Span;
        if (!Expect(TokenKind.LeftBrace, "{", "after 'namespace'")) return;
        if (!TryEnter(isLoud: true)) return;
        var outer = _scope;
        foreach (var name in names) _scope = EnterNamespace(name, isInline);
        var members = new List<DeclarationSyntax>();
        ParseMembers(members, context);
        _scope = outer;
        Leave();
        if (!Accept(TokenKind.RightBrace))
        {
            _isQuiet = false;
            ExpectClosing(TokenKind.RightBrace, "}", open);
            _isPanicking = false;
        }

        IReadOnlyList<DeclarationSyntax> content = members;
        for (var i = names.Count - 1; i >= 0; i--) content = [new NamespaceDeclaration(SpanFrom(start), names[i], isInline, content)];
        into.AddRange(content);
    }

    private Scope EnterNamespace(string? name, bool isInline)
    {
        var symbol = name is null ? null : _scope.FindHere(name);
        if (symbol?.Members is { Kind: ScopeKind.Namespace } known) return known;
        var members = new Scope(ScopeKind.Namespace, _scope);
        if (name is not null) _scope.Declare(name, new Symbol(SymbolKind.Namespace, isTemplate: false) { Members = members });
        if (name is null || isInline) _scope.Link(members);
        return members;
    }

    /// <summary>Parses <c>extern "C" { ... }</c>, whose members go where it stands.</summary>
    private void ParseLinkage(List<DeclarationSyntax> into, DeclarationContext context)
    {
        Advance();
        Advance();
        context = context with { Flags = context.Flags | DeclarationFlags.ExternC };
        if (!TryEnter(isLoud: true)) return;
        if (Kind != TokenKind.LeftBrace)
        {
            ParseDeclaration(into, context);
            Leave();
            return;
        }

        var open = Advance().Span;
        while (Kind is not (TokenKind.RightBrace or TokenKind.End)) ParseMember(into, context);
        Leave();
        if (Accept(TokenKind.RightBrace)) return;
        _isQuiet = false;
        ExpectClosing(TokenKind.RightBrace, "}", open);
        _isPanicking = false;
    }

    private void ParseUsing(List<DeclarationSyntax> into, IReadOnlyList<TemplateParameterSyntax>? templateParameters)
    {
        var start = _position;
        Advance();
        if (Accept(TokenKind.Namespace))
        {
            var space = ParseName(NameContext.Type);
            _scope.Target.Link(_lastSymbol?.Members);
            ExpectSemicolon("after 'using namespace'");
            into.Add(new UsingDeclaration(SpanFrom(start), space, isNamespace: true));
            return;
        }

        if (Kind == TokenKind.Identifier && PeekKind(1) is TokenKind.Equal or TokenKind.LeftBracket or TokenKind.Attribute)
        {
            var alias = Advance().NameText;
            ParseAttributes(new Specifiers());
            Expect(TokenKind.Equal, "=", "in an alias");
            var specifiers = ParseSpecifiers(SpecifierContext.Declaration);
            if (specifiers.Definition is { } definition) into.Add(definition);
            if (specifiers.Type is null && !_isPanicking) ReportUnexpected("a type");
            var type = ParseDeclarator(specifiers.Type ?? new AutoTypeSyntax(Current.Span), DeclaratorMode.Abstract).Type;
            ExpectSemicolon("after an alias");
            DeclareAlias(alias, type, templateParameters is not null);
            into.Add(new AliasDeclaration(SpanFrom(start), alias, type, templateParameters));
            return;
        }

        do
        {
            Accept(TokenKind.Typename);
            var name = ParseName(NameContext.Type);
            if (_lastSymbol is { } symbol) _scope.Target.Declare(name.Last.Identifier, symbol);
            Accept(TokenKind.Ellipsis);
            into.Add(new UsingDeclaration(SpanFrom(start), name, isNamespace: false));
        }
        while (Accept(TokenKind.Comma) && !_isPanicking);
        ExpectSemicolon("after 'using'");
    }

    private StaticAssertDeclaration ParseStaticAssert()
    {
        var start = _position;
        Advance();
        var open = Current.Span;
        Expect(TokenKind.LeftParen, "(", "after 'static_assert'");
        var condition = _isPanicking ? Missing(open) : ParseConditional();
        string? message = null;
        if (Accept(TokenKind.Comma)) message = Kind == TokenKind.String ? ParseStrings().Value : null;
        if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open);
        ExpectSemicolon("after 'static_assert'");
        return new StaticAssertDeclaration(SpanFrom(start), condition, message);
    }

    /// <summary>An alias is a type, with the members of what it names.</summary>
    private void DeclareAlias(string name, TypeSyntax type, bool isTemplate)
    {
        var symbol = _scope.Target.Declare(name, SymbolKind.Type, isTemplate);
        if (type is NamedTypeSyntax { Name: var target }) symbol.Members ??= target.Parts.Count == 1 ? _scope.Find(target.Last.Identifier)?.Members : FindScope(target)?.FindHere(target.Last.Identifier)?.Members;
    }
}
