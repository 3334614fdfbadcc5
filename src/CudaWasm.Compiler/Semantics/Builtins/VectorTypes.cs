using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics.Builtins;

/// <summary>The vector types with their make_ functions, the sized integer names, and the built-in variables.</summary>
internal static class VectorTypes
{
    private static readonly string[] Members = ["x", "y", "z", "w"];

    public static void AddTo(Scope scope)
    {
        (string Name, ScalarType Element)[] elements =
        [
            ("char", ScalarType.SChar), ("uchar", ScalarType.UChar), ("short", ScalarType.Short), ("ushort", ScalarType.UShort), ("int", ScalarType.Int),
            ("uint", ScalarType.UInt), ("long", ScalarType.Long), ("ulong", ScalarType.ULong), ("longlong", ScalarType.LongLong),
            ("ulonglong", ScalarType.ULongLong), ("float", ScalarType.Float), ("double", ScalarType.Double),
        ];
        foreach (var (name, element) in elements)
        {
            for (var n = 1; n <= 4; n++) AddVector(scope, name, element, n);
        }

        foreach (var (name, element) in new[] { ("half", ScalarType.Half), ("nv_bfloat16", ScalarType.BFloat16) })
        {
            var pair = MakeClass(scope, "__" + name + "2", element, 2, 4);
            scope.Add(name + "2", AliasSymbol.Of(name + "2", pair));
        }

        MakeClass(scope, "cudaExtent", ScalarType.ULong, 3, 8, ["width", "height", "depth"]);
        MakeClass(scope, "cudaPos", ScalarType.ULong, 3, 8);
        // double4_16a and its kin of CUDA 13 name the alignment that the old names have.
        foreach (var name in new[] { "long4", "ulong4", "longlong4", "ulonglong4", "double4" }) scope.Add(name + "_16a", scope.Own(name)[0]);
        AddNames(scope);
        AddVariables(scope);
    }

    public static ClassType TypeOf(Scope scope, string name) => (ClassType)scope.Own(name).OfType<AliasSymbol>().First().Type!;

    private static void AddVector(Scope scope, string name, ScalarType element, int count)
    {
        // 2 and 4 elements are aligned as a whole, up to 16 bytes; 1 and 3 as their element (CUDA C++ Programming Guide, built-in vector types).
        var size = (int)element.Size;
        var alignment = count is 2 or 4 ? Math.Min(16, size * count) : size;
        var type = MakeClass(scope, name + count, element, count, alignment);
        scope.Add("make_" + name + count, type, [.. Enumerable.Repeat(element, count)], c => new AggregateValue(type, [.. Enumerable.Range(0, count).Select(i => c[i])]));
    }

    private static ClassType MakeClass(Scope scope, string name, ScalarType element, int count, int alignment, IReadOnlyList<string>? members = null)
    {
        var symbol = new ClassSymbol(name, null, scope) { Size = element.Size * count, Alignment = alignment, IsComplete = true };
        symbol.Scope = new Scope(scope) { Class = symbol };
        for (var i = 0; i < count; i++) symbol.Fields.Add(new FieldSymbol((members ?? Members)[i], element, i * element.Size, null));
        scope.Add(AliasSymbol.Of(name, symbol.Type));
        return symbol.Type;
    }

    private static void AddNames(Scope scope)
    {
        (string Name, CudaType Type)[] names =
        [
            ("size_t", ScalarType.ULong), ("ssize_t", ScalarType.Long), ("ptrdiff_t", ScalarType.Long), ("intptr_t", ScalarType.Long), ("uintptr_t", ScalarType.ULong),
            ("intmax_t", ScalarType.Long), ("uintmax_t", ScalarType.ULong),
            ("uint", ScalarType.UInt), ("ushort", ScalarType.UShort), ("uchar", ScalarType.UChar), ("ulong", ScalarType.ULong),
            ("u_char", ScalarType.UChar), ("u_short", ScalarType.UShort), ("u_int", ScalarType.UInt), ("u_long", ScalarType.ULong),
            ("longlong", ScalarType.LongLong), ("ulonglong", ScalarType.ULongLong), ("clock_t", ScalarType.Long), ("time_t", ScalarType.Long),
            ("half", ScalarType.Half), ("__half", ScalarType.Half), ("nv_bfloat16", ScalarType.BFloat16), ("__nv_bfloat16", ScalarType.BFloat16),
            ("nullptr_t", ScalarType.Nullptr),
        ];
        foreach (var (name, type) in names) scope.Add(name, AliasSymbol.Of(name, type));
        (int Bits, ScalarType Signed, ScalarType Unsigned)[] sizes =
            [(8, ScalarType.SChar, ScalarType.UChar), (16, ScalarType.Short, ScalarType.UShort), (32, ScalarType.Int, ScalarType.UInt), (64, ScalarType.Long, ScalarType.ULong)];
        foreach (var (bits, signed, unsigned) in sizes)
        {
            foreach (var kind in new[] { "", "_least", "_fast" })
            {
                // The fast types of 16 and 32 bits are 64 bits wide in glibc.
                var isWide = kind == "_fast" && bits is 16 or 32;
                scope.Add(AliasSymbol.Of($"int{kind}{bits}_t", isWide ? ScalarType.Long : signed));
                scope.Add(AliasSymbol.Of($"uint{kind}{bits}_t", isWide ? ScalarType.ULong : unsigned));
            }

            scope.Add(AliasSymbol.Of($"u_int{bits}_t", unsigned));
        }
    }

    private static void AddVariables(Scope scope)
    {
        var dim3 = MakeClass(scope, "dim3", ScalarType.UInt, 3, 4);
        var uint3 = TypeOf(scope, "uint3");
        void Add(string name, CudaType type, IrBuiltin first)
        {
            var leaves = Enumerable.Range(0, 3).Select(i => IrBuilder.Builtin(first + i)).ToArray();
            scope.Add(new VariableSymbol(name, SourceSpan.None, VariableKind.Global, null, null) { Place = new FixedPlace(type.Const, leaves, null), Type = type.Const });
        }

        Add("threadIdx", uint3, IrBuiltin.ThreadIdxX);
        Add("blockIdx", uint3, IrBuiltin.BlockIdxX);
        Add("blockDim", dim3, IrBuiltin.BlockDimX);
        Add("gridDim", dim3, IrBuiltin.GridDimX);
        scope.Add(new ConstantSymbol("warpSize", SourceSpan.None, ScalarType.Int, IrBuilder.Int(32)));
    }
}
