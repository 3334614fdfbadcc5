using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Parser
{
    private bool _inDeviceFunction;

    private bool _bodyHasErrors;

    /// <summary>Parses what follows a function's declarator. True where it had a body, which ends the declaration.</summary>
    private bool ParseFunction(List<DeclarationSyntax> into, int start, Specifiers specifiers, Declarator declarator, DeclarationContext context)
    {
        var name = declarator.Name ?? SimpleName("", Current.Span);
        var suffix = declarator.Function!;
        var flags = specifiers.Flags | suffix.Flags | declarator.Attributes.Flags;
        if (_inDeviceFunction && _scope.Target.Kind == ScopeKind.Class) flags |= DeclarationFlags.Device; // A local class belongs to its function's side.
        var isMemberOfTemplate = name.Parts.Count > 1 && name.Parts.Take(name.Parts.Count - 1).Any(p => p.Arguments is not null);
        var (own, around) = SplitTemplates(context.Templates, isMemberOfTemplate);
        var isDestructor = name.Last.Identifier.StartsWith('~');
        var isConstructor = specifiers.Type is null && !isDestructor && name.Last.ConversionType is null;
        if (name.Parts.Count == 1 && !isConstructor) _scope.Target.Declare(name.Last.Identifier, SymbolKind.Function, own is not null);
        if (isConstructor && !IsConstructorName(name))
        {
            Report(DiagnosticCodes.UnexpectedToken, name.Span, $"function '{name}' needs a return type");
            return false;
        }

        var body = ParseFunctionBody(declarator, suffix, ref flags, name);
        var function = new FunctionDeclaration(SpanFrom(start), name, name.Last.ConversionType ?? declarator.Type, suffix.Parameters, flags)
        {
            Body = body.Statements,
            HasBody = body.Exists,
            HasErrors = body.HasErrors,
            TemplateParameters = own,
            OuterTemplateParameters = around,
            IsConstructor = isConstructor,
            IsDestructor = isDestructor,
            IsVariadic = suffix.IsVariadic,
            MemberInitializers = body.Initializers,
            LaunchBounds = [.. specifiers.LaunchBounds, .. declarator.Attributes.LaunchBounds],
        };
        into.Add(function);
        if (function is { IsKernel: true, TemplateParameters.Count: > 0 }) _kernelTemplates.Add(name.Last.Identifier);
        if (body.HostEnd > 0)
        {
            var owner = name.Parts.Count > 1 ? new HostClass(name.Parts[^2].Identifier, around) : _hostClass;
            AddHostCode(body.HostStart, body.HostEnd, function, owner, CreateFunctionScope(declarator, suffix));
        }

        return body.Exists && (flags & (DeclarationFlags.Deleted | DeclarationFlags.Defaulted)) == 0;
    }

    /// <param name="Exists">True where there was a body.</param>
    /// <param name="Statements">The body, if parsed.</param>
    /// <param name="Initializers">A constructor's.</param>
    /// <param name="HasErrors">True where errors were reported inside.</param>
    /// <param name="HostStart">The first token of a skipped body.</param>
    /// <param name="HostEnd">The token behind a skipped body; 0 for none.</param>
    private readonly record struct FunctionBody(
        bool Exists,
        CompoundStatement? Statements,
        IReadOnlyList<MemberInitializer> Initializers,
        bool HasErrors = false,
        int HostStart = 0,
        int HostEnd = 0);

    private bool IsConstructorName(NameSyntax name) =>
        name.Parts.Count > 1 ? name.Parts[^2].Identifier == name.Last.Identifier : IsEnclosingClass(name.Last.Identifier);

    /// <summary>Divides the lists before a declaration into the function's own and those of the classes around it.</summary>
    private static (IReadOnlyList<TemplateParameterSyntax>? Own, IReadOnlyList<TemplateParameterSyntax>? Around) SplitTemplates(
        IReadOnlyList<IReadOnlyList<TemplateParameterSyntax>>? lists, bool isMemberOfTemplate) => lists switch
        {
            null or [] => (null, null),
            [var only] => isMemberOfTemplate ? (null, only) : (only, null),
            _ => (lists[^1], [.. lists.Take(lists.Count - 1).SelectMany(l => l)]),
        };

    private FunctionBody ParseFunctionBody(Declarator declarator, FunctionSuffix suffix, ref DeclarationFlags flags, NameSyntax name)
    {
        if (Kind == TokenKind.Equal && PeekKind(1) is TokenKind.Default or TokenKind.Delete or TokenKind.Number)
        {
            Advance();
            var kind = Advance().Kind;
            if (kind == TokenKind.Default) flags |= DeclarationFlags.Defaulted;
            if (kind == TokenKind.Delete) flags |= DeclarationFlags.Deleted;
            return new FunctionBody(kind == TokenKind.Default, null, []);
        }

        var isTry = Kind == TokenKind.Try && PeekKind(1) is TokenKind.LeftBrace or TokenKind.Colon;
        if (Kind is not (TokenKind.LeftBrace or TokenKind.Colon) && !isTry) return new FunctionBody(false, null, []);
        var isDevice = (flags & (DeclarationFlags.Device | DeclarationFlags.Global)) != 0;
        var isConstant = (flags & DeclarationFlags.Constexpr) != 0;
        if (isTry || !(isDevice || isConstant)) return SkipFunctionBody();
        return ParseUsedBody(declarator, suffix, name, isDevice);
    }

    private FunctionBody ParseUsedBody(Declarator declarator, FunctionSuffix suffix, NameSyntax name, bool isDevice)
    {
        var start = _position;
        var outer = (_scope, _inDeviceFunction, _bodyHasErrors, _functionName);
        _scope = CreateFunctionScope(declarator, suffix);
        _inDeviceFunction = isDevice;
        _bodyHasErrors = false;
        _functionName = name.Last.Identifier;
        var initializers = Kind == TokenKind.Colon ? ParseMemberInitializers() : [];
        CompoundStatement? body = null;
        if (!_isPanicking) body = ParseCompound();
        var hasErrors = _bodyHasErrors || _isPanicking;
        (_scope, _inDeviceFunction, _bodyHasErrors, _functionName) = outer;
        if (!isDevice && _isPanicking && !_isPoisoned)
        {
            // A constexpr host function with host things in it stays usable by its name alone.
            _isPanicking = false;
            _position = start;
            return SkipFunctionBody();
        }

        // What is wrong inside was reported and passed over; the declaration goes on behind the body.
        if (body is not null && !_isPoisoned && !_isQuiet) _isPanicking = false;
        return new FunctionBody(true, body, initializers, hasErrors);
    }

    private Scope CreateFunctionScope(Declarator declarator, FunctionSuffix suffix)
    {
        var scope = new Scope(ScopeKind.Block, _scope);
        scope.Link(declarator.MemberScope);
        foreach (var parameter in suffix.Parameters)
        {
            if (parameter.Name is not { } text) continue;
            scope.Declare(text, SymbolKind.Value, isTemplate: false);
            if (parameter.IsPack) _packNames.Add(text);
        }

        return scope;
    }

    private List<MemberInitializer> ParseMemberInitializers()
    {
        var initializers = new List<MemberInitializer>();
        Advance();
        while (!_isPanicking)
        {
            var start = _position;
            var name = ParseName(NameContext.Type);
            if (_isPanicking) break;
            var isList = Kind == TokenKind.LeftBrace;
            var arguments = isList ? Values(ParseInitializerList()) : ParseParenthesized();
            Accept(TokenKind.Ellipsis);
            initializers.Add(new MemberInitializer(name, arguments, isList, SpanFrom(start)));
            if (!Accept(TokenKind.Comma)) break;
        }

        return initializers;
    }

    /// <summary>Passes a host function's body with a constructor's initializers and handlers.</summary>
    private FunctionBody SkipFunctionBody()
    {
        var start = _position;
        var handlers = Accept(TokenKind.Try);
        if (Accept(TokenKind.Colon))
        {
            // Each initializer is a name with one bracket; the brace that follows no name opens the body.
            while (Kind is not (TokenKind.End or TokenKind.Semicolon))
            {
                var end = SkipName(_position).End;
                if (end < 0) break;
                _position = end;
                if (Kind is not (TokenKind.LeftParen or TokenKind.LeftBrace)) break;
                _position = SkipBalanced(_position);
                Accept(TokenKind.Ellipsis);
                if (!Accept(TokenKind.Comma)) break;
            }
        }

        if (Kind != TokenKind.LeftBrace)
        {
            ReportUnexpected("the body of a function");
            return new FunctionBody(false, null, []);
        }

        var open = Current.Span;
        var brace = _position;
        _position = SkipBalanced(_position);
        if (Kind == TokenKind.End && !IsClosed(brace))
        {
            _isQuiet = false;
            ExpectClosing(TokenKind.RightBrace, "}", open);
            _isPanicking = false;
            if (FindKernelAfterOpen(brace, brace) is > 0 and var next) _position = next;
        }

        while (handlers && Kind == TokenKind.Catch)
        {
            Advance();
            if (Kind == TokenKind.LeftParen) _position = SkipBalanced(_position);
            if (Kind == TokenKind.LeftBrace) _position = SkipBalanced(_position);
        }

        return new FunctionBody(true, null, [], HostStart: start, HostEnd: _position);
    }
}
