namespace CudaWasm.Compiler.Text;

/// <summary>The text of one file, with its lines. Lines end at LF, CR LF or a lone CR.</summary>
public sealed class SourceText
{
    private readonly int[] _lineStarts;

    public SourceText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(text);
        Path = path;
        Text = text;
        _lineStarts = FindLines(text);
    }

    /// <summary>Where the text came from, as the user would write it.</summary>
    public string Path { get; }

    public string Text { get; }

    public int LineCount => _lineStarts.Length;

    /// <summary>One-based line and column of an offset; a tab counts as one column.</summary>
    public (int Line, int Column) GetPosition(int offset)
    {
        offset = Math.Clamp(offset, 0, Text.Length);
        var found = Array.BinarySearch(_lineStarts, offset);
        var index = found >= 0 ? found : ~found - 1;
        return (index + 1, offset - _lineStarts[index] + 1);
    }

    /// <summary>A one-based line without its end.</summary>
    public ReadOnlySpan<char> GetLine(int line)
    {
        var start = _lineStarts[line - 1];
        var end = line < _lineStarts.Length ? _lineStarts[line] : Text.Length;
        return Text.AsSpan(start, end - start).TrimEnd("\r\n");
    }

    public override string ToString() => Path;

    private static int[] FindLines(string text)
    {
        var starts = new List<int> { 0 };
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n') i++;
            if (text[i] is '\n' or '\r') starts.Add(i + 1);
        }

        return [.. starts];
    }
}
