using System.Collections.Concurrent;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Semantics;

/// <summary>
/// A C++ type with its const and volatile. Types are unique objects: two types are the same if they are the same object, and
/// <see cref="Unqualified"/> compares without qualifiers.
/// </summary>
public abstract class CudaType
{
    private CudaType?[] _variants;
    private PointerType? _pointer;
    private ReferenceType? _lvalueReference;
    private ReferenceType? _rvalueReference;
    private ConcurrentDictionary<long, ArrayType>? _arrays;

    protected CudaType()
    {
        _variants = [this, null, null, null];
    }

    public bool IsConst { get; private set; }

    public bool IsVolatile { get; private set; }

    public CudaType Unqualified => _variants[0]!;

    /// <summary>Bytes; 0 for void, functions, and what is not complete.</summary>
    public abstract long Size { get; }

    public abstract int Alignment { get; }

    /// <summary>The IR type of a value; Void for aggregates.</summary>
    public virtual IrType Ir => IrType.Void;

    public virtual bool IsScalar => false;

    public PointerType Pointer => _pointer ??= new PointerType(this);

    public CudaType Const => Qualify(true, IsVolatile);

    /// <summary>As C++ spells it: <c>const float *</c>.</summary>
    public string Name => Describe("");

    /// <summary>Adds a declarator (<c>*</c>, <c>[4]</c>) behind the type's own text.</summary>
    public abstract string Describe(string declarator);

    public CudaType Qualify(bool isConst, bool isVolatile)
    {
        if (this is ReferenceType or FunctionType) return this;
        if (this is ArrayType array) return array.Element.Qualify(isConst || array.Element.IsConst, isVolatile || array.Element.IsVolatile).ArrayOf(array.Count);
        var index = (isConst ? 1 : 0) | (isVolatile ? 2 : 0);
        lock (_variants)
        {
            if (_variants[index] is { } known) return known;
            var copy = (CudaType)Unqualified.MemberwiseClone();
            copy.IsConst = isConst;
            copy.IsVolatile = isVolatile;
            copy._pointer = null;
            copy._lvalueReference = copy._rvalueReference = null;
            copy._arrays = null;
            _variants[index] = copy;
            return copy;
        }
    }

    public ReferenceType ReferenceTo(bool isRvalue) => isRvalue ? _rvalueReference ??= new ReferenceType(this, true) : _lvalueReference ??= new ReferenceType(this, false);

    /// <summary>An array of this; a count of -1 is an unknown bound.</summary>
    public ArrayType ArrayOf(long count)
    {
        if (_arrays is null) Interlocked.CompareExchange(ref _arrays, new ConcurrentDictionary<long, ArrayType>(), null);
        return _arrays.GetOrAdd(count, n => new ArrayType(this, n));
    }

    public override string ToString() => Name;

    protected string Qualifiers => (IsConst ? "const " : "") + (IsVolatile ? "volatile " : "");
}

/// <summary>Arithmetic types, void, bool, and nullptr's.</summary>
public sealed class ScalarType : CudaType
{
    private readonly string _name;
    private readonly IrType _ir;

    private ScalarType(string name, IrType ir, int rank)
    {
        _name = name;
        _ir = ir;
        Rank = rank;
    }

    public static ScalarType Void { get; } = new("void", IrType.Void, 0);

    public static ScalarType Bool { get; } = new("bool", IrType.Bool, 1);

    public static ScalarType Char { get; } = new("char", IrType.I8, 2);

    public static ScalarType SChar { get; } = new("signed char", IrType.I8, 2);

    public static ScalarType UChar { get; } = new("unsigned char", IrType.U8, 2);

    public static ScalarType Short { get; } = new("short", IrType.I16, 3);

    public static ScalarType UShort { get; } = new("unsigned short", IrType.U16, 3);

    public static ScalarType Int { get; } = new("int", IrType.I32, 4);

    public static ScalarType UInt { get; } = new("unsigned int", IrType.U32, 4);

    public static ScalarType Long { get; } = new("long", IrType.I64, 5);

    public static ScalarType ULong { get; } = new("unsigned long", IrType.U64, 5);

    public static ScalarType LongLong { get; } = new("long long", IrType.I64, 6);

    public static ScalarType ULongLong { get; } = new("unsigned long long", IrType.U64, 6);

