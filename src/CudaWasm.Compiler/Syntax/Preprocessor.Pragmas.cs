using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Preprocessor
{
    private void ReadPragma(FileFrame file)
    {
        var tokens = ReadRest(file);
        ApplyPragma(tokens, file);
    }

    /// <summary>Unroll hints go to the parser, <c>once</c> and the macro stack are obeyed here, the rest speaks to other compilers.</summary>
    private void ApplyPragma(List<Token> tokens, FileFrame file)
    {
        if (tokens is [{ NameText: "GCC" or "clang" }, { NameText: "unroll" }, ..]) tokens = tokens[1..];
        if (tokens is [{ NameText: "clang" }, { NameText: "loop" }, { NameText: "unroll" }, ..]) tokens = tokens[2..];
        if (tokens.Count == 0) return;
        switch (tokens[0].NameText)
        {
            case "once":
                _once.Add(file.Lexer.Source);
                break;
            case "unroll":
                _pendingUnroll = ExpandAll(tokens[1..]);
                break;
            case "nounroll":
                _pendingUnroll = [new Token(TokenKind.Number, new SourceText("<nounroll>", "1"), 0, 1, TokenFlags.None)];
                break;
            case "push_macro" when MacroOperand(tokens) is { } name:
                if (!_pushedMacros.TryGetValue(name, out var stack)) _pushedMacros[name] = stack = [];
                stack.Push(name.Macro);
                break;
            case "pop_macro" when MacroOperand(tokens) is { } name:
                if (_pushedMacros.TryGetValue(name, out var pushed) && pushed.TryPop(out var macro)) name.Macro = macro;
                break;
        }
    }

    private Identifier? MacroOperand(List<Token> tokens) =>
        tokens is [_, { Kind: TokenKind.LeftParen }, { Kind: TokenKind.String } text, { Kind: TokenKind.RightParen }, ..]
            ? _names.Get(LiteralReader.ReadString(text, _diagnostics))
            : null;

    /// <summary>Reads the rest of <c>_Pragma("text")</c>.</summary>
    private void ReadPragmaOperator(Token name)
    {
        var open = NextExpanded();
        var text = NextExpanded();
        var close = NextExpanded();
        if (open.Kind != TokenKind.LeftParen || text.Kind != TokenKind.String || close.Kind != TokenKind.RightParen)
        {
            Report(DiagnosticCodes.BadDirective, name.Span, "_Pragma needs one string in parentheses");
            return;
        }

        var lexer = new Lexer(new SourceText("<_Pragma>", LiteralReader.ReadString(text, _diagnostics)), _names, _diagnostics) { InDirective = true };
        var tokens = new List<Token>();
        for (var token = lexer.Next(); token.Kind != TokenKind.EndOfDirective; token = lexer.Next()) tokens.Add(token);
        ApplyPragma(tokens, _files[^1]);
    }
}
