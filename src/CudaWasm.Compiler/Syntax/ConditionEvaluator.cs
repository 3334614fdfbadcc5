using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>Evaluates the expression of <c>#if</c> on 64-bit integers, signed unless a <c>u</c> or a large value says otherwise.</summary>
internal sealed class ConditionEvaluator(List<Token> tokens, Token directive, DiagnosticBag diagnostics)
{
    private const int MaxDepth = 256;

    private int _position;
    private int _depth;
    private int _unevaluated;
    private bool _failed;

    private TokenKind Kind => _position < tokens.Count ? tokens[_position].Kind : TokenKind.EndOfDirective;

    /// <summary>True where the value is not zero; false after an error.</summary>
    public bool Evaluate()
    {
        if (tokens.Count == 0) return Fail($"#{directive.Text} needs an expression").IsTrue;
        var value = Conditional();
        if (!_failed && Kind != TokenKind.EndOfDirective) Fail($"unexpected '{tokens[_position].Text}' in the condition of #{directive.Text}");
        return !_failed && value.IsTrue;
    }

    private Value Conditional()
    {
        if (++_depth > MaxDepth) Fail($"condition is nested over {MaxDepth} deep", DiagnosticCodes.NestingTooDeep);
        var value = _failed ? default : Binary(1);
        if (!_failed && Kind == TokenKind.Question)
        {
            _position++;
            var whenTrue = Evaluate(value.IsTrue, Conditional);
            if (Kind == TokenKind.Colon) _position++;
            else Fail("expected ':' in a condition");
            var whenFalse = Evaluate(!value.IsTrue, Conditional);
            value = new Value(value.IsTrue ? whenTrue.Bits : whenFalse.Bits, whenTrue.IsUnsigned || whenFalse.IsUnsigned);
        }

        _depth--;
        return value;
    }

    private Value Evaluate(bool isUsed, Func<Value> read)
    {
        if (!isUsed) _unevaluated++;
        var value = read();
        if (!isUsed) _unevaluated--;
        return value;
    }

    private Value Binary(int level)
    {
        var left = Unary();
        while (!_failed)
        {
            var (op, length) = Operator();
            var precedence = Precedence(op);
            if (precedence < level) return left;
            var place = tokens[_position];
            _position += length;
            var isUsed = op switch
            {
                TokenKind.AmpersandAmpersand => left.IsTrue,
                TokenKind.PipePipe => !left.IsTrue,
                _ => true,
            };
            var right = Evaluate(isUsed, () => Binary(precedence + 1));
            if (!_failed) left = Apply(op, left, right, place);
        }

        return left;
    }

    /// <summary>The operator that comes next; two adjacent <c>&gt;</c> shift.</summary>
    private (TokenKind Operator, int Length) Operator()
    {
        if (_position < tokens.Count && tokens[_position].Name is { } word && Keywords.OperatorWords.TryGetValue(word.Text, out var kind)) return (kind, 1);
        return Kind == TokenKind.Greater && _position + 1 < tokens.Count && tokens[_position + 1] is { Kind: TokenKind.Greater, IsAdjacent: true }
            ? (TokenKind.GreaterEqual + 1, 2)
            : (Kind, 1);
    }

    private const TokenKind ShiftRight = TokenKind.GreaterEqual + 1;

    private static int Precedence(TokenKind op) => op switch
    {
        TokenKind.PipePipe => 1,
        TokenKind.AmpersandAmpersand => 2,
        TokenKind.Pipe => 3,
        TokenKind.Caret => 4,
        TokenKind.Ampersand => 5,
        TokenKind.EqualEqual or TokenKind.ExclaimEqual => 6,
        TokenKind.Less or TokenKind.LessEqual or TokenKind.Greater or TokenKind.GreaterEqual => 7,
        TokenKind.LessLess or ShiftRight => 8,
        TokenKind.Plus or TokenKind.Minus => 9,
        TokenKind.Star or TokenKind.Slash or TokenKind.Percent => 10,
        _ => 0,
    };

