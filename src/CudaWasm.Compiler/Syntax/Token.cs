using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

[Flags]
internal enum TokenFlags : byte
{
    None = 0,

    /// <summary>The first token of its line.</summary>
    AtLineStart = 1,

    /// <summary>Blanks or a comment stand before it.</summary>
    LeadingSpace = 2,

    /// <summary>The text holds a backslash and a line end, which do not count.</summary>
    HasSplice = 4,

    /// <summary>The name of a macro met while that macro was being expanded: it stays a name for good.</summary>
    NoExpand = 8,

    /// <summary>A <c>#pragma unroll</c> stands before it.</summary>
    Unroll = 16,
}

/// <summary>One use of a macro: all tokens that came out of its definition share one.</summary>
/// <param name="MacroName">The macro.</param>
/// <param name="Use">The outermost use, in a file.</param>
/// <param name="Parent">How the name of this macro came about, where another macro wrote it.</param>
internal sealed record ExpansionSite(string MacroName, SourceSpan Use, MacroExpansion? Parent);

/// <summary>A token: a place in a source, nothing copied.</summary>
internal readonly struct Token(TokenKind kind, SourceText source, int start, int length, TokenFlags flags, Identifier? name = null, ExpansionSite? site = null)
{
    public SourceText Source { get; } = source;

    /// <summary>The identifier; also set for keywords and operator words.</summary>
    public Identifier? Name { get; } = name;

    public ExpansionSite? Site { get; } = site;

    public int Start { get; } = start;

    public int Length { get; } = length;

    public TokenKind Kind { get; } = kind;

    public TokenFlags Flags { get; } = flags;

    public bool AtLineStart => (Flags & TokenFlags.AtLineStart) != 0;

    /// <summary>True where nothing stands between this token and the one before it.</summary>
    public bool IsAdjacent => (Flags & (TokenFlags.AtLineStart | TokenFlags.LeadingSpace)) == 0;

    /// <summary>The identifier's text; empty for other tokens.</summary>
    public string NameText => Name?.Text ?? "";

    /// <summary>Where the token stands, or the macro use that gave it.</summary>
    public SourceSpan Span => Site is null
        ? new SourceSpan(Source, Start, Length)
        : Site.Use with { Expansion = new MacroExpansion(Site.MacroName, new SourceSpan(Source, Start, Length), Site.Parent) };

    /// <summary>The text as written.</summary>
    public ReadOnlySpan<char> Raw => Source.Text.AsSpan(Start, Length);

    /// <summary>The text without line splices.</summary>
    public string Text => Name?.Text ?? ((Flags & TokenFlags.HasSplice) == 0 ? Raw.ToString() : Lexer.RemoveSplices(Raw));

    public Token With(TokenFlags flags) => new(Kind, Source, Start, Length, flags, Name, Site);

    public Token With(TokenKind kind, TokenFlags flags) => new(kind, Source, Start, Length, flags, Name, Site);

    public Token With(ExpansionSite site) => new(Kind, Source, Start, Length, Flags, Name, site);

    /// <summary>Takes over the blanks before another token, as the first token of a macro's expansion does.</summary>
    public Token WithSpacingOf(Token other)
    {
        const TokenFlags Spacing = TokenFlags.AtLineStart | TokenFlags.LeadingSpace;
        return With((Flags & ~Spacing) | (other.Flags & Spacing));
    }

    public override string ToString() => $"{Kind} {Text}";
}
