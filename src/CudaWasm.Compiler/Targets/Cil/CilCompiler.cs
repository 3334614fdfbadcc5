using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Makes a kernel into CIL that the just-in-time compiler turns into machine code on the first block.</summary>
public static class CilCompiler
{
    public static CilKernel Compile(IrModule module, CilOptions options) => DeepStack.Run(() => CompileHere(module, options));

    private static CilKernel CompileHere(IrModule module, CilOptions options)
    {
        var program = TargetPasses.ForCpu(module, options.Instrumented);
        var layout = new CilLayout(program);
        var sites = new CilSites();
        // Dynamic methods are optimised at once; tiers would leave a kernel that is launched once slow.
        var functions = program.Module.Functions.ToDictionary(f => f, Declare);
        foreach (var (function, method) in functions) new CilEmitter(method, function, layout, sites, options, functions).EmitFunction();
        // What the target lacks is said now, not when blocks of some size are launched.
        foreach (var call in IrTree.AllExpressions(program.Module.Kernel.Body).OfType<IrIntrinsicCall>().Where(c => c.Intrinsic != IrIntrinsic.Fma)) CilIntrinsics.Find(call);
        var obstacle = options.VectorBits == 0 || options.Instrumented ? "vectors are switched off" : LanePlan.Obstacle(program.Module.Kernel);
        var result = new CilKernel(program.Module, options, layout, sites, obstacle, block => DeepStack.Run(() => Emit(block is { } b ? LanePlan.Make(program, b, options.VectorRegisters) : null)));
        // Code for all block sizes is made now: errors show here.
        if (obstacle is not null) result.Scalar();
        return result;

        (BlockMethod Method, object? Kept) Emit(LanePlan? lanes)
        {
            var kernel = Declare(program.Module.Kernel);
            new CilEmitter(kernel, program.Module.Kernel, layout, sites, options, functions, lanes).EmitKernel();
            var method = kernel.CreateDelegate<BlockMethod>();
            // Errors show here, and the first block is as fast as the next ones.
            RuntimeHelpers.PrepareDelegate(method);
            // The code reads tables that the plan holds.
            return (method, lanes?.Tables);
        }
    }

    private static DynamicMethod Declare(IrFunction function)
    {
        Type[] context = [typeof(BlockContext).MakePointerType(), typeof(BlockServices)];
        // A function's aggregate comes as a pointer to its bytes.
        var parameters = function.IsKernel ? context : [.. context, .. function.Parameters.Select(p => p.Variable is null ? CilEmitter.StackType(p.Type) : typeof(long))];
        var result = function.IsKernel ? typeof(void) : CilEmitter.StackType(function.ReturnType);
        return new DynamicMethod(function.Name, MethodAttributes.Public | MethodAttributes.Static, CallingConventions.Standard, result, parameters, typeof(CilCompiler).Module, true);
    }
}
