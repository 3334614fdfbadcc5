using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Semantics;

/// <summary>Questions about types, and the rules that join them.</summary>
public static class TypeFacts
{
    public static bool IsVoid(this CudaType type) => type.Unqualified == ScalarType.Void;

    public static bool IsBool(this CudaType type) => type.Unqualified == ScalarType.Bool;

    /// <summary>Integers, bool and character types, without enums.</summary>
    public static bool IsInteger(this CudaType type) => type is ScalarType && (type.Ir.IsInteger() || type.Ir == IrType.Bool);

    public static bool IsIntegerOrEnum(this CudaType type) => type.IsInteger() || type is EnumType { IsScoped: false };

    public static bool IsFloating(this CudaType type) => type is ScalarType && type.Ir.IsFloat();

    public static bool IsArithmetic(this CudaType type) => type.IsIntegerOrEnum() || type.IsFloating();

    public static bool IsPointer(this CudaType type) => type is PointerType;

    public static CudaType StripReference(this CudaType type) => type is ReferenceType reference ? reference.Element : type;

    /// <summary>The type of a value made from this type: arrays and functions become pointers, references and qualifiers go.</summary>
    public static CudaType Decay(this CudaType type) => type.StripReference() switch
    {
        ArrayType array => array.Element.Pointer,
        FunctionType function => function.Pointer,
        var plain => plain.Unqualified,
    };

    /// <summary>Integral promotion: what is smaller than int becomes int.</summary>
    public static CudaType Promote(this CudaType type)
    {
        type = type.Unqualified;
        if (type is EnumType { IsScoped: false } e) type = e.Underlying.Unqualified;
        return type is ScalarType scalar && scalar.IsInteger() && scalar.Rank < ScalarType.Int.Rank ? ScalarType.Int : type;
    }

    /// <summary>The usual arithmetic conversions ([expr.arith.conv] of C++17).</summary>
    public static CudaType Common(CudaType left, CudaType right)
    {
        var a = (ScalarType)left.Promote();
        var b = (ScalarType)right.Promote();
        if (a == b) return a;
        if (a.IsFloating() || b.IsFloating())
        {
            if (!a.IsFloating()) return b;
            if (!b.IsFloating()) return a;
            return a.Rank >= b.Rank ? a : b;
        }

        if (a.Ir.IsSigned() == b.Ir.IsSigned()) return a.Rank >= b.Rank ? a : b;
        var (unsigned, signed) = a.Ir.IsSigned() ? (b, a) : (a, b);
        if (unsigned.Rank >= signed.Rank) return unsigned;
        return signed.Size > unsigned.Size ? signed : ToUnsigned(signed);
    }

    public static ScalarType ToUnsigned(ScalarType type) =>
        type == ScalarType.Int ? ScalarType.UInt
        : type == ScalarType.Long ? ScalarType.ULong
        : type == ScalarType.LongLong ? ScalarType.ULongLong
        : type == ScalarType.Short ? ScalarType.UShort
        : type == ScalarType.Char || type == ScalarType.SChar ? ScalarType.UChar
        : type;

    /// <summary>The scalars a value of the type consists of, in memory order; null where it has arrays of many elements, unions or bit-fields.</summary>
    public static IReadOnlyList<Leaf>? Leaves(this CudaType type)
    {
        type = type.Unqualified;
        if (type.IsScalar) return [new Leaf(type, 0)];
        if (type is ClassType c) return c.Symbol.Leaves;
        return null;
    }

    /// <summary>The one IR type of all scalars in a type, else Void.</summary>
    public static IrType ElementIr(this CudaType type)
    {
        type = type.Unqualified;
        if (type.IsScalar) return type.Ir;
        if (type is ArrayType array) return array.InnermostElement.ElementIr();
        if (type is not ClassType c || c.Symbol.Fields.Count == 0) return IrType.Void;
        var first = c.Symbol.Fields[0].Type.ElementIr();
        return c.Symbol.Fields.All(f => f.Type.ElementIr() == first) && c.Symbol.Bases.Count == 0 ? first : IrType.Void;
    }
}

/// <summary>One scalar inside an aggregate.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Offset">Bytes from the aggregate's start.</param>
public readonly record struct Leaf(CudaType Type, long Offset);
