using CudaWasm.Runtime.Caching;

namespace CudaWasm.Runtime;

/// <summary>What becomes of an element that several parts changed.</summary>
public enum PartOverlap
{
    /// <summary>An error: nobody can tell which one counts.</summary>
    Error,

    /// <summary>They must have given it the same value: blocks that compute an element twice, or set a flag.</summary>
    Same,

    /// <summary>What each added to the first content is added up: counters and sums that blocks add to atomically.</summary>
    Sum,
}

/// <param name="Outputs">The files that were written.</param>
public sealed record LaunchMergeResult(IReadOnlyList<MergedOutput> Outputs);

/// <param name="File">Full path.</param>
/// <param name="Type">Name of the element type.</param>
/// <param name="Shape">Sizes, the slowest dimension first.</param>
/// <param name="Changed">Elements that a part changed.</param>
/// <param name="Overlapping">Those of them that several parts changed.</param>
public sealed record MergedOutput(string File, string Type, IReadOnlyList<long> Shape, long Changed, long Overlapping);

/// <summary>
/// Puts the outputs of a launch's parts together. Each part wrote whole outputs: the first content, as the launch file gives it, with what its
/// blocks changed. So the merged output is the first content with the changes of all parts.
/// </summary>
public static class LaunchMerger
{
    /// <param name="path">The launch file.</param>
    /// <param name="parts">Folder with the outputs of each part, all of them, in any order.</param>
    /// <param name="outputFolder">Folder for the merged outputs; null for where the launch file says.</param>
    /// <param name="overlap">For elements that several parts changed.</param>
    /// <param name="cache">Keeps the compiled kernel, which tells the first content of variables; null for none.</param>
    /// <param name="cancellationToken">Stops; no output was written.</param>
    /// <exception cref="CudaWasmException">A part is missing or does not fit, or parts changed the same element. No output was written.</exception>
    public static LaunchMergeResult Run(
        string path, IReadOnlyList<string> parts, string? outputFolder = null, PartOverlap overlap = PartOverlap.Error, CompileCache? cache = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.FirstOrDefault(p => !Directory.Exists(p)) is { } missing)
        {
            throw new LaunchFileException(path, null, $"there is no folder {missing}: each part needs one with its outputs, as 'cuda-wasm run {Path.GetFileName(path)} --part I/N --output-folder DIR' writes it");
        }

        var file = LaunchFile.Load(path, outputFolder);
        var sources = new CompileFileOptions { IncludePaths = file.IncludePaths, Defines = file.Defines, Kernels = [file.Kernel], Cache = cache };
        var compiled = KernelCompiler.Find(KernelCompiler.CompileFile(file.Source, sources, cancellationToken), file.Source, file.Kernel);
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled);
        using var data = new LaunchData(file, device, kernel);
        data.Upload();
        var merged = data.Merge(parts, overlap, cancellationToken);
        return new LaunchMergeResult([.. data.WriteOutputs().Zip(merged, (output, counts) => new MergedOutput(output.File, output.Type, output.Shape, counts.Changed, counts.Overlapping))]);
    }
}
