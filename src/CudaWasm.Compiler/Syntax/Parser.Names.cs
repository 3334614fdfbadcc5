namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    private enum NameContext
    {
        Expression,
        Type,
        Declarator,
        Member,
    }

    /// <summary>What the last name parsed was declared as.</summary>
    private Symbol? _lastSymbol;

    /// <summary>Parses a possibly qualified name.</summary>
    private NameSyntax ParseName(NameContext context)
    {
        var start = _position;
        var isGlobal = Accept(TokenKind.ColonColon);
        var parts = new List<NamePart>();
        Scope? scope = null;
        _lastSymbol = null;
        if (StartsWithDecltype(_position))
        {
            var type = ParseDecltype()(false, false);
            parts.Add(new NamePart("decltype", null, SpanFrom(start)) { ConversionType = type });
            Advance();
        }

        while (true)
        {
            var isTemplate = Accept(TokenKind.Template);
            var partStart = _position;
            if (Kind == TokenKind.Operator)
            {
                parts.Add(ParseOperatorName());
                _lastSymbol = null;
                break;
            }

            if (Kind == TokenKind.Tilde)
            {
                Advance();
                var destroyed = Current.NameText;
                if (!Expect(TokenKind.Identifier, "class name", "after '~'")) break;
                parts.Add(new NamePart("~" + destroyed, null, SpanFrom(partStart)));
                break;
            }

            if (Kind != TokenKind.Identifier)
            {
                ReportUnexpected("a name");
                break;
            }

            var text = Advance().NameText;
            var symbol = parts.Count == 0 && !isGlobal ? (context == NameContext.Member ? null : _scope.Find(text)) : scope?.FindHere(text);
            if (parts.Count == 0 && isGlobal) symbol = _scope.Find(text);
            IReadOnlyList<TemplateArgumentSyntax>? arguments = null;
            if (Kind == TokenKind.Less && (isTemplate || OpensArguments(symbol, context))) arguments = ParseTemplateArguments();
            parts.Add(new NamePart(text, arguments, SpanFrom(partStart)));
            _lastSymbol = symbol;
            if (Kind != TokenKind.ColonColon || _isPanicking) break;
            if (PeekKind(1) is not (TokenKind.Identifier or TokenKind.Tilde or TokenKind.Operator or TokenKind.Template)) break;
            Advance();
            scope = symbol?.Members;
        }

        if (parts.Count == 0) parts.Add(new NamePart("", null, Current.Span));
        return new NameSyntax(SpanFrom(start), isGlobal, parts);
    }

    /// <summary>True for <c>decltype(e)::</c>, which qualifies a name.</summary>
    private bool StartsWithDecltype(int position) =>
        KindAt(position) is TokenKind.Decltype or TokenKind.Typeof && KindAt(position + 1) == TokenKind.LeftParen && KindAt(SkipBalanced(position + 1)) == TokenKind.ColonColon;

    /// <summary>Decides whether the <c>&lt;</c> at hand opens template arguments of a name.</summary>
    private bool OpensArguments(Symbol? symbol, NameContext context)
    {
        if (symbol is { IsTemplate: true }) return true;
        if (symbol is { Kind: SymbolKind.Value or SymbolKind.Type or SymbolKind.Namespace }) return false;
        var end = SkipTemplateArguments(_position, isKnownTemplate: false);
        if (end < 0) return false;
        var next = KindAt(end);
        return context switch
        {
            NameContext.Type or NameContext.Declarator => true,
            NameContext.Member => next == TokenKind.LeftParen,
            _ => next is TokenKind.LeftParen or TokenKind.RightParen or TokenKind.LeftBrace or TokenKind.RightBrace or TokenKind.RightBracket
                or TokenKind.ColonColon or TokenKind.Comma or TokenKind.Semicolon or TokenKind.Colon or TokenKind.Greater or TokenKind.Ellipsis or TokenKind.Question
                or TokenKind.Dot or TokenKind.LessLessLess or TokenKind.EqualEqual or TokenKind.ExclaimEqual or TokenKind.AmpersandAmpersand or TokenKind.PipePipe
                or TokenKind.Pipe or TokenKind.Caret or TokenKind.End,
        };
    }

    /// <summary>Parses <c>operator+</c>, <c>operator()</c>, <c>operator float</c> and their kin.</summary>
    private NamePart ParseOperatorName()
    {
        var start = _position;
        Advance();
        var kind = Kind;
        if (IsTypeWord(kind) || kind is TokenKind.Const or TokenKind.Volatile or TokenKind.Identifier or TokenKind.ColonColon)
        {
            var specifiers = ParseSpecifiers(SpecifierContext.TypeOnly);
            var type = ParsePointerOperators(specifiers.Type ?? new AutoTypeSyntax(Current.Span));
            return new NamePart("operator", null, SpanFrom(start)) { ConversionType = type };
        }

        string text;
        if (kind is TokenKind.LeftParen or TokenKind.LeftBracket)
        {
            var open = Advance();
            text = kind == TokenKind.LeftParen ? "()" : "[]";
            ExpectClosing(kind == TokenKind.LeftParen ? TokenKind.RightParen : TokenKind.RightBracket, text[1..], open.Span);
        }
        else if (kind is TokenKind.New or TokenKind.Delete)
        {
            text = " " + Advance().Text;
            if (Kind == TokenKind.LeftBracket && PeekKind(1) == TokenKind.RightBracket)
            {
                _position += 2;
                text += "[]";
            }
        }
        else if (kind == TokenKind.Greater)
        {
            text = Advance().Text;
            while (Kind is TokenKind.Greater or TokenKind.GreaterEqual && Current.IsAdjacent && text.Length < 3) text += Advance().Text;
        }
        else if (kind is >= TokenKind.Plus and <= TokenKind.GreaterEqual or TokenKind.Comma or TokenKind.Arrow or TokenKind.ArrowStar)
        {
            text = Advance().Text;
        }
        else if (kind == TokenKind.String)
        {
            text = Advance().Text;
            if (Kind == TokenKind.Identifier) text += Advance().Text;
        }
        else
        {
            ReportUnexpected("an operator after 'operator'");
            text = "";
        }

        IReadOnlyList<TemplateArgumentSyntax>? arguments = null;
        if (Kind == TokenKind.Less && SkipTemplateArguments(_position, isKnownTemplate: true) is > 0 and var end && KindAt(end) == TokenKind.LeftParen)
        {
            arguments = ParseTemplateArguments();
        }

        return new NamePart("operator" + text, arguments, SpanFrom(start));
    }

    /// <summary>Parses <c>&lt;int, N, Ts...&gt;</c>.</summary>
    private List<TemplateArgumentSyntax> ParseTemplateArguments()
    {
        var arguments = new List<TemplateArgumentSyntax>();
        var open = Advance();
        if (!TryEnter()) return arguments;
        var mode = _greater;
        _greater = GreaterMode.ClosesTemplate;
        while (Kind != TokenKind.Greater && !_isPanicking)
        {
            arguments.Add(ParseTemplateArgument());
            if (!Accept(TokenKind.Comma)) break;
        }

        _greater = mode;
        if (!_isPanicking) ExpectClosing(TokenKind.Greater, ">", open.Span);
        Leave();
        return arguments;
    }

    private TemplateArgumentSyntax ParseTemplateArgument()
    {
        var start = _position;
        var end = SkipTypeId(_position, out var isCertain);
        if (end > 0 && KindAt(end) is TokenKind.Comma or TokenKind.Greater or TokenKind.Ellipsis)
        {
            var isPlainName = Kind is TokenKind.Identifier or TokenKind.ColonColon && SkipName(_position).End == end;
            var type = ParseTypeId();
            var isPack = Accept(TokenKind.Ellipsis);
            var value = isPlainName && !isCertain && type is NamedTypeSyntax named ? new NameExpression(named.Span, named.Name) : null;
            return new TemplateArgumentSyntax(SpanFrom(start), type, value, isPack);
        }

        var expression = ParseConditional();
        var isExpansion = Accept(TokenKind.Ellipsis);
        return new TemplateArgumentSyntax(SpanFrom(start), null, expression, isExpansion);
    }
}
