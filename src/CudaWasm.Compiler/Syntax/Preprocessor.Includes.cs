using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Preprocessor
{
    private const int MaxIncludeDepth = 200;

    /// <summary>Files entered in one parse; only a header that includes itself twice or more passes it.</summary>
    private const int MaxIncludes = 20_000;

    private readonly HashSet<SourceText> _once = [];
    private readonly Dictionary<SourceText, Identifier> _guards = [];
    private int _includeCount;

    private void ReadInclude(FileFrame file, Token directive)
    {
        var found = TryReadHeaderName(file, out var name, out var isAngled, out var span);
        EndDirective(file);
        if (!found)
        {
            Report(DiagnosticCodes.BadDirective, directive.Span, "#include needs \"file\" or <file>");
            return;
        }

        if (_options.Resolver is not null && _options.Resolver.TryResolve(name, isAngled, file.Lexer.Source, out var source))
        {
            Enter(source, name, span);
        }
        else if (LibraryHeaders.Definitions(name) is { } definitions)
        {
            Enter(definitions, name, span);
        }
        else if (!isAngled && !LibraryHeaders.IsKnown(name))
        {
            _diagnostics.Warning(DiagnosticCodes.IncludeNotFound, span, $"cannot find '{name}': add its folder to the include paths if a kernel needs it");
        }
    }

    private void Enter(SourceText source, string name, SourceSpan span)
    {
        if (_once.Contains(source) || (_guards.TryGetValue(source, out var guard) && guard.Macro is not null)) return;
        if (_files.Count >= MaxIncludeDepth || ++_includeCount > MaxIncludes)
        {
            Abort(DiagnosticCodes.IncludeTooDeep, span, $"including '{name}' passes {MaxIncludeDepth} levels: does a header without #pragma once include itself?");
            return;
        }

        if (IsReadable(source)) _files.Add(new FileFrame(new Lexer(source, _names, _diagnostics)));
    }

    private bool TryReadHeaderName(FileFrame file, out string name, out bool isAngled, out SourceSpan span)
    {
        if (file.Lexer.TryReadHeaderName(out span, out isAngled))
        {
            name = span.Source!.Text.Substring(span.Start, span.Length);
            return name.Length > 0;
        }

        var tokens = ReadExpandedRest(file);
        return TryReadHeaderName(tokens, out name, out isAngled, out span);
    }

    /// <summary>Reads a header name that macros gave.</summary>
    private bool TryReadHeaderName(List<Token> tokens, out string name, out bool isAngled, out SourceSpan span)
    {
        name = "";
        isAngled = false;
        span = tokens.Count > 0 ? tokens[0].Span : SourceSpan.None;
        if (tokens is [{ Kind: TokenKind.String }, ..])
        {
            name = LiteralReader.ReadString(tokens[0], _diagnostics);
            return name.Length > 0;
        }

        if (tokens is not [{ Kind: TokenKind.Less }, ..]) return false;
        isAngled = true;
        var close = tokens.FindIndex(t => t.Kind == TokenKind.Greater);
        if (close < 0) return false;
        name = string.Concat(tokens.GetRange(1, close - 1).Select((t, i) => (i > 0 && !t.IsAdjacent ? " " : "") + t.Text));
        return name.Length > 0;
    }

    /// <summary>
    /// Expands the tokens of a condition, with <c>defined</c> and <c>__has_include</c> replaced by 1 or 0. They are seen after
    /// expansion too, as gcc does, since headers hide <c>defined</c> in macros.
    /// </summary>
    private List<Token> ExpandCondition(List<Token> tokens, FileFrame file)
    {
        var result = new List<Token>(tokens.Count);
        PushContext(tokens, null);
        var depth = _contexts.Count;
        for (var token = NextExpanded(); token.Kind != TokenKind.End; token = NextExpanded())
        {
            result.Add(token.NameText switch
            {
                "defined" => Number(token, ReadDefined(token)),
                "__has_include" or "__has_include_next" => Number(token, HasInclude(ReadOperand(), file)),
                "__has_builtin" or "__has_feature" or "__has_extension" or "__has_attribute" or "__has_cpp_attribute" or "__has_declspec_attribute"
                    when ReadOperand() is var _ => Number(token, false),
                _ => token,
            });
        }

        while (_contexts.Count >= depth) PopContext();
        return result;
    }

    private static Token Number(Token place, bool value)
    {
        var text = value ? "1" : "0";
        return new Token(TokenKind.Number, new SourceText("<condition>", text), 0, 1, TokenFlags.LeadingSpace, null, place.Site ?? new ExpansionSite(place.Text, place.Span, null));
    }

    private bool ReadDefined(Token place)
    {
        var token = NextRaw();
        var inParens = token.Kind == TokenKind.LeftParen;
        if (inParens) token = NextRaw();
        var isClosed = !inParens || NextRaw().Kind == TokenKind.RightParen;
        if (token.Name is { } name && isClosed)
        {
            return name.Macro is not null || name.Text is "__has_include" or "__has_builtin" or "__has_attribute" or "__has_cpp_attribute";
        }

        Report(DiagnosticCodes.BadDirective, place.Span, "'defined' needs a name: defined(NAME)");
        return false;
    }

    /// <summary>The tokens in the parentheses that follow.</summary>
    private List<Token> ReadOperand()
    {
        var tokens = new List<Token>();
        if (NextRaw().Kind != TokenKind.LeftParen) return tokens;
        for (var depth = 0; ;)
        {
            var token = NextRaw();
            if (token.Kind == TokenKind.End || (token.Kind == TokenKind.RightParen && depth-- == 0)) return tokens;
            if (token.Kind == TokenKind.LeftParen) depth++;
            tokens.Add(token);
        }
    }

    private bool HasInclude(List<Token> operand, FileFrame file) =>
        TryReadHeaderName(operand, out var name, out var isAngled, out _)
        && (LibraryHeaders.IsKnown(name) || (_options.Resolver?.TryResolve(name, isAngled, file.Lexer.Source, out _) ?? false));
}
