namespace CudaWasm.Compiler.Syntax;

/// <summary>Finding the launches in host code without parsing the rest of it.</summary>
internal sealed partial class Parser
{
    /// <summary>Rounds of looking for the callers of callers.</summary>
    private const int MaxRounds = 8;

    /// <summary>Set while host code is read for launches: declarations found on the way are not read for them again.</summary>
    private bool _isScanningHost;

    private readonly List<HostCode> _hostCode = [];
    private readonly List<HostCall> _hostCalls = [];

    /// <summary>The names of kernel templates: where host code spells their arguments, that counts as much as a launch.</summary>
    private readonly HashSet<string> _kernelTemplates = new(StringComparer.Ordinal);

    private HostClass? _hostClass;

    /// <summary>A body that was skipped.</summary>
    private sealed record HostCode(int Start, int End, FunctionDeclaration? Function, HostClass? Class, Scope Scope);

    /// <summary>The runtime's functions that launch a kernel given as an argument.</summary>
    private static bool IsLaunchFunction(string name) => name is "cudaLaunchKernel" or "cudaLaunchCooperativeKernel" or "cudaLaunchKernelEx" or "cudaLaunchKernelExC";

    private void AddHostCode(int start, int end, FunctionDeclaration? function, HostClass? owner, Scope scope)
    {
        if (!_isScanningHost) _hostCode.Add(new HostCode(start, end, function, owner, scope));
    }

    /// <summary>Reads the bodies that were skipped for launches, and then for calls of the templates that those stand in.</summary>
    private void ReadHostCode()
    {
        _isScanningHost = true;
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var code in _hostCode)
        {
            if (!Holds(code, IsLaunch) && !Holds(code, i => IsNamed(i, _kernelTemplates))) continue;
            Scan(code, true, _kernelTemplates);
            Want(code);
        }

        for (var round = 0; round < MaxRounds && wanted.Count > 0; round++)
        {
            var callees = wanted;
            wanted = new HashSet<string>(StringComparer.Ordinal);
            foreach (var code in _hostCode.Where(c => Holds(c, i => IsNamed(i, callees))))
            {
                Scan(code, false, callees);
                Want(code);
            }
        }

        _isScanningHost = false;

