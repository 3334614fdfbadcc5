using System.Text;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    private string _functionName = "";

    private ExpressionSyntax ParsePrimary()
    {
        var token = Current;
        switch (Kind)
        {
            case TokenKind.Number:
                return ParseNumber();
            case TokenKind.Character:
                Advance();
                var (value, type) = LiteralReader.ReadCharacter(token, _diagnostics);
                return new CharLiteral(token.Span, value, type);
            case TokenKind.String:
                return ParseStrings();
            case TokenKind.True or TokenKind.False:
                Advance();
                return new BoolLiteral(token.Span, token.Kind == TokenKind.True);
            case TokenKind.Nullptr:
                Advance();
                return new NullptrLiteral(token.Span);
            case TokenKind.This:
                Advance();
                return new ThisExpression(token.Span);
            case TokenKind.LeftParen:
                return ParseParentheses();
            case TokenKind.LeftBracket:
                return ParseLambda();
            case TokenKind.StaticCast or TokenKind.ReinterpretCast or TokenKind.ConstCast or TokenKind.DynamicCast:
                return ParseNamedCast();
            case TokenKind.Identifier when token.NameText is "__func__" or "__FUNCTION__" or "__PRETTY_FUNCTION__":
                Advance();
                return new StringLiteral(token.Span, _functionName);
            case TokenKind.Identifier when token.NameText == "__builtin_offsetof":
                return ParseOffsetOf();
            case TokenKind.Identifier or TokenKind.ColonColon or TokenKind.Operator:
                return ParseNameExpression();
            case TokenKind.Tilde:
                return ParseNameExpression();
            case TokenKind.Decltype or TokenKind.Typeof when StartsWithDecltype(_position):
                return ParseNameExpression();
            case TokenKind.Typename or TokenKind.Decltype or TokenKind.Typeof:
            case >= TokenKind.Void and <= TokenKind.Int128:
                return ParseFunctionalCast();
            default:
                ReportUnexpected("an expression");
                return Missing(token.Span);
        }
    }

    private ExpressionSyntax ParseNumber()
    {
        var token = Advance();
        var text = token.Text;
        if (LiteralReader.TryReadInteger(text, out var integer))
        {
            return new IntegerLiteral(token.Span, integer.Value, integer.IsUnsigned, integer.LongCount, integer.IsDecimal);
        }

        if (LiteralReader.TryReadFloat(text, out var value, out var isFloat)) return new FloatLiteral(token.Span, value, isFloat);
        Report(DiagnosticCodes.BadNumber, token.Span, $"'{text}' is not a number, or passes 64 bits");
        return Missing(token.Span);
    }

    private StringLiteral ParseStrings()
    {
        var start = _position;
        var text = new StringBuilder();
        while (Kind == TokenKind.String) text.Append(LiteralReader.ReadString(Advance(), _diagnostics));
        return new StringLiteral(SpanFrom(start), text.ToString());
    }

    private ExpressionSyntax ParseParentheses()
    {
        var start = _position;
        var open = Advance();
        if (Kind == TokenKind.LeftBrace) return ParseStatementExpression(start);

        var mode = _greater;
        _greater = GreaterMode.Operator;
        var inner = _hasPacks && IsFold(start) ? ParseFold(start) : ParseExpression();
        _greater = mode;
        if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open.Span);
        return inner;
    }

    /// <summary>True where dots stand beside an operator directly in the parentheses that open at a position.</summary>
    private bool IsFold(int open)
    {
        var end = SkipBalanced(open) - 1;
        for (var i = open + 1; i < end; i++)
        {
            var kind = KindAt(i);
            if (kind is TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace)
            {
                i = SkipBalanced(i) - 1;
            }
            else if (kind == TokenKind.Ellipsis && (IsFoldOperator(KindAt(i - 1)) || IsFoldOperator(KindAt(i + 1))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFoldOperator(TokenKind kind) => kind is TokenKind.Comma or (>= TokenKind.Plus and <= TokenKind.GreaterEqual);

    /// <summary>Parses what is inside of <c>(args + ...)</c>, <c>(... + args)</c> or <c>(a + ... + b)</c>.</summary>
    private FoldExpression ParseFold(int start)
    {
        ExpressionSyntax? left = null;
        ExpressionSyntax? right = null;
        var op = BinaryOperator.Comma;
        if (Kind != TokenKind.Ellipsis)
        {
            left = ParseUnary();
            op = ParseFoldOperator();
        }

        Expect(TokenKind.Ellipsis, "...", "in a fold expression");
        if (Kind != TokenKind.RightParen && !_isPanicking)
        {
            op = ParseFoldOperator();
            right = ParseUnary();
        }

        // (pack op ... op init) against (init op ... op pack): the operand with the pack is the one that is no plain literal.
        var packIsLeft = right is null || (left is not null && HoldsPack(left));
        return new FoldExpression(SpanFrom(start), op, left, right, packIsLeft);
    }

    private bool HoldsPack(ExpressionSyntax expression) => expression switch
    {
        NameExpression { Name: var name } => name.IsSimple && _packNames.Contains(name.Last.Identifier),
        CallExpression call => HoldsPack(call.Callee) || call.Arguments.Any(HoldsPack),
        CastExpression cast => cast.Arguments.Any(HoldsPack),
        UnaryExpression unary => HoldsPack(unary.Operand),
        BinaryExpression binary => HoldsPack(binary.Left) || HoldsPack(binary.Right),
        IndexExpression index => HoldsPack(index.Target) || HoldsPack(index.Index),
        MemberExpression member => HoldsPack(member.Target),
        AssignmentExpression assignment => HoldsPack(assignment.Target) || HoldsPack(assignment.Value),
        SizeOfExpression { Expression: { } operand } => HoldsPack(operand),
        _ => false,
    };

    private BinaryOperator ParseFoldOperator()
    {
        if (Kind == TokenKind.Comma)
        {
            Advance();
            return BinaryOperator.Comma;
        }

        var (op, precedence, length) = PeekBinaryOperator();
        if (precedence == 0)
        {
            if (!_isPanicking) ReportUnexpected("an operator of a fold");
            return op;
        }

        _position += length;
        return op;
    }

    private CastExpression ParseNamedCast()
    {
        var start = _position;
        var kind = Advance().Kind switch
        {
            TokenKind.StaticCast => CastKind.Static,
            TokenKind.ReinterpretCast => CastKind.Reinterpret,
            TokenKind.ConstCast => CastKind.Const,
            _ => CastKind.Dynamic,
        };
        var less = Current.Span;
        Expect(TokenKind.Less, "<", "after a cast");
        var type = _isPanicking ? new BuiltinTypeSyntax(less, BuiltinTypeKind.Int) : ParseTypeId();
        ExpectClosing(TokenKind.Greater, ">", less);
        var open = Current.Span;
        Expect(TokenKind.LeftParen, "(", "after a cast's type");
        var mode = _greater;
        _greater = GreaterMode.Operator;
        var operand = _isPanicking ? Missing(open) : ParseExpression();
        _greater = mode;
        ExpectClosing(TokenKind.RightParen, ")", open);
        return new CastExpression(SpanFrom(start), kind, type, [operand]);
    }

    /// <summary>Parses <c>int(x)</c>, <c>unsigned char{x}</c>, <c>typename T::U(x)</c>.</summary>
    private ExpressionSyntax ParseFunctionalCast()
    {
        var start = _position;
        var specifiers = ParseSpecifiers(SpecifierContext.TypeOnly);
        var type = specifiers.Type ?? new BuiltinTypeSyntax(Current.Span, BuiltinTypeKind.Int);
        if (!_isPanicking && Kind is not (TokenKind.LeftParen or TokenKind.LeftBrace)) ReportUnexpected("'(' after a type in an expression");
        return _isPanicking ? Missing(type.Span) : ParseConstruction(start, type);
    }

    private CastExpression ParseConstruction(int start, TypeSyntax type)
    {
        if (Kind == TokenKind.LeftBrace)
        {
            var list = ParseInitializerList();
            return new CastExpression(SpanFrom(start), CastKind.List, type, Values(list));
        }

        var arguments = ParseParenthesized();
        return new CastExpression(SpanFrom(start), CastKind.Functional, type, arguments);
    }

    private ExpressionSyntax ParseNameExpression()
    {
        var start = _position;
        var name = ParseName(NameContext.Expression);
        var isType = _lastSymbol is { Kind: SymbolKind.Type };
        if (_isPanicking) return Missing(name.Span);
        if (isType && Kind is TokenKind.LeftParen or TokenKind.LeftBrace) return ParseConstruction(start, new NamedTypeSyntax(name.Span, name));
        if (Kind == TokenKind.LeftBrace && _lastSymbol is null) return ParseConstruction(start, new NamedTypeSyntax(name.Span, name));
        return new NameExpression(name.Span, name);
    }

    /// <summary><c>__builtin_offsetof(T, member)</c> is the address of the member in an object at address zero.</summary>
    private CastExpression ParseOffsetOf()
    {
        var start = _position;
        Advance();
        var open = Current.Span;
        Expect(TokenKind.LeftParen, "(");
        var type = ParseTypeId();
        Expect(TokenKind.Comma, ",");
        var zero = new IntegerLiteral(open, 0, false, 0, true);
        var pointer = new CastExpression(type.Span, CastKind.CStyle, new PointerTypeSyntax(type.Span, type), [zero]);
        var member = ParseName(NameContext.Member);
        var place = ParsePostfix(new MemberExpression(member.Span, pointer, member, isArrow: true));
        ExpectClosing(TokenKind.RightParen, ")", open);
        var address = new UnaryExpression(place.Span, UnaryOperator.AddressOf, place);
        return new CastExpression(SpanFrom(start), CastKind.CStyle, new BuiltinTypeSyntax(open, BuiltinTypeKind.UnsignedLong), [address]);
    }
}
