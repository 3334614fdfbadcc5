namespace CudaWasm.Compiler.Text;

/// <summary>
/// A piece of a file. Text that a macro produced has the span of the macro's outermost use, which is what a person sees in
/// the file, and <see cref="Expansion"/> tells how it came about.
/// </summary>
public readonly record struct SourceSpan(SourceText? Source, int Start, int Length, MacroExpansion? Expansion = null)
{
    /// <summary>No place: what the compiler made up.</summary>
    public static SourceSpan None => default;

    public int End => Start + Length;

    /// <summary>One-based line of the start; 0 where there is no source.</summary>
    public int Line => Source?.GetPosition(Start).Line ?? 0;

    /// <summary>One-based column of the start; 0 where there is no source.</summary>
    public int Column => Source?.GetPosition(Start).Column ?? 0;

    public string Path => Source?.Path ?? "";

    /// <summary>What is written there; empty where there is no source.</summary>
    public string Text => Source is null ? "" : Source.Text[Math.Min(Start, Source.Text.Length)..Math.Min(End, Source.Text.Length)];

    /// <summary>The span from the start of this one to the end of another in the same file; this one if the files differ.</summary>
    public SourceSpan To(SourceSpan last) =>
        Source is null ? last
        : ReferenceEquals(Source, last.Source) && last.End >= Start ? this with { Length = last.End - Start }
        : this;

    public override string ToString() => Source is null ? "" : string.Create(null, $"{Path}({Line},{Column})");
}

/// <summary>One use of a macro.</summary>
/// <param name="MacroName">The macro's name.</param>
/// <param name="Spelling">Where the text stands in the macro's definition (or in its argument).</param>
/// <param name="Parent">The expansion this one happened in.</param>
public sealed record MacroExpansion(string MacroName, SourceSpan Spelling, MacroExpansion? Parent);
