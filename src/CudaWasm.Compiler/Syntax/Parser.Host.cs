namespace CudaWasm.Compiler.Syntax;

/// <summary>Finding the launches in host code without parsing the rest of it.</summary>
internal sealed partial class Parser
{
    /// <summary>Set while host code is read for launches: declarations found on the way are not read for them again.</summary>
    private bool _isScanningHost;

    /// <summary>The runtime's functions that launch a kernel given as an argument.</summary>
    private static bool IsLaunchFunction(string name) => name is "cudaLaunchKernel" or "cudaLaunchCooperativeKernel" or "cudaLaunchKernelEx" or "cudaLaunchKernelExC";

    /// <summary>Reads the launches between two tokens, with the declarations before them that their arguments may need.</summary>
    private void ScanHostTokens(int start, int end, FunctionDeclaration? function)
    {
        if (_isScanningHost || !HoldsLaunch(start, end)) return;
        _isScanningHost = true;
        var saved = (_position, _isQuiet, _isPanicking, _isPoisoned, _depth, _greater, _scope, _firstTolerated, _inDeviceFunction);
        var declarations = new List<DeclarationSyntax>();
        var counts = new Stack<int>();
        _inDeviceFunction = false;
        for (var i = start; i < end; i++)
        {
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
            else if (kind == TokenKind.LessLessLess)
            {
                TryReadLaunch(start, i, function, declarations);
            }
            else if (kind == TokenKind.Identifier && KindAt(i + 1) == TokenKind.LeftParen && IsLaunchFunction(_tokens[i].NameText))
            {
                TryReadLaunchCall(i, function, declarations);
            }

            if (i + 1 < end && kind is TokenKind.LeftBrace or TokenKind.RightBrace or TokenKind.Semicolon && KindAt(i + 1) is not (TokenKind.RightBrace or TokenKind.Semicolon))
            {
                TryReadLocal(i + 1, declarations);
            }
        }

        _isScanningHost = false;
        (_position, _isQuiet, _isPanicking, _isPoisoned, _depth, _greater, _scope, _firstTolerated, _inDeviceFunction) = saved;
    }

    private bool HoldsLaunch(int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            if (KindAt(i) == TokenKind.LessLessLess || (KindAt(i) == TokenKind.Identifier && IsLaunchFunction(_tokens[i].NameText))) return true;
        }

        return false;
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

    private void TryReadLaunch(int start, int chevrons, FunctionDeclaration? function, List<DeclarationSyntax> declarations)
    {
        var first = FindKernelStart(start, chevrons);
        if (first < 0) return;
        StartAttempt(first);
        var name = ParseName(NameContext.Type);
        while (Kind == TokenKind.RightParen) Advance();
        if (_isPanicking || _position != chevrons) return;
        var configuration = ParseLaunchConfiguration();
        List<ExpressionSyntax> arguments = _isPanicking || Kind != TokenKind.LeftParen ? [] : ParseParenthesized();
        _launches.Add(new HostLaunch(name, function, TokenAt(first).Span.To(TokenAt(chevrons).Span))
        {
            Configuration = configuration,
            Arguments = _isPanicking ? [] : arguments,
            LocalDeclarations = [.. declarations],
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
    private void TryReadLaunchCall(int position, FunctionDeclaration? function, List<DeclarationSyntax> declarations)
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
        _launches.Add(new HostLaunch(name, function, call.Span.To(TokenAt(_position - 1).Span))
        {
            Configuration = [.. places.Where(p => p < arguments.Count).Select(p => arguments[p])],
            Arguments = call.NameText == "cudaLaunchKernelEx" ? [.. arguments.Skip(2)] : [],
            LocalDeclarations = [.. declarations],
        });
    }
}
