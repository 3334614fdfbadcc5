using System.IO.Compression;
using System.Reflection;
using System.Text;
using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Manifests.Helm;

/// <summary>A file of a chart.</summary>
/// <param name="Path">Where it lies in the chart's folder, with slashes.</param>
/// <param name="Text">What it holds; lines end with a line feed.</param>
public sealed record HelmFile(string Path, string Text);

/// <summary>
/// A Helm chart of a GPU workload: rendered with its own values it makes the objects of <see cref="NkeManifest"/>. Whatever was asked
/// for lives in <c>values.yaml</c>; the templates and the schema of the values are the same in every chart.
/// </summary>
public sealed class HelmChart
{
    /// <summary>Name of the file of values in the chart's folder.</summary>
    public const string ValuesFile = "values.yaml";

    /// <summary>Version of a chart that nothing is said of.</summary>
    public const string FirstVersion = "0.1.0";

    /// <summary>Longer names the templates do not take from the release, whose own may have 53 characters.</summary>
    internal const int MaximumReleaseName = 52;

    private const string ResourcePrefix = "Helm/";

    /// <summary>Older clusters are not supported: the pods' fields are those of 1.27.</summary>
    private const string KubeVersion = ">=1.27.0-0";

    /// <summary>
    /// A release is a Secret of up to 1 MiB. It holds the values and the objects made of them, compressed and then in Base64: 4/3 of
    /// twice this is what a Secret takes.
    /// </summary>
    private const int MaximumCompressedValues = 384 << 10;

    private HelmChart(NkeManifestOptions options, string version, bool pinNamespace)
    {
        var values = HelmValues.Of(options) with { NamespaceOverride = pinNamespace ? options.Namespace : "" };
        Values = Heading(options.Name) + ManifestYaml.SerializeWhole(values);
        var metadata = new ChartMetadata
        {
            Name = options.Name,
            Description = $"The GPU workload {options.Name}",
            Version = version,
            AppVersion = values.Image.Tag.Length > 0 ? values.Image.Tag : null,
            KubeVersion = KubeVersion,
            Keywords = ["cuda", "gpu", "nutanix"],
        };
        Files =
        [
            new HelmFile("Chart.yaml", ManifestYaml.Serialize(metadata)),
            new HelmFile(ValuesFile, Values),
            new HelmFile("gpu-vendors.yaml", GpuVendors.ToYaml()),
            .. FixedFiles(),
        ];
    }

    /// <summary>The chart's files; <c>Chart.yaml</c> first.</summary>
    public IReadOnlyList<HelmFile> Files { get; }

    /// <summary>The text of <c>values.yaml</c>, with a comment over each value that needs one.</summary>
    public string Values { get; }

    /// <param name="options">What <see cref="NkeManifest.Create"/> takes.</param>
    /// <param name="version">Version of the chart, as semantic versioning has it.</param>
    /// <param name="pinNamespace">True: the objects live in the options' namespace. False: in the release's, as Helm's users expect.</param>
    /// <exception cref="ManifestException">An option breaks a rule of Kubernetes or of Helm; every fault is named.</exception>
    public static HelmChart Create(NkeManifestOptions options, string version = FirstVersion, bool pinNamespace = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        NkeManifestValidator.Validate(options);
        var errors = new ManifestErrors();
        errors.Check("ChartVersion", version, KubernetesRules.SemanticVersion);
        errors.ThrowIfAny();

        var chart = new HelmChart(options, version, pinNamespace);
        var size = CompressedSize(chart.Values);
        errors.Check(
            size <= MaximumCompressedValues,
            nameof(options.Files),
            $"{size} bytes",
            $"must not be more than {MaximumCompressedValues} bytes with all other values, compressed: Helm keeps a release in one Secret of 1 MiB. Put large inputs on the volume");
        errors.ThrowIfAny();
        return chart;
    }

    /// <summary>
    /// Writes the chart into a folder; files in it that are not the chart's stay. Each file is whole or as it was before. Returns the
    /// full paths.
    /// </summary>
    public IReadOnlyList<string> WriteToFolder(string folder) =>
        [.. Files.Select(f => ManifestFiles.Write(Path.Combine(folder, f.Path.Replace('/', Path.DirectorySeparatorChar)), f.Text))];

    private static string Heading(string name) =>
        $"# Values of the chart {name}; values.schema.json says what each may be.\n\n";

    private static IEnumerable<HelmFile> FixedFiles()
    {
        var assembly = typeof(HelmChart).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(n => new HelmFile(n[ResourcePrefix.Length..].Replace('\\', '/'), Read(assembly, n)));
    }

    /// <summary>A checkout may have given the files other line ends.</summary>
    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static long CompressedSize(string text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(text));

        return compressed.Length;
    }

    /// <summary><c>Chart.yaml</c>.</summary>
    private sealed record ChartMetadata
    {
        public string ApiVersion { get; } = "v2";

        public required string Name { get; init; }

        public required string Description { get; init; }

        public string Type { get; } = "application";

        public required string Version { get; init; }

        public string? AppVersion { get; init; }

        public required string KubeVersion { get; init; }

        public required IReadOnlyList<string> Keywords { get; init; }
    }
}
