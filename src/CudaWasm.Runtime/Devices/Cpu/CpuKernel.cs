using System.Runtime.InteropServices;
using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

internal sealed class CpuKernel : Kernel
{
    private readonly CilKernel _code;
    private readonly CpuWorkers _workers;
    private readonly Dictionary<IrVariable, CpuBuffer> _symbols = new(ReferenceEqualityComparer.Instance);

    public CpuKernel(CpuDevice device, CompiledKernel source, CilKernel code, CpuWorkers workers)
        : base(device, source)
    {
        _code = code;
        _workers = workers;
        foreach (var global in code.Module.Globals) _symbols.Add(global, new CpuBuffer(global.Bytes, global.Name));
        ResetSymbols();
    }

    public override DeviceBuffer GetSymbol(string name)
    {
        var symbol = Source.Symbols.FirstOrDefault(s => s.Name == name) ?? Source.Symbols.FirstOrDefault(s => Compact(s.Name) == Compact(name));
        if (symbol is not null && _symbols.TryGetValue(symbol.Variable, out var buffer)) return buffer;
        var known = Source.Symbols.Count == 0 ? "it uses none" : "it uses " + string.Join(", ", Source.Symbols.Select(s => s.Name));
        throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Kernel {Source.Name} uses no __constant__ or __device__ variable '{name}'; {known}.");
    }

    public override unsafe void ResetSymbols()
    {
        foreach (var (global, buffer) in _symbols)
        {
            NativeMemory.Clear(buffer.Address, (nuint)buffer.ByteLength);
            if (global.InitialBytes is { } bytes) buffer.CopyFrom(bytes);
        }
    }

    protected override LaunchStatistics Execute(
        LaunchConfiguration configuration, IReadOnlyList<KernelArgument> arguments, LaunchOptions options, CancellationToken cancellationToken)
    {
        using var launch = new CpuLaunch(this, _code, configuration, options);
        launch.Bind(arguments, _symbols);
        return launch.Run(_workers, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (var buffer in _symbols.Values) buffer.Dispose();
    }

    /// <summary>Spaces in a spelling mean nothing: <c>mask&lt;float, 2&gt;</c>.</summary>
    private static string Compact(string name) => name.Replace(" ", "", StringComparison.Ordinal);
}
