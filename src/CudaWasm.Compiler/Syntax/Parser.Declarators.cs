using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    private enum DeclaratorMode
    {
        /// <summary>At namespace and class level: a parenthesis after the name mostly holds parameters.</summary>
        Declaration,

        /// <summary>In a block: it mostly holds a constructor's arguments.</summary>
        Block,

        /// <summary>A parameter: the name may be missing.</summary>
        Parameter,

        /// <summary>No name.</summary>
        Abstract,
    }

    /// <summary>What stands after a function's parameters.</summary>
    private sealed class FunctionSuffix
    {
        public IReadOnlyList<ParameterSyntax> Parameters { get; init; } = [];

        public bool IsVariadic { get; init; }

        public DeclarationFlags Flags { get; set; }
    }

    private sealed class Declarator
    {
        public NameSyntax? Name { get; set; }

        public required TypeSyntax Type { get; set; }

        /// <summary>Set where the name itself is a function.</summary>
        public FunctionSuffix? Function { get; set; }

        public bool IsPack { get; set; }

        public SourceSpan Span { get; set; }

        /// <summary>The class of a member defined outside of it.</summary>
        public Scope? MemberScope { get; set; }

        public Specifiers Attributes { get; } = new();
    }

    private Declarator ParseDeclarator(TypeSyntax type, DeclaratorMode mode)
    {
        var start = _position;
        var declarator = new Declarator { Type = type };
        if (!TryEnter()) return declarator;
        ParseDeclaratorInto(declarator, mode);
        declarator.Span = _position > start ? SpanFrom(start) : type.Span;
        Leave();
        return declarator;
    }

    private void ParseDeclaratorInto(Declarator declarator, DeclaratorMode mode)
    {
        declarator.Type = ParsePointerOperators(declarator.Type);
        while (ParseAttributes(declarator.Attributes) || Kind is TokenKind.Inline or TokenKind.ForceInline or TokenKind.NoInline or (>= TokenKind.Global and <= TokenKind.Managed))
        {
            if (SpecifierFlags.TryGetValue(Kind, out var flag)) declarator.Attributes.Flags |= flag; // T const & __device__ f()
            if (SpecifierFlags.ContainsKey(Kind)) Advance();
        }

        if (mode == DeclaratorMode.Parameter && Kind == TokenKind.Ellipsis)
        {
            Advance();
            declarator.IsPack = true;
        }

        if (Kind == TokenKind.LeftParen && IsGrouping(mode))
        {
            ParseGrouped(declarator, mode);
            return;
        }

        if (mode != DeclaratorMode.Abstract && Kind is TokenKind.Identifier or TokenKind.ColonColon or TokenKind.Operator or TokenKind.Tilde)
        {
            declarator.Name = ParseName(NameContext.Declarator);
            if (declarator.Name.Parts.Count > 1) declarator.MemberScope = FindScope(declarator.Name);
            ParseAttributes(declarator.Attributes);
        }
        else if (mode is DeclaratorMode.Declaration or DeclaratorMode.Block && Kind != TokenKind.Colon)
        {
            if (!_isPanicking) ReportUnexpected("a name");
            return;
        }

        ParseSuffixes(declarator, mode);
    }

    /// <summary>True where the parenthesis at hand groups a declarator instead of opening parameters.</summary>
    private bool IsGrouping(DeclaratorMode mode)
    {
        var next = PeekKind(1);
        if (next is TokenKind.Star or TokenKind.Ampersand or TokenKind.AmpersandAmpersand or TokenKind.LeftParen) return true;
        if (next == TokenKind.Identifier && PeekKind(2) == TokenKind.ColonColon && PeekKind(3) == TokenKind.Star) return true;
        return mode is DeclaratorMode.Declaration or DeclaratorMode.Block && next is TokenKind.Identifier or TokenKind.Operator;
    }

    /// <summary>Parses <c>(*name)[16]</c>: first what follows the parenthesis, which is the outer type, then what is inside.</summary>
    private void ParseGrouped(Declarator declarator, DeclaratorMode mode)
    {
        var open = Current.Span;
        var inside = _position + 1;
        _position = SkipBalanced(_position);
        var outer = new Declarator { Type = declarator.Type };
        ParseSuffixes(outer, mode == DeclaratorMode.Block ? DeclaratorMode.Declaration : mode);
        var end = _position;
        Rewind(inside);
        var inner = ParseDeclarator(outer.Type, mode);
        if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open);
        Rewind(end);
        declarator.Name = inner.Name;
        declarator.Type = inner.Type;
        declarator.IsPack |= inner.IsPack;
        declarator.MemberScope = inner.MemberScope;
        declarator.Function = inner.Function;
        if (inner.Type is FunctionTypeSyntax function && ReferenceEquals(function, outer.Type))
        {
            declarator.Type = function.ReturnType; // T (name)(int): the parentheses say nothing.
            declarator.Function = outer.Function;
        }
    }

    private TypeSyntax ParsePointerOperators(TypeSyntax type)
    {
        for (var level = 0; !_isPanicking; level++)
        {
            if (level > MaxDepth) GiveUp($"a type passes {MaxDepth} levels of pointers");
            var start = _position;
            switch (Kind)
            {
                case TokenKind.Star:
                    Advance();
                    var qualifiers = new Specifiers();
                    while (Kind is TokenKind.Const or TokenKind.Volatile or TokenKind.Restrict or TokenKind.Attribute) ParseSpecifierWord(qualifiers);
                    type = new PointerTypeSyntax(SpanFrom(start), type) { IsConst = qualifiers.IsConst, IsVolatile = qualifiers.IsVolatile, IsRestrict = qualifiers.IsRestrict };
                    break;
                case TokenKind.Ampersand or TokenKind.AmpersandAmpersand:
                    var isRvalue = Advance().Kind == TokenKind.AmpersandAmpersand;
                    while (Kind is TokenKind.Restrict or TokenKind.Const) Advance();
                    type = new ReferenceTypeSyntax(SpanFrom(start), type, isRvalue);
                    break;
                case TokenKind.Identifier when PeekKind(1) == TokenKind.ColonColon && PeekKind(2) == TokenKind.Star:
                    _position += 3; // A pointer to a member: host code only, kept as a pointer.
                    while (Kind is TokenKind.Const or TokenKind.Volatile) Advance();
                    type = new PointerTypeSyntax(SpanFrom(start), type);
                    break;
                default:
                    return type;
            }
        }

        return type;
    }

    /// <summary>Parses the arrays and parameters after a name.</summary>
    private void ParseSuffixes(Declarator declarator, DeclaratorMode mode)
    {
        if (Kind == TokenKind.LeftParen && OpensParameters(mode))
        {
            var outer = _scope;
            _scope = new Scope(ScopeKind.Block, outer);
            _scope.Link(declarator.MemberScope);
            ParseFunctionSuffix(declarator, mode is DeclaratorMode.Parameter or DeclaratorMode.Abstract || declarator.Name is null);
            _scope = outer;
            return;
        }

        var sizes = new List<(ExpressionSyntax? Size, SourceSpan Span)>();
        while (Kind == TokenKind.LeftBracket && PeekKind(1) != TokenKind.LeftBracket && !_isPanicking)
        {
            if (sizes.Count >= MaxDepth) GiveUp($"an array passes {MaxDepth} dimensions");
            var start = _position;
            var open = Advance();
            while (Kind is TokenKind.Static or TokenKind.Const or TokenKind.Restrict) Advance();
            var outerMode = _greater;
            _greater = GreaterMode.Operator;
            var size = Kind == TokenKind.RightBracket ? null : ParseExpression();
            _greater = outerMode;
            ExpectClosing(TokenKind.RightBracket, "]", open.Span);
            sizes.Add((size, SpanFrom(start)));
        }

        for (var i = sizes.Count - 1; i >= 0; i--) declarator.Type = new ArrayTypeSyntax(sizes[i].Span, declarator.Type, sizes[i].Size);
        if (sizes.Count > 0) ParseAttributes(declarator.Attributes);
    }

    private bool OpensParameters(DeclaratorMode mode) => mode switch
    {
        DeclaratorMode.Block => PeekKind(1) == TokenKind.RightParen || LooksLikeParameters(_position + 1, isBlock: true),
        DeclaratorMode.Declaration => LooksLikeParameters(_position + 1, isBlock: false),
        _ => LooksLikeParameters(_position + 1, isBlock: false),
    };

    private void ParseFunctionSuffix(Declarator declarator, bool isType)
    {
        var start = _position;
        var parameters = ParseParameters(out var isVariadic);
        var suffix = new FunctionSuffix { Parameters = parameters, IsVariadic = isVariadic };
        var attributes = new Specifiers();
        while (!_isPanicking)
        {
            if (Kind == TokenKind.Const)
            {
                Advance();
                suffix.Flags |= DeclarationFlags.ConstMember;
            }
            else if (Kind is TokenKind.Volatile or TokenKind.Restrict || (Kind is TokenKind.Ampersand or TokenKind.AmpersandAmpersand && !isType))
            {
                Advance();
            }
            else if (Kind is TokenKind.Noexcept or TokenKind.Throw)
            {
                Advance();
                if (Kind == TokenKind.LeftParen) _position = SkipBalanced(_position);
            }
            else if (Kind == TokenKind.Arrow)
            {
                Advance();
                declarator.Type = ParseTypeId();
            }
            else if (Kind == TokenKind.Asm && PeekKind(1) == TokenKind.LeftParen)
            {
                _position = SkipBalanced(_position + 1);
            }
            else if (isType || !(AcceptName("override") || AcceptName("final") || ParseAttributes(attributes) || AcceptFlags(suffix)))
            {
                break;
            }
        }

        suffix.Flags |= attributes.Flags;
        declarator.Attributes.LaunchBounds.AddRange(attributes.LaunchBounds);
        declarator.Function = suffix;
        if (isType) declarator.Type = new FunctionTypeSyntax(SpanFrom(start), declarator.Type, parameters);
    }

    /// <summary>CUDA's marks may stand after a lambda's parameters; macros put them after functions too.</summary>
    private bool AcceptFlags(FunctionSuffix suffix)
    {
        if (Kind is not (TokenKind.Device or TokenKind.Host or TokenKind.Global)) return false;
        suffix.Flags |= SpecifierFlags[Advance().Kind];
        return true;
    }

    private List<ParameterSyntax> ParseParameters(out bool isVariadic)
    {
        var parameters = new List<ParameterSyntax>();
        var open = Advance();
        isVariadic = false;
        var mode = _greater;
        _greater = GreaterMode.Operator;
        if (Kind == TokenKind.Void && PeekKind(1) == TokenKind.RightParen) Advance();
        while (Kind != TokenKind.RightParen && !_isPanicking)
        {
            if (Kind == TokenKind.Ellipsis && PeekKind(1) == TokenKind.RightParen)
            {
                Advance();
                isVariadic = true;
                break;
            }

            parameters.Add(ParseParameter());
            if (Kind == TokenKind.Ellipsis && PeekKind(1) == TokenKind.RightParen) continue;
            if (!Accept(TokenKind.Comma)) break;
        }

        _greater = mode;
        if (!_isPanicking) ExpectClosing(TokenKind.RightParen, ")", open.Span);
        return parameters;
    }

    private ParameterSyntax ParseParameter()
    {
        var start = _position;
        var specifiers = ParseSpecifiers(SpecifierContext.Declaration);
        if (specifiers.Type is null)
        {
            if (!_isPanicking) ReportUnexpected("a parameter's type");
            return new ParameterSyntax(Current.Span, null, new BuiltinTypeSyntax(Current.Span, BuiltinTypeKind.Int), null, false);
        }

        var declarator = ParseDeclarator(specifiers.Type, DeclaratorMode.Parameter);
        var type = declarator.Type;
        if (specifiers.IsRestrict && type is PointerTypeSyntax { IsRestrict: false } pointer)
        {
            type = new PointerTypeSyntax(pointer.Span, pointer.Element) { IsConst = pointer.IsConst, IsVolatile = pointer.IsVolatile, IsRestrict = true };
        }

        ExpressionSyntax? value = null;
        if (Accept(TokenKind.Equal)) value = Kind == TokenKind.LeftBrace ? ParseInitializerList() : ParseAssignment();
        var name = declarator.Name?.Last.Identifier;
        if (name is not null) _scope.Declare(name, SymbolKind.Value, isTemplate: false);
        if (declarator.IsPack) _hasPacks = true;
        return new ParameterSyntax(SpanFrom(start), name, type, value, declarator.IsPack) { Flags = specifiers.Flags };
    }

    /// <summary>The scope of the class or namespace that a qualified name names a member of.</summary>
    private Scope? FindScope(NameSyntax name)
    {
        var symbol = _scope.Find(name.Parts[0].Identifier);
        for (var i = 1; i < name.Parts.Count - 1; i++) symbol = symbol?.Members?.FindHere(name.Parts[i].Identifier);
        return symbol?.Members;
    }
}
