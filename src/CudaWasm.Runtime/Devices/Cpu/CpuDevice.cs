using System.Globalization;
using System.Runtime.InteropServices;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>This machine's cores. Blocks are spread over them; the threads of a block run one after the other from barrier to barrier.</summary>
public sealed class CpuDevice : Device
{
    private readonly CpuWorkers _workers;

    public CpuDevice()
        : this(Environment.ProcessorCount)
    {
    }

    /// <param name="workers">Cores to use.</param>
    public CpuDevice(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ComputeUnits = workers;
        _workers = new CpuWorkers(workers);
    }

    public override string Name => "cpu";

    public override DeviceKind Kind => DeviceKind.Cpu;

    public override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"CPU, {ComputeUnits} {(ComputeUnits == 1 ? "core" : "cores")}, {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}");

    public override int ComputeUnits { get; }

    public override long MemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public override bool SharesMemory => true;

    public override DeviceBuffer Allocate(long bytes, string? name = null) => new CpuBuffer(HostMemory.Allocate(bytes, name ?? "buffer"), name ?? "buffer");

    public override Kernel Load(CompiledKernel kernel, LoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (kernel.Module is null) throw new KernelCompileException($"Kernel {kernel.Name} has errors.", kernel.Diagnostics);
        try
        {
            options ??= LoadOptions.Default;
            if (options is { Check: true, Unchecked: true }) throw new ArgumentException("A kernel that is to be checked cannot be loaded unchecked.", nameof(options));
            var code = CpuCode.Of(kernel.Module, new CilOptions(!options.Unchecked, options.Check, options.VectorBits ?? CilOptions.NativeVectorBits, options.VectorRegisters ?? 0));
            return new CpuKernel(this, kernel, code, _workers);
        }
        catch (NotSupportedException e)
        {
            throw Failure(kernel, DiagnosticCodes.TargetLacks, e.Message);
        }
    }

    protected override DeviceBuffer WrapArray(Array array, string name) => new CpuBuffer(HostMemory.Pin(array), name);

    protected override DeviceBuffer WrapMemory(SafeBuffer memory, long offset, long bytes, string name) => new CpuBuffer(HostMemory.Keep(memory, offset, bytes), name);

    protected override DeviceBuffer WrapMemory(nint address, long bytes, string name) => new CpuBuffer(HostMemory.Borrow(address, bytes), name);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _workers.Dispose();
    }

    private static KernelCompileException Failure(CompiledKernel kernel, string code, string message) =>
        new($"Kernel {kernel.Name}: {message}", [new Diagnostic(code, DiagnosticSeverity.Error, kernel.Span, message)]);
}
