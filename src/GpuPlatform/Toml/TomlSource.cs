namespace GpuPlatform.Toml;

/// <summary>The text and a place in it.</summary>
internal sealed class TomlSource(string text)
{
    public int Position { get; set; }

    public bool AtEnd => Position >= text.Length;

    /// <summary>The character here or further on; '\0' at the end, where a real one is refused by whoever meets it.</summary>
    public char Peek(int ahead = 0) => Position + ahead < text.Length ? text[Position + ahead] : '\0';

    public char Take() => AtEnd ? throw Error("the file ends here", Position) : text[Position++];

    public bool TryTake(char c)
    {
        if (AtEnd || text[Position] != c)
            return false;
        Position++;
        return true;
    }

    public bool TryTake(string word)
    {
        if (string.CompareOrdinal(text, Position, word, 0, word.Length) != 0)
            return false;
        Position += word.Length;
        return true;
    }

    public void Expect(char c)
    {
        if (!TryTake(c))
            throw Error($"'{c}' is due here", Position);
    }

    public string TakeWhile(Func<char, bool> wanted)
    {
        var start = Position;
        while (!AtEnd && wanted(text[Position]))
            Position++;
        return text[start..Position];
    }

    /// <summary>Spaces and tabs.</summary>
    public void SkipBlank() => TakeWhile(static c => c is ' ' or '\t');

    /// <summary>A line end, LF or CRLF.</summary>
    public bool TryTakeLineEnd()
    {
        if (TryTake('\n'))
            return true;
        if (Peek() != '\r' || Peek(1) != '\n')
            return false;
        Position += 2;
        return true;
    }

    /// <summary>The rest of a line: blanks, a comment, and its end.</summary>
    public void EndLine()
    {
        SkipBlank();
        SkipComment();
        if (!AtEnd && !TryTakeLineEnd())
            throw Error("the line should end here", Position);
    }

    /// <summary>Blanks, comments and line ends, as between the elements of an array.</summary>
    public void SkipLines()
    {
        do
        {
            SkipBlank();
            SkipComment();
        }
        while (TryTakeLineEnd());
    }

    public TomlException Error(string message, int at)
    {
        var (line, start) = Line(at);
        return new TomlException(message, line, at - start + 1);
    }

    public int LineOf(int at) => Line(at).Number;

    /// <summary>True for a control character that may not stand in comments and strings.</summary>
    public static bool IsForbidden(char c) => c is (< ' ' and not '\t') or '\x7f';

    private void SkipComment()
    {
        if (!TryTake('#'))
            return;
        while (!AtEnd && text[Position] is not '\n')
        {
            if (text[Position] == '\r' && Peek(1) == '\n')
                return;
            if (IsForbidden(text[Position]))
                throw Error("a control character cannot stand in a comment", Position);
            Position++;
        }
    }

    private (int Number, int Start) Line(int at)
    {
        var before = text.AsSpan(0, Math.Min(at, text.Length));
        return (before.Count('\n') + 1, before.LastIndexOf('\n') + 1);
    }
}
