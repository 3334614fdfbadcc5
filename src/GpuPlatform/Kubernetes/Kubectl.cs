using System.ComponentModel;
using System.Diagnostics;

namespace GpuPlatform.Kubernetes;

/// <summary>
/// The cluster's own client, <c>kubectl</c> on the PATH: it knows every way to sign in that a kubeconfig can name. The context is
/// always said, so that nothing lands on whatever cluster happens to be the current one.
/// </summary>
/// <param name="context">Context of the kubeconfig.</param>
/// <param name="kubeconfig">The kubeconfig; null for kubectl's own choice.</param>
public sealed class Kubectl(string context, string? kubeconfig = null)
{
    public string Context { get; } = string.IsNullOrWhiteSpace(context)
        ? throw new ArgumentException("Name the context of the kubeconfig that is meant; 'kubectl config get-contexts' lists them.", nameof(context))
        : context;

    /// <summary>Runs a command to its end and returns what it wrote.</summary>
    /// <param name="arguments">As on the command line, without context and kubeconfig.</param>
    /// <param name="input">Its standard input; null for none.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <exception cref="PlatformException">There is no kubectl, or it failed: with what it said.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, string? input = null, CancellationToken cancellationToken = default)
    {
        using Process process = Start(arguments);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.StandardInput.WriteAsync((input ?? "").AsMemory(), cancellationToken).ConfigureAwait(false);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended before it had read all; its exit status tells why.
            }

            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            string said = (await errors.ConfigureAwait(false)).Trim();
            return process.ExitCode == 0
                ? await output.ConfigureAwait(false)
                : throw new PlatformException($"kubectl {arguments[0]} failed on the cluster of context '{Context}': {(said.Length == 0 ? $"exit status {process.ExitCode}" : said)}");
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            throw;
        }
    }

    /// <summary>Starts a command that goes on, with its streams redirected.</summary>
    /// <exception cref="PlatformException">There is no kubectl.</exception>
    internal Process Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("kubectl")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.ArgumentList.Add("--context");
        start.ArgumentList.Add(Context);
        if (kubeconfig is not null)
        {
            start.ArgumentList.Add("--kubeconfig");
            start.ArgumentList.Add(kubeconfig);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new PlatformException("kubectl is needed for Kubernetes, and there is none on the PATH. Install it: https://kubernetes.io/docs/tasks/tools/.", e);
        }
    }

    internal static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended meanwhile.
        }
    }
}
