namespace CudaWasm.Compiler.Syntax;

/// <summary>A name, one object for all its uses in a parse, so that keyword and macro are found without a look-up.</summary>
internal sealed class Identifier(string text, TokenKind keyword)
{
    public string Text { get; } = text;

    /// <summary>The keyword it is after preprocessing; <see cref="TokenKind.Identifier"/> for a plain name.</summary>
    public TokenKind Keyword { get; } = keyword;

    /// <summary>The macro of this name, if defined.</summary>
    public Macro? Macro { get; set; }

    /// <summary>The library header that declares it though no file includes it; null for most names.</summary>
    public string? ImplicitHeader { get; } = ImplicitHeaders.Of(text);

    public override string ToString() => Text;
}

/// <summary>All names of a parse.</summary>
internal sealed class IdentifierTable
{
    private readonly Dictionary<string, Identifier> _names;
    private readonly Dictionary<string, Identifier>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public IdentifierTable()
    {
        _names = new Dictionary<string, Identifier>(1024, StringComparer.Ordinal);
        _bySpan = _names.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public Identifier Get(ReadOnlySpan<char> text)
    {
        if (_bySpan.TryGetValue(text, out var known)) return known;
        var name = text.ToString();
        var keyword = Keywords.Table.TryGetValue(name, out var kind) || Keywords.OperatorWords.TryGetValue(name, out kind)
            ? kind
            : TokenKind.Identifier;
        return _names[name] = new Identifier(name, keyword);
    }
}
