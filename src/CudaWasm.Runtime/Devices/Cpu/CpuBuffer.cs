using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Memory of this machine, the device's own or the caller's. It outlives the buffer's disposal while launches use it.</summary>
internal sealed unsafe class CpuBuffer : DeviceBuffer
{
    private readonly HostMemory _memory;
    private UseCount _uses = new();

    /// <param name="memory">Freed with the buffer.</param>
    /// <param name="name">For messages.</param>
    public CpuBuffer(HostMemory memory, string name)
        : base(memory.Length, name) => _memory = memory;

    ~CpuBuffer() => Dispose(false);

    public byte* Address => _memory.Address;

    /// <summary>Keeps the memory until <see cref="Release"/>.</summary>
    public void Acquire() => ObjectDisposedException.ThrowIf(!_uses.TryAcquire(), this);

    public void Release()
    {
        if (_uses.Release()) _memory.Free();
    }

    protected override void Write(ReadOnlySpan<byte> source, long offset)
    {
        Acquire();
        source.CopyTo(new Span<byte>(Address + offset, source.Length));
        Release();
    }

    protected override void Write(DeviceBuffer source, long sourceOffset, long offset, long length)
    {
        if (source is not CpuBuffer other) throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Buffer {source.Name} belongs to another device.");
        other.Acquire();
        Acquire();
        Buffer.MemoryCopy(other.Address + sourceOffset, Address + offset, length, length);
        Release();
        other.Release();
    }

    protected override void Write(byte value, long offset, long length)
    {
        Acquire();
        System.Runtime.InteropServices.NativeMemory.Fill(Address + offset, (nuint)length, value);
        Release();
    }

    protected override void Read(Span<byte> target, long offset)
    {
        Acquire();
        new ReadOnlySpan<byte>(Address + offset, target.Length).CopyTo(target);
        Release();
    }

    protected override void Dispose(bool disposing)
    {
        if (_uses.TryDispose()) _memory.Free();
    }
}
