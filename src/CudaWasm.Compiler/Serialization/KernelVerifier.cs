using System.Numerics;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Serialization;

/// <summary>Checks that what a launch is told of a kernel is what its IR does: arguments are written where the code reads them.</summary>
internal static class KernelVerifier
{
    /// <summary>What is wrong; null where nothing is.</summary>
    public static string? Verify(CompiledKernel kernel)
    {
        var module = kernel.Module!;
        if (IrVerifier.Verify(module) is [var error, ..]) return error;
        if (IrStrictVerifier.Verify(module) is [var detail, ..]) return detail;
        var declared = module.Kernel.Parameters;
        if (declared.Count != kernel.Parameters.Count) return "the parameters do not fit the kernel";
        for (var i = 0; i < declared.Count; i++)
        {
            if (!Fits(kernel.Parameters[i], declared[i])) return $"parameter {kernel.Parameters[i].Name} is not the one of the kernel";
        }

        if (kernel.StaticSharedBytes != module.StaticSharedBytes) return "the size of the shared memory is not the kernel's";
        return kernel.Symbols.All(s => module.Globals.Contains(s.Variable) && (!s.IsTexture || s.Variable.Bytes == 8)) ? null : "a symbol is no global of the kernel";
    }

    private static bool Fits(KernelParameter parameter, IrParameter declared)
    {
        if (parameter.Alignment < 1 || !BitOperations.IsPow2(parameter.Alignment) || parameter.PointeeBytes < 0) return false;
        return parameter.Kind switch
        {
            KernelParameterKind.Aggregate => declared.Variable is { } variable && variable.Bytes == parameter.Bytes,
            // A pointer to a function is told by its number.
            KernelParameterKind.Scalar => declared.Variable is null && declared.Type.Size() == parameter.Bytes
                && (declared.Type == IrType.Pointer ? parameter.Element == IrType.U64 : declared.Type == parameter.Element),
            _ => declared is { Variable: null, Type: IrType.Pointer } && parameter.Bytes == IrType.Pointer.Size(),
        };
    }
}
