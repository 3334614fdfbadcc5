namespace CudaWasmNutanix;

/// <summary>The cache of compiled kernels, as Get-CudaWasmCache writes it.</summary>
public sealed record KernelCache
{
    public required string Path { get; init; }

    /// <summary>Sources that are kept compiled.</summary>
    public required int Entries { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Null where there is no entry.</summary>
    public DateTime? LastUse { get; init; }
}
