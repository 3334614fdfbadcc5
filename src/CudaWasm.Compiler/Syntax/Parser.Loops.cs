using System.Text;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    /// <summary>Reads the hint of a pragma that stands before the token at hand.</summary>
    private UnrollHint? TakeUnrollHint()
    {
        if ((Current.Flags & TokenFlags.Unroll) == 0 || !ReferenceEquals(_tokens, _mainTokens) || !_unrolls.TryGetValue(_position, out var count)) return null;
        if (count.Count == 0) return new UnrollHint(null);
        var position = _position;
        _tokens = [.. count, new Token(TokenKind.End, count[^1].Source, count[^1].Start, 0, TokenFlags.None)];
        _position = 0;
        var expression = ParseExpression();
        if (Kind != TokenKind.End && !_isPanicking) ReportUnexpected("one number after '#pragma unroll'");
        _tokens = _mainTokens;
        _position = _isPoisoned ? _tokens.Length - 1 : position;
        return new UnrollHint(expression);
    }

    private StatementSyntax ParseFor()
    {
        var start = _position;
        var unroll = TakeUnrollHint();
        Advance();
        var open = Current.Span;
        if (!Expect(TokenKind.LeftParen, "(", "after 'for'")) return new EmptyStatement(open);
        var outer = PushScope(ScopeKind.Block);
        StatementSyntax? initializer = null;
        if (Kind == TokenKind.Semicolon)
        {
            Advance();
        }
        else if (IsDeclarationStart())
        {
            if (TryParseRangeFor(start, open, out var range))
            {
                _scope = outer;
                return range;
            }

            initializer = ParseDeclarationStatement();
        }
        else
        {
            var first = _position;
            var expression = ParseExpression();
            ExpectSemicolon("after the first part of 'for'");
            initializer = new ExpressionStatement(SpanFrom(first), expression);
        }

        var condition = Kind == TokenKind.Semicolon || _isPanicking ? null : ParseCondition();
        ExpectSemicolon("after the condition of 'for'");
        var step = Kind == TokenKind.RightParen || _isPanicking ? null : ParseExpression();
        if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open);
        var body = ParseBody();
        _scope = outer;
        return new ForStatement(SpanFrom(start), initializer, condition, step, body, unroll);
    }

    private bool TryParseRangeFor(int start, SourceSpan open, out StatementSyntax statement)
    {
        statement = new EmptyStatement(open);
        if (!HoldsRangeColon()) return false;
        var first = _position;
        var specifiers = ParseSpecifiers(SpecifierContext.Declaration);
        var variable = ParseLoopVariable(first, specifiers);
        Expect(TokenKind.Colon, ":", "in a range-based 'for'");
        var range = _isPanicking ? Missing(open) : Kind == TokenKind.LeftBrace ? ParseInitializerList() : ParseExpression();
        if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open);
        var body = ParseBody();
        statement = new RangeForStatement(SpanFrom(start), variable, range, body);
        return true;
    }

    /// <summary>True where a colon comes before any semicolon or question mark in the parentheses.</summary>
    private bool HoldsRangeColon()
    {
        for (var position = _position; ;)
        {
            switch (KindAt(position))
            {
                case TokenKind.Colon: return true;
                case TokenKind.Semicolon or TokenKind.Question or TokenKind.RightParen or TokenKind.RightBrace or TokenKind.End or TokenKind.Equal: return false;
                case TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace:
                    position = SkipBalanced(position);
                    break;
                default:
                    position++;
                    break;
            }
        }
    }

    private VariableDeclaration ParseLoopVariable(int start, Specifiers specifiers)
    {
        var type = ParsePointerOperators(specifiers.Type ?? new AutoTypeSyntax(Current.Span));
        if (Kind == TokenKind.LeftBracket && type is AutoTypeSyntax or ReferenceTypeSyntax { Element: AutoTypeSyntax })
        {
            var bindings = ParseBindings();
            return new VariableDeclaration(SpanFrom(start), SimpleName("", TokenAt(start).Span), type, specifiers.Flags) { Bindings = bindings };
        }

        var name = SimpleName(Current.NameText, Current.Span);
        if (!Accept(TokenKind.Identifier)) ReportUnexpected("a name");
        _scope.Declare(name.Last.Identifier, SymbolKind.Value, isTemplate: false);
        return new VariableDeclaration(SpanFrom(start), name, type, specifiers.Flags);
    }

    private WhileStatement ParseWhile()
    {
        var start = _position;
        var unroll = TakeUnrollHint();
        Advance();
        var outer = PushScope(ScopeKind.Block);
        var open = Current.Span;
        var condition = new ConditionSyntax(Missing(open), null);
        if (Expect(TokenKind.LeftParen, "(", "after 'while'"))
        {
            condition = ParseCondition();
            if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open);
        }

        var body = ParseBody();
        _scope = outer;
        return new WhileStatement(SpanFrom(start), condition, body, unroll);
    }

    private DoStatement ParseDo()
    {
        var start = _position;
        var unroll = TakeUnrollHint();
        Advance();
        var body = ParseBody();
        Expect(TokenKind.While, "while", "after the body of 'do'");
        var open = Current.Span;
        Expect(TokenKind.LeftParen, "(", "after 'while'");
        var condition = _isPanicking ? Missing(open) : ParseExpression();
        if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open);
        ExpectSemicolon("after 'do ... while'");
        return new DoStatement(SpanFrom(start), body, condition, unroll);
    }

    private SwitchStatement ParseSwitch()
    {
        var start = _position;
        Advance();
        var outer = PushScope(ScopeKind.Block);
        var (initializer, condition) = ParseConditionInParentheses("switch");
        var body = ParseBody();
        _scope = outer;
        return new SwitchStatement(SpanFrom(start), initializer, condition, body);
    }

    /// <summary>Parses labels in a row with the statement behind them.</summary>
    private StatementSyntax ParseCases()
    {
        var labels = new List<(int Start, ExpressionSyntax? Value)>();
        while (Kind is TokenKind.Case or TokenKind.Default && !_isPanicking)
        {
            var start = _position;
            ExpressionSyntax? value = null;
            if (Advance().Kind == TokenKind.Case) value = ParseConditional();
            if (Kind == TokenKind.Ellipsis) Report(DiagnosticCodes.UnexpectedToken, Current.Span, "case ranges, a GNU extension, are not supported: write the cases out");
            Expect(TokenKind.Colon, ":", "after 'case'");
            labels.Add((start, value));
            if (labels.Count > MaxChain) GiveUp($"over {MaxChain} cases in a row");
        }

        var statement = Kind == TokenKind.RightBrace || _isPanicking ? new EmptyStatement(Current.Span) : ParseStatement();
        for (var i = labels.Count - 1; i >= 0; i--) statement = new CaseStatement(SpanFrom(labels[i].Start), labels[i].Value, statement);
        return statement;
    }

    private ReturnStatement ParseReturn()
    {
        var start = _position;
        Advance();
        ExpressionSyntax? value = Kind switch
        {
            TokenKind.Semicolon or TokenKind.RightBrace => null,
            TokenKind.LeftBrace => ParseInitializerList(),
            _ => ParseExpression(),
        };
        ExpectSemicolon("after 'return'");
        return new ReturnStatement(SpanFrom(start), value);
    }

    private UnsupportedStatement ParseUnsupported()
    {
        var start = _position;
        var what = Advance().Text;
        if (what == "throw")
        {
            while (Kind is not (TokenKind.Semicolon or TokenKind.End or TokenKind.RightBrace)) _position = Kind is TokenKind.LeftParen or TokenKind.LeftBrace ? SkipBalanced(_position) : _position + 1;
            Accept(TokenKind.Semicolon);
            return new UnsupportedStatement(SpanFrom(start), what);
        }

        if (Kind == TokenKind.LeftBrace) _position = SkipBalanced(_position);
        while (Kind == TokenKind.Catch)
        {
            Advance();
            if (Kind == TokenKind.LeftParen) _position = SkipBalanced(_position);
            if (Kind == TokenKind.LeftBrace) _position = SkipBalanced(_position);
        }

        return new UnsupportedStatement(SpanFrom(start), what);
    }

    private StatementSyntax ParseAsm()
    {
        var start = _position;
        Advance();
        while (Kind is TokenKind.Volatile or TokenKind.Inline) Advance();
        if (Kind == TokenKind.Goto)
        {
            Advance();
            if (Kind == TokenKind.LeftParen) _position = SkipBalanced(_position);
            ExpectSemicolon("after 'asm'");
            return new UnsupportedStatement(SpanFrom(start), "asm goto");
        }

        var open = Current.Span;
        if (!Expect(TokenKind.LeftParen, "(", "after 'asm'")) return new EmptyStatement(open);
        var text = new StringBuilder();
        if (Kind != TokenKind.String) ReportUnexpected("the text of 'asm'");
        while (Kind == TokenKind.String) text.Append(LiteralReader.ReadString(Advance(), _diagnostics));
        var outputs = ParseAsmOperands();
        var inputs = ParseAsmOperands();
        while (Kind is TokenKind.Colon or TokenKind.ColonColon or TokenKind.String or TokenKind.Comma && !_isPanicking) Advance(); // Clobbers.
        if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open);
        ExpectSemicolon("after 'asm'");
        return new AsmStatement(SpanFrom(start), text.ToString(), outputs, inputs);
    }

    private bool _skippedAsmSection;

    /// <summary>Parses one section of operands behind its colon; <c>::</c> is an empty section and the start of the next.</summary>
    private List<AsmOperand> ParseAsmOperands()
    {
        var operands = new List<AsmOperand>();
        if (_skippedAsmSection)
        {
            _skippedAsmSection = false;
        }
        else if (Kind == TokenKind.ColonColon)
        {
            Advance();
            _skippedAsmSection = true;
            return operands;
        }
        else if (!Accept(TokenKind.Colon))
        {
            return operands;
        }

        while (Kind is TokenKind.String or TokenKind.LeftBracket && !_isPanicking)
        {
            if (Kind == TokenKind.LeftBracket) _position = SkipBalanced(_position);
            var constraint = Kind == TokenKind.String ? LiteralReader.ReadString(Advance(), _diagnostics) : "";
            if (Kind != TokenKind.LeftParen) break;
            var open = Advance().Span;
            var value = ParseExpression();
            ExpectClosing(TokenKind.RightParen, ")", open);
            operands.Add(new AsmOperand(constraint, value));
            if (!Accept(TokenKind.Comma) && Kind != TokenKind.String) break; // nvcc takes operands without a comma between them.
        }

        return operands;
    }
}
