using CudaWasm.Compiler.IR;

namespace CudaWasm.Runtime;

/// <summary>A scalar element of buffers, by CUDA's name for it.</summary>
/// <param name="Name">As in launch files: <c>uchar</c>, <c>longlong</c>.</param>
/// <param name="Type">In the IR.</param>
/// <param name="NpyDescriptor">NumPy's little-endian type string.</param>
public sealed record ElementType(string Name, IrType Type, string NpyDescriptor)
{
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["bool"] = "uchar",
        ["long"] = "longlong",
        ["ulong"] = "ulonglong",
        ["size_t"] = "ulonglong",
    };

    public static IReadOnlyList<ElementType> All { get; } =
    [
        new("char", IrType.I8, "|i1"),
        new("uchar", IrType.U8, "|u1"),
        new("short", IrType.I16, "<i2"),
        new("ushort", IrType.U16, "<u2"),
        new("int", IrType.I32, "<i4"),
        new("uint", IrType.U32, "<u4"),
        new("longlong", IrType.I64, "<i8"),
        new("ulonglong", IrType.U64, "<u8"),
        new("half", IrType.F16, "<f2"),
        new("float", IrType.F32, "<f4"),
        new("double", IrType.F64, "<f8"),
    ];

    /// <summary>Bytes.</summary>
    public int Size => Type.Size();

    /// <summary>Finds an element by name; bool, long, ulong and size_t are known by what they are in memory.</summary>
    public static ElementType? Find(string name)
    {
        name = Aliases.GetValueOrDefault(name, name);
        return All.FirstOrDefault(e => e.Name == name);
    }

    /// <summary>What the elements of an array of .NET are in memory; null for those that are no numbers or truth values.</summary>
    internal static IrType? Of(Type type) =>
        type == typeof(Half) ? IrType.F16 : type.IsEnum ? null : System.Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => IrType.Bool,
            TypeCode.SByte => IrType.I8,
            TypeCode.Byte => IrType.U8,
            TypeCode.Int16 => IrType.I16,
            TypeCode.UInt16 => IrType.U16,
            TypeCode.Int32 => IrType.I32,
            TypeCode.UInt32 => IrType.U32,
            TypeCode.Int64 => IrType.I64,
            TypeCode.UInt64 => IrType.U64,
            TypeCode.Single => IrType.F32,
            TypeCode.Double => IrType.F64,
            _ => null,
        };

    /// <summary>CUDA's name of an IR type.</summary>
    public static string NameOf(IrType type) => type switch
    {
        IrType.Bool => "bool",
        IrType.BF16 => "__nv_bfloat16",
        IrType.Pointer => "pointer",
        IrType.Void => "byte",
        _ => All.First(e => e.Type == type).Name,
    };
}
