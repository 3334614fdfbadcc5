using System.Text;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Serialization;

/// <summary>Reads what <see cref="CompilationOutput"/> writes, and believes none of it: every count is bounded by the bytes that are left.</summary>
internal sealed class CompilationInput : IDisposable
{
    private readonly BinaryReader _reader;
    private readonly Stream _stream;
    private readonly List<string> _strings = [];
    private readonly List<SourceText> _sources;
    private readonly List<MacroExpansion> _expansions = [];
    private readonly IrLimits _limits;
    private int _nodes;
    private int _depth;

    /// <param name="stream">Must be able to tell its length.</param>
    /// <param name="known">The sources that the writer knew.</param>
    /// <param name="limits">Of the IR.</param>
    public CompilationInput(Stream stream, IReadOnlyList<SourceText> known, IrLimits limits)
    {
        _limits = limits;
        _stream = stream;
        _reader = new BinaryReader(stream, new UTF8Encoding(false, true), leaveOpen: true);
        _sources = [.. known];
        if (ReadInt() != CompilationFormat.Version) throw Wrong("another version");
        if (ReadInt() != known.Count) throw Wrong("other sources");
    }

    public bool IsAtEnd => _stream.Position == _stream.Length;

    public static InvalidDataException Wrong(string what) => new($"This is no compilation that can be used: {what}.");

    public void Dispose() => _reader.Dispose();

    /// <summary>Begins a statement or expression, which <see cref="Leave"/> ends.</summary>
    public void Enter()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_depth > _limits.MaxDepth) throw Wrong($"it is nested over {_limits.MaxDepth} deep");
        if (++_nodes > _limits.MaxNodes) throw Wrong($"it has over {_limits.MaxNodes} statements and expressions");
    }

    public void Leave() => _depth--;

    public int ReadInt() => _reader.Read7BitEncodedInt();

    public long ReadLong() => _reader.Read7BitEncodedInt64();

    public byte ReadByte() => _reader.ReadByte();

    public bool ReadBool() => _reader.ReadByte() switch { 0 => false, 1 => true, _ => throw Wrong("neither true nor false") };

    public int? ReadOptionalInt() => ReadBool() ? ReadInt() : null;

    public T ReadEnum<T>()
        where T : struct, Enum
    {
        var value = (T)Enum.ToObject(typeof(T), ReadInt());
        return Enum.IsDefined(value) ? value : throw Wrong($"no {typeof(T).Name}");
    }

    public string ReadString()
    {
        var number = ReadInt();
        if (number > 0) return _strings[number - 1];
        if (number < 0) throw Wrong("a string's number");
        var text = _reader.ReadString();
        _strings.Add(text);
        return text;
    }

    public byte[]? ReadBytes()
    {
        var count = ReadCount();
        if (count == 0) return null;
        var bytes = _reader.ReadBytes(count - 1);
        return bytes.Length == count - 1 ? bytes : throw new EndOfStreamException();
    }

    public T[] ReadMany<T>(Func<T> read)
    {
        // Grows with what is there: the count alone could ask for much memory at every level of nesting.
        var items = new List<T>();
        for (var left = ReadCount(); left > 0; left--) items.Add(read());
        return [.. items];
    }

    /// <summary>A number of things that take a byte each at least.</summary>
    public int ReadCount()
    {
        var count = ReadInt();
        return count >= 0 && count <= _stream.Length - _stream.Position + 1 ? count : throw Wrong("a count");
    }

    public SourceSpan ReadSpan()
    {
        if (ReadSource() is not { } source) return SourceSpan.None;
        var (start, length) = (ReadInt(), ReadInt());
        // A span may lie right behind the text, where something is missing.
        if (start < 0 || length < 0 || start > source.Text.Length || length > source.Text.Length - start + 1) throw Wrong("a place outside of its file");
        return new SourceSpan(source, start, length, ReadExpansion());
    }

    private SourceText? ReadSource()
    {
        var number = ReadInt();
        if (number == 0) return null;
        if (number != 1) return _sources[number - 2];
        var path = ReadString();
        var source = new SourceText(path, _reader.ReadString());
        _sources.Add(source);
        return source;
    }

    private MacroExpansion? ReadExpansion()
    {
        var number = ReadInt();
        if (number == 0) return null;
        if (number != 1) return _expansions[number - 2];
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var name = ReadString();
        var spelling = ReadSpan();
        var expansion = new MacroExpansion(name, spelling, ReadExpansion());
        _expansions.Add(expansion);
        return expansion;
    }
}
