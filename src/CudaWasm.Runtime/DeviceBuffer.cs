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

    /// <summary>Copies bytes from another buffer of the device, or from another place of this one that does not overlap.</summary>
    /// <exception cref="KernelArgumentException">One of the buffers has not that many bytes there, or the other one is on another device.</exception>
    public void CopyFrom(DeviceBuffer source, long sourceOffset, long offset, long length)
    {
        ArgumentNullException.ThrowIfNull(source);
        source.CheckRange(length, sourceOffset);
        CheckRange(length, offset);
        Write(source, sourceOffset, offset, length);
    }

    /// <summary>Sets bytes to a value.</summary>
    /// <param name="value">Of each byte.</param>
    /// <param name="offset">The first of them.</param>
    /// <param name="length">How many; null for all that follow.</param>
    /// <exception cref="KernelArgumentException">The buffer has not that many bytes there.</exception>
    public void Fill(byte value, long offset = 0, long? length = null)
    {
        var count = length ?? ByteLength - offset;
        CheckRange(count, offset);
        Write(value, offset, count);
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

    internal void CheckRange(long length, long offset)
    {
        if (offset >= 0 && length >= 0 && length <= ByteLength - offset) return;
        throw new KernelArgumentException(
            Compiler.Text.DiagnosticCodes.BadArgument,
            string.Create(null, $"{length} bytes at offset {offset} do not fit buffer {Name} of {ByteLength} bytes."));
    }

    protected abstract void Write(ReadOnlySpan<byte> source, long offset);

    protected abstract void Write(DeviceBuffer source, long sourceOffset, long offset, long length);

    protected abstract void Write(byte value, long offset, long length);

    protected abstract void Read(Span<byte> target, long offset);

    protected abstract void Dispose(bool disposing);
}
