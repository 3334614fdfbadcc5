using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets.Cil;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Machine code of kernels, kept for as long as somebody has the kernel: it depends on nothing but the module and the options.</summary>
internal static class CpuCode
{
    private static readonly ConditionalWeakTable<IrModule, ConcurrentDictionary<CilOptions, CilKernel>> Known = [];

    public static CilKernel Of(IrModule module, CilOptions options) => Known.GetValue(module, _ => []).GetOrAdd(options, o => CilCompiler.Compile(module, o));
}
