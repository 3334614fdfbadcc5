namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    private static readonly Dictionary<TokenKind, DeclarationFlags> SpecifierFlags = new()
    {
        [TokenKind.Static] = DeclarationFlags.Static,
        [TokenKind.Extern] = DeclarationFlags.Extern,
        [TokenKind.ThreadLocal] = DeclarationFlags.ThreadLocal,
        [TokenKind.Mutable] = DeclarationFlags.Mutable,
        [TokenKind.Inline] = DeclarationFlags.Inline,
        [TokenKind.ForceInline] = DeclarationFlags.ForceInline | DeclarationFlags.Inline,
        [TokenKind.NoInline] = DeclarationFlags.NoInline,
        [TokenKind.Constexpr] = DeclarationFlags.Constexpr,
        [TokenKind.Virtual] = DeclarationFlags.Virtual,
        [TokenKind.Friend] = DeclarationFlags.Friend,
        [TokenKind.Global] = DeclarationFlags.Global,
        [TokenKind.Device] = DeclarationFlags.Device,
        [TokenKind.Host] = DeclarationFlags.Host,
        [TokenKind.Shared] = DeclarationFlags.Shared,
        [TokenKind.Constant] = DeclarationFlags.Constant,
        [TokenKind.Managed] = DeclarationFlags.Managed | DeclarationFlags.Device,
        [TokenKind.GridConstant] = DeclarationFlags.GridConstant,
    };

    /// <summary>Parses one word (with its operands) of the specifiers.</summary>
    private void ParseSpecifierWord(Specifiers into)
    {
        var kind = Kind;
        if (SpecifierFlags.TryGetValue(kind, out var flag))
        {
            Advance();
            into.Flags |= flag;
            return;
        }

        switch (kind)
        {
            case TokenKind.Const:
                Advance();
                into.IsConst = true;
                break;
            case TokenKind.Volatile:
                Advance();
                into.IsVolatile = true;
                break;
            case TokenKind.Restrict:
                Advance();
                into.IsRestrict = true;
                break;
            case TokenKind.Typedef:
                Advance();
                into.IsTypedef = true;
                break;
            case TokenKind.Explicit:
                Advance();
                into.Flags |= DeclarationFlags.Explicit;
                if (Kind == TokenKind.LeftParen) _position = SkipBalanced(_position);
                break;
            case TokenKind.Register or TokenKind.Extension:
                Advance();
                break;
            default:
                ParseAttribute(into);
                break;
        }
    }

    /// <summary>Passes attributes, noting alignments and launch bounds. False where there was none.</summary>
    private bool ParseAttributes(Specifiers into)
    {
        var start = _position;
        while (!_isPanicking && (Kind is >= TokenKind.LaunchBounds and <= TokenKind.Extension || (Kind == TokenKind.LeftBracket && PeekKind(1) == TokenKind.LeftBracket))) ParseAttribute(into);
        return _position > start;
    }

    private void ParseAttribute(Specifiers into)
    {
        switch (Kind)
        {
            case TokenKind.LaunchBounds:
                Advance();
                into.LaunchBounds.AddRange(ParseParenthesized());
                break;
            case TokenKind.Align:
                Advance();
                into.Alignments.AddRange(ParseParenthesized());
                break;
            case TokenKind.Alignas:
                ParseAlignas(into);
                break;
            case TokenKind.Attribute or TokenKind.Declspec:
                ParseGnuAttribute(into);
                break;
            case TokenKind.ClusterDims or TokenKind.MaxRegisters:
                Advance();
                if (Kind == TokenKind.LeftParen) _position = SkipBalanced(_position);
                break;
            case TokenKind.LeftBracket:
                _position = SkipBalanced(_position);
                break;
            default:
                Advance();
                break;
        }
    }

    private void ParseAlignas(Specifiers into)
    {
        var start = _position;
        Advance();
        if (Kind == TokenKind.LeftParen && SkipTypeId(_position + 1, out var isCertain) is > 0 and var end && isCertain && KindAt(end) == TokenKind.RightParen)
        {
            Advance();
            var type = ParseTypeId();
            Advance();
            into.Alignments.Add(new SizeOfExpression(SpanFrom(start), type, null, isAlignment: true, isPack: false));
            return;
        }

        into.Alignments.AddRange(ParseParenthesized());
    }

    /// <summary>Parses <c>__attribute__((a, b(1)))</c> and <c>__declspec(align(8))</c>; unknown attributes are passed over.</summary>
    private void ParseGnuAttribute(Specifiers into)
    {
        Advance();
        if (Kind != TokenKind.LeftParen)
        {
            ReportUnexpected("'(' after the attribute");
            return;
        }

        var end = SkipBalanced(_position);
        while (_position < end - 1 && Kind != TokenKind.End)
        {
            var text = Current.Text;
            Advance();
            switch (text)
            {
                case "aligned" or "__aligned__" or "align" when Kind == TokenKind.LeftParen:
                    into.Alignments.AddRange(ParseParenthesized());
                    break;
                case "aligned" or "__aligned__":
                    // Without a number: the largest alignment of the target.
                    into.Alignments.Add(new IntegerLiteral(TokenAt(_position - 1).Span, 16, false, 0, true));
                    break;
                case "noinline" or "__noinline__":
                    into.Flags |= DeclarationFlags.NoInline;
                    break;
                case "always_inline" or "__always_inline__":
                    into.Flags |= DeclarationFlags.ForceInline;
                    break;
                case "global" or "__global__":
                    into.Flags |= DeclarationFlags.Global;
                    break;
                case "device" or "__device__":
                    into.Flags |= DeclarationFlags.Device;
                    break;
                case "host" or "__host__":
                    into.Flags |= DeclarationFlags.Host;
                    break;
                case "shared":
                    into.Flags |= DeclarationFlags.Shared;
                    break;
                case "constant":
                    into.Flags |= DeclarationFlags.Constant;
                    break;
            }
        }

        Rewind(end);
    }

    /// <summary>Parses <c>(a, b)</c> as expressions.</summary>
    private List<ExpressionSyntax> ParseParenthesized()
    {
        var open = Current.Span;
        if (!Expect(TokenKind.LeftParen, "(")) return [];
        return ParseArguments(TokenKind.RightParen, ")", open);
    }
}
