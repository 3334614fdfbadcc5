using CudaWasm.Compiler.Semantics;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Preprocessor
{
    private const int MaxConditionalDepth = 1000;

    private const int MaxMacroParameters = 127;

    private static readonly string[] DirectiveNames = ["define", "undef", "include", "if", "ifdef", "ifndef", "elif", "else", "endif", "pragma", "error", "warning", "line"];

    /// <summary>Reads the directive whose <c>#</c> was just read, up to and with its line end.</summary>
    private void ReadDirective(FileFrame file, Token hash)
    {
        file.Lexer.InDirective = true;
        var name = file.Lexer.Next();
        var isConditional = name.NameText is "if" or "ifdef" or "ifndef" or "elif" or "elifdef" or "elifndef" or "else" or "endif";
        if (!isConditional && file.Conditionals.Count == 0) file.SeeTextOutsideOfGuard();
        switch (name.NameText)
        {
            case "define": ReadDefine(file); break;
            case "undef": ReadUndef(file); break;
            case "include" or "include_next" or "import": ReadInclude(file, name); return;
            case "if" or "ifdef" or "ifndef": ReadIf(file, name); break;
            case "elif" or "elifdef" or "elifndef" or "else" or "endif": ReadBranch(file, name); break;
            case "pragma": ReadPragma(file); break;
            case "error": ReadError(file, name, isError: true); break;
            case "warning": ReadError(file, name, isError: false); break;
            case "line": ReadLine(file, ReadExpandedRest(file)); break;
            case "ident" or "sccs" or "assert" or "unassert": break;
            case "" when name.Kind == TokenKind.EndOfDirective: break;
            case "" when name.Kind == TokenKind.Number: ReadLine(file, [name, .. ReadExpandedRest(file)]); break;
            default:
                var hint = NearestName.Find(name.Text, DirectiveNames) is { } near ? $"; did you mean '#{near}'?" : "";
                Report(DiagnosticCodes.BadDirective, name.Span, $"unknown directive '#{name.Text}'{hint}");
                break;
        }

        EndDirective(file);
    }

    private static void EndDirective(FileFrame file)
    {
        if (file.Lexer.InDirective) file.Lexer.ReadRestOfLine();
        file.Lexer.InDirective = false;
    }

    private static List<Token> ReadRest(FileFrame file)
    {
        var tokens = new List<Token>();
        for (var token = file.Lexer.Next(); token.Kind != TokenKind.EndOfDirective; token = file.Lexer.Next()) tokens.Add(token);
        return tokens;
    }

    private List<Token> ReadExpandedRest(FileFrame file) => ExpandAll(ReadRest(file));

    private void ReadDefine(FileFrame file)
    {
        var name = file.Lexer.Next();
        if (name.Name is not { } identifier || identifier.Text == "defined")
        {
            Report(DiagnosticCodes.BadDirective, name.Span, "#define needs a name");
            return;
        }

        var rest = ReadRest(file);
        List<Identifier>? parameters = null;
        var isVariadic = false;
        var bodyStart = 0;
        if (rest.Count > 0 && rest[0].Kind == TokenKind.LeftParen && rest[0].IsAdjacent)
        {
            if (!TryReadParameters(rest, out parameters, out isVariadic, out bodyStart))
            {
                Report(DiagnosticCodes.BadDirective, name.Span, $"bad parameter list of macro '{name.Text}'");
                return;
            }
        }

        var body = rest[bodyStart..].ToArray();
        if (body.Length > 0 && (body[0].Kind == TokenKind.HashHash || body[^1].Kind == TokenKind.HashHash))
        {
            Report(DiagnosticCodes.BadDirective, name.Span, $"'##' stands at the edge of macro '{name.Text}': it needs a token on both sides");
            return;
        }

        if (body.Length > 0) body[0] = body[0].With(body[0].Flags & ~TokenFlags.LeadingSpace);
        identifier.Macro = new Macro(identifier, parameters, isVariadic, body, name.Span);
    }

    private bool TryReadParameters(List<Token> tokens, out List<Identifier> parameters, out bool isVariadic, out int end)
    {
        parameters = [];
        isVariadic = false;
        end = 1;
        if (end < tokens.Count && tokens[end].Kind == TokenKind.RightParen)
        {
            end++;
            return true;
        }

        while (end < tokens.Count && parameters.Count < MaxMacroParameters)
        {
            var token = tokens[end++];
            if (token.Kind == TokenKind.Ellipsis)
            {
                isVariadic = true;
                parameters.Add(_names.Get("__VA_ARGS__"));
            }
            else if (token.Name is { } parameter)
            {
                parameters.Add(parameter);
                if (end < tokens.Count && tokens[end].Kind == TokenKind.Ellipsis)
                {
                    isVariadic = true;
                    end++;
                }
            }
            else
            {
                return false;
            }

            if (end >= tokens.Count) return false;
            var separator = tokens[end++].Kind;
            if (separator == TokenKind.RightParen) return true;
            if (separator != TokenKind.Comma || isVariadic) return false;
        }

        return false;
    }

    private void ReadUndef(FileFrame file)
    {
        var name = file.Lexer.Next();
        if (name.Name is { } identifier) identifier.Macro = null;
        else Report(DiagnosticCodes.BadDirective, name.Span, "#undef needs a name");
    }

    private void ReadError(FileFrame file, Token directive, bool isError)
    {
        var text = file.Lexer.ReadRestOfLine();
        var message = Lexer.RemoveSplices(text.Source!.Text.AsSpan(text.Start, text.Length));
        if (isError) Report(DiagnosticCodes.ErrorDirective, directive.Span.To(text), $"#error {message}");
        else _diagnostics.Warning(DiagnosticCodes.ErrorDirective, directive.Span.To(text), $"#warning {message}");
    }

    private void ReadLine(FileFrame file, List<Token> tokens)
    {
        if (tokens is not [{ Kind: TokenKind.Number } number, ..] || !int.TryParse(number.Raw, null, out var line))
        {
            Report(DiagnosticCodes.BadDirective, tokens.Count > 0 ? tokens[0].Span : file.Lexer.ReadRestOfLine(), "#line needs a line number");
            return;
        }

        file.LineOffset = line - number.Span.Line - 1;
        if (tokens.Count > 1 && tokens[1].Kind == TokenKind.String) file.LineFile = LiteralReader.ReadString(tokens[1], _diagnostics);
    }

    private void ReadIf(FileFrame file, Token directive)
    {
        if (file.Conditionals.Count >= MaxConditionalDepth)
        {
            Abort(DiagnosticCodes.NestingTooDeep, directive.Span, $"conditions are nested over {MaxConditionalDepth} deep");
            return;
        }

        var mayBeGuard = file.MayOpenGuard && file.Conditionals.Count == 0;
        var isTrue = EvaluateBranch(file, directive, out var guard);
        if (file.Conditionals.Count == 0) file.SeeTextOutsideOfGuard();
        if (mayBeGuard && guard is not null) file.SetGuard(guard);
        file.Conditionals.Add(new Conditional(directive.NameText, directive.Span, isTrue) { IsGuard = mayBeGuard && guard is not null });
        EndDirective(file);
        if (!isTrue) SkipGroup(file);
    }

    /// <summary>Tests the condition of <c>#if</c> and its kin.</summary>
    /// <param name="file">The file.</param>
    /// <param name="directive">The directive's name.</param>
    /// <param name="guard">The name whose absence is all that is asked for.</param>
    private bool EvaluateBranch(FileFrame file, Token directive, out Identifier? guard)
    {
        guard = null;
        if (directive.NameText is "if" or "elif")
        {
            var tokens = ReadRest(file);
            guard = FindGuard(tokens);
            return new ConditionEvaluator(ExpandCondition(tokens, file), directive, _diagnostics).Evaluate();
        }

        var name = file.Lexer.Next();
        if (name.Name is not { } identifier)
        {
            Report(DiagnosticCodes.BadDirective, directive.Span, $"#{directive.Text} needs a name");
            return false;
        }

        if (directive.NameText is "ifdef" or "elifdef") return identifier.Macro is not null;
        guard = identifier;
        return identifier.Macro is null;
    }

    /// <summary><c>#if !defined(NAME)</c> guards a file as <c>#ifndef</c> does.</summary>
    private static Identifier? FindGuard(List<Token> tokens) => tokens switch
    {
        [{ Kind: TokenKind.Exclaim }, { NameText: "defined" }, { Name: { } name }] => name,
        [{ Kind: TokenKind.Exclaim }, { NameText: "defined" }, { Kind: TokenKind.LeftParen }, { Name: { } name }, { Kind: TokenKind.RightParen }] => name,
        _ => null,
    };

    /// <summary>Handles <c>#elif</c>, <c>#else</c> and <c>#endif</c> after a branch that was read: the other branches are left out.</summary>
    private void ReadBranch(FileFrame file, Token directive)
    {
        if (file.Conditionals.Count == 0)
        {
            Report(DiagnosticCodes.UnbalancedConditional, directive.Span, $"#{directive.Text} without #if");
            return;
        }

        if (directive.NameText == "endif")
        {
            file.Conditionals.RemoveAt(file.Conditionals.Count - 1);
            return;
        }

        if (file.Conditionals[^1].IsGuard) file.SeeTextOutsideOfGuard();
        CheckElse(file.Conditionals[^1], directive);
        EndDirective(file);
        SkipGroup(file);
    }

    private void CheckElse(Conditional conditional, Token directive)
    {
        if (conditional.InElse) Report(DiagnosticCodes.UnbalancedConditional, directive.Span, $"#{directive.Text} after #else");
        if (directive.NameText == "else") conditional.InElse = true;
    }

    /// <summary>Leaves out lines until the branch to take, or behind the <c>#endif</c>.</summary>
    private void SkipGroup(FileFrame file)
    {
        var nested = 0;
        while (file.Lexer.SkipToDirective())
        {
            file.Lexer.InDirective = true;
            var directive = file.Lexer.Next();
            var text = directive.NameText;
            if (text is "if" or "ifdef" or "ifndef")
            {
                nested++;
            }
            else if (text == "endif")
            {
                if (nested-- == 0)
                {
                    file.Conditionals.RemoveAt(file.Conditionals.Count - 1);
                    EndDirective(file);
                    return;
                }
            }
            else if (nested == 0 && text is "else" or "elif" or "elifdef" or "elifndef")
            {
                var conditional = file.Conditionals[^1];
                CheckElse(conditional, directive);
                if (conditional.IsGuard) file.SeeTextOutsideOfGuard();
                if (!conditional.WasTaken && (text == "else" || EvaluateBranch(file, directive, out _)))
                {
                    conditional.WasTaken = true;
                    EndDirective(file);
                    return;
                }
            }

            EndDirective(file);
        }
    }
}
