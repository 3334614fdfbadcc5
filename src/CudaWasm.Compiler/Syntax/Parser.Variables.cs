using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    /// <summary>Parses a declaration of variables, functions, types or all of them.</summary>
    private void ParseSimpleDeclaration(List<DeclarationSyntax> into, DeclarationContext context, DeclaratorMode mode)
    {
        var start = _position;
        var specifiers = ParseSpecifiers(SpecifierContext.Declaration, context.Templates is [.., var last] ? last : null);
        specifiers.Flags |= context.Flags;
        if (specifiers.Definition is { } definition) into.Add(definition);
        if (_isPanicking) return;
        if (Kind == TokenKind.Semicolon)
        {
            AddNameless(into, specifiers);
            Advance();
            return;
        }

        if (specifiers.Type is AutoTypeSyntax or null && IsBinding())
        {
            into.Add(ParseStructuredBinding(start, specifiers));
            ExpectSemicolon("after a declaration");
            return;
        }

        do
        {
            var type = specifiers.Type ?? new BuiltinTypeSyntax(Current.Span, BuiltinTypeKind.Void);
            var declarator = ParseDeclarator(type, mode);
            if (_isPanicking) return;
            if (specifiers.IsTypedef)
            {
                var alias = declarator.Name?.Last.Identifier ?? "";
                var aliased = declarator.Function is { } f ? new FunctionTypeSyntax(declarator.Span, declarator.Type, f.Parameters) : declarator.Type;
                DeclareAlias(alias, aliased, isTemplate: false);
                into.Add(new AliasDeclaration(SpanFrom(start), alias, aliased, null));
            }
            else if (declarator.Function is not null)
            {
                if (ParseFunction(into, start, specifiers, declarator, context)) return;
            }
            else
            {
                if (specifiers.Type is null)
                {
                    Report(DiagnosticCodes.UnexpectedToken, TokenAt(start).Span, $"a declaration needs a type: '{TokenAt(start).Text}' is none");
                    return;
                }

                into.Add(ParseVariable(start, specifiers, declarator, context));
            }
        }
        while (Accept(TokenKind.Comma) && !_isPanicking);
        ExpectSemicolon("after a declaration");
    }

    /// <summary>Adds what a declaration without declarators declares besides named types: an anonymous struct or union.</summary>
    private static void AddNameless(List<DeclarationSyntax> into, Specifiers specifiers)
    {
        if (specifiers.Definition is null && specifiers.Type is DefinedTypeSyntax { Definition: var nameless }) into.Add(nameless);
    }

    private VariableDeclaration ParseVariable(int start, Specifiers specifiers, Declarator declarator, DeclarationContext context)
    {
        var name = declarator.Name ?? SimpleName("", Current.Span);
        if (name.Parts.Count == 1 && name.Last.Identifier.Length > 0) _scope.Target.Declare(name.Last.Identifier, SymbolKind.Value, context.IsTemplate);
        ExpressionSyntax? width = null;
        if (Kind == TokenKind.Colon && _scope.Target.Kind == ScopeKind.Class)
        {
            Advance();
            width = ParseConditional();
        }

        var type = declarator.Type;
        if (specifiers.IsRestrict && type is PointerTypeSyntax { IsRestrict: false } pointer)
        {
            type = new PointerTypeSyntax(pointer.Span, pointer.Element) { IsConst = pointer.IsConst, IsVolatile = pointer.IsVolatile, IsRestrict = true };
        }

        var outer = _scope;
        if (declarator.MemberScope is not null)
        {
            _scope = new Scope(ScopeKind.Block, outer);
            _scope.Link(declarator.MemberScope);
        }

        var (style, values) = ParseInitializer();
        _scope = outer;
        return new VariableDeclaration(SpanFrom(start), name, type, specifiers.Flags | declarator.Attributes.Flags)
        {
            InitializerStyle = style,
            Initializers = values,
            Alignments = [.. specifiers.Alignments, .. declarator.Attributes.Alignments],
            BitWidth = width,
            TemplateParameters = context.Templates is [.., var parameters] ? parameters : null,
        };
    }

    private (InitializerStyle Style, IReadOnlyList<ExpressionSyntax> Values) ParseInitializer()
    {
        switch (Kind)
        {
            case TokenKind.Equal when PeekKind(1) == TokenKind.LeftBrace:
                Advance();
                return (InitializerStyle.List, [ParseInitializerList()]);
            case TokenKind.Equal:
                Advance();
                return (InitializerStyle.Copy, [ParseAssignment()]);
            case TokenKind.LeftBrace:
                return (InitializerStyle.List, [ParseInitializerList()]);
            case TokenKind.LeftParen:
                return (InitializerStyle.Direct, ParseParenthesized());
            default:
                return (InitializerStyle.None, []);
        }
    }

    private bool IsBinding()
    {
        var position = _position;
        while (KindAt(position) is TokenKind.Ampersand or TokenKind.AmpersandAmpersand) position++;
        return KindAt(position) == TokenKind.LeftBracket;
    }

    private VariableDeclaration ParseStructuredBinding(int start, Specifiers specifiers)
    {
        var type = ParsePointerOperators(specifiers.Type ?? new AutoTypeSyntax(Current.Span));
        var bindings = ParseBindings();
        var (style, values) = ParseInitializer();
        return new VariableDeclaration(SpanFrom(start), SimpleName("", TokenAt(start).Span), type, specifiers.Flags)
        {
            Bindings = bindings,
            InitializerStyle = style,
            Initializers = values,
        };
    }

    private List<string> ParseBindings()
    {
        var open = Advance();
        var names = new List<string>();
        while (Kind == TokenKind.Identifier)
        {
            var name = Advance().NameText;
            names.Add(name);
            _scope.Declare(name, SymbolKind.Value, isTemplate: false);
            if (!Accept(TokenKind.Comma)) break;
        }

        ExpectClosing(TokenKind.RightBracket, "]", open.Span);
        return names;
    }
}
