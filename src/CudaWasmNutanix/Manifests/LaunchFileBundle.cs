using CudaWasm.Runtime;

namespace CudaWasmNutanix.Manifests;

/// <summary>A launch file with what it reads, for a ConfigMap: one folder without folders in it.</summary>
/// <param name="Name">File name of the launch file.</param>
/// <param name="Texts">The launch file and its source, by file name.</param>
/// <param name="Inputs">Its inputs, by file name.</param>
internal sealed record LaunchFileBundle(string Name, IReadOnlyDictionary<string, string> Texts, IReadOnlyDictionary<string, byte[]> Inputs)
{
    /// <exception cref="LaunchFileException">The file is wrong, or names a file that lies elsewhere than next to it.</exception>
    public static LaunchFileBundle Read(string path)
    {
        LaunchFile launch = LaunchFile.Load(path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (launch.IncludePaths.FirstOrDefault(include => !IsSame(include, folder)) is { } other)
        {
            throw new LaunchFileException(path, "$.includePaths", $"{other} is another folder, which a ConfigMap cannot hold; put the headers next to the launch file and add them with -FilePath");
        }

        var texts = new Dictionary<string, string>(StringComparer.Ordinal) { [Path.GetFileName(path)] = File.ReadAllText(path) };
        texts[NameOf(launch.Source, "$.source")] = File.ReadAllText(launch.Source);
        var inputs = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (LaunchBuffer buffer in launch.Arguments.OfType<LaunchBuffer>().Where(b => b.Input is not null))
        {
            inputs[NameOf(buffer.Input!, buffer.JsonPath + ".input")] = File.ReadAllBytes(buffer.Input!);
        }

        foreach (LaunchSymbol symbol in launch.Symbols.Values.Where(s => s.Input is not null))
        {
            inputs[NameOf(symbol.Input!, symbol.JsonPath + ".input")] = File.ReadAllBytes(symbol.Input!);
        }

        return new LaunchFileBundle(Path.GetFileName(path), texts, inputs);

        string NameOf(string file, string jsonPath) => IsSame(Path.GetDirectoryName(Path.GetFullPath(file))!, folder)
            ? Path.GetFileName(file)
            : throw new LaunchFileException(path, jsonPath, $"{file} lies in another folder, which a ConfigMap cannot hold; put it next to the launch file");
    }

    private static bool IsSame(string a, string b) => string.Equals(
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(a)),
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(b)),
        OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);
}
