namespace CudaWasm.Tests.Support;

/// <summary>Files of the repository that tests read.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot();

    public static string Path(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>The kernels of docs/examples, by name.</summary>
    public static IReadOnlyList<string> ExampleSources() =>
        [.. Directory.GetFiles(Path("docs", "examples"), "*.cu").Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            if (File.Exists(System.IO.Path.Combine(folder, "CudaWasmNutanix.slnx"))) return folder;
        }

        throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
