using System.Text;

namespace CudaWasm.Host.Worker;

/// <summary>Keeps the beginning of what is written to it.</summary>
internal sealed class BoundedText(int most) : TextWriter
{
    private readonly StringBuilder _text = new();

    public bool IsCut { get; private set; }

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        var room = most - _text.Length;
        IsCut |= buffer.Length > room;
        _text.Append(buffer[..Math.Min(room, buffer.Length)]);
    }

    public override string ToString() => _text.ToString();
}
