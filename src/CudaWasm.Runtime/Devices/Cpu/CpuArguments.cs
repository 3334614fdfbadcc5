using System.Runtime.InteropServices;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>A launch's arguments as code reads them: a block of values and pointers, and the objects that tagged pointers name.</summary>
internal sealed unsafe class CpuArguments : IDisposable
{
    private readonly CilKernel _code;
    private readonly List<MemoryObject> _objects = [];
    private readonly List<CpuBuffer> _objectBuffers = [];
    private readonly List<CpuBuffer> _used = [];

    public CpuArguments(CilKernel code)
    {
        _code = code;
        var bytes = (nuint)Math.Max(16, code.ArgumentBytes);
        Block = (byte*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(Block, bytes);
    }

    ~CpuArguments() => Free();

    /// <summary>Values at <see cref="CilKernel.ParameterOffsets"/>.</summary>
    public byte* Block { get; private set; }

    /// <summary>The objects from <see cref="CilKernel.FirstArgumentObject"/> on; each has its own tag.</summary>
    public ReadOnlySpan<MemoryObject> Objects => CollectionsMarshal.AsSpan(_objects);

    /// <summary>Bytes of the longest buffer, of globals too.</summary>
    public long LongestBuffer { get; private set; }

    /// <summary>The buffer of an object by its place in <see cref="Objects"/>; null for objects of later.</summary>
    public CpuBuffer? BufferOf(int index) => index < _objectBuffers.Count ? _objectBuffers[index] : null;

    public void Bind(IReadOnlyList<KernelArgument> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var target = Block + _code.ParameterOffsets[i];
            if (arguments[i].Value is { } value) value.CopyTo(new Span<byte>(target, value.Length));
            else *(long*)target = BindPointer(arguments[i]);
        }
    }

    /// <summary>The pointer that code uses for a place in a buffer.</summary>
    public long BindPointer(CpuBuffer buffer, long byteOffset)
    {
        Use(buffer);
        var place = new MemoryObject { Base = buffer.Address + byteOffset, Length = buffer.ByteLength - byteOffset };
        if (!_code.Options.Checked) return (long)place.Base;
        // One buffer given twice is one object, so that pointers into it compare and subtract.
        var index = 0;
        while (index < _objects.Count && (_objects[index].Base != place.Base || _objects[index].Length != place.Length)) index++;
        if (index == _objects.Count)
        {
            _objects.Add(place);
            _objectBuffers.Add(buffer);
        }

        return CilPointer.Tag(_code.FirstArgumentObject + index);
    }

    /// <summary>Keeps a buffer until the end of the launch.</summary>
    public void Use(CpuBuffer buffer)
    {
        buffer.Acquire();
        _used.Add(buffer);
        LongestBuffer = Math.Max(LongestBuffer, buffer.ByteLength);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private long BindPointer(KernelArgument argument)
    {
        if (argument.DeviceBuffer is null) return 0;
        if (argument.DeviceBuffer is not CpuBuffer buffer)
        {
            throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Buffer {argument.DeviceBuffer.Name} belongs to another device.");
        }

        return BindPointer(buffer, argument.ByteOffset);
    }

    private void Free()
    {
        foreach (var buffer in _used) buffer.Release();
        _used.Clear();
        NativeMemory.AlignedFree(Block);
        Block = null;
    }
}
