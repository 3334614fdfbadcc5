using System.Diagnostics;

namespace CudaWasm.Host.Tests.Image;

/// <summary>The container engine of this machine, where it has one that may run containers.</summary>
internal static class Podman
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Why no container can be run here; null where one can.</summary>
    public static async Task<string?> ObstacleAsync()
    {
        if (!OperatingSystem.IsLinux()) return "Images of Linux are built on Linux.";
        try
        {
            var (exitCode, _, error) = await TryAsync("info");
            return exitCode == 0 ? null : $"podman does not work here: {error.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no podman on the PATH (apt-get install podman).";
        }
    }

    /// <summary>Options that choose a runtime which runs containers here; null and why, where none does. The default one may not know the machine's control groups.</summary>
    public static async Task<(string[]? Options, string Why)> FindRuntimeAsync(string[] arguments)
    {
        var why = new List<string>();
        foreach (string[] options in new string[][] { [], ["--runtime", "runc"], ["--runtime", "crun"] })
        {
            var (exitCode, _, error) = await TryAsync([.. options, "run", "--rm", .. arguments]);
            if (exitCode == 0) return (options, "");
            why.Add($"{string.Join(' ', options.DefaultIfEmpty("default"))}: {error.Trim()}");
        }

        return (null, string.Join("; ", why));
    }

    public static async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await TryAsync(arguments);
        Assert.True(exitCode == 0, $"podman {string.Join(' ', arguments)} ended with {exitCode}:\n{output}\n{error}");
        return output.Trim();
    }

    public static async Task<(int ExitCode, string Output, string Error)> TryAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("podman", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
