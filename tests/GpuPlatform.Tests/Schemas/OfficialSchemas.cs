using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Tests.Schemas;

/// <summary>Asks the schemas of the npm package kubernetes-models, where it is installed in tests/kubernetes-schemas.</summary>
internal static class OfficialSchemas
{
    private static readonly string Folder = Path.Combine(RepositoryRoot, "tests", "kubernetes-schemas");

    public static string RepositoryRoot
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "CudaWasmNutanix.slnx")))
                folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");

            return folder.FullName;
        }
    }

    public static bool AreInstalled => Directory.Exists(Path.Combine(Folder, "node_modules", "kubernetes-models"));

    /// <summary>What is wrong with each object; null where it is right.</summary>
    public static async Task<IReadOnlyList<string?>> FaultsAsync(IEnumerable<YamlNode> objects, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(Folder, "validate.mjs")]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(new JsonArray([.. objects.Select(ToJson)]).ToJsonString());
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return [.. JsonNode.Parse(output)!.AsArray().Select(f => (string?)f)];
    }

    /// <summary>As a YAML 1.1 reader takes what the manifests write: bare numbers and truth values are no text.</summary>
    public static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, ToJson(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value!),
        _ => ((YamlScalarNode)node).Value,
    };

    private static JsonNode? Plain(string text) => text switch
    {
        "true" => true,
        "false" => false,
        "null" or "" or "~" => null,
        _ => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : text,
    };
}
