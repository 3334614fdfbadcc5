namespace CudaWasm.Runtime;

/// <summary>Memory of a device. New memory is zero.</summary>
public abstract class DeviceBuffer : IDisposable
{
    protected DeviceBuffer(long byteLength, string name)
    {
        ByteLength = byteLength;
        Name = name;
    }

    public long ByteLength { get; }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>Writes bytes into the buffer.</summary>
    /// <exception cref="KernelArgumentException">They do not fit there.</exception>
    public void CopyFrom(ReadOnlySpan<byte> source, long offset = 0)
    {
        CheckRange(source.Length, offset);
        Write(source, offset);
    }

    /// <summary>Reads bytes from the buffer.</summary>
    /// <exception cref="KernelArgumentException">The buffer has not that many bytes there.</exception>
    public void CopyTo(Span<byte> target, long offset = 0)
    {
        CheckRange(target.Length, offset);
        Read(target, offset);
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Write(ReadOnlySpan<byte> source, long offset);

    protected abstract void Read(Span<byte> target, long offset);

    protected abstract void Dispose(bool disposing);

    private void CheckRange(int length, long offset)
    {
        if (offset >= 0 && length <= ByteLength - offset) return;
        throw new KernelArgumentException(
            Compiler.Text.DiagnosticCodes.BadArgument,
            string.Create(null, $"{length} bytes at offset {offset} do not fit buffer {Name} of {ByteLength} bytes."));
    }
}
