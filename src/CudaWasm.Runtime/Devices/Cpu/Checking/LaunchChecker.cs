using System.Globalization;
using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Watches a launch: the shadow of global memory, and what was found. The blocks run one at a time, each watched by a <see cref="BlockChecker"/>.</summary>
internal sealed unsafe class LaunchChecker
{
    private readonly Dictionary<CpuBuffer, ShadowRegion> _regions = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<DeviceBuffer> _uninitialized;

    public LaunchChecker(CompiledKernel source, CilKernel code, LaunchConfiguration configuration, CheckOptions options)
    {
        if (code.Sites.Count >= ShadowAccess.MaxSites)
        {
            throw new KernelArgumentException(DiagnosticCodes.TooLargeForTarget, string.Create(CultureInfo.InvariantCulture, $"Kernel {source.Name} accesses memory in {code.Sites.Count} places, which are too many to be checked ({ShadowAccess.MaxSites})."));
        }

        (Source, Code, Configuration) = (source, code, configuration);
        _uninitialized = new HashSet<DeviceBuffer>(options.Uninitialized, ReferenceEqualityComparer.Instance);
        Findings = new FindingCollector(code.Sites, options.MaxFindings);
        Atomics = new AtomicOrder(Clock);
    }

    public CompiledKernel Source { get; }

    public CilKernel Code { get; }

    public LaunchConfiguration Configuration { get; }

    public LaunchClock Clock { get; } = new();

    public AtomicOrder Atomics { get; }

    public FindingCollector Findings { get; }

    /// <summary>The shadow of the heap; null until something is allocated.</summary>
    public ShadowRegion? Heap { get; set; }

    /// <summary>Pairs of accesses that only atomics or flags may order.</summary>
    public long Undecided { get; set; }

    /// <summary>The shadow of a buffer.</summary>
    public ShadowRegion Region(CpuBuffer buffer)
    {
        if (!_regions.TryGetValue(buffer, out var region))
        {
            _regions.Add(buffer, region = new ShadowRegion(buffer.Address, buffer.ByteLength, ShadowKind.Global, _uninitialized.Contains(buffer)));
        }

        return region;
    }

    public CheckReport Finish(LaunchStatistics statistics)
    {
        var (findings, omitted) = Findings.Finish();
        return new CheckReport(Source.Name, findings, omitted, Undecided, statistics);
    }

    /// <summary>A fault that ended a block.</summary>
    public void Fault(KernelFault fault, long block, BlockContext* context)
    {
        var exception = FaultReport.Create(Source, Code, Configuration, fault, block, context);
        Findings.Add(CheckFindingKind.Fault, DiagnosticSeverity.Error, fault.Site, -1, () => new CheckFinding
        {
            Kind = CheckFindingKind.Fault,
            Kernel = Source.Name,
            Diagnostic = exception.Diagnostic,
            BlockIdx = exception.BlockIdx,
            ThreadIdx = exception.ThreadIdx,
            Buffer = exception.BufferName,
            Index = exception.Index,
        });
    }

    public Dim3 Block(long block) => Configuration.Grid.IndexOf(block);

    public Dim3 Thread(int thread) => Configuration.Block.IndexOf(thread);

    /// <summary>The object a pointer points into, and where there.</summary>
    public MemoryPlace Place(long pointer, FaultSite site, BlockContext* context)
    {
        var name = FaultReport.NameOf(Source, Code, CilPointer.Id(pointer), context) ?? site.Root?.Name;
        var offset = CilPointer.Offset(pointer);
        var bytes = site.Access == IrType.Void ? 0 : site.Access.Size();
        var isScalar = bytes > 0 && Code.Objects.FirstOrDefault(o => o.Id == CilPointer.Id(pointer))?.Variable.Bytes == bytes;
        return new MemoryPlace(name, offset, bytes > 0 ? offset / bytes : null, isScalar);
    }
}

/// <summary>An element of a buffer or variable.</summary>
/// <param name="Name">Of the parameter or variable; null where it is not known.</param>
/// <param name="Offset">In bytes.</param>
/// <param name="Index">In elements; null where the access has no one type.</param>
/// <param name="IsScalar">The variable has no more than this element.</param>
internal readonly record struct MemoryPlace(string? Name, long Offset, long? Index, bool IsScalar)
{
    public override string ToString() => IsScalar ? Name ?? "memory" : Index is { } index
        ? string.Create(CultureInfo.InvariantCulture, $"{Name ?? "memory"}[{index}] (byte offset {Offset})")
        : string.Create(CultureInfo.InvariantCulture, $"{Name ?? "memory"} at byte offset {Offset}");
}
