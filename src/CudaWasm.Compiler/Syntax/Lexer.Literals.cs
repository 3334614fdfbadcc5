using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

internal sealed partial class Lexer
{
    /// <summary>The longest delimiter of a raw string, by the standard.</summary>
    private const int MaxRawDelimiter = 16;

    /// <summary>Reads a preprocessing number: digits, letters, dots, digit separators, signs after an exponent letter.</summary>
    private Token ReadNumber(int start, TokenFlags flags)
    {
        _position = start + 1;
        while (_position < _text.Length)
        {
            var c = _text[_position];
            if (c is '+' or '-' && _text[_position - 1] is 'e' or 'E' or 'p' or 'P')
            {
                // 0x1e+2 is a sum in C++17 only after a hexadecimal digit e; nobody writes it, but the number must end there.
                if (_text[_position - 1] is 'e' or 'E' && _text[start] == '0' && start + 1 < _text.Length && _text[start + 1] is 'x' or 'X') break;
                _position++;
            }
            else if (c == '\'' && IsIdentifierPart(Peek(1)))
            {
                _position += 2;
            }
            else if (c == '.' || IsIdentifierPart(c))
            {
                _position++;
            }
            else if (c == '\\' && SpliceLength(_position) is > 0 and var n && _position + n < _text.Length && (IsIdentifierPart(_text[_position + n]) || _text[_position + n] == '.'))
            {
                _position += n;
                flags |= TokenFlags.HasSplice;
            }
            else
            {
                break;
            }
        }

        return Make(TokenKind.Number, start, flags);
    }

    /// <summary>Reads a string or character literal whose prefix starts at <paramref name="start"/> and whose quote stands at <paramref name="quote"/>.</summary>
    private Token ReadQuoted(int start, int quote, TokenFlags flags)
    {
        var mark = _text[quote];
        if (mark == '"' && quote > start && _text[quote - 1] == 'R')
        {
            if (!TryFindRawStringEnd(quote, out _position))
            {
                diagnostics.Error(DiagnosticCodes.UnterminatedLiteral, new SourceSpan(source, start, quote + 1 - start), "raw string literal is not closed before the end of the file");
            }

            return Make(TokenKind.String, start, flags);
        }

        _position = quote + 1;
        while (_position < _text.Length && _text[_position] is not ('\n' or '\r'))
        {
            var c = _text[_position];
            if (c == mark)
            {
                _position++;
                return Make(mark == '"' ? TokenKind.String : TokenKind.Character, start, flags);
            }

            if (c != '\\')
            {
                _position++;
            }
            else if (SpliceLength(_position) is > 0 and var n)
            {
                _position += n;
                flags |= TokenFlags.HasSplice;
            }
            else
            {
                _position = Math.Min(_position + 2, _text.Length);
            }
        }

        // A lone quote in a directive may be prose or half of a literal that a macro completes.
        if (InDirective)
        {
            _position = quote + 1;
            return Make(TokenKind.Unknown, start, flags);
        }

        diagnostics.Error(DiagnosticCodes.UnterminatedLiteral, new SourceSpan(source, start, _position - start), $"missing closing {mark} on this line");
        return Make(mark == '"' ? TokenKind.String : TokenKind.Character, start, flags);
    }

    /// <summary>Finds the end of <c>"delimiter( ... )delimiter"</c>; the end of the file where it is not closed.</summary>
    private bool TryFindRawStringEnd(int quote, out int end)
    {
        end = _text.Length;
        var open = quote + 1;
        while (open < _text.Length && open - quote <= MaxRawDelimiter + 1 && _text[open] is not ('(' or ')' or '\\' or ' ' or '\n' or '\r')) open++;
        if (open >= _text.Length || _text[open] != '(') return false;
        var close = string.Concat(")", _text.AsSpan(quote + 1, open - quote - 1), "\"");
        var found = _text.IndexOf(close, open + 1, StringComparison.Ordinal);
        if (found < 0) return false;
        end = found + close.Length;
        return true;
    }

    private static bool IsLiteralPrefix(ReadOnlySpan<char> text) => text is "L" or "u" or "U" or "u8" or "R" or "LR" or "uR" or "UR" or "u8R";
}
