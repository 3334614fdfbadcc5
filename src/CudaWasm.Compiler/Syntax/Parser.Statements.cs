namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    private CompoundStatement ParseCompound(bool newScope = true)
    {
        var start = _position;
        var open = Current.Span;
        var statements = new List<StatementSyntax>();
        if (!Expect(TokenKind.LeftBrace, "{")) return new CompoundStatement(open, statements);
        if (!TryEnter()) return new CompoundStatement(open, statements);
        var outer = _scope;
        if (newScope) PushScope(ScopeKind.Block);
        while (Kind is not (TokenKind.RightBrace or TokenKind.End) && !StartsTopLevel())
        {
            statements.Add(ParseStatementRecovering());
        }

        _scope = outer;
        ExpectClosing(TokenKind.RightBrace, "}", open);
        Leave();
        return new CompoundStatement(SpanFrom(start), statements);
    }

    /// <summary>A kernel or template inside a block: the block's closing brace is missing.</summary>
    private bool StartsTopLevel() => Kind is TokenKind.Global or TokenKind.Template || (Kind == TokenKind.Extern && PeekKind(1) == TokenKind.String);

    /// <summary>Parses a statement; after an error goes on at the next one.</summary>
    private StatementSyntax ParseStatementRecovering()
    {
        var start = _position;
        var statement = ParseStatement();
        if (!_isPanicking || _isPoisoned) return statement;
        _bodyHasErrors = true;
        if (!_isQuiet) _isPanicking = false;
        SkipToStatement(start);
        return statement;
    }

    /// <summary>Goes behind the next semicolon, or to a brace or a word that begins a statement on a line of its own.</summary>
    private void SkipToStatement(int start)
    {
        if (_position == start) Advance();
        while (Kind != TokenKind.End)
        {
            switch (Kind)
            {
                case TokenKind.Semicolon:
                    Advance();
                    return;
                case TokenKind.RightBrace:
                    return;
                case TokenKind.LeftBrace:
                    _position = SkipBalanced(_position);
                    return;
                case TokenKind.LeftParen or TokenKind.LeftBracket when SkipBalanced(_position) is var end && KindAt(end) != TokenKind.End:
                    _position = end;
                    break;
                case >= TokenKind.If and <= TokenKind.Asm when Current.AtLineStart:
                    return;
                default:
                    if (StartsTopLevel()) return;
                    Advance();
                    break;
            }
        }
    }

    private StatementSyntax ParseStatement()
    {
        if (!TryEnter()) return new EmptyStatement(Current.Span);
        var result = ParseStatementByWord();
        Leave();
        return result;
    }

    private StatementSyntax ParseStatementByWord()
    {
        var start = _position;
        switch (Kind)
        {
            case TokenKind.LeftBrace: return ParseCompound();
            case TokenKind.Semicolon: return new EmptyStatement(Advance().Span);
            case TokenKind.If: return ParseIf();
            case TokenKind.For: return ParseFor();
            case TokenKind.While: return ParseWhile();
            case TokenKind.Do: return ParseDo();
            case TokenKind.Switch: return ParseSwitch();
            case TokenKind.Case or TokenKind.Default: return ParseCases();
            case TokenKind.Return: return ParseReturn();
            case TokenKind.Asm: return ParseAsm();
            case TokenKind.Break:
                Advance();
                ExpectSemicolon("after 'break'");
                return new BreakStatement(SpanFrom(start));
            case TokenKind.Continue:
                Advance();
                ExpectSemicolon("after 'continue'");
                return new ContinueStatement(SpanFrom(start));
            case TokenKind.Goto:
                Advance();
                var label = Current.NameText;
                if (!Accept(TokenKind.Identifier)) ReportUnexpected("a label after 'goto'");
                ExpectSemicolon("after 'goto'");
                return new GotoStatement(SpanFrom(start), label);
            case TokenKind.Try or TokenKind.Throw:
                return ParseUnsupported();
            case TokenKind.Identifier when PeekKind(1) == TokenKind.Colon:
                label = Advance().NameText;
                Advance();
                var labelled = Kind == TokenKind.RightBrace ? new EmptyStatement(Current.Span) : ParseStatement();
                return new LabelStatement(SpanFrom(start), label, labelled);
            case TokenKind.LeftBracket when PeekKind(1) == TokenKind.LeftBracket:
                ParseAttributes(new Specifiers());
                return ParseStatement();
            case TokenKind.Extension:
                Advance();
                return ParseStatement();
            case TokenKind.Else:
                ReportUnexpected("a statement ('else' has no 'if' before it)");
                return new EmptyStatement(Advance().Span);
        }

        if (IsDeclarationStart()) return ParseDeclarationStatement();
        var expression = ParseExpression();
        ExpectSemicolon("after expression");
        return new ExpressionStatement(SpanFrom(start), expression);
    }

    /// <summary>Takes a semicolon; where it is missing at the end of a line, goes on as if it were there.</summary>
    private void ExpectSemicolon(string after)
    {
        if (_isPanicking || Accept(TokenKind.Semicolon)) return;
        ReportMissing(";", after);
        if (!Current.AtLineStart || _isQuiet || _isPoisoned) return;
        _isPanicking = false;
        _bodyHasErrors = true;
    }

    private DeclarationStatement ParseDeclarationStatement()
    {
        var start = _position;
        var declarations = new List<DeclarationSyntax>();
        ParseBlockDeclaration(declarations);
        return new DeclarationStatement(SpanFrom(start), declarations);
    }

    private void ParseBlockDeclaration(List<DeclarationSyntax> into)
    {
        switch (Kind)
        {
            case TokenKind.Using: ParseUsing(into, null); break;
            case TokenKind.StaticAssert: into.Add(ParseStaticAssert()); break;
            case TokenKind.Namespace: ParseNamespace(into, default); break;
            default: ParseSimpleDeclaration(into, default, DeclaratorMode.Block); break;
        }
    }

    private IfStatement ParseIf()
    {
        var start = _position;
        Advance();
        var isConstexpr = Accept(TokenKind.Constexpr);
        var outer = PushScope(ScopeKind.Block);
        var (initializer, condition) = ParseConditionInParentheses("if");
        var then = ParseBody();
        StatementSyntax? otherwise = null;
        if (Kind == TokenKind.Else && !_isPanicking)
        {
            Advance();
            otherwise = Kind == TokenKind.If ? ParseElseIf() : ParseBody();
        }

        _scope = outer;
        return new IfStatement(SpanFrom(start), isConstexpr, initializer, condition, then, otherwise);
    }

    private int _elseIfs;

    /// <summary>A chain of else-ifs does not count as nesting, but is limited by itself.</summary>
    private StatementSyntax ParseElseIf()
    {
        if (++_elseIfs > MaxChain || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            GiveUp($"a chain of over {MaxChain} else-ifs");
            return new EmptyStatement(Current.Span);
        }

        var result = ParseIf();
        _elseIfs--;
        return result;
    }

    /// <summary>Parses <c>(init; condition)</c>.</summary>
    private (StatementSyntax? Initializer, ConditionSyntax Condition) ParseConditionInParentheses(string word)
    {
        var open = Current.Span;
        if (!Expect(TokenKind.LeftParen, "(", $"after '{word}'")) return (null, new ConditionSyntax(Missing(open), null));
        StatementSyntax? initializer = null;
        if (HoldsInitializer())
        {
            var start = _position;
            if (Kind == TokenKind.Semicolon) initializer = new EmptyStatement(Advance().Span);
            else if (IsDeclarationStart()) initializer = ParseDeclarationStatement();
            else
            {
                var expression = ParseExpression();
                ExpectSemicolon("after the initializer");
                initializer = new ExpressionStatement(SpanFrom(start), expression);
            }
        }

        var condition = ParseCondition();
        if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open);
        return (initializer, condition);
    }

    /// <summary>True where a semicolon stands directly in the parentheses that were just opened.</summary>
    private bool HoldsInitializer()
    {
        for (var position = _position; ;)
        {
            switch (KindAt(position))
            {
                case TokenKind.Semicolon: return true;
                case TokenKind.RightParen or TokenKind.RightBrace or TokenKind.End: return false;
                case TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace:
                    position = SkipBalanced(position);
                    break;
                default:
                    position++;
                    break;
            }
        }
    }

    private ConditionSyntax ParseCondition()
    {
        if (!IsDeclarationStart(inCondition: true)) return new ConditionSyntax(ParseExpression(), null);
        var start = _position;
        var specifiers = ParseSpecifiers(SpecifierContext.Declaration);
        var declarator = ParseDeclarator(specifiers.Type ?? new AutoTypeSyntax(Current.Span), DeclaratorMode.Block);
        return new ConditionSyntax(null, _isPanicking ? null : ParseVariable(start, specifiers, declarator, default));
    }

    private StatementSyntax ParseBody()
    {
        if (_isPanicking) return new EmptyStatement(Current.Span);
        if (Kind == TokenKind.LeftBrace) return ParseStatement();
        var outer = PushScope(ScopeKind.Block);
        var body = ParseStatement();
        _scope = outer;
        return body;
    }
}
