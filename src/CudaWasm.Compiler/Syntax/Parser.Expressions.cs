using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    /// <summary>What a <c>&gt;</c> means where an expression is being parsed.</summary>
    private enum GreaterMode
    {
        /// <summary>Greater, or a shift.</summary>
        Operator,

        /// <summary>The end of template arguments.</summary>
        ClosesTemplate,

        /// <summary>An operator, but three in a row end a launch configuration.</summary>
        ClosesLaunch,
    }

    private GreaterMode _greater;

    /// <summary>Set once a parameter pack was seen: only then can a parenthesis hold a fold.</summary>
    private bool _hasPacks;

    /// <summary>Parses an expression with commas.</summary>
    private ExpressionSyntax ParseExpression()
    {
        var first = _position;
        var left = ParseAssignment();
        while (Kind == TokenKind.Comma && !_isPanicking)
        {
            var depth = _treeDepth;
            var op = Advance();
            var right = ParseAssignment();
            SetTreeDepth(Math.Max(depth, _treeDepth) + 1);
            left = new BinaryExpression(SpanFrom(first), BinaryOperator.Comma, left, right, op.Span);
        }

        return left;
    }

    private ExpressionSyntax ParseAssignment()
    {
        if (Kind == TokenKind.Throw) return ParseThrow();
        var first = _position;
        var target = ParseConditional();
        if (!TryPeekAssignment(out var op, out var length) || _isPanicking) return target;
        var start = _position;
        _position += length;
        var opSpan = SpanFrom(start);
        var depth = _treeDepth;
        if (!TryEnter()) return target;
        var value = Kind == TokenKind.LeftBrace ? ParseInitializerList() : ParseAssignment();
        Leave();
        SetTreeDepth(Math.Max(depth, _treeDepth) + 1);
        return new AssignmentExpression(SpanFrom(first), op, target, value, opSpan);
    }

    private ExpressionSyntax ParseThrow()
    {
        Report(DiagnosticCodes.UnexpectedToken, Current.Span, "device code cannot throw: use __trap() or an error flag");
        return Missing(Current.Span);
    }

    private bool TryPeekAssignment(out BinaryOperator? op, out int length)
    {
        op = null;
        length = 1;
        switch (Kind)
        {
            case TokenKind.Equal: return true;
            case TokenKind.PlusEqual: op = BinaryOperator.Add; return true;
            case TokenKind.MinusEqual: op = BinaryOperator.Subtract; return true;
            case TokenKind.StarEqual: op = BinaryOperator.Multiply; return true;
            case TokenKind.SlashEqual: op = BinaryOperator.Divide; return true;
            case TokenKind.PercentEqual: op = BinaryOperator.Remainder; return true;
            case TokenKind.LessLessEqual: op = BinaryOperator.ShiftLeft; return true;
            case TokenKind.AmpersandEqual: op = BinaryOperator.BitAnd; return true;
            case TokenKind.PipeEqual: op = BinaryOperator.BitOr; return true;
            case TokenKind.CaretEqual: op = BinaryOperator.BitXor; return true;
            case TokenKind.Greater when _greater != GreaterMode.ClosesTemplate && PeekKind(1) == TokenKind.GreaterEqual && TokenAt(_position + 1).IsAdjacent:
                op = BinaryOperator.ShiftRight;
                length = 2;
                return true;
            default: return false;
        }
    }

    private ExpressionSyntax ParseConditional()
    {
        var first = _position;
        var condition = ParseBinary(1);
        if (Kind != TokenKind.Question || _isPanicking) return condition;
        Advance();
        var depth = _treeDepth;
        if (!TryEnter()) return condition;
        var mode = _greater;
        if (mode == GreaterMode.ClosesTemplate) _greater = GreaterMode.Operator;
        var whenTrue = ParseExpression();
        depth = Math.Max(depth, _treeDepth);
        _greater = mode;
        Expect(TokenKind.Colon, ":", "in a conditional expression");
        var whenFalse = _isPanicking ? whenTrue : ParseAssignment();
        Leave();
        SetTreeDepth(Math.Max(depth, _treeDepth) + 1);
        return new ConditionalExpression(SpanFrom(first), condition, whenTrue, whenFalse);
    }

    private ExpressionSyntax ParseBinary(int minimum)
    {
        // Parentheses leave no node behind, but belong to what is shown.
        var first = _position;
        var left = ParseUnary();
        while (!_isPanicking)
        {
            var (op, precedence, length) = PeekBinaryOperator();
            if (precedence < minimum || PeekKind(length) == TokenKind.Ellipsis) break;
            var start = _position;
            var depth = _treeDepth;
            _position += length;
            var span = SpanFrom(start);
            var right = ParseBinary(precedence + 1);
            SetTreeDepth(Math.Max(depth, _treeDepth) + 1);
            left = new BinaryExpression(SpanFrom(first), op, left, right, span);
        }

        return left;
    }

    /// <summary>The binary operator at hand with its precedence (0 for none) and its tokens.</summary>
    private (BinaryOperator Operator, int Precedence, int Length) PeekBinaryOperator()
    {
        switch (Kind)
        {
            case TokenKind.PipePipe: return (BinaryOperator.LogicalOr, 1, 1);
            case TokenKind.AmpersandAmpersand: return (BinaryOperator.LogicalAnd, 2, 1);
            case TokenKind.Pipe: return (BinaryOperator.BitOr, 3, 1);
            case TokenKind.Caret: return (BinaryOperator.BitXor, 4, 1);
            case TokenKind.Ampersand: return (BinaryOperator.BitAnd, 5, 1);
            case TokenKind.EqualEqual: return (BinaryOperator.Equal, 6, 1);
            case TokenKind.ExclaimEqual: return (BinaryOperator.NotEqual, 6, 1);
            case TokenKind.Less: return (BinaryOperator.Less, 7, 1);
            case TokenKind.LessEqual: return (BinaryOperator.LessOrEqual, 7, 1);
            case TokenKind.GreaterEqual: return (BinaryOperator.GreaterOrEqual, 7, 1);
            case TokenKind.Greater: return PeekGreater();
            case TokenKind.LessLess: return (BinaryOperator.ShiftLeft, 8, 1);
            case TokenKind.Plus: return (BinaryOperator.Add, 9, 1);
            case TokenKind.Minus: return (BinaryOperator.Subtract, 9, 1);
            case TokenKind.Star: return (BinaryOperator.Multiply, 10, 1);
            case TokenKind.Slash: return (BinaryOperator.Divide, 10, 1);
            case TokenKind.Percent: return (BinaryOperator.Remainder, 10, 1);
            default: return default;
        }
    }

    private (BinaryOperator Operator, int Precedence, int Length) PeekGreater()
    {
        if (_greater == GreaterMode.ClosesTemplate) return default;
        var next = TokenAt(_position + 1);
        if (!next.IsAdjacent || next.Kind is not (TokenKind.Greater or TokenKind.GreaterEqual)) return (BinaryOperator.Greater, 7, 1);
        if (next.Kind == TokenKind.GreaterEqual) return default; // >>= assigns.
        var third = TokenAt(_position + 2);
        if (_greater == GreaterMode.ClosesLaunch && third is { Kind: TokenKind.Greater, IsAdjacent: true }) return default;
        return (BinaryOperator.ShiftRight, 8, 2);
    }

    private ExpressionSyntax ParseUnary()
    {
        if (!TryEnter()) return Missing(Current.Span);
        _treeDepth = 0;
        var result = ParseUnaryOperator();
        Leave();
        SetTreeDepth(_treeDepth + 1);
        return result;
    }

    private ExpressionSyntax ParseUnaryOperator()
    {
        UnaryOperator op;
        switch (Kind)
        {
            case TokenKind.Plus: op = UnaryOperator.Plus; break;
            case TokenKind.Minus: op = UnaryOperator.Negate; break;
            case TokenKind.Tilde: op = UnaryOperator.BitNot; break;
            case TokenKind.Exclaim: op = UnaryOperator.LogicalNot; break;
            case TokenKind.Star: op = UnaryOperator.Dereference; break;
            case TokenKind.Ampersand: op = UnaryOperator.AddressOf; break;
            case TokenKind.PlusPlus: op = UnaryOperator.PreIncrement; break;
            case TokenKind.MinusMinus: op = UnaryOperator.PreDecrement; break;
            case TokenKind.LeftParen when IsCast(): return ParseCast();
            case TokenKind.Sizeof or TokenKind.Alignof: return ParseSizeOf();
            case TokenKind.New: return ParseNew();
            case TokenKind.Delete: return ParseDelete();
            case TokenKind.ColonColon when PeekKind(1) is TokenKind.New: Advance(); return ParseNew();
            case TokenKind.ColonColon when PeekKind(1) is TokenKind.Delete: Advance(); return ParseDelete();
            case TokenKind.Extension: Advance(); return ParseUnary();
            default: return ParsePostfix(ParsePrimary());
        }

        var start = _position;
        Advance();
        var operand = ParseUnary();
        return new UnaryExpression(TokenAt(start).Span.To(operand.Span), op, operand);
    }

    /// <summary>True where the parenthesis at hand holds a type, and a value follows.</summary>
    private bool IsCast()
    {
        var end = SkipTypeId(_position + 1, out var isCertain);
        if (end < 0 || KindAt(end) != TokenKind.RightParen) return false;
        var next = KindAt(end + 1);
        if (isCertain) return !IsEndOfOperand(next);
        var isPlain = Kind == TokenKind.LeftParen && SkipName(_position + 1).End == end;
        if (!isPlain) return !IsEndOfOperand(next);
        return next is TokenKind.Identifier or TokenKind.Number or TokenKind.Character or TokenKind.String or TokenKind.This or TokenKind.True or TokenKind.False
            or TokenKind.Nullptr or TokenKind.Sizeof or TokenKind.Exclaim or TokenKind.Tilde or TokenKind.LeftParen or TokenKind.ColonColon or TokenKind.LeftBrace
            or TokenKind.StaticCast or TokenKind.ReinterpretCast or TokenKind.ConstCast || IsTypeWord(next);
    }

    private static bool IsEndOfOperand(TokenKind kind) =>
        kind is TokenKind.RightParen or TokenKind.RightBracket or TokenKind.RightBrace or TokenKind.Comma or TokenKind.Semicolon or TokenKind.End or TokenKind.Dot or TokenKind.Arrow
            or TokenKind.LeftBracket or TokenKind.Question or TokenKind.Colon or TokenKind.Equal;

    private CastExpression ParseCast()
    {
        var start = _position;
        var open = Advance();
        var type = ParseTypeId();
        ExpectClosing(TokenKind.RightParen, ")", open.Span);
        if (Kind == TokenKind.LeftBrace)
        {
            var list = ParseInitializerList(); // GNU's compound literal.
            return new CastExpression(SpanFrom(start), CastKind.List, type, Values(list));
        }

        var operand = ParseUnary();
        return new CastExpression(TokenAt(start).Span.To(operand.Span), CastKind.CStyle, type, [operand]);
    }

    private SizeOfExpression ParseSizeOf()
    {
        var start = _position;
        var isAlignment = Advance().Kind == TokenKind.Alignof;
        if (Kind == TokenKind.Ellipsis)
        {
            Advance();
            var open = Current.Span;
            Expect(TokenKind.LeftParen, "(", "after 'sizeof...'");
            var pack = ParseName(NameContext.Type);
            ExpectClosing(TokenKind.RightParen, ")", open);
            return new SizeOfExpression(SpanFrom(start), null, new NameExpression(pack.Span, pack), isAlignment, isPack: true);
        }

        if (Kind == TokenKind.LeftParen && SkipTypeId(_position + 1, out var isCertain) is > 0 and var end && KindAt(end) == TokenKind.RightParen)
        {
            var isPlainName = !isCertain && SkipName(_position + 1).End == end;
            if (isCertain || isPlainName || KindAt(end - 1) is TokenKind.Star or TokenKind.Greater)
            {
                Advance();
                var type = ParseTypeId();
                Advance();
                var value = isPlainName && type is NamedTypeSyntax named ? new NameExpression(named.Span, named.Name) : null;
                return new SizeOfExpression(SpanFrom(start), type, value, isAlignment, isPack: false);
            }
        }

        var operand = ParseUnary();
        return new SizeOfExpression(SpanFrom(start), null, operand, isAlignment, isPack: false);
    }

    private NewExpression ParseNew()
    {
        var start = _position;
        Advance();
        IReadOnlyList<ExpressionSyntax> placement = [];
        if (Kind == TokenKind.LeftParen && !(SkipTypeId(_position + 1, out var isCertain) is > 0 and var end && isCertain && KindAt(end) == TokenKind.RightParen)) placement = ParseParenthesized();
        var inParens = Kind == TokenKind.LeftParen;
        if (inParens) Advance();
        var specifiers = ParseSpecifiers(SpecifierContext.TypeOnly);
        if (specifiers.Type is null && !_isPanicking) ReportUnexpected("a type after 'new'");
        var type = ParsePointerOperators(specifiers.Type ?? new BuiltinTypeSyntax(Current.Span, BuiltinTypeKind.Int));
        if (inParens) Expect(TokenKind.RightParen, ")");
        ExpressionSyntax? count = null;
        while (Kind == TokenKind.LeftBracket && !_isPanicking)
        {
            var open = Advance();
            var size = ParseExpression();
            ExpectClosing(TokenKind.RightBracket, "]", open.Span);
            if (count is null) count = size;
            else type = new ArrayTypeSyntax(size.Span, type, size);
        }

        IReadOnlyList<ExpressionSyntax> arguments = Kind switch
        {
            TokenKind.LeftParen => ParseParenthesized(),
            TokenKind.LeftBrace => Values(ParseInitializerList()),
            _ => [],
        };
        return new NewExpression(SpanFrom(start), type, count, arguments) { Placement = placement };
    }

    private DeleteExpression ParseDelete()
    {
        var start = _position;
        Advance();
        var isArray = Accept(TokenKind.LeftBracket);
        if (isArray) Expect(TokenKind.RightBracket, "]");
        var operand = ParseUnary();
        return new DeleteExpression(SpanFrom(start), operand, isArray);
    }

    private static IReadOnlyList<ExpressionSyntax> Values(InitializerList list) =>
        list.Elements.Any(e => e.Field is not null || e.Index is not null) ? [list] : [.. list.Elements.Select(e => e.Value)];
}
