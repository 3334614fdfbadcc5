using System.Text;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Preprocessor
{
    /// <summary>Puts arguments into a macro's body: <c>#</c>, <c>##</c>, <c>__VA_OPT__</c> and plain parameters.</summary>
    private sealed class Substitution(Preprocessor owner, Macro macro, List<Token>[] arguments, ExpansionSite site)
    {
        private readonly List<Token>?[] _expanded = new List<Token>?[arguments.Length];
        private List<Token> _result = [];

        public List<Token> Run()
        {
            Substitute(0, macro.Body.Length);
            _result.RemoveAll(t => t.Kind == TokenKind.Placemarker);
            return _result;
        }

        private void Substitute(int start, int end)
        {
            var body = macro.Body;
            for (var i = start; i < end && !owner._aborted; i++)
            {
                var token = body[i];
                if (token.Kind == TokenKind.HashHash && i > start && i + 1 < end)
                {
                    i = Paste(i, end);
                    continue;
                }

                var operand = i;
                var piece = ReadOperand(ref i, end, isRaw: i + 1 < end && IsBeforePaste(i, end));
                Append(piece, body[operand]);
            }
        }

        /// <summary>True where the operand that starts here is the left side of <c>##</c>.</summary>
        private bool IsBeforePaste(int i, int end)
        {
            var body = macro.Body;
            if (body[i].Kind == TokenKind.Hash && macro.IsFunctionLike) i++;
            return i + 1 < end && body[i + 1].Kind == TokenKind.HashHash;
        }

        /// <summary>The tokens of one operand of the body; moves to its last token.</summary>
        private List<Token> ReadOperand(ref int i, int end, bool isRaw)
        {
            var body = macro.Body;
            var token = body[i];
            if (token.Kind == TokenKind.Hash && macro.IsFunctionLike && i + 1 < end && macro.ParameterAt(i + 1) is >= 0 and var quoted)
            {
                i++;
                return [Stringize(arguments[quoted], token)];
            }

            if (macro.IsVariadic && token.Name is { Text: "__VA_OPT__" } && i + 1 < end && body[i + 1].Kind == TokenKind.LeftParen)
            {
                return ReadOptional(ref i, end);
            }

            var parameter = macro.ParameterAt(i);
            if (parameter < 0 || parameter >= arguments.Length) return [token.With(site)];
            var argument = isRaw ? arguments[parameter] : _expanded[parameter] ??= owner.ExpandAll(arguments[parameter]);
            return argument.Count > 0 ? argument : [Placemarker(token)];
        }

        private List<Token> ReadOptional(ref int i, int end)
        {
            var open = i + 1;
            var depth = 0;
            for (i = open; i < end; i++)
            {
                if (macro.Body[i].Kind == TokenKind.LeftParen) depth++;
                if (macro.Body[i].Kind == TokenKind.RightParen && --depth == 0) break;
            }

            var variadic = arguments.Length - 1;
            var hasArguments = (_expanded[variadic] ??= owner.ExpandAll(arguments[variadic])).Count > 0;
            var outer = _result;
            _result = [];
            if (hasArguments) Substitute(open + 1, Math.Min(i, end));
            var inner = _result;
            _result = outer;
            return inner.Count > 0 ? inner : [Placemarker(macro.Body[open])];
        }

        /// <summary>Handles the <c>##</c> at <paramref name="i"/> with the operand after it; gives the index of its last token.</summary>
        private int Paste(int i, int end)
        {
            var mark = macro.Body[i];
            i++;
            var parameter = macro.ParameterAt(i);
            var isVariadic = macro.IsVariadic && parameter == arguments.Length - 1 && parameter >= 0;
            if (isVariadic && _result.Count > 0 && _result[^1].Kind == TokenKind.Comma)
            {
                // GNU: a comma pasted to missing variable arguments vanishes, else nothing is pasted.
                if (arguments[parameter].Count == 0) _result.RemoveAt(_result.Count - 1);
                else Append(_expanded[parameter] ??= owner.ExpandAll(arguments[parameter]), macro.Body[i]);
                return i;
            }

            var right = ReadOperand(ref i, end, isRaw: true);
            var left = _result.Count > 0 ? _result[^1] : Placemarker(mark);
            if (_result.Count > 0) _result.RemoveAt(_result.Count - 1);
            _result.AddRange(Join(left, right[0], mark));
            for (var k = 1; k < right.Count; k++) _result.Add(right[k]);
            return i;
        }

        private List<Token> Join(Token left, Token right, Token mark)
        {
            if (right.Kind == TokenKind.Placemarker) return [left];
            if (left.Kind == TokenKind.Placemarker) return [right.WithSpacingOf(left)];
            var text = new SourceText($"<text of macro {macro.Name}>", left.Text + right.Text);
            var lexer = new Lexer(text, owner._names, owner._diagnostics) { InDirective = true };
            var joined = lexer.Next();
            if (joined.Length == text.Text.Length && joined.Kind is not (TokenKind.EndOfDirective or TokenKind.Unknown))
            {
                return [joined.With(site).WithSpacingOf(left)];
            }

            if (left.Kind != TokenKind.Greater || right.Kind is not (TokenKind.Greater or TokenKind.GreaterEqual))
            {
                owner.Report(DiagnosticCodes.BadPasting, mark.With(site).Span, $"pasting '{left.Text}' and '{right.Text}' does not give one token");
            }

            return [left, right.With(right.Flags & ~TokenFlags.LeadingSpace)];
        }

        private void Append(List<Token> piece, Token operand)
        {
            var first = _result.Count;
            _result.AddRange(piece);
            if (piece.Count > 0) _result[first] = _result[first].WithSpacingOf(operand);
        }

        private Token Placemarker(Token place) => new(TokenKind.Placemarker, place.Source, place.Start, 0, place.Flags, null, site);

        private Token Stringize(List<Token> argument, Token mark)
        {
            var text = new StringBuilder("\"");
            for (var i = 0; i < argument.Count; i++)
            {
                if (i > 0 && !argument[i].IsAdjacent) text.Append(' ');
                var isLiteral = argument[i].Kind is TokenKind.String or TokenKind.Character;
                foreach (var c in argument[i].Text)
                {
                    if (isLiteral && c is '"' or '\\') text.Append('\\');
                    if (c == '\n') text.Append("\\n");
                    else text.Append(c);
                }
            }

            text.Append('"');
            var source = new SourceText($"<text of macro {macro.Name}>", text.ToString());
            return new Token(TokenKind.String, source, 0, text.Length, TokenFlags.None, null, site).WithSpacingOf(mark);
        }
    }
}