    public static ScalarType Half { get; } = new("__half", IrType.F16, 7);

    public static ScalarType BFloat16 { get; } = new("__nv_bfloat16", IrType.BF16, 7);

    public static ScalarType Float { get; } = new("float", IrType.F32, 8);

    public static ScalarType Double { get; } = new("double", IrType.F64, 9);

    public static ScalarType Nullptr { get; } = new("std::nullptr_t", IrType.Pointer, 0);

    /// <summary>Conversion rank within the integers, and order of the floating types.</summary>
    public int Rank { get; }

    public override IrType Ir => _ir;

    public override long Size => _ir.Size();

    public override int Alignment => Math.Max(1, _ir.Size());

    public override bool IsScalar => _ir != IrType.Void;

    public override string Describe(string declarator) => Qualifiers + _name + (declarator.Length > 0 ? " " + declarator : "");
}

public sealed class PointerType(CudaType element) : CudaType
{
    /// <summary>What it points to; a <see cref="FunctionType"/> for function pointers.</summary>
    public CudaType Element { get; } = element;

    public override IrType Ir => IrType.Pointer;

    public override long Size => 8;

    public override int Alignment => 8;

    public override bool IsScalar => true;

    public override string Describe(string declarator)
    {
        var own = "*" + (IsConst ? "const" : "") + (IsVolatile ? "volatile" : "") + declarator;
        return Element is ArrayType or FunctionType ? Element.Describe("(" + own + ")") : Element.Describe(own);
    }
}

public sealed class ReferenceType(CudaType element, bool isRvalue) : CudaType
{
    public CudaType Element { get; } = element;

    public bool IsRvalue { get; } = isRvalue;

    public override long Size => 8;

    public override int Alignment => 8;

    public override string Describe(string declarator)
    {
        var own = (IsRvalue ? "&&" : "&") + declarator;
        return Element is ArrayType or FunctionType ? Element.Describe("(" + own + ")") : Element.Describe(own);
    }
}

public sealed class ArrayType(CudaType element, long count) : CudaType
{
    public CudaType Element { get; } = element;

    /// <summary>-1 where the bound is not known.</summary>
    public long Count { get; } = count;

    public override long Size => Math.Max(0, Count) * Element.Size;

    public override int Alignment => Element.Alignment;

    /// <summary>The element below all dimensions.</summary>
    public CudaType InnermostElement => Element is ArrayType inner ? inner.InnermostElement : Element;

    public override string Describe(string declarator) => Element.Describe(declarator + (Count < 0 ? "[]" : $"[{Count}]"));
}

public sealed class FunctionType(CudaType returnType, IReadOnlyList<CudaType> parameters) : CudaType
{
    public CudaType ReturnType { get; } = returnType;

    public IReadOnlyList<CudaType> Parameters { get; } = parameters;

    public override long Size => 0;

    public override int Alignment => 1;

    public override string Describe(string declarator) => ReturnType.Describe(declarator + "(" + string.Join(", ", Parameters.Select(p => p.Name)) + ")");
}

public sealed class EnumType(string name, CudaType underlying, bool isScoped) : CudaType
{
    public CudaType Underlying { get; } = underlying;

    public bool IsScoped { get; } = isScoped;

    public override IrType Ir => Underlying.Ir;

    public override long Size => Underlying.Size;

    public override int Alignment => Underlying.Alignment;

    public override bool IsScalar => true;

    public override string Describe(string declarator) => Qualifiers + name + (declarator.Length > 0 ? " " + declarator : "");
}

/// <summary>A struct, class or union; its content is in the symbol, which may be completed later.</summary>
public sealed class ClassType(ClassSymbol symbol) : CudaType
{
    public ClassSymbol Symbol { get; } = symbol;

    public override long Size => Symbol.Size;

    public override int Alignment => Symbol.Alignment;

    public override string Describe(string declarator) => Qualifiers + Symbol.Name + (declarator.Length > 0 ? " " + declarator : "");
}

/// <summary>A type of an absent library, met in a declaration that is of no use to device code.</summary>
public sealed class UnknownType(string name) : CudaType
{
    public override long Size => 0;

    public override int Alignment => 1;

    public override string Describe(string declarator) => name + (declarator.Length > 0 ? " " + declarator : "");
}
