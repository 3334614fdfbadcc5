using System.Diagnostics;

namespace GpuPlatform.Tests.Helm;

/// <summary>The real Helm, where it is on PATH.</summary>
internal static class HelmProgram
{
    public const string Absent = "helm is not on PATH: Helm's own reading of the chart was not asked.";

    public static bool IsInstalled => Folders.Any(folder => File.Exists(Path.Combine(folder, "helm")) || File.Exists(Path.Combine(folder, "helm.exe")));

    private static string[] Folders => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);

    /// <summary>What it writes; a test that expects success fails with what Helm says.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await TryRunAsync(arguments);
        Assert.True(exitCode == 0, $"helm {string.Join(' ', arguments)}: {output}{errors}");
        return output;
    }

    public static async Task<(int ExitCode, string Output, string Errors)> TryRunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("helm", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }
}
