namespace CudaWasm.Compiler.Syntax;

/// <summary>Looking ahead over tokens, without building anything: what a parenthesis or a name begins.</summary>
internal sealed partial class Parser
{
    /// <summary>Longer argument lists are taken for comparisons.</summary>
    private const int MaxArgumentTokens = 4096;

    /// <summary>A possibly qualified name that was passed.</summary>
    /// <param name="End">The token after it; -1 where there is no name.</param>
    /// <param name="Symbol">What its last part was declared as, if known.</param>
    /// <param name="HasArguments">True where its last part has template arguments.</param>
    /// <param name="IsQualified">True where it holds <c>::</c>.</param>
    private readonly record struct NameScan(int End, Symbol? Symbol, bool HasArguments, bool IsQualified);

    private static bool IsTypeWord(TokenKind kind) => kind is >= TokenKind.Void and <= TokenKind.Typename;

    /// <summary>The words that only a declaration starts with.</summary>
    private static bool IsSpecifierWord(TokenKind kind) => kind is >= TokenKind.Const and <= TokenKind.Extension;

    /// <summary>The token after the bracket that closes the one at a position.</summary>
    private int SkipBalanced(int position)
    {
        var depth = 0;
        for (; position < _tokens.Length - 1; position++)
        {
            switch (_tokens[position].Kind)
            {
                case TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace:
                    depth++;
                    break;
                case TokenKind.RightParen or TokenKind.RightBracket or TokenKind.RightBrace when --depth == 0:
                    return position + 1;
            }
        }

        return position;
    }

    /// <summary>The token after the <c>&gt;</c> that closes the <c>&lt;</c> at a position; -1 where it does not look like an argument list.</summary>
    private int SkipTemplateArguments(int position, bool isKnownTemplate)
    {
        var depth = 0;
        var isLogical = false;
        var limit = Math.Min(position + MaxArgumentTokens, _tokens.Length);
        while (position < limit)
        {
            switch (_tokens[position].Kind)
            {
                case TokenKind.Less when depth == 0 || _tokens[position - 1].Kind is TokenKind.Identifier or TokenKind.Template:
                    depth++;
                    break;
                case TokenKind.Greater:
                    // a < b && c > d compares; only std::enable_if<a && b>::type does not.
                    if (--depth == 0) return isLogical && KindAt(position + 1) != TokenKind.ColonColon ? -1 : position + 1;
                    break;
                case TokenKind.PipePipe when !isKnownTemplate:
                case TokenKind.AmpersandAmpersand when !isKnownTemplate && KindAt(position + 1) is not (TokenKind.Greater or TokenKind.Comma or TokenKind.Ellipsis):
                    isLogical = true;
                    break;
                case TokenKind.LeftParen or TokenKind.LeftBracket:
                    position = SkipBalanced(position);
                    continue;
                case TokenKind.LeftBrace when isKnownTemplate:
                    position = SkipBalanced(position);
                    continue;
                case TokenKind.Equal or TokenKind.Question when !isKnownTemplate:
                case TokenKind.Semicolon or TokenKind.RightParen or TokenKind.RightBracket or TokenKind.RightBrace or TokenKind.LeftBrace:
                case TokenKind.LessLessLess or TokenKind.End:
                    return -1;
            }

            position++;
        }

        return -1;
    }

    /// <summary>Passes a name; where a <c>&lt;</c> after an unknown one may open arguments, it is taken to do so.</summary>
    private NameScan SkipName(int position)
    {
        var isQualified = KindAt(position) == TokenKind.ColonColon;
        if (isQualified) position++;
        Scope? scope = null;
        var isDecltype = StartsWithDecltype(position);
        if (isDecltype) position = SkipBalanced(position + 1) + 1;
        for (var isFirst = !isQualified && !isDecltype; ; isFirst = false)
        {
            if (KindAt(position) == TokenKind.Template) position++;
            if (KindAt(position) != TokenKind.Identifier) return new NameScan(-1, null, false, isQualified);
            var name = _tokens[position].NameText;
            var symbol = isFirst ? _scope.Find(name) : scope?.FindHere(name);
            position++;
            var hasArguments = false;
            if (KindAt(position) == TokenKind.Less && symbol is null or { IsTemplate: true } or { Kind: SymbolKind.Function })
            {
                var end = SkipTemplateArguments(position, symbol is { IsTemplate: true });
                if (end > 0)
                {
                    position = end;
                    hasArguments = true;
                }
            }

            if (KindAt(position) != TokenKind.ColonColon || KindAt(position + 1) is not (TokenKind.Identifier or TokenKind.Template))
            {
                return new NameScan(position, symbol, hasArguments, isQualified);
            }

            isQualified = true;
            scope = symbol?.Members;
            position++;
        }
    }

