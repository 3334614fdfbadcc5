using System.Globalization;
using System.Runtime.InteropServices;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Native memory, aligned for vectors and cache lines. It outlives its disposal while launches use it.</summary>
internal sealed unsafe class CpuBuffer : DeviceBuffer
{
    private const int Alignment = 64;

    private void* _allocation;
    private int _users = 1;
    private int _isDisposed;

    public CpuBuffer(long bytes, string name)
        : base(bytes, name)
    {
        if (bytes < 0) throw new KernelArgumentException(DiagnosticCodes.BadArgument, string.Create(CultureInfo.InvariantCulture, $"Buffer {name} cannot have {bytes} bytes."));
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        try
        {
            // The system's zeroed pages cost nothing until they are used; memory that does not exist must not be promised.
            if (bytes > available) throw new OutOfMemoryException();
            _allocation = NativeMemory.AllocZeroed((nuint)bytes + Alignment);
        }
        catch (OutOfMemoryException e)
        {
            throw new CudaWasmException(DiagnosticCodes.BadArgument, string.Create(CultureInfo.InvariantCulture, $"Buffer {name} of {bytes} bytes does not fit the memory of this machine ({available} bytes)."), e);
        }

        Address = (byte*)(((nuint)_allocation + Alignment - 1) / Alignment * Alignment);
    }

    ~CpuBuffer() => Dispose(false);

    public byte* Address { get; }

    /// <summary>Keeps the memory until <see cref="Release"/>.</summary>
    public void Acquire()
    {
        while (true)
        {
            var users = Volatile.Read(ref _users);
            ObjectDisposedException.ThrowIf(users == 0 || _isDisposed != 0, this);
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users) return;
        }
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) != 0) return;
        NativeMemory.Free(_allocation);
        _allocation = null;
    }

    protected override void Write(ReadOnlySpan<byte> source, long offset)
    {
        Acquire();
        source.CopyTo(new Span<byte>(Address + offset, source.Length));
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
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0 && _allocation != null) Release();
    }
}
