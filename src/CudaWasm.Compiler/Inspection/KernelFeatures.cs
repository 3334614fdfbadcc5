using System.Globalization;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Inspection;

/// <summary>Finds the features that a kernel with all its functions uses, from its IR as the binder made it.</summary>
public sealed class KernelFeatures
{
    private readonly SortedDictionary<KernelFeature, (SortedSet<string> Details, SourceSpan Span)> _found = [];

    private KernelFeatures()
    {
    }

    /// <summary>The features in the order of <see cref="KernelFeature"/>.</summary>
    public static IReadOnlyList<KernelFeatureUse> Find(CompiledKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (kernel.Module is not { } module) return [];
        var features = new KernelFeatures();
        features.Textures(kernel);
        foreach (var global in module.Globals.Where(g => !kernel.Symbols.Any(s => s.IsTexture && s.Variable == g))) features.Add(global.Space == IrSpace.Constant ? KernelFeature.ConstantMemory : KernelFeature.DeviceGlobals, global.Span, global.Name);
        foreach (var function in module.Functions.Append(module.Kernel)) features.Function(function, module);
        return [.. features._found.Select(f => new KernelFeatureUse(f.Key, string.Join(", ", f.Value.Details), f.Value.Span))];
    }

    /// <summary>In the IR a texture is memory like any other; the kernel's interface tells.</summary>
    private void Textures(CompiledKernel kernel)
    {
        foreach (var parameter in kernel.Parameters)
        {
            if (parameter.Kind == KernelParameterKind.Texture) Add(KernelFeature.Textures, kernel.Span, parameter.Name);
            if (parameter.Kind == KernelParameterKind.Surface) Add(KernelFeature.Surfaces, kernel.Span, parameter.Name);
        }

        foreach (var symbol in kernel.Symbols.Where(s => s.IsTexture))
        {
            Add(symbol.TypeName.StartsWith("surface", StringComparison.Ordinal) ? KernelFeature.Surfaces : KernelFeature.Textures, symbol.Variable.Span, symbol.Name);
        }
    }

    private void Function(IrFunction function, IrModule module)
    {
        if (!function.IsKernel) Add(Calls(function, function) ? KernelFeature.Recursion : KernelFeature.Calls, function.Span, function.Name);
        foreach (var variable in function.Variables)
        {
            switch (variable.Space)
            {
                case IrSpace.Shared:
                    Add(KernelFeature.StaticShared, variable.Span);
                    break;
                case IrSpace.DynamicShared:
                    Add(KernelFeature.DynamicShared, variable.Span);
                    break;
                case IrSpace.Local:
                    Add(KernelFeature.LocalMemory, variable.Span, string.Create(CultureInfo.InvariantCulture, $"{variable.Name}: {variable.Bytes} bytes"));
                    break;
            }
        }

        foreach (var statement in IrTree.All(function.Body))
        {
            Statement(statement);
            // Floats are printed as doubles, which is no arithmetic.
            var expressions = statement is IrPrintf p ? p.Arguments.Select(a => a is IrConvert { Type: IrType.F64 } c ? c.Operand : a) : IrTree.Expressions(statement);
            foreach (var expression in expressions.SelectMany(IrTree.All)) Expression(expression, statement.Span);
        }
    }

    /// <summary>Whether a function comes back to <paramref name="target"/> through its calls.</summary>
    private static bool Calls(IrFunction from, IrFunction target)
    {
        var seen = new HashSet<IrFunction>();
        var pending = new Stack<IrFunction>([from]);
        while (pending.TryPop(out var current))
        {
            foreach (var call in IrTree.All(current.Body).OfType<IrCall>())
            {
                if (call.Function == target) return true;
                if (seen.Add(call.Function)) pending.Push(call.Function);
            }
        }

        return false;
    }

    private void Statement(IrStatement statement)
    {
        switch (statement)
        {
            case IrBarrier { Kind: IrBarrierKind.Plain } s:
                Add(KernelFeature.Barriers, s.Span);
                break;
            case IrBarrier { Kind: IrBarrierKind.Grid } s:
                Add(KernelFeature.GridSync, s.Span);
                break;
            case IrBarrier s:
                Add(KernelFeature.BarrierReductions, s.Span, Lower(s.Kind.ToString()));
                break;
            case IrWarp s:
                Add(Kind(s.Op), s.Span, s.Op is IrWarpOp.Sync ? "" : Lower(s.Op.ToString()));
                break;
            case IrAtomic s:
                var kind = s.Value.Type.IsFloat() ? KernelFeature.FloatAtomics : s.Value.Type.Size() switch { 2 => KernelFeature.Atomics16, 8 => KernelFeature.Atomics64, _ => KernelFeature.Atomics32 };
                Add(kind, s.Span, $"{Lower(s.Op.ToString())} {Lower(s.Value.Type.ToString())}");
                break;
            case IrStore { IsVolatile: true } s:
                Add(KernelFeature.VolatileAccess, s.Span);
                break;
            case IrFence s:
                Add(KernelFeature.Fences, s.Span);
                break;
            case IrService { Op: IrServiceOp.Clock or IrServiceOp.GlobalTimer } s:
                Add(KernelFeature.Clock, s.Span);
                break;
            case IrService s:
                Add(KernelFeature.Heap, s.Span);
                break;
            case IrPrintf s:
                Add(KernelFeature.Printf, s.Span);
                break;
            case IrTrap s:
                Add(s.Code == DiagnosticCodes.AssertionFailed ? KernelFeature.Assert : KernelFeature.Trap, s.Span);
                break;
        }
    }

    private static KernelFeature Kind(IrWarpOp op) => op switch
    {
        IrWarpOp.Sync => KernelFeature.WarpSync,
        >= IrWarpOp.Shuffle and <= IrWarpOp.ShuffleXor => KernelFeature.WarpShuffle,
        IrWarpOp.MatchAny or IrWarpOp.MatchAll => KernelFeature.WarpMatch,
        >= IrWarpOp.ReduceAdd and <= IrWarpOp.ReduceXor => KernelFeature.WarpReduce,
        _ => KernelFeature.WarpVote,
    };

    private void Expression(IrExpression expression, SourceSpan place)
    {
        var span = expression switch { IrLoad e => e.Span, IrBinary { Span.Source: not null } e => e.Span, _ => place };
        if (expression is IrLoad load)
        {
            if (load.IsVolatile) Add(KernelFeature.VolatileAccess, span);
            if (load.Type == IrType.Pointer) Add(KernelFeature.PointersInMemory, span);
        }

        switch (expression.Type)
        {
            case IrType.F64:
                Add(KernelFeature.Fp64, span);
                break;
            case IrType.F16:
                Add(KernelFeature.Fp16, span);
                break;
            case IrType.BF16:
                Add(KernelFeature.Bf16, span);
                break;
            case IrType.I64 or IrType.U64 when expression is IrBinary or IrLoad or IrIntrinsicCall:
                Add(KernelFeature.Int64, span);
                break;
        }
    }

    private void Add(KernelFeature feature, SourceSpan span, string detail = "")
    {
        if (!_found.TryGetValue(feature, out var known)) _found.Add(feature, known = (new SortedSet<string>(StringComparer.Ordinal), span));
        if (detail.Length > 0) known.Details.Add(detail);
    }

    private static string Lower(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