    private Value Apply(TokenKind op, Value left, Value right, Token place)
    {
        var isUnsigned = left.IsUnsigned || right.IsUnsigned;
        if (op is TokenKind.Slash or TokenKind.Percent)
        {
            if (right.Bits == 0) return _unevaluated > 0 ? new Value(0, isUnsigned) : Fail("division by zero in a condition", DiagnosticCodes.BadDirective, place);
            if (isUnsigned) return new Value(op == TokenKind.Slash ? left.Bits / right.Bits : left.Bits % right.Bits, true);
            if (right.Signed == -1) return new Value(op == TokenKind.Slash ? 0 - left.Bits : 0, false);
            return new Value((ulong)(op == TokenKind.Slash ? left.Signed / right.Signed : left.Signed % right.Signed), false);
        }

        return op switch
        {
            TokenKind.PipePipe => Value.Of(left.IsTrue || right.IsTrue),
            TokenKind.AmpersandAmpersand => Value.Of(left.IsTrue && right.IsTrue),
            TokenKind.Pipe => new Value(left.Bits | right.Bits, isUnsigned),
            TokenKind.Caret => new Value(left.Bits ^ right.Bits, isUnsigned),
            TokenKind.Ampersand => new Value(left.Bits & right.Bits, isUnsigned),
            TokenKind.EqualEqual => Value.Of(left.Bits == right.Bits),
            TokenKind.ExclaimEqual => Value.Of(left.Bits != right.Bits),
            TokenKind.Less => Value.Of(isUnsigned ? left.Bits < right.Bits : left.Signed < right.Signed),
            TokenKind.LessEqual => Value.Of(isUnsigned ? left.Bits <= right.Bits : left.Signed <= right.Signed),
            TokenKind.Greater => Value.Of(isUnsigned ? left.Bits > right.Bits : left.Signed > right.Signed),
            TokenKind.GreaterEqual => Value.Of(isUnsigned ? left.Bits >= right.Bits : left.Signed >= right.Signed),
            TokenKind.LessLess => left with { Bits = right.Bits > 63 ? 0 : left.Bits << (int)right.Bits },
            ShiftRight when left.IsUnsigned => left with { Bits = right.Bits > 63 ? 0 : left.Bits >> (int)right.Bits },
            ShiftRight => left with { Bits = (ulong)(left.Signed >> (int)Math.Min(right.Bits, 63)) },
            TokenKind.Plus => new Value(left.Bits + right.Bits, isUnsigned),
            TokenKind.Minus => new Value(left.Bits - right.Bits, isUnsigned),
            _ => new Value(left.Bits * right.Bits, isUnsigned),
        };
    }

    private Value Unary()
    {
        if (_position >= tokens.Count) return Fail("the condition ends too early");
        if (++_depth > MaxDepth) Fail($"condition is nested over {MaxDepth} deep", DiagnosticCodes.NestingTooDeep);
        var value = _failed ? default : Operand();
        _depth--;
        return value;
    }

    private Value Operand()
    {
        var token = tokens[_position++];
        var kind = token.Name is { } word && Keywords.OperatorWords.TryGetValue(word.Text, out var op) ? op : token.Kind;
        switch (kind)
        {
            case TokenKind.Exclaim: return Value.Of(!Unary().IsTrue);
            case TokenKind.Minus: return Unary() is var negated ? negated with { Bits = 0 - negated.Bits } : default;
            case TokenKind.Plus: return Unary();
            case TokenKind.Tilde: return Unary() is var inverted ? inverted with { Bits = ~inverted.Bits } : default;
            case TokenKind.LeftParen:
                var inner = Conditional();
                if (!_failed && Kind != TokenKind.RightParen) return Fail("expected ')' in a condition");
                _position++;
                return inner;
            case TokenKind.Number:
                return LiteralReader.TryReadInteger(token.Text, out var number)
                    ? new Value(number.Value, number.IsUnsigned || number.Value > long.MaxValue)
                    : Fail($"'{token.Text}' is not an integer; conditions take integers only", DiagnosticCodes.BadNumber, token);
            case TokenKind.Character: return new Value((ulong)(long)LiteralReader.ReadCharacter(token, diagnostics).Value, false);
            case TokenKind.Identifier: return Value.Of(token.NameText == "true");
            default: return Fail($"unexpected '{token.Text}' in a condition", DiagnosticCodes.BadDirective, token);
        }
    }

    private Value Fail(string message, string code = DiagnosticCodes.BadDirective, Token? place = null)
    {
        if (!_failed) diagnostics.Error(code, (place ?? directive).Span, message);
        _failed = true;
        return default;
    }

    private readonly record struct Value(ulong Bits, bool IsUnsigned)
    {
        public long Signed => (long)Bits;

        public bool IsTrue => Bits != 0;

        public static Value Of(bool value) => new(value ? 1UL : 0UL, false);
    }
}
