namespace CudaWasm.Compiler.IR;

/// <summary>The types of values in the IR. All are scalars; aggregates live in memory or in one slot a member.</summary>
public enum IrType : byte
{
    Void,

    /// <summary>A truth value; one byte in memory, 0 or 1.</summary>
    Bool,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,

    /// <summary>IEEE binary16. A target may compute in F32 and round after each operation, which gives the same results for + - * /.</summary>
    F16,

    /// <summary>bfloat16: the upper half of an F32.</summary>
    BF16,
    F32,
    F64,

    /// <summary>An address, 8 bytes in memory. What it may point to is in the expression that made it.</summary>
    Pointer,
}

public static class IrTypes
{
    /// <summary>Bytes in memory.</summary>
    public static int Size(this IrType type) => type switch
    {
        IrType.Void => 0,
        IrType.Bool or IrType.I8 or IrType.U8 => 1,
        IrType.I16 or IrType.U16 or IrType.F16 or IrType.BF16 => 2,
        IrType.I32 or IrType.U32 or IrType.F32 => 4,
        _ => 8,
    };

    public static bool IsFloat(this IrType type) => type is IrType.F16 or IrType.BF16 or IrType.F32 or IrType.F64;

    /// <summary>True for the integers, without Bool and Pointer.</summary>
    public static bool IsInteger(this IrType type) => type is >= IrType.I8 and <= IrType.U64;

    public static bool IsSigned(this IrType type) => type is IrType.I8 or IrType.I16 or IrType.I32 or IrType.I64;

    /// <summary>The signed integer type of the same size.</summary>
    public static IrType ToSigned(this IrType type) => type switch
    {
        IrType.U8 => IrType.I8,
        IrType.U16 => IrType.I16,
        IrType.U32 => IrType.I32,
        IrType.U64 => IrType.I64,
        _ => type,
    };

    /// <summary>The unsigned integer type of the same size.</summary>
    public static IrType ToUnsigned(this IrType type) => type switch
    {
        IrType.I8 => IrType.U8,
        IrType.I16 => IrType.U16,
        IrType.I32 => IrType.U32,
        IrType.I64 => IrType.U64,
        _ => type,
    };
}
