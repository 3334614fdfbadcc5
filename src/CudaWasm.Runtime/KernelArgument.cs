using System.Runtime.InteropServices;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Runtime;

/// <summary>One argument of a launch: a buffer for a pointer, or the bytes of a value.</summary>
public sealed class KernelArgument
{
    private KernelArgument(DeviceBuffer? buffer, long offset, byte[]? value, IrType type)
    {
        DeviceBuffer = buffer;
        ByteOffset = offset;
        Value = value;
        Type = type;
    }

    /// <summary>The null pointer.</summary>
    public static KernelArgument Null { get; } = new(null, 0, null, IrType.Pointer);

    public bool IsPointer => Value is null;

    public DeviceBuffer? DeviceBuffer { get; }

    /// <summary>The texture or surface whose memory the buffer is; null for any other argument.</summary>
    public DeviceTexture? DeviceTexture { get; private init; }

    /// <summary>Where in the buffer the pointer points. The kernel reaches what lies behind, not what lies before.</summary>
    public long ByteOffset { get; }

    /// <summary>Little-endian bytes of a value; null for a pointer.</summary>
    public byte[]? Value { get; }

    /// <summary>Type of a value where it is known; Void for bytes of any meaning.</summary>
    public IrType Type { get; }

    public static KernelArgument Buffer(DeviceBuffer buffer, long byteOffset = 0) => new(buffer, byteOffset, null, IrType.Pointer);

    /// <summary>A texture or surface object.</summary>
    public static KernelArgument Texture(DeviceTexture texture) => new(texture.Buffer, 0, null, IrType.Pointer) { DeviceTexture = texture };

    /// <summary>Bytes of a value that is checked for its size alone: structs, vectors.</summary>
    public static KernelArgument Bytes(ReadOnlySpan<byte> value) => new(null, 0, value.ToArray(), IrType.Void);

    /// <summary>Bytes of a scalar.</summary>
    public static KernelArgument Scalar(IrType type, ReadOnlySpan<byte> value) => new(null, 0, value.ToArray(), type);

    public static KernelArgument FromBoolean(bool value) => From(IrType.Bool, (byte)(value ? 1 : 0));

    public static KernelArgument FromSByte(sbyte value) => From(IrType.I8, value);

    public static KernelArgument FromByte(byte value) => From(IrType.U8, value);

    public static KernelArgument FromInt16(short value) => From(IrType.I16, value);

    public static KernelArgument FromUInt16(ushort value) => From(IrType.U16, value);

    public static KernelArgument FromInt32(int value) => From(IrType.I32, value);

    public static KernelArgument FromUInt32(uint value) => From(IrType.U32, value);

    public static KernelArgument FromInt64(long value) => From(IrType.I64, value);

    public static KernelArgument FromUInt64(ulong value) => From(IrType.U64, value);

    public static KernelArgument FromHalf(Half value) => From(IrType.F16, value);

    public static KernelArgument FromSingle(float value) => From(IrType.F32, value);

    public static KernelArgument FromDouble(double value) => From(IrType.F64, value);

    private static KernelArgument From<T>(IrType type, T value)
        where T : unmanaged => new(null, 0, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray(), type);
}
