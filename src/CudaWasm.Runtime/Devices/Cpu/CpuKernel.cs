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
    private readonly Dictionary<IrVariable, CpuBuffer> _textures = new(ReferenceEqualityComparer.Instance);

    public CpuKernel(CpuDevice device, CompiledKernel source, CilKernel code, CpuWorkers workers)
        : base(device, source)
    {
        _code = code;
        _workers = workers;
        foreach (var global in code.Module.Globals) _symbols.Add(global, new CpuBuffer(HostMemory.Allocate(global.Bytes, global.Name), global.Name));
        ResetSymbols();
    }

    public override int VectorBits => _code.ScalarReason is null ? _code.Options.VectorBits : 0;

    public override string? ScalarReason => _code.ScalarReason;

    public override DeviceBuffer GetSymbol(string name)
    {
        var symbol = Source.Symbols.FirstOrDefault(s => s.Name == name) ?? Source.Symbols.FirstOrDefault(s => Compact(s.Name) == Compact(name));
        if (symbol is { IsTexture: true }) throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"'{name}' is a {symbol.TypeName}: it takes a texture, and has no content of its own.");
        if (symbol is not null && _symbols.TryGetValue(symbol.Variable, out var buffer)) return buffer;
        var known = Source.Symbols.Count == 0 ? "it uses none" : "it uses " + string.Join(", ", Source.Symbols.Select(s => s.Name));
        throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Kernel {Source.Name} uses no __constant__ or __device__ variable '{name}'; {known}.");
    }

    public override void BindTexture(string name, DeviceTexture texture)
    {
        ArgumentNullException.ThrowIfNull(texture);
        if (texture.Buffer is not CpuBuffer buffer) throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Texture {texture.Buffer.Name} belongs to another device.");
        var references = Source.Symbols.Where(s => s.IsTexture).ToList();
        var symbol = references.FirstOrDefault(s => Compact(s.Name) == Compact(name));
        if (symbol is null)
        {
            var known = references.Count == 0 ? "it uses none" : "it uses " + string.Join(", ", references.Select(s => s.Name));
            throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Kernel {Source.Name} uses no texture reference '{name}'; {known}.");
        }

        _textures[symbol.Variable] = buffer;
    }

    public override unsafe void ResetSymbols()
    {
        foreach (var (global, buffer) in _symbols)
        {
            NativeMemory.Clear(buffer.Address, (nuint)buffer.ByteLength);
            if (global.InitialBytes is { } bytes) buffer.CopyFrom(bytes);
        }
    }

    /// <summary>Buffers of the globals.</summary>
    public IReadOnlyDictionary<IrVariable, CpuBuffer> Symbols => _symbols;

    /// <summary>The places where the kernel reads its references, with the textures bound to them.</summary>
    public IEnumerable<(CpuBuffer Reference, CpuBuffer Texture)> References()
    {
        foreach (var symbol in Source.Symbols)
        {
            if (!symbol.IsTexture || !_symbols.TryGetValue(symbol.Variable, out var reference)) continue;
            if (!_textures.TryGetValue(symbol.Variable, out var texture))
            {
                throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Kernel {Source.Name} reads the reference '{symbol.Name}' ({symbol.TypeName}), to which no texture is bound: give one under its name.");
            }

            yield return (reference, texture);
        }
    }

    protected override PreparedLaunch PrepareLaunch(LaunchConfiguration configuration, IReadOnlyList<KernelArgument> arguments, LaunchOptions options)
    {
        if (_code.Options.Instrumented) throw new InvalidOperationException($"Kernel {Source.Name} was loaded to be checked; call Check.");
        return new CpuLaunch(this, _code, _workers, configuration, arguments, options, null);
    }

    protected override CheckReport ExecuteCheck(
        LaunchConfiguration configuration, IReadOnlyList<KernelArgument> arguments, CheckOptions options, CancellationToken cancellationToken)
    {
        if (!_code.Options.Instrumented) throw new InvalidOperationException($"Kernel {Source.Name} was not loaded to be checked; set LoadOptions.Check.");
        var checker = new LaunchChecker(Source, _code, configuration, options);
        using var launch = new CpuLaunch(this, _code, _workers, configuration, arguments, new LaunchOptions { Output = options.Output, Timeout = options.Timeout }, checker);
        return checker.Finish(launch.Run(cancellationToken));
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (var buffer in _symbols.Values) buffer.Dispose();
    }

    /// <summary>Spaces in a spelling mean nothing: <c>mask&lt;float, 2&gt;</c>.</summary>
    private static string Compact(string name) => name.Replace(" ", "", StringComparison.Ordinal);
}
