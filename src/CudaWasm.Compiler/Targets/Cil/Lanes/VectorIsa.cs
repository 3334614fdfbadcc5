using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Intrinsics;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>The library's vectors of one size: their types, and their operations by name.</summary>
internal sealed class VectorIsa
{
    private static readonly ConcurrentDictionary<int, VectorIsa> Instances = new();

    /// <summary>
    /// Operators, by the names of the library's static methods. The JIT knows the operators themselves; the methods call them, and of
    /// calls it inlines only so many in one method.
    /// </summary>
    private static readonly Dictionary<string, string> Operators = new()
    {
        ["Add"] = "op_Addition",
        ["Subtract"] = "op_Subtraction",
        ["Multiply"] = "op_Multiply",
        ["Divide"] = "op_Division",
        ["BitwiseAnd"] = "op_BitwiseAnd",
        ["BitwiseOr"] = "op_BitwiseOr",
        ["Xor"] = "op_ExclusiveOr",
        ["OnesComplement"] = "op_OnesComplement",
        ["Negate"] = "op_UnaryNegation",
        ["ShiftLeft"] = "op_LeftShift",
        ["ShiftRightArithmetic"] = "op_RightShift",
        ["ShiftRightLogical"] = "op_UnsignedRightShift",
    };

    private readonly ConcurrentDictionary<string, MethodInfo> _methods = new();
    private readonly Type _static;
    private readonly Type _generic;

    private VectorIsa(int bits)
    {
        Bits = bits;
        (_static, _generic) = bits switch
        {
            512 => (typeof(Vector512), typeof(Vector512<>)),
            256 => (typeof(Vector256), typeof(Vector256<>)),
            _ => (typeof(Vector128), typeof(Vector128<>)),
        };
    }

    public int Bits { get; }

    public static VectorIsa Of(int bits) => Instances.GetOrAdd(bits, b => new VectorIsa(b));

    /// <summary>Sizes from the widest that the processor has, down.</summary>
    public static IReadOnlyList<int> Supported { get; } =
        [.. new[] { (512, Vector512.IsHardwareAccelerated), (256, Vector256.IsHardwareAccelerated), (128, Vector128.IsHardwareAccelerated) }.Where(s => s.Item2).Select(s => s.Item1)];

    /// <summary>The element type that holds a value: 32-bit integers also hold smaller ones, and -1 or 0 for Bool.</summary>
    public static Type Element(IrType type) => type switch
    {
        IrType.F16 or IrType.BF16 or IrType.F32 => typeof(float),
        IrType.F64 => typeof(double),
        IrType.I64 or IrType.U64 or IrType.Pointer => typeof(long),
        _ => typeof(int),
    };

    public Type Vector(Type element) => _generic.MakeGenericType(element);

    public Type Vector(IrType type) => Vector(Element(type));

    /// <summary>An operation of the library with exactly these parameter types.</summary>
    /// <param name="name">As in <see cref="Vector256"/>.</param>
    /// <param name="element">The type argument of a generic operation.</param>
    /// <param name="parameters">What it takes.</param>
    public MethodInfo Method(string name, Type element, params Type[] parameters) =>
        _methods.GetOrAdd($"{name}<{element.Name}>({string.Join(',', parameters.Select(p => p.ToString()))})", _ => Find(name, element, parameters));

    private MethodInfo Find(string name, Type element, Type[] parameters)
    {
        if (Operators.TryGetValue(name, out var symbol) && Vector(element).GetMethod(symbol, parameters) is { } method) return method;
        var found = _static.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(m => m.Name == name && m.GetParameters().Length == parameters.Length && m.GetGenericArguments().Length <= 1)
            .OrderBy(m => m.IsGenericMethodDefinition)
            .Select(m => m.IsGenericMethodDefinition ? m.MakeGenericMethod(element) : m)
            .FirstOrDefault(m => m.GetParameters().Select(p => p.ParameterType).SequenceEqual(parameters));
        return found ?? throw new InvalidOperationException($"{_static.Name}.{name} of {string.Join(", ", parameters.Select(p => p.ToString()))} is missing.");
    }
}
