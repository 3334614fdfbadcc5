using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    private enum SpecifierContext
    {
        /// <summary>A declaration: storage classes, definitions of classes and enums.</summary>
        Declaration,

        /// <summary>A type-id: nothing but a type.</summary>
        TypeOnly,
    }

    /// <summary>What stands before the declarators of a declaration.</summary>
    private sealed class Specifiers
    {
        public DeclarationFlags Flags { get; set; }

        /// <summary>Null where none is written: constructors, destructors, conversion functions.</summary>
        public TypeSyntax? Type { get; set; }

        public bool IsTypedef { get; set; }

        public bool IsRestrict { get; set; }

        public bool IsConst { get; set; }

        public bool IsVolatile { get; set; }

        public List<ExpressionSyntax> Alignments { get; } = [];

        public List<ExpressionSyntax> LaunchBounds { get; } = [];

        /// <summary>A class or enum with a name that was defined or announced here.</summary>
        public DeclarationSyntax? Definition { get; set; }
    }

    /// <summary>The words of a built-in type, counted.</summary>
    private sealed class TypeWords
    {
        public TokenKind Base { get; private set; } = TokenKind.End;

        public bool IsSigned { get; private set; }

        public bool IsUnsigned { get; private set; }

        public bool IsShort { get; private set; }

        public int LongCount { get; private set; }

        public bool Any { get; private set; }

        public bool TryAdd(TokenKind kind)
        {
            switch (kind)
            {
                case TokenKind.Signed when !IsUnsigned: IsSigned = true; break;
                case TokenKind.Unsigned when !IsSigned: IsUnsigned = true; break;
                case TokenKind.Short when LongCount == 0: IsShort = true; break;
                case TokenKind.Long when LongCount < 2 && !IsShort: LongCount++; break;
                case >= TokenKind.Void and <= TokenKind.Int128 when Base == TokenKind.End: Base = kind; break;
                default: return false;
            }

            Any = true;
            return true;
        }

        /// <summary>The type the words mean; null where they do not go together.</summary>
        public BuiltinTypeKind? Kind => Base switch
        {
            TokenKind.Void when IsPlain => BuiltinTypeKind.Void,
            TokenKind.Bool when IsPlain => BuiltinTypeKind.Bool,
            TokenKind.Char when LongCount == 0 && !IsShort => IsUnsigned ? BuiltinTypeKind.UnsignedChar : IsSigned ? BuiltinTypeKind.SignedChar : BuiltinTypeKind.Char,
            TokenKind.Char16 when IsPlain => BuiltinTypeKind.Char16,
            TokenKind.Char32 when IsPlain => BuiltinTypeKind.Char32,
            TokenKind.WChar when IsPlain => BuiltinTypeKind.WChar,
            TokenKind.Float when IsPlain => BuiltinTypeKind.Float,
            TokenKind.Double when IsPlain => BuiltinTypeKind.Double,
            TokenKind.Double when LongCount == 1 && !IsShort && !IsSigned && !IsUnsigned => BuiltinTypeKind.LongDouble,
            TokenKind.Int128 when LongCount == 0 && !IsShort => IsUnsigned ? BuiltinTypeKind.UnsignedInt128 : BuiltinTypeKind.Int128,
            TokenKind.Int or TokenKind.End when IsShort => IsUnsigned ? BuiltinTypeKind.UnsignedShort : BuiltinTypeKind.Short,
            TokenKind.Int or TokenKind.End when LongCount == 1 => IsUnsigned ? BuiltinTypeKind.UnsignedLong : BuiltinTypeKind.Long,
            TokenKind.Int or TokenKind.End when LongCount == 2 => IsUnsigned ? BuiltinTypeKind.UnsignedLongLong : BuiltinTypeKind.LongLong,
            TokenKind.Int or TokenKind.End => IsUnsigned ? BuiltinTypeKind.UnsignedInt : BuiltinTypeKind.Int,
            _ => null,
        };

        private bool IsPlain => !IsSigned && !IsUnsigned && !IsShort && LongCount == 0;
    }

    private Specifiers ParseSpecifiers(SpecifierContext context, IReadOnlyList<TemplateParameterSyntax>? templateParameters = null)
    {
        var result = new Specifiers();
        var words = new TypeWords();
        Func<bool, bool, TypeSyntax>? build = null;
        var first = -1;
        var last = -1;
        while (!_isPanicking)
        {
            var kind = Kind;
            var start = _position;
            if (IsSpecifierWord(kind) || (kind == TokenKind.LeftBracket && PeekKind(1) == TokenKind.LeftBracket))
            {
                if (context == SpecifierContext.TypeOnly && kind is TokenKind.LeftBracket) break;
                ParseSpecifierWord(result);
                if (kind is TokenKind.Const or TokenKind.Volatile)
                {
                    if (first < 0) first = start;
                    last = start;
                }

                continue;
            }

            if (kind is >= TokenKind.Void and <= TokenKind.Int128)
            {
                if (build is not null || !words.TryAdd(kind)) break;
                Advance();
            }
            else if (build is not null || words.Any)
            {
                break;
            }
            else if (kind is TokenKind.Class or TokenKind.Struct or TokenKind.Union)
            {
                build = ParseClassSpecifier(result, context, templateParameters);
            }
            else if (kind == TokenKind.Enum)
            {
                build = ParseEnumSpecifier(result, context);
            }
            else if (kind == TokenKind.Auto)
            {
                var span = Advance().Span;
                build = (c, v) => new AutoTypeSyntax(span) { IsConst = c, IsVolatile = v };
            }
            else if (kind is TokenKind.Decltype or TokenKind.Typeof && !StartsWithDecltype(start))
            {
                build = ParseDecltype();
            }
            else if (kind is TokenKind.Typename or TokenKind.Decltype or TokenKind.Typeof || (kind is TokenKind.Identifier or TokenKind.ColonColon && NamesType(context)))
            {
                if (IsForeignMacro(start))
                {
                    Advance();
                    if (Kind == TokenKind.LeftParen) _position = SkipBalanced(_position);
                    continue;
                }

                Accept(TokenKind.Typename);
                var name = ParseName(NameContext.Type);
                var span = SpanFrom(start);
                build = (c, v) => new NamedTypeSyntax(span, name) { IsConst = c, IsVolatile = v };
            }
            else
            {
                break;
            }

            if (first < 0) first = start;
            last = _position - 1;
        }

        if (words.Any)
        {
            var span = SpanBetween(first, last);
            if (words.Kind is { } builtin) result.Type = new BuiltinTypeSyntax(span, builtin) { IsConst = result.IsConst, IsVolatile = result.IsVolatile };
            else Report(DiagnosticCodes.UnexpectedToken, span, "these words do not make a type");
        }
        else
        {
            result.Type = build?.Invoke(result.IsConst, result.IsVolatile);
        }

        return result;
    }

    /// <summary>An unknown name before a type or specifier is a macro of a header that is not there (<c>MYLIB_API void f()</c>).</summary>
    private bool IsForeignMacro(int position)
    {
        if (KindAt(position) != TokenKind.Identifier || _scope.Find(_tokens[position].NameText) is not null) return false;
        var next = KindAt(position + 1);
        if (next == TokenKind.LeftParen)
        {
            var close = SkipBalanced(position + 1);
            return KindAt(close) is >= TokenKind.Static and <= TokenKind.ClusterDims && TokenAt(position).AtLineStart;
        }

        if (next == TokenKind.Identifier && _scope.Find(_tokens[position + 1].NameText) is { Kind: SymbolKind.Type })
        {
            return KindAt(position + 2) is TokenKind.Identifier or TokenKind.Star or TokenKind.Ampersand or TokenKind.Less or TokenKind.ColonColon;
        }

        return next is (>= TokenKind.Void and <= TokenKind.Int128) or TokenKind.Auto or TokenKind.Struct or TokenKind.Class
            or (>= TokenKind.Static and <= TokenKind.ClusterDims) or TokenKind.Typename;
    }

    /// <summary>False where the name at hand is that of a constructor, destructor or conversion function, so that no type is written.</summary>
    private bool NamesType(SpecifierContext context)
    {
        if (context == SpecifierContext.TypeOnly) return true;
        if (PeekKind(1) == TokenKind.LeftParen && Kind == TokenKind.Identifier && IsEnclosingClass(Current.NameText)) return !IsConstructorParenthesis(_position + 1);
        var position = _position;
        if (KindAt(position) == TokenKind.ColonColon) position++;
        var before = "";
        while (KindAt(position) == TokenKind.Identifier)
        {
            var name = _tokens[position++].NameText;
            if (name == before && KindAt(position) == TokenKind.LeftParen) return false;
            if (KindAt(position) == TokenKind.Less && SkipTemplateArguments(position, isKnownTemplate: true) is > 0 and var end) position = end;
            if (KindAt(position) == TokenKind.LeftParen && IsEnclosingClass(name) && before.Length == 0) return false;
            if (KindAt(position) != TokenKind.ColonColon) return true;
            position++;
            before = name;
            if (KindAt(position) is TokenKind.Tilde or TokenKind.Operator) return false;
        }

        return true;
    }

    private bool IsConstructorParenthesis(int position) =>
        !(KindAt(position + 1) is TokenKind.Star or TokenKind.Ampersand && IsDeclaratorParenthesis(position));

    private bool IsEnclosingClass(string name) => _scope.Target is { Kind: ScopeKind.Class, ClassName: { } outer } && outer == name;

    private Func<bool, bool, TypeSyntax> ParseDecltype()
    {
        var start = _position;
        Advance();
        var open = Current.Span;
        if (!Expect(TokenKind.LeftParen, "(", "after 'decltype'")) return (_, _) => new AutoTypeSyntax(open);
        if (Kind == TokenKind.Auto && PeekKind(1) == TokenKind.RightParen)
        {
            _position += 2;
            var autoSpan = SpanFrom(start);
            return (c, v) => new AutoTypeSyntax(autoSpan) { IsConst = c, IsVolatile = v };
        }

        var mode = _greater;
        _greater = GreaterMode.Operator;
        if (SkipTypeId(_position, out var isCertain) is > 0 and var end && isCertain && KindAt(end) == TokenKind.RightParen)
        {
            var type = ParseTypeId(); // typeof(T)
            ExpectClosing(TokenKind.RightParen, ")", open);
            _greater = mode;
            return (_, _) => type;
        }

        var expression = ParseExpression();
        _greater = mode;
        ExpectClosing(TokenKind.RightParen, ")", open);
        var span = SpanFrom(start);
        return (c, v) => new DecltypeSyntax(span, expression) { IsConst = c, IsVolatile = v };
    }

    /// <summary>Parses a type-id: a type with an abstract declarator, as in casts and template arguments.</summary>
    private TypeSyntax ParseTypeId()
    {
        var start = _position;
        var specifiers = ParseSpecifiers(SpecifierContext.TypeOnly);
        if (specifiers.Type is null)
        {
            if (!_isPanicking) ReportUnexpected("a type");
            return new BuiltinTypeSyntax(TokenAt(start).Span, BuiltinTypeKind.Int);
        }

        return ParseDeclarator(specifiers.Type, DeclaratorMode.Abstract).Type;
    }
}
