using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    private ExpressionSyntax ParsePostfix(ExpressionSyntax target)
    {
        for (var depth = _treeDepth; !_isPanicking; SetTreeDepth(depth = Math.Max(depth, _treeDepth) + 1))
        {
            switch (Kind)
            {
                case TokenKind.LeftBracket:
                    target = ParseIndex(target);
                    break;
                case TokenKind.LeftParen:
                    var arguments = ParseParenthesized();
                    target = new CallExpression(EndingHere(target), target, arguments);
                    break;
                case TokenKind.Dot or TokenKind.Arrow:
                    target = ParseMember(target);
                    break;
                case TokenKind.PlusPlus or TokenKind.MinusMinus:
                    var op = Advance().Kind == TokenKind.PlusPlus ? UnaryOperator.PostIncrement : UnaryOperator.PostDecrement;
                    target = new UnaryExpression(EndingHere(target), op, target);
                    break;
                case TokenKind.LessLessLess:
                    target = ParseLaunch(target);
                    break;
                case TokenKind.DotStar or TokenKind.ArrowStar:
                    Report(DiagnosticCodes.UnexpectedToken, Current.Span, "pointers to members are not supported in device code");
                    return target;
                default:
                    return target;
            }
        }

        return target;
    }

    private SourceSpan EndingHere(ExpressionSyntax target) => target.Span.To(TokenAt(_position - 1).Span);

    private IndexExpression ParseIndex(ExpressionSyntax target)
    {
        var open = Advance();
        var mode = _greater;
        _greater = GreaterMode.Operator;
        var index = Kind == TokenKind.LeftBrace ? ParseInitializerList() : ParseExpression();
        _greater = mode;
        ExpectClosing(TokenKind.RightBracket, "]", open.Span);
        return new IndexExpression(EndingHere(target), target, index);
    }

    private MemberExpression ParseMember(ExpressionSyntax target)
    {
        var isArrow = Advance().Kind == TokenKind.Arrow;
        var name = ParseName(NameContext.Member);
        return new MemberExpression(EndingHere(target), target, name, isArrow);
    }

    private LaunchExpression ParseLaunch(ExpressionSyntax kernel)
    {
        var configuration = ParseLaunchConfiguration();
        IReadOnlyList<ExpressionSyntax> arguments = _isPanicking ? [] : ParseParenthesized();
        return new LaunchExpression(EndingHere(kernel), kernel, configuration, arguments);
    }

    /// <summary>Parses <c>&lt;&lt;&lt;grid, block, shared, stream&gt;&gt;&gt;</c>.</summary>
    private List<ExpressionSyntax> ParseLaunchConfiguration()
    {
        var open = Advance();
        var mode = _greater;
        _greater = GreaterMode.ClosesLaunch;
        var configuration = new List<ExpressionSyntax>();
        do configuration.Add(Kind == TokenKind.LeftBrace ? ParseInitializerList() : ParseAssignment());
        while (Accept(TokenKind.Comma) && !_isPanicking);
        _greater = mode;
        for (var i = 0; i < 3 && !_isPanicking; i++) ExpectClosing(TokenKind.Greater, ">>>", open.Span);
        return configuration;
    }

    /// <summary>Parses arguments behind an opening bracket, up to and with the closing one.</summary>
    private List<ExpressionSyntax> ParseArguments(TokenKind close, string closeText, SourceSpan open)
    {
        var arguments = new List<ExpressionSyntax>();
        var mode = _greater;
        _greater = GreaterMode.Operator;
        var depth = 0;
        while (Kind != close && !_isPanicking)
        {
            var start = _position;
            var argument = Kind == TokenKind.LeftBrace ? ParseInitializerList() : ParseAssignment();
            depth = Math.Max(depth, _treeDepth);
            if (Accept(TokenKind.Ellipsis)) argument = new PackExpansionExpression(SpanFrom(start), argument);
            arguments.Add(argument);
            if (!Accept(TokenKind.Comma)) break;
        }

        _greater = mode;
        _treeDepth = depth;
        if (!_isPanicking) ExpectClosing(close, closeText, open);
        return arguments;
    }

    /// <summary>Parses <c>{a, .b = c, [2] = d}</c>.</summary>
    private InitializerList ParseInitializerList()
    {
        var start = _position;
        var elements = new List<InitializerElement>();
        var open = Advance();
        if (!TryEnter()) return new InitializerList(open.Span, elements);
        var mode = _greater;
        _greater = GreaterMode.Operator;
        var depth = 0;
        while (Kind != TokenKind.RightBrace && !_isPanicking)
        {
            elements.Add(ParseInitializerElement());
            depth = Math.Max(depth, _treeDepth);
            if (!Accept(TokenKind.Comma)) break;
        }

        _greater = mode;
        if (!_isPanicking) ExpectClosing(TokenKind.RightBrace, "}", open.Span);
        Leave();
        SetTreeDepth(depth + 1);
        return new InitializerList(SpanFrom(start), elements);
    }

    private InitializerElement ParseInitializerElement()
    {
        string? field = null;
        ExpressionSyntax? index = null;
        if (Kind == TokenKind.Dot && PeekKind(1) == TokenKind.Identifier)
        {
            Advance();
            field = Advance().NameText;
            if (Kind != TokenKind.LeftBrace) Expect(TokenKind.Equal, "=", "after a designator");
        }
        else if (Kind == TokenKind.LeftBracket && SkipBalanced(_position) is var after && KindAt(after) is TokenKind.Equal && PeekKind(1) is not (TokenKind.Equal or TokenKind.Ampersand or TokenKind.RightBracket))
        {
            var open = Advance();
            index = ParseConditional();
            ExpectClosing(TokenKind.RightBracket, "]", open.Span);
            Advance();
        }

        var start = _position;
        var value = Kind == TokenKind.LeftBrace ? ParseInitializerList() : ParseAssignment();
        if (Accept(TokenKind.Ellipsis)) value = new PackExpansionExpression(SpanFrom(start), value);
        return new InitializerElement(field, index, value);
    }
}
