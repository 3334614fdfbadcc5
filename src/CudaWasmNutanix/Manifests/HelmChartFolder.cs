using CudaWasmNutanix.Pipeline;
using GpuPlatform.Manifests.Helm;

namespace CudaWasmNutanix.Manifests;

/// <summary>Writes a chart into a folder for a cmdlet.</summary>
internal static class HelmChartFolder
{
    /// <summary>Writes the files and hands them to the pipeline. Values that a person may have edited are not lost without -Force.</summary>
    /// <exception cref="IOException">There is something in the folder, and <paramref name="force"/> is false.</exception>
    public static void Write(AsyncCmdlet cmdlet, HelmChart chart, string folder, bool force)
    {
        if (File.Exists(folder))
        {
            throw new IOException($"{folder} is a file; a chart is a folder.");
        }

        if (!force && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new IOException($"There is something in {folder} already; give an empty or new folder, or -Force to write the chart's files over it.");
        }

        if (cmdlet.ShouldProcess(folder, $"Write a Helm chart of {chart.Files.Count} files"))
        {
            cmdlet.WriteObject(chart.WriteToFolder(folder).Select(file => new FileInfo(file)), enumerateCollection: true);
        }
    }
}
