using System.Text;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Serialization;

/// <summary>Writes numbers, strings and places; see <see cref="CompilationFormat"/>.</summary>
internal sealed class CompilationOutput : IDisposable
{
    private readonly BinaryWriter _writer;
    private readonly Dictionary<string, int> _strings = new(StringComparer.Ordinal);
    private readonly Dictionary<SourceText, int> _sources = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<MacroExpansion, int> _expansions = new(ReferenceEqualityComparer.Instance);

    public CompilationOutput(Stream stream, IReadOnlyList<SourceText> known)
    {
        _writer = new BinaryWriter(stream, new UTF8Encoding(false, true), leaveOpen: true);
        Write(CompilationFormat.Version);
        Write(known.Count);
        foreach (var source in known) _sources.TryAdd(source, _sources.Count);
        if (_sources.Count != known.Count) throw new ArgumentException("A source is known twice.", nameof(known));
    }

    public void Dispose() => _writer.Dispose();

    public void Write(int value) => _writer.Write7BitEncodedInt(value);

    public void Write(long value) => _writer.Write7BitEncodedInt64(value);

    public void Write(bool value) => _writer.Write(value);

    public void Write(int? value)
    {
        Write(value is not null);
        if (value is { } present) Write(present);
    }

    public void WriteByte(byte value) => _writer.Write(value);

    public void Write<T>(T value)
        where T : struct, Enum
        => Write(Convert.ToInt32(value, null));

    public void Write(string value)
    {
        if (_strings.TryGetValue(value, out var known))
        {
            Write(known + 1);
            return;
        }

        Write(0);
        _writer.Write(value);
        _strings.Add(value, _strings.Count);
    }

    public void Write(byte[]? bytes)
    {
        Write(bytes is null ? 0 : bytes.Length + 1);
        if (bytes is not null) _writer.Write(bytes);
    }

    public void Write<T>(IReadOnlyCollection<T> items, Action<T> write)
    {
        Write(items.Count);
        foreach (var item in items) write(item);
    }

    public void Write(SourceSpan span)
    {
        Write(span.Source);
        if (span.Source is null) return;
        Write(span.Start);
        Write(span.Length);
        Write(span.Expansion);
    }

    /// <summary>0: none; 1: a new one follows; else the number of one seen before.</summary>
    private void Write(SourceText? source)
    {
        if (source is null)
        {
            Write(0);
        }
        else if (_sources.TryGetValue(source, out var known))
        {
            Write(known + 2);
        }
        else
        {
            Write(1);
            Write(source.Path);
            _writer.Write(source.Text);
            _sources.Add(source, _sources.Count);
        }
    }

    /// <summary>0: none; 1: a new one follows; else the number of one seen before.</summary>
    private void Write(MacroExpansion? expansion)
    {
        if (expansion is null)
        {
            Write(0);
        }
        else if (_expansions.TryGetValue(expansion, out var known))
        {
            Write(known + 2);
        }
        else
        {
            Write(1);
            Write(expansion.MacroName);
            Write(expansion.Spelling);
            Write(expansion.Parent);
            _expansions.Add(expansion, _expansions.Count);
        }
    }
}