    /// <summary>Passes a type with an abstract declarator; -1 where there is none. An unknown name counts as a type.</summary>
    private int SkipTypeId(int position, out bool isCertain)
    {
        isCertain = false;
        var start = position;
        var hasType = false;
        while (true)
        {
            var kind = KindAt(position);
            switch (kind)
            {
                case TokenKind.Const or TokenKind.Volatile or TokenKind.Extension or TokenKind.Restrict:
                    isCertain = true;
                    position++;
                    continue;
                case TokenKind.Decltype or TokenKind.Typeof when KindAt(position + 1) == TokenKind.LeftParen && !hasType && !StartsWithDecltype(position):
                    position = SkipBalanced(position + 1);
                    isCertain = hasType = true;
                    continue;
                case TokenKind.Struct or TokenKind.Class or TokenKind.Union or TokenKind.Enum or TokenKind.Typename when !hasType:
                    position = SkipName(position + 1).End;
                    if (position < 0) return -1;
                    isCertain = hasType = true;
                    continue;
                case TokenKind.Identifier or TokenKind.ColonColon or TokenKind.Decltype or TokenKind.Typeof when !hasType:
                    var scan = SkipName(position);
                    if (scan.End < 0 || scan.Symbol is { Kind: SymbolKind.Value or SymbolKind.Function or SymbolKind.Namespace }) return -1;
                    isCertain |= scan.Symbol is { Kind: SymbolKind.Type };
                    position = scan.End;
                    hasType = true;
                    continue;
                case TokenKind.Align or TokenKind.Alignas or TokenKind.Attribute:
                    position = SkipBalanced(position + 1);
                    continue;
            }

            if (!IsTypeWord(kind)) break;
            isCertain = hasType = true;
            position++;
        }

        return hasType && position > start ? SkipAbstractDeclarator(position, ref isCertain) : -1;
    }

    private int SkipAbstractDeclarator(int position, ref bool isCertain)
    {
        while (true)
        {
            switch (KindAt(position))
            {
                case TokenKind.Star or TokenKind.Ampersand or TokenKind.AmpersandAmpersand:
                case TokenKind.Const or TokenKind.Volatile or TokenKind.Restrict:
                    position++;
                    continue;
                case TokenKind.Identifier when KindAt(position + 1) == TokenKind.ColonColon && KindAt(position + 2) == TokenKind.Star:
                    position += 3;
                    isCertain = true;
                    continue;
                case TokenKind.LeftBracket:
                    position = SkipBalanced(position);
                    continue;
                case TokenKind.LeftParen when KindAt(position + 1) is TokenKind.Star or TokenKind.Ampersand or TokenKind.AmpersandAmpersand || IsDeclaratorParenthesis(position):
                    var close = SkipBalanced(position);
                    if (KindAt(close) is not (TokenKind.LeftParen or TokenKind.LeftBracket)) return position;
                    isCertain = true;
                    position = close;
                    continue;
                case TokenKind.LeftParen when isCertain && LooksLikeParameters(position + 1, isBlock: true):
                    position = SkipBalanced(position);
                    continue;
                default:
                    return position;
            }
        }
    }

    /// <summary>True where a parenthesis that follows a declared name holds parameters, not the arguments of a constructor.</summary>
    private bool LooksLikeParameters(int position, bool isBlock)
    {
        var kind = KindAt(position);
        if (kind is TokenKind.RightParen or TokenKind.Ellipsis) return true;
        if (IsSpecifierWord(kind) || kind is TokenKind.Struct or TokenKind.Class or TokenKind.Union or TokenKind.Enum or TokenKind.Auto) return true;
        if (kind == TokenKind.LeftBracket && KindAt(position + 1) == TokenKind.LeftBracket) return true;
        if (IsTypeWord(kind))
        {
            var end = kind == TokenKind.Typename ? SkipName(position + 1).End : position + 1;
            if (end < 0 || KindAt(end) == TokenKind.LeftBrace) return false;
            return KindAt(end) != TokenKind.LeftParen || IsDeclaratorParenthesis(end);
        }

        if (kind is not (TokenKind.Identifier or TokenKind.ColonColon)) return false;
        var scan = SkipName(position);
        if (scan.End < 0 || scan.Symbol is { Kind: not SymbolKind.Type }) return false;
        var next = KindAt(scan.End);
        if (next is TokenKind.Identifier or TokenKind.Const or TokenKind.Volatile or TokenKind.Restrict) return true;
        if (scan.Symbol is { Kind: SymbolKind.Type })
        {
            return next == TokenKind.LeftParen ? IsDeclaratorParenthesis(scan.End) : next is not (TokenKind.LeftBrace or TokenKind.ColonColon);
        }

        if (isBlock) return false;
        return next switch
        {
            TokenKind.Star or TokenKind.Ampersand or TokenKind.AmpersandAmpersand =>
                KindAt(scan.End + 1) is TokenKind.Comma or TokenKind.RightParen or TokenKind.Star or TokenKind.Const or TokenKind.Restrict or TokenKind.Ampersand or TokenKind.Ellipsis
                || (KindAt(scan.End + 1) == TokenKind.Identifier && KindAt(scan.End + 2) is TokenKind.Comma or TokenKind.RightParen or TokenKind.Equal or TokenKind.LeftBracket),
            TokenKind.Comma or TokenKind.RightParen or TokenKind.Ellipsis => true,
            _ => false,
        };
    }

