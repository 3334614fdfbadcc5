using System.Buffers.Binary;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Semantics;

/// <summary>Constants as they lie in memory: little-endian, as on every GPU.</summary>
internal static class ConstantBytes
{
    public static void Write(Span<byte> target, IrConstant constant)
    {
        var integer = constant.Type.IsFloat() ? ((IrConstant)IrBuilder.Bitcast(Unsigned(constant.Type), constant)).Bits : constant.Bits;
        switch (constant.Type.Size())
        {
            case 1:
                target[0] = (byte)integer;
                break;
            case 2:
                BinaryPrimitives.WriteInt16LittleEndian(target, (short)integer);
                break;
            case 4:
                BinaryPrimitives.WriteInt32LittleEndian(target, (int)integer);
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(target, integer);
                break;
        }
    }

    private static IrType Unsigned(IrType type) => type.Size() switch
    {
        2 => IrType.U16,
        4 => IrType.U32,
        _ => IrType.U64,
    };
}
