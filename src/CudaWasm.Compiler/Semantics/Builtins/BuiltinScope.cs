namespace CudaWasm.Compiler.Semantics.Builtins;

/// <summary>Everything that a kernel may use without declaring it.</summary>
internal static class BuiltinScope
{
    public static Scope Create()
    {
        var scope = new Scope(null);
        VectorTypes.AddTo(scope);
        MathFunctions.AddTo(scope);
        IntegerFunctions.AddTo(scope);
        HalfFunctions.AddTo(scope);
        AtomicFunctions.AddTo(scope);
        ThreadFunctions.AddTo(scope);
        MemoryFunctions.AddTo(scope);
        return scope;
    }

    public static BuiltinFunction Function(this Scope scope, string name)
    {
        if (scope.Own(name).OfType<BuiltinFunction>().FirstOrDefault() is { } known) return known;
        var function = new BuiltinFunction(name);
        scope.Add(function);
        return function;
    }

    public static void Add(this Scope scope, string name, CudaType result, IReadOnlyList<CudaType> parameters, Func<BuiltinCall, Value> emit, int? required = null) =>
        scope.Function(name).Overloads.Add(new BuiltinOverload(result, parameters, required ?? parameters.Count, PreferenceOf(result), emit));

    public static void Custom(this Scope scope, string name, Func<BuiltinCall, Value> handler) => scope.Set(name, new BuiltinFunction(name) { Custom = handler });

    /// <summary>Between overloads that fit equally well, the one C++'s arithmetic would choose.</summary>
    private static int PreferenceOf(CudaType type) => type is ScalarType s ? (s.Rank * 2) + (s.Ir is IR.IrType.U32 or IR.IrType.U64 ? 1 : 0) : 0;
}
