using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using GpuPlatform.Workers;

namespace GpuPlatform.Kubernetes;

/// <summary><c>kubectl port-forward</c> on a free port of the loopback interface, until it is closed.</summary>
internal static partial class PortForward
{
    public static async Task<WorkerConnection> OpenAsync(Kubectl kubectl, string space, string target, int port, CancellationToken cancellationToken)
    {
        Process process = kubectl.Start(["port-forward", "--namespace", space, "--address", "127.0.0.1", target, string.Create(CultureInfo.InvariantCulture, $":{port}")]);
        try
        {
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            while (await process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                if (Forwarding().Match(line) is { Success: true } match)
                {
                    // It goes on writing, a line for each connection; nobody reading would stop it in the end.
                    _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                    return new WorkerConnection(new Uri($"http://127.0.0.1:{match.Groups[1].Value}"), () => Close(process));
                }
            }

            throw new PlatformException($"kubectl port-forward gives no way to {target} in namespace {space} of '{kubectl.Context}': {(await errors.ConfigureAwait(false)).Trim()}");
        }
        catch
        {
            await Close(process).ConfigureAwait(false);
            throw;
        }
    }

    private static ValueTask Close(Process process)
    {
        Kubectl.Kill(process);
        process.Dispose();
        return ValueTask.CompletedTask;
    }

    [GeneratedRegex(@"^Forwarding from 127\.0\.0\.1:([0-9]+) ->")]
    private static partial Regex Forwarding();
}
