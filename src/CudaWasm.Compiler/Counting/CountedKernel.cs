using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Counting;

/// <summary>What a counting kernel counts.</summary>
public enum CountedQuantity
{
    /// <summary>Additions, subtractions, multiplications, divisions and math functions of float and 16-bit floats: one each, two a fused multiply-add.</summary>
    FloatOperations,

    /// <summary>The same of double.</summary>
    DoubleOperations,

    /// <summary>Bytes that threads read from a buffer or a global variable.</summary>
    BytesRead,

    /// <summary>Bytes that threads write there.</summary>
    BytesWritten,

    /// <summary>Steps of threads: the parts of expressions that are evaluated, and the statements.</summary>
    ThreadSteps,

    /// <summary>Steps of warps: the same where at least one thread of a warp takes part.</summary>
    WarpSteps,
}

/// <summary>One of the numbers that a counting kernel counts.</summary>
/// <param name="Quantity">What is counted.</param>
/// <param name="Parameter">The parameter that points to what is read or written; null where that is a variable, or not known.</param>
/// <param name="Variable">The global variable that is read or written; null where that is a buffer, or not known.</param>
public sealed record KernelCounter(CountedQuantity Quantity, IrParameter? Parameter = null, IrVariable? Variable = null);

/// <summary>A kernel that does what another does, and counts meanwhile into a global variable of its own.</summary>
public sealed record CountedKernel
{
    internal CountedKernel(CompiledKernel kernel, IrModule module, CounterTable counters)
    {
        Counters = counters.Counters;
        // A variable of the kernel itself cannot have this name.
        Symbol = counters.Variable.Name;
        Kernel = new CompiledKernel
        {
            Name = kernel.Name,
            Module = module,
            Parameters = kernel.Parameters,
            Symbols = [.. kernel.Symbols, new KernelSymbol(Symbol, "unsigned long long", counters.Variable)],
            Diagnostics = kernel.Diagnostics,
            Span = kernel.Span,
            StaticSharedBytes = kernel.StaticSharedBytes,
        };
    }

    public CompiledKernel Kernel { get; }

    /// <summary>Name of the variable: one 64-bit number for each counter.</summary>
    public string Symbol { get; }

    public IReadOnlyList<KernelCounter> Counters { get; }

    /// <summary>Counts operations and bytes. Takes a few times as long as the kernel itself does without vectors.</summary>
    public static CountedKernel Operations(CompiledKernel kernel) => Make(kernel, OperationCounting.Add);

    /// <summary>Counts steps of threads and warps, for which the threads of a warp run in step. Takes much longer: for a few blocks.</summary>
    public static CountedKernel Steps(CompiledKernel kernel) => Make(kernel, StepCounting.Add);

    private static CountedKernel Make(CompiledKernel kernel, Func<IrModule, CounterTable> add)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (kernel.Module is null) throw new ArgumentException($"Kernel {kernel.Name} was not compiled.", nameof(kernel));
        return DeepStack.Run(() =>
        {
            var module = IrCloner.Clone(kernel.Module);
            return new CountedKernel(kernel, module, add(module));
        });
    }
}
