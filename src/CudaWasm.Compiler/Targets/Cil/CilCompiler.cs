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
        var sites = new CilSites();
        var split = new Unit(TargetPasses.ForCpu(module, options.Instrumented), sites, options);
        var kernel = split.Program.Module.Kernel;
        // What the target lacks is said now, not when blocks of some size are launched.
        foreach (var call in IrTree.AllExpressions(kernel.Body).OfType<IrIntrinsicCall>().Where(c => c.Intrinsic != IrIntrinsic.Fma)) CilIntrinsics.Find(call);
        var obstacle = options.VectorBits == 0 || options.Instrumented ? "vectors are switched off" : LanePlan.Obstacle(kernel);
        var hasWarps = obstacle is null && IrTree.All(module.Kernel.Body).Any(s => s is IrWarp);
        var warps = hasWarps && !WarpsInStep.AreNeeded(module.Kernel) ? new Unit(WholeWarps(module, split.Program), sites, options) : null;
        var slotBytes = Math.Max(split.Layout.SlotBytes, warps?.Layout.SlotBytes ?? 0);
        var result = new CilKernel(split.Program.Module, options, split.Layout, slotBytes, sites, obstacle, block => DeepStack.Run(() => Emit(block)));
        // Code for all block sizes is made now: errors show here.
        if (obstacle is not null) result.Scalar();
        return result;

        (BlockCode Code, object? Kept) Emit(LaneBlock? block)
        {
            if (block is not { } lanes) return split.Emit(null);
            var plan = warps is null ? null : LanePlan.ForWarps(warps.Program, lanes, options.VectorRegisters);
            return plan is not null ? warps!.Emit(plan) : split.Emit(LanePlan.Make(split.Program, lanes, options.VectorRegisters));
        }
    }

    /// <summary>The program for code whose lanes are whole warps. Its variables lie where the other program has them.</summary>
    private static IrBlockProgram WholeWarps(IrModule module, IrBlockProgram split)
    {
        var program = TargetPasses.ForCpu(module, keepsWarps: true);
        var kept = split.Module.Kernel.Variables.Zip(program.Module.Kernel.Variables).Where(v => split.PerThreadVariables.Contains(v.First)).Select(v => v.Second);
        return program with { PerThreadVariables = kept.ToHashSet() };
    }

    /// <summary>A program, where its data lies, and the code of its functions.</summary>
    private sealed class Unit
    {
        private readonly CilSites _sites;
        private readonly CilOptions _options;
        private readonly Dictionary<IrFunction, DynamicMethod> _functions;

        public Unit(IrBlockProgram program, CilSites sites, CilOptions options)
        {
            (Program, _sites, _options) = (program, sites, options);
            Layout = new CilLayout(program);
            // Dynamic methods are optimised at once; tiers would leave a kernel that is launched once slow.
            _functions = program.Module.Functions.ToDictionary(f => f, Declare);
            foreach (var (function, method) in _functions) new CilEmitter(method, function, Layout, sites, options, _functions).EmitFunction();
        }

        public IrBlockProgram Program { get; }

        public CilLayout Layout { get; }

        public (BlockCode Code, object? Kept) Emit(LanePlan? lanes)
        {
            var source = (lanes?.Program ?? Program).Module.Kernel;
            var kernel = Declare(source);
            new CilEmitter(kernel, source, Layout, _sites, _options, _functions, lanes).EmitKernel();
            var method = kernel.CreateDelegate<BlockMethod>();
            // Errors show here, and the first block is as fast as the next ones.
            RuntimeHelpers.PrepareDelegate(method);
            // The code reads tables that the plan holds.
            return (new BlockCode(method, lanes is { TakesRows: true }), lanes?.Tables);
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
