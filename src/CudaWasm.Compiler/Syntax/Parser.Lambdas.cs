using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    /// <summary>Parses <c>[=, &amp;x] __device__ (int i) mutable -&gt; float { ... }</c>.</summary>
    private LambdaExpression ParseLambda()
    {
        var start = _position;
        var open = Advance();
        var byValue = false;
        var byReference = false;
        var captures = new List<LambdaCapture>();
        while (Kind != TokenKind.RightBracket && !_isPanicking)
        {
            if (Kind == TokenKind.Equal && PeekKind(1) is TokenKind.Comma or TokenKind.RightBracket)
            {
                Advance();
                byValue = true;
            }
            else if (Kind == TokenKind.Ampersand && PeekKind(1) is TokenKind.Comma or TokenKind.RightBracket)
            {
                Advance();
                byReference = true;
            }
            else
            {
                captures.Add(ParseCapture());
            }

            if (!Accept(TokenKind.Comma)) break;
        }

        if (!_isPanicking) ExpectClosing(TokenKind.RightBracket, "]", open.Span);
        var function = ParseLambdaFunction(start, captures);
        return new LambdaExpression(SpanFrom(start), byValue, byReference, captures, function);
    }

    private LambdaCapture ParseCapture()
    {
        if (Kind == TokenKind.Star && PeekKind(1) == TokenKind.This) Advance();
        if (Accept(TokenKind.This)) return new LambdaCapture(null, false, true, null);
        var isReference = Accept(TokenKind.Ampersand);
        Accept(TokenKind.Ellipsis);
        var name = Current.NameText;
        if (!Accept(TokenKind.Identifier)) ReportUnexpected("a name in a lambda's captures");
        Accept(TokenKind.Ellipsis);
        ExpressionSyntax? value = null;
        if (Accept(TokenKind.Equal)) value = ParseAssignment();
        else if (Kind == TokenKind.LeftBrace) value = ParseInitializerList();
        return new LambdaCapture(name, isReference, false, value);
    }

    private FunctionDeclaration ParseLambdaFunction(int start, List<LambdaCapture> captures)
    {
        var outer = PushScope(ScopeKind.Block);
        var savedMode = _greater;
        _greater = GreaterMode.Operator;
        foreach (var capture in captures)
        {
            if (capture.Name is { } name) _scope.Declare(name, SymbolKind.Value, isTemplate: false);
        }

        var attributes = new Specifiers();
        ParseLambdaMarks(attributes);
        IReadOnlyList<TemplateParameterSyntax>? templateParameters = Kind == TokenKind.Less && !_isPanicking ? ParseTemplateParameters() : null;
        var declarator = new Declarator { Type = new AutoTypeSyntax(Current.Span) };
        var suffix = new FunctionSuffix();
        if (Kind == TokenKind.LeftParen && !_isPanicking)
        {
            var parameters = ParseParameters(out var isVariadic);
            suffix = new FunctionSuffix { Parameters = parameters, IsVariadic = isVariadic };
        }

        ParseLambdaMarks(attributes);
        if (Accept(TokenKind.Arrow)) declarator.Type = ParseTypeId();
        ParseLambdaMarks(attributes);
        CompoundStatement? body = null;
        if (!_isPanicking)
        {
            if (Kind == TokenKind.LeftBrace) body = ParseCompound(newScope: false);
            else ReportUnexpected("the body of a lambda");
        }

        _scope = outer;
        _greater = savedMode;
        var flags = attributes.Flags | (_inDeviceFunction ? DeclarationFlags.Device : 0);
        return new FunctionDeclaration(SpanFrom(start), SimpleName("operator()", TokenAt(start).Span), declarator.Type, suffix.Parameters, flags)
        {
            Body = body,
            HasBody = body is not null,
            IsVariadic = suffix.IsVariadic,
            TemplateParameters = templateParameters,
        };
    }

    /// <summary>Parses GNU's <c>({ statements; value; })</c> as a lambda that captures by reference and is called at once.</summary>
    private CallExpression ParseStatementExpression(int start)
    {
        var open = TokenAt(start).Span;
        var mode = _greater;
        _greater = GreaterMode.Operator;
        var end = SkipBalanced(_position);
        for (var i = _position; i < end; i++)
        {
            if (KindAt(i) is TokenKind.Return or TokenKind.Goto) Report(DiagnosticCodes.UnexpectedToken, TokenAt(i).Span, $"'{TokenAt(i).Text}' cannot leave a statement expression here: use a function");
        }

        var block = ParseCompound();
        _greater = mode;
        if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open);
        var statements = block.Statements;
        if (statements is [.., ExpressionStatement value]) statements = [.. statements.SkipLast(1), new ReturnStatement(value.Span, value.Expression)];
        var span = SpanFrom(start);
        var function = new FunctionDeclaration(span, SimpleName("operator()", open), new AutoTypeSyntax(open), [], _inDeviceFunction ? DeclarationFlags.Device : 0)
        {
            Body = new CompoundStatement(block.Span, statements),
            HasBody = true,
        };
        return new CallExpression(span, new LambdaExpression(span, capturesAllByValue: false, capturesAllByReference: true, [], function), []);
    }

    private void ParseLambdaMarks(Specifiers attributes)
    {
        while (!_isPanicking)
        {
            if (Kind == TokenKind.Noexcept)
            {
                Advance();
                if (Kind == TokenKind.LeftParen) _position = SkipBalanced(_position);
            }
            else if (IsSpecifierWord(Kind) || (Kind == TokenKind.LeftBracket && PeekKind(1) == TokenKind.LeftBracket))
            {
                ParseSpecifierWord(attributes);
            }
            else
            {
                return;
            }
        }
    }
}
