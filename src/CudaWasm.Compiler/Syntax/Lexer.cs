using System.Text;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>Cuts a source into preprocessing tokens. Comments and line splices vanish here; characters that begin no token are left to the parser.</summary>
internal sealed partial class Lexer(SourceText source, IdentifierTable names, DiagnosticBag diagnostics)
{
    private readonly string _text = source.Text;
    private int _position = source.Text.Length > 0 && source.Text[0] == '\uFEFF' ? 1 : 0;
    private bool _atLineStart = true;

    public SourceText Source => source;

    /// <summary>While set, a line end gives <see cref="TokenKind.EndOfDirective"/> and is not passed.</summary>
    public bool InDirective { get; set; }

    public Token Next()
    {
        var flags = SkipBlanks();
        if (_position >= _text.Length) return Make(InDirective ? TokenKind.EndOfDirective : TokenKind.End, _text.Length, flags);
        if (InDirective && _text[_position] is '\n' or '\r') return Make(TokenKind.EndOfDirective, _position, flags);
        if (_atLineStart) flags |= TokenFlags.AtLineStart;
        _atLineStart = false;

        var start = _position;
        var c = _text[start];
        if (IsIdentifierStart(c)) return ReadIdentifier(start, flags);
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1)))) return ReadNumber(start, flags);
        if (c is '"' or '\'') return ReadQuoted(start, start, flags);
        var (kind, length) = ReadPunctuator(c);
        _position += length;
        return Make(kind, start, flags);
    }

    /// <summary>The rest of the line, without comments; used for <c>#error</c>, whose text need not be tokens.</summary>
    public SourceSpan ReadRestOfLine()
    {
        SkipBlanks();
        var start = _position;
        while (_position < _text.Length && _text[_position] is not ('\n' or '\r')) _position += SpliceLength(_position) is > 0 and var n ? n : 1;
        var end = _position;
        while (end > start && _text[end - 1] is ' ' or '\t') end--;
        return new SourceSpan(source, start, end - start);
    }

    /// <summary>Reads <c>"name"</c> or <c>&lt;name&gt;</c>, which only <c>#include</c> knows, if one stands here.</summary>
    public bool TryReadHeaderName(out SourceSpan name, out bool isAngled)
    {
        SkipBlanks();
        name = default;
        isAngled = Peek(0) == '<';
        if (!isAngled && Peek(0) != '"') return false;
        var close = isAngled ? '>' : '"';
        var end = _position + 1;
        while (end < _text.Length && _text[end] != close && _text[end] is not ('\n' or '\r')) end++;
        if (end >= _text.Length || _text[end] != close) return false;
        name = new SourceSpan(source, _position + 1, end - _position - 1);
        _position = end + 1;
        return true;
    }

    /// <summary>Passes lines that a condition leaves out. True when it stands behind the <c>#</c> of a directive, false at the end.</summary>
    public bool SkipToDirective()
    {
        InDirective = false;
        while (true)
        {
            var flags = SkipBlanks();
            if (_position >= _text.Length) return false;
            var first = _atLineStart || (flags & TokenFlags.AtLineStart) != 0;
            _atLineStart = false;
            var c = _text[_position];
            if (first && c == '#')
            {
                _position++;
                return true;
            }

            if (first && c == '%' && Peek(1) == ':')
            {
                _position += 2;
                return true;
            }

            SkipLeftOutLine();
        }
    }

    /// <summary>Passes text up to the next blank, line end or comment; quotes hide comment marks.</summary>
    private void SkipLeftOutLine()
    {
        while (_position < _text.Length)
        {
            var c = _text[_position];
            if (c is '\n' or '\r' || (c == '/' && Peek(1) is '/' or '*')) return;
            if (c is '"' or '\'')
            {
                SkipLeftOutLiteral(c);
                continue;
            }

            _position += SpliceLength(_position) is > 0 and var n ? n : 1;
        }
    }

    private void SkipLeftOutLiteral(char quote)
    {
        if (quote == '"' && _position > 0 && _text[_position - 1] == 'R' && TryFindRawStringEnd(_position, out var end))
        {
            _position = end;
            return;
        }

        _position++;
        while (_position < _text.Length && _text[_position] is not ('\n' or '\r'))
        {
            var c = _text[_position];
            _position += c == '\\' ? (SpliceLength(_position) is > 0 and var n ? n : Math.Min(2, _text.Length - _position)) : 1;
            if (c == quote) return;
        }
    }

    private TokenFlags SkipBlanks()
    {
        var flags = TokenFlags.None;
        while (_position < _text.Length)
        {
            switch (_text[_position])
            {
                case ' ' or '\t' or '\v' or '\f':
                    _position++;
                    flags |= TokenFlags.LeadingSpace;
                    break;
                case '\n' or '\r':
                    if (InDirective) return flags;
                    _position++;
                    _atLineStart = true;
                    break;
                case '\\' when SpliceLength(_position) is > 0 and var n:
                    _position += n;
                    flags |= TokenFlags.LeadingSpace;
                    break;
                case '/' when Peek(1) == '/':
                    while (_position < _text.Length && _text[_position] is not ('\n' or '\r')) _position += SpliceLength(_position) is > 0 and var m ? m : 1;
                    flags |= TokenFlags.LeadingSpace;
                    break;
                case '/' when Peek(1) == '*':
                    SkipComment();
                    flags |= TokenFlags.LeadingSpace;
                    break;
                case '\u001A' when _position == _text.Length - 1: // DOS end of file.
                    _position++;
                    break;
                default:
                    return flags;
            }
        }

        return flags;
    }

    private void SkipComment()
    {
        var end = _text.IndexOf("*/", _position + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            diagnostics.Error(DiagnosticCodes.UnterminatedComment, new SourceSpan(source, _position, 2), "comment is not closed: expected '*/' before the end of the file");
            _position = _text.Length;
            return;
        }

        _position = end + 2;
    }

    private Token ReadIdentifier(int start, TokenFlags flags)
    {
        var end = start + 1;
        while (end < _text.Length && IsIdentifierPart(_text[end])) end++;
        _position = end;
        if (end < _text.Length && _text[end] == '\\' && SpliceLength(end) > 0) return ReadSplicedIdentifier(start, flags);
        if (end < _text.Length && _text[end] is '"' or '\'' && IsLiteralPrefix(_text.AsSpan(start, end - start))) return ReadQuoted(start, end, flags);
        return new Token(TokenKind.Identifier, source, start, end - start, flags, names.Get(_text.AsSpan(start, end - start)));
    }

    private Token ReadSplicedIdentifier(int start, TokenFlags flags)
    {
        while (_position < _text.Length && (IsIdentifierPart(_text[_position]) || SpliceLength(_position) > 0)) _position += Math.Max(1, SpliceLength(_position));
        var raw = _text.AsSpan(start, _position - start);
        return new Token(TokenKind.Identifier, source, start, raw.Length, flags | TokenFlags.HasSplice, names.Get(RemoveSplices(raw)));
    }

    private (TokenKind Kind, int Length) ReadPunctuator(char c)
    {
        var d = Peek(1);
        var e = Peek(2);
        return c switch
        {
            '(' => (TokenKind.LeftParen, 1),
            ')' => (TokenKind.RightParen, 1),
            '[' => (TokenKind.LeftBracket, 1),
            ']' => (TokenKind.RightBracket, 1),
            '{' => (TokenKind.LeftBrace, 1),
            '}' => (TokenKind.RightBrace, 1),
            ';' => (TokenKind.Semicolon, 1),
            ',' => (TokenKind.Comma, 1),
            '?' => (TokenKind.Question, 1),
            '~' => (TokenKind.Tilde, 1),
            ':' => d == ':' ? (TokenKind.ColonColon, 2) : d == '>' ? (TokenKind.RightBracket, 2) : (TokenKind.Colon, 1),
            '.' => d == '.' && e == '.' ? (TokenKind.Ellipsis, 3) : d == '*' ? (TokenKind.DotStar, 2) : (TokenKind.Dot, 1),
            '+' => d == '+' ? (TokenKind.PlusPlus, 2) : d == '=' ? (TokenKind.PlusEqual, 2) : (TokenKind.Plus, 1),
            '-' when d == '>' => e == '*' ? (TokenKind.ArrowStar, 3) : (TokenKind.Arrow, 2),
            '-' => d == '-' ? (TokenKind.MinusMinus, 2) : d == '=' ? (TokenKind.MinusEqual, 2) : (TokenKind.Minus, 1),
            '*' => d == '=' ? (TokenKind.StarEqual, 2) : (TokenKind.Star, 1),
            '/' => d == '=' ? (TokenKind.SlashEqual, 2) : (TokenKind.Slash, 1),
            '%' when d == ':' => e == '%' && Peek(3) == ':' ? (TokenKind.HashHash, 4) : (TokenKind.Hash, 2),
            '%' => d == '=' ? (TokenKind.PercentEqual, 2) : d == '>' ? (TokenKind.RightBrace, 2) : (TokenKind.Percent, 1),
            '&' => d == '&' ? (TokenKind.AmpersandAmpersand, 2) : d == '=' ? (TokenKind.AmpersandEqual, 2) : (TokenKind.Ampersand, 1),
            '|' => d == '|' ? (TokenKind.PipePipe, 2) : d == '=' ? (TokenKind.PipeEqual, 2) : (TokenKind.Pipe, 1),
            '^' => d == '=' ? (TokenKind.CaretEqual, 2) : (TokenKind.Caret, 1),
            '!' => d == '=' ? (TokenKind.ExclaimEqual, 2) : (TokenKind.Exclaim, 1),
            '=' => d == '=' ? (TokenKind.EqualEqual, 2) : (TokenKind.Equal, 1),
            '<' => ReadLess(d, e),
            '>' => d == '=' ? (TokenKind.GreaterEqual, 2) : (TokenKind.Greater, 1),
            '#' => d == '#' ? (TokenKind.HashHash, 2) : (TokenKind.Hash, 1),
            _ => (TokenKind.Unknown, char.IsHighSurrogate(c) && char.IsLowSurrogate(d) ? 2 : 1),
        };
    }

    private (TokenKind Kind, int Length) ReadLess(char d, char e) => d switch
    {
        '<' => e == '<' ? (TokenKind.LessLessLess, 3) : e == '=' ? (TokenKind.LessLessEqual, 3) : (TokenKind.LessLess, 2),
        '=' => (TokenKind.LessEqual, 2),
        '%' => (TokenKind.LeftBrace, 2),
        ':' when e != ':' || Peek(3) is ':' or '>' => (TokenKind.LeftBracket, 2),
        _ => (TokenKind.Less, 1),
    };

    private Token Make(TokenKind kind, int start, TokenFlags flags) => new(kind, source, start, _position - start, flags);

    private char Peek(int offset) => _position + offset < _text.Length ? _text[_position + offset] : '\0';

    private int SpliceLength(int position) => SpliceLength(_text, position);

    /// <summary>The length of a backslash and the line end after it (blanks between them are forgiven, as by gcc); 0 where there is none.</summary>
    internal static int SpliceLength(ReadOnlySpan<char> text, int position)
    {
        if (text[position] != '\\') return 0;
        var end = position + 1;
        while (end < text.Length && text[end] is ' ' or '\t') end++;
        if (end >= text.Length) return 0;
        if (text[end] == '\r') return end + 1 - position + (end + 1 < text.Length && text[end + 1] == '\n' ? 1 : 0);
        return text[end] == '\n' ? end + 1 - position : 0;
    }

    internal static string RemoveSplices(ReadOnlySpan<char> text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var splice = SpliceLength(text, i);
            if (splice == 0) clean.Append(text[i]);
            i += Math.Max(1, splice);
        }

        return clean.ToString();
    }

    internal static bool IsIdentifierStart(char c) => char.IsAsciiLetter(c) || c is '_' or '$' || (c >= 128 && char.IsLetter(c));

    internal static bool IsIdentifierPart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' || (c >= 128 && char.IsLetterOrDigit(c));
}
