using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Serialization;

/// <summary>How much IR is read: what is not trusted must not keep passes busy, nor nest deeper than their stacks.</summary>
/// <param name="MaxDepth">Statements and expressions inside each other.</param>
/// <param name="MaxNodes">Statements and expressions.</param>
internal sealed record IrLimits(int MaxDepth, int MaxNodes)
{
    public static IrLimits None { get; } = new(int.MaxValue, int.MaxValue);
}

/// <summary>
/// A compilation as bytes, so that another process need not compile again: kernels with their IR, places and diagnostics. Numbers are
/// variable-length little-endian, what is shared (strings, macro expansions, variables, labels) is written once and numbered.
/// </summary>
public static class CompilationFormat
{
    /// <summary>Goes up with every change of what is written or of what it means. Other versions are not read.</summary>
    public const int Version = 1;

    /// <param name="stream">Where to write.</param>
    /// <param name="compilation">What to write.</param>
    /// <param name="known">Sources that the reader will have, too; the text of all others is written.</param>
    public static void Write(Stream stream, CudaCompilation compilation, IReadOnlyList<SourceText> known)
    {
        ArgumentNullException.ThrowIfNull(compilation);
        // Trees are as deep as those of the compiler.
        DeepStack.Run(() =>
        {
            using var output = new CompilationOutput(stream, known);
            new CompilationWriter(output).Write(compilation);
            return true;
        });
    }

    /// <param name="stream">What <see cref="Write"/> wrote.</param>
    /// <param name="known">The sources that were known to the writer, in the same order.</param>
    /// <exception cref="InvalidDataException">These bytes are no compilation of this version, or its IR does not hold together.</exception>
    public static CudaCompilation Read(Stream stream, IReadOnlyList<SourceText> known) => Read(stream, known, IrLimits.None);

    internal static CudaCompilation Read(Stream stream, IReadOnlyList<SourceText> known, IrLimits limits)
    {
        try
        {
            return DeepStack.Run(() =>
            {
                using var input = new CompilationInput(stream, known, limits);
                return new CompilationReader(input).Read();
            });
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or InvalidCastException or OverflowException or IndexOutOfRangeException or KeyNotFoundException or InsufficientExecutionStackException)
        {
            throw new InvalidDataException("The bytes are damaged.", e);
        }
    }
}
