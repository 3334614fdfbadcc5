using CudaWasm.Benchmarks.Cases;

namespace CudaWasm.Benchmarks.Runners;

/// <summary>Something that can run the cases.</summary>
internal abstract class Contender(string name) : IDisposable
{
    /// <summary>Heading of its column.</summary>
    public string Name { get; } = name;

    /// <summary>What it is, for the description of the machine.</summary>
    public abstract string Description { get; }

    /// <summary>Runs this many times at most; null for as often as the others.</summary>
    public int? MaxRuns { get; init; }

    /// <summary>False where it does not take part in the case.</summary>
    public virtual bool Has(CaseDefinition definition) => true;

    /// <summary>Compiles the case and gives it buffers of its own.</summary>
    /// <exception cref="BenchmarkException">It cannot.</exception>
    public abstract PreparedCase Prepare(CaseDefinition definition, BenchmarkCase work);

    public virtual void Dispose()
    {
    }

    protected static string Source(CaseDefinition definition, string extension) =>
        Path.Combine(AppContext.BaseDirectory, "kernels", definition.Name + extension);
}

/// <summary>A case that is ready to run.</summary>
internal abstract class PreparedCase : IDisposable
{
    /// <summary>A remark for the reader of the figures: why a kernel runs without vectors.</summary>
    public virtual string? Remark => null;

    /// <summary>Gives a buffer its first content.</summary>
    public abstract void Write(HostBuffer buffer);

    public abstract void Read(HostBuffer buffer, Span<byte> target);

    /// <summary>Does the work and waits for its end; this is what is timed.</summary>
    public abstract void Run();

    public abstract void Dispose();
}

/// <summary>A contender is not there, or cannot run a case; the others go on.</summary>
internal sealed class BenchmarkException(string message, Exception? inner = null) : Exception(message, inner);