        // What stands in a template depends on what that is called with.
        void Want(HostCode code)
        {
            if (code.Function is { TemplateParameters.Count: > 0 } function && known.Add(function.Name.Last.Identifier)) wanted.Add(function.Name.Last.Identifier);
            if (code.Class is { TemplateParameters.Count: > 0 } owner && known.Add(owner.Name)) wanted.Add(owner.Name);
        }
    }

    private bool IsLaunch(int position) =>
        KindAt(position) == TokenKind.LessLessLess || (KindAt(position) == TokenKind.Identifier && IsLaunchFunction(_tokens[position].NameText));

    private bool IsNamed(int position, HashSet<string> names) => KindAt(position) == TokenKind.Identifier && names.Contains(_tokens[position].NameText);

    private static bool Holds(HostCode code, Func<int, bool> predicate)
    {
        for (var i = code.Start; i < code.End; i++)
        {
            if (predicate(i)) return true;
        }

        return false;
    }

    /// <summary>Reads the launches or calls in a body, with the declarations before them that their arguments may need.</summary>
    private void Scan(HostCode code, bool launches, HashSet<string> names)
    {
        var saved = (_position, _isQuiet, _isPanicking, _isPoisoned, _depth, _greater, _scope, _firstTolerated, _inDeviceFunction);
        var declarations = new List<DeclarationSyntax>();
        var counts = new Stack<int>();
        _inDeviceFunction = false;
        _scope = code.Scope;
        for (var i = code.Start; i < code.End; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            var kind = KindAt(i);
            if (kind == TokenKind.LeftBrace)
            {
                counts.Push(declarations.Count);
                PushScope(ScopeKind.Block);
            }
            else if (kind == TokenKind.RightBrace && counts.TryPop(out var count))
            {
                declarations.RemoveRange(count, declarations.Count - count);
                _scope = _scope.Parent ?? _scope;
            }
            else if (launches && kind == TokenKind.LessLessLess)
            {
                TryReadLaunch(code, i, declarations);
            }
            else if (launches && kind == TokenKind.Identifier && KindAt(i + 1) == TokenKind.LeftParen && IsLaunchFunction(_tokens[i].NameText))
            {
                TryReadLaunchCall(code, i, declarations);
            }
            else if (IsNamed(i, names))
            {
                TryReadCall(code, i, declarations);
            }

            if (i + 1 < code.End && kind is TokenKind.LeftBrace or TokenKind.RightBrace or TokenKind.Semicolon && KindAt(i + 1) is not (TokenKind.RightBrace or TokenKind.Semicolon))
            {
                TryReadLocal(i + 1, declarations);
            }
        }

        (_position, _isQuiet, _isPanicking, _isPoisoned, _depth, _greater, _scope, _firstTolerated, _inDeviceFunction) = saved;
    }

    /// <summary>Starts a quiet parse at a token that may be given up at any time.</summary>
    private void StartAttempt(int position)
    {
        _isQuiet = true;
        _isPanicking = false;
        _isPoisoned = false;
        _greater = GreaterMode.Operator;
        _depth = 0;
        _position = position;
    }

    private void TryReadLocal(int position, List<DeclarationSyntax> declarations)
    {
        StartAttempt(position);
        if (!IsDeclarationStart()) return;
        var found = new List<DeclarationSyntax>();
        ParseBlockDeclaration(found);
        if (!_isPanicking) declarations.AddRange(found);
    }

    private void TryReadLaunch(HostCode code, int chevrons, List<DeclarationSyntax> declarations)
    {
        var first = FindKernelStart(code.Start, chevrons);
        if (first < 0) return;
        StartAttempt(first);
        var name = ParseName(NameContext.Type);
        while (Kind == TokenKind.RightParen) Advance();
        if (_isPanicking || _position != chevrons) return;
        var configuration = ParseLaunchConfiguration();
        List<ExpressionSyntax> arguments = _isPanicking || Kind != TokenKind.LeftParen ? [] : ParseParenthesized();
        _launches.Add(new HostLaunch(name, code.Function, TokenAt(first).Span.To(TokenAt(chevrons).Span))
        {
            Configuration = configuration,
            Arguments = _isPanicking ? [] : arguments,
            LocalDeclarations = [.. declarations],
            HostClass = code.Class,
        });
    }

    /// <summary>Reads a call of a host template, or a template named with arguments that is not launched on the spot.</summary>
    private void TryReadCall(HostCode code, int position, List<DeclarationSyntax> declarations)
    {
        StartAttempt(position);
        var name = ParseName(NameContext.Expression);
        if (_isPanicking || Kind == TokenKind.LessLessLess) return;
        var isCall = Kind == TokenKind.LeftParen;
        if (!isCall && name.Parts.All(p => p.Arguments is null)) return;
        var end = _position;
        List<ExpressionSyntax> arguments = isCall ? ParseParenthesized() : [];
        _hostCalls.Add(new HostCall(name, code.Function, SpanBetween(position, end - 1))
        {
            Arguments = _isPanicking ? [] : arguments,
            LocalDeclarations = [.. declarations],
            HostClass = code.Class,
        });
    }

    /// <summary>Walks back from <c>&lt;&lt;&lt;</c> over template arguments and qualifiers to the first token of the kernel's name.</summary>
    private int FindKernelStart(int start, int chevrons)
    {
        var position = chevrons - 1;
        while (position > start && KindAt(position) == TokenKind.RightParen) position--;
        if (KindAt(position) == TokenKind.Greater)
        {
            var depth = 0;
            var parentheses = 0;
            for (; position > start; position--)
            {
                var kind = KindAt(position);
                if (kind == TokenKind.RightParen) parentheses++;
                if (kind == TokenKind.LeftParen) parentheses--;
                if (kind is TokenKind.Semicolon or TokenKind.LeftBrace || parentheses < 0) return -1;
                if (parentheses > 0) continue;
                if (kind == TokenKind.Greater) depth++;
                if (kind == TokenKind.Less && --depth == 0) break;
            }

            position--;
        }

        if (KindAt(position) != TokenKind.Identifier) return -1;
        while (position > start)
        {
            if (KindAt(position - 1) == TokenKind.ColonColon && KindAt(position - 2) == TokenKind.Identifier) position -= 2;
            else if (KindAt(position - 1) == TokenKind.ColonColon) position--;
            else break;
        }

        return position;
    }

    /// <summary>What stands under a cast or an address-of; null where there is neither.</summary>
    private static ExpressionSyntax? Unwrap(ExpressionSyntax? expression) => expression switch
    {
        CastExpression { Arguments: [var operand] } => operand,
        UnaryExpression { Operator: UnaryOperator.AddressOf or UnaryOperator.Dereference } unary => unary.Operand,
        _ => null,
    };

    /// <summary>Reads <c>cudaLaunchKernel((void*)kernel&lt;T&gt;, grid, block, arguments, shared, stream)</c>.</summary>
    private void TryReadLaunchCall(HostCode code, int position, List<DeclarationSyntax> declarations)
    {
        var call = _tokens[position];
        StartAttempt(position + 1);
        var arguments = ParseParenthesized();
        if (_isPanicking) return;
        var isExtended = call.NameText.StartsWith("cudaLaunchKernelEx", StringComparison.Ordinal);
        var kernel = arguments.ElementAtOrDefault(isExtended ? 1 : 0);
        while (Unwrap(kernel) is { } inner) kernel = inner;
        if (kernel is not NameExpression { Name: var name }) return;
        IEnumerable<int> places = isExtended ? [] : [1, 2, 4, 5];
        _launches.Add(new HostLaunch(name, code.Function, call.Span.To(TokenAt(_position - 1).Span))
        {
            Configuration = [.. places.Where(p => p < arguments.Count).Select(p => arguments[p])],
            Arguments = call.NameText == "cudaLaunchKernelEx" ? [.. arguments.Skip(2)] : [],
            LocalDeclarations = [.. declarations],
            HostClass = code.Class,
        });
    }
}
