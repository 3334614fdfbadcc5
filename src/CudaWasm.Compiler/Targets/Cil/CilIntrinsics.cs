using System.Reflection;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Finds the method that computes an intrinsic: a method of its name in one of the library classes, with parameters that fit.</summary>
internal static class CilIntrinsics
{
    private static readonly ILookup<string, MethodInfo> Methods = new[] { typeof(FloatMath), typeof(DoubleMath), typeof(DirectedMath), typeof(IntegerMath) }
        .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly))
        .ToLookup(m => m.Name);

    public static MethodInfo Find(IrIntrinsicCall call)
    {
        var arguments = call.Arguments.Select(a => a.Type).ToArray();
        return Methods[call.Intrinsic.ToString()]
            .Select(m => (Method: m, Distance: Distance(m, arguments)))
            .Where(m => m.Distance is not null)
            .OrderBy(m => m.Distance)
            .Select(m => m.Method)
            .FirstOrDefault() ?? throw new NotSupportedException($"The CPU target has no {call.Intrinsic} of ({string.Join(", ", arguments)}).");
    }

    /// <summary>Null where the method cannot take the arguments; else in how many signs it differs, the first argument counting most.</summary>
    private static int? Distance(MethodInfo method, IrType[] arguments)
    {
        var parameters = method.GetParameters();
        if (parameters.Length != arguments.Length) return null;
        var distance = 0;
        for (var i = 0; i < arguments.Length; i++)
        {
            var type = parameters[i].ParameterType;
            if (StackOf(type) != CilEmitter.StackType(arguments[i])) return null;
            var isUnsigned = type == typeof(uint) || type == typeof(ulong);
            if (!arguments[i].IsFloat() && isUnsigned == arguments[i].IsSigned()) distance += i == 0 ? 100 : 1;
        }

        return distance;
    }

    private static Type StackOf(Type type) => type == typeof(uint) ? typeof(int) : type == typeof(ulong) ? typeof(long) : type;
}