    /// <summary>True for the parenthesis of <c>T (*name)[n]</c> and <c>T (&amp;name)(int)</c>.</summary>
    private bool IsDeclaratorParenthesis(int position)
    {
        var kind = KindAt(position + 1);
        var isPointer = kind is TokenKind.Star or TokenKind.Ampersand or TokenKind.AmpersandAmpersand;
        if (!isPointer && !(kind == TokenKind.Identifier && KindAt(position + 2) == TokenKind.ColonColon && KindAt(position + 3) == TokenKind.Star)) return false;
        return KindAt(SkipBalanced(position)) is TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.Equal or TokenKind.Semicolon or TokenKind.Comma or TokenKind.RightParen;
    }

    /// <summary>True where a statement or condition begins with a declaration.</summary>
    /// <param name="inCondition">True in the parentheses of if, while and switch, where <c>a * b</c> is a product.</param>
    private bool IsDeclarationStart(bool inCondition = false)
    {
        var kind = Kind;
        if (kind is TokenKind.Struct or TokenKind.Class or TokenKind.Union or TokenKind.Enum or TokenKind.Auto) return true;
        if (kind is TokenKind.Using or TokenKind.StaticAssert or TokenKind.Namespace) return true;
        if (IsSpecifierWord(kind)) return true;
        if (IsTypeWord(kind))
        {
            var end = kind switch
            {
                TokenKind.Typename => SkipName(_position + 1).End,
                TokenKind.Decltype or TokenKind.Typeof => StartsWithDecltype(_position) ? SkipName(_position).End : SkipBalanced(_position + 1),
                _ => SkipTypeWords(_position),
            };
            if (end < 0) return true;
            return KindAt(end) switch
            {
                TokenKind.LeftParen => IsDeclaratorParenthesis(end),
                TokenKind.LeftBrace or TokenKind.ColonColon => false,
                _ => true,
            };
        }

        if (kind is not (TokenKind.Identifier or TokenKind.ColonColon)) return false;
        var scan = SkipName(_position);
        return scan.End >= 0 && scan.Symbol is null or { Kind: SymbolKind.Type } && IsDeclaratorAfter(scan, inCondition);
    }

    private int SkipTypeWords(int position)
    {
        while (IsTypeWord(KindAt(position)) || KindAt(position) is TokenKind.Const or TokenKind.Volatile) position++;
        return position;
    }

    private bool IsDeclaratorAfter(NameScan scan, bool inCondition)
    {
        var next = KindAt(scan.End);
        if (next is TokenKind.Identifier or TokenKind.Const or TokenKind.Volatile or TokenKind.Restrict) return true;
        if (IsSpecifierWord(next)) return true;
        var isType = scan.Symbol is not null;
        if (next == TokenKind.LeftParen) return isType && IsDeclaratorParenthesis(scan.End);
        if (next is not (TokenKind.Star or TokenKind.Ampersand or TokenKind.AmpersandAmpersand)) return isType && next == TokenKind.LeftBracket && scan.HasArguments;
        var position = scan.End;
        while (KindAt(position) is TokenKind.Star or TokenKind.Ampersand or TokenKind.AmpersandAmpersand or TokenKind.Const or TokenKind.Restrict or TokenKind.Volatile) position++;
        if (KindAt(position - 1) is TokenKind.Const or TokenKind.Restrict or TokenKind.Volatile) return true;
        if (KindAt(position) == TokenKind.LeftParen) return isType && IsDeclaratorParenthesis(position);
        if (KindAt(position) != TokenKind.Identifier) return isType && KindAt(position) == TokenKind.LeftBracket;
        if (isType) return true;
        var after = KindAt(position + 1);
        return inCondition
            ? after is TokenKind.Equal or TokenKind.Colon
            : after is TokenKind.Equal or TokenKind.Semicolon or TokenKind.Comma or TokenKind.LeftBracket or TokenKind.LeftBrace or TokenKind.Colon or TokenKind.LeftParen;
    }
}
