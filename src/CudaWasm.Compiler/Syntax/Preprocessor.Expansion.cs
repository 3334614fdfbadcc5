using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Preprocessor
{
    /// <summary>Tokens that macros may produce in one parse; a chain of doubling macros passes it at once, real headers never do.</summary>
    private const int MaxExpandedTokens = 2_000_000;

    /// <summary>Macro calls within arguments of macro calls.</summary>
    private const int MaxArgumentDepth = 200;

    private readonly List<Context> _contexts = [];
    private int _expandedTokens;
    private int _argumentDepth;

    /// <summary>The next token after macro expansion.</summary>
    private Token NextExpanded()
    {
        while (true)
        {
            var token = NextRaw();
            if (token.Kind != TokenKind.Identifier) return token;
            var macro = token.Name!.Macro;
            if (macro is null || (token.Flags & TokenFlags.NoExpand) != 0) return token;
            if (macro.Active > 0) return token.With(token.Flags | TokenFlags.NoExpand);
            if (macro.Dynamic != DynamicMacro.None) return ExpandDynamic(macro, token);
            if (macro.IsFunctionLike && !NextIsLeftParen()) return token;
            Expand(macro, token);
        }
    }

    private Token NextRaw()
    {
        while (_contexts.Count > 0 && !_aborted)
        {
            var top = _contexts[^1];
            if (top.Index < top.Tokens.Count) return top.Tokens[top.Index++];
            if (top.Macro is null) return _end;
            PopContext();
        }

        return NextFileToken();
    }

    private bool NextIsLeftParen()
    {
        while (_contexts.Count > 0)
        {
            var top = _contexts[^1];
            if (top.Index < top.Tokens.Count) return top.Tokens[top.Index].Kind == TokenKind.LeftParen;
            if (top.Macro is null) return false;
            PopContext();
        }

        var next = NextFileToken();
        _pushedBack = next;
        return next.Kind == TokenKind.LeftParen;
    }

    private void PushContext(List<Token> tokens, Macro? macro)
    {
        if (macro is not null) macro.Active++;
        _contexts.Add(new Context(tokens, macro));
    }

    private void PopContext()
    {
        if (_contexts[^1].Macro is { } macro) macro.Active--;
        _contexts.RemoveAt(_contexts.Count - 1);
    }

    private void Expand(Macro macro, Token use)
    {
        CountExpanded(macro.Body.Length + 1, macro, use);
        if (_aborted) return;
        var span = use.Span;
        var site = new ExpansionSite(macro.Name.Text, span with { Expansion = null }, span.Expansion);
        List<Token> result;
        if (!macro.IsFunctionLike && !macro.HasPaste)
        {
            result = new List<Token>(macro.Body.Length);
            foreach (var token in macro.Body) result.Add(token.With(site));
        }
        else
        {
            List<Token>[] arguments = [];
            if (macro.IsFunctionLike && !TryCollectArguments(macro, use, out arguments)) return;
            result = new Substitution(this, macro, arguments, site).Run();
            CountExpanded(result.Count, macro, use);
        }

        if (result.Count > 0) result[0] = result[0].WithSpacingOf(use);
        PushContext(result, macro);
    }

    private void CountExpanded(int tokens, Macro macro, Token use)
    {
        _expandedTokens += tokens;
        if (_expandedTokens <= MaxExpandedTokens) return;
        Abort(DiagnosticCodes.MacroTooLarge, use.Span, $"expanding macro '{macro.Name}' passes {MaxExpandedTokens:N0} tokens; does a macro double its text over and over?");
    }

    /// <summary>Reads the arguments of a call whose opening parenthesis comes next.</summary>
    private bool TryCollectArguments(Macro macro, Token use, out List<Token>[] arguments)
    {
        var found = new List<List<Token>>();
        var current = new List<Token>();
        var count = macro.Parameters!.Count;
        arguments = [];
        NextRaw();
        for (var depth = 0; ;)
        {
            var token = NextRaw();
            switch (token.Kind)
            {
                case TokenKind.End:
                    Report(DiagnosticCodes.MacroArguments, use.Span, $"the call of macro '{macro.Name}' is not closed: expected ')'");
                    return false;
                case TokenKind.LeftParen:
                    depth++;
                    break;
                case TokenKind.RightParen when depth-- == 0:
                    found.Add(current);
                    return CheckArguments(macro, use, found, out arguments);
                case TokenKind.Comma when depth == 0 && !(macro.IsVariadic && found.Count == count - 1):
                    found.Add(current);
                    current = [];
                    continue;
                case TokenKind.Identifier when token.Name!.Macro is { Active: > 0 }:
                    token = token.With(token.Flags | TokenFlags.NoExpand);
                    break;
            }

            if (token.AtLineStart) token = token.With((token.Flags & ~TokenFlags.AtLineStart) | TokenFlags.LeadingSpace);
            current.Add(token);
        }
    }

    private bool CheckArguments(Macro macro, Token use, List<List<Token>> found, out List<Token>[] arguments)
    {
        var count = macro.Parameters!.Count;
        if (count == 0 && found is [{ Count: 0 }]) found.Clear();
        if (macro.IsVariadic && found.Count == count - 1) found.Add([]);
        arguments = [.. found];
        if (found.Count == count) return true;
        var needs = macro.IsVariadic ? $"at least {count - 1}" : $"{count}";
        Report(
            DiagnosticCodes.MacroArguments,
            use.Span,
            $"macro '{macro.Name}' takes {needs} argument(s), but {found.Count} given",
            DiagnosticBag.Note(macro.Definition, $"macro '{macro.Name}' is defined here"));
        return false;
    }

    /// <summary>Expands a list of tokens on its own, as an argument is.</summary>
    private List<Token> ExpandAll(List<Token> tokens)
    {
        var result = new List<Token>(tokens.Count);
        if (_argumentDepth >= MaxArgumentDepth)
        {
            Abort(DiagnosticCodes.NestingTooDeep, tokens.Count > 0 ? tokens[0].Span : default, $"macro calls are nested over {MaxArgumentDepth} deep");
            return result;
        }

        _argumentDepth++;
        PushContext(tokens, null);
        var depth = _contexts.Count;
        for (var token = NextExpanded(); token.Kind != TokenKind.End; token = NextExpanded()) result.Add(token);
        while (_contexts.Count >= depth) PopContext();
        _argumentDepth--;
        return result;
    }

    private Token ExpandDynamic(Macro macro, Token use)
    {
        var file = _files[^1];
        var text = macro.Dynamic switch
        {
            DynamicMacro.Line => (use.Span.Line + file.LineOffset).ToString(null, null),
            DynamicMacro.File => Quote(file.LineFile ?? use.Span.Path),
            DynamicMacro.Counter => _counter++.ToString(null, null),
            _ => (_files.Count - 1).ToString(null, null),
        };
        var span = use.Span;
        var site = new ExpansionSite(macro.Name.Text, span with { Expansion = null }, span.Expansion);
        var kind = macro.Dynamic == DynamicMacro.File ? TokenKind.String : TokenKind.Number;
        return new Token(kind, new SourceText(macro.Name.Text, text), 0, text.Length, TokenFlags.None, null, site).WithSpacingOf(use);
    }

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private void DefineDynamicMacros()
    {
        Define("__LINE__", DynamicMacro.Line);
        Define("__FILE__", DynamicMacro.File);
        Define("__COUNTER__", DynamicMacro.Counter);
        Define("__INCLUDE_LEVEL__", DynamicMacro.IncludeLevel);

        void Define(string text, DynamicMacro dynamic)
        {
            var name = _names.Get(text);
            name.Macro = new Macro(name, null, false, [], SourceSpan.None) { Dynamic = dynamic };
        }
    }

    /// <summary>Tokens waiting to be read: a macro's expansion, or (without a macro) an argument, at whose end reading stops.</summary>
    private sealed class Context(List<Token> tokens, Macro? macro)
    {
        public List<Token> Tokens { get; } = tokens;

        public Macro? Macro { get; } = macro;

        public int Index { get; set; }
    }
}
