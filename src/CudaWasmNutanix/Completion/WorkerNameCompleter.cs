using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CudaWasmNutanix.Session;
using GpuPlatform;
using GpuPlatform.Kubernetes;
using Nutanix.Prism;
using Nutanix.Prism.Workers;

namespace CudaWasmNutanix.Completion;

/// <summary>Completes the names of workers: of the cluster of -Context where it is given, else of the Prism Central that is connected.</summary>
public sealed class WorkerNameCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        object? given = fakeBoundParameters["Session"];
        PrismSession? session = (given as PSObject)?.BaseObject as PrismSession ?? given as PrismSession ?? RunspaceState.Current.DefaultSession;
        string? context = fakeBoundParameters["Context"] as string;
        if (context is null && session is not { IsConnected: true })
        {
            return [];
        }

        using NutanixPlatform? machines = context is null ? new NutanixPlatform(session!.Client) : null;
        IPlatformProvider platform = machines is null ? new KubernetesPlatform(new Kubectl(context!, fakeBoundParameters["Kubeconfig"] as string)) : machines;
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            List<NamedItem> items = Task.Run(async () => await platform.GetWorkersAsync(patience.Token)
                .Select(w => new NamedItem(w.Name, $"{w.State}, {w.GpuCount} GPU, {w.Id}"))
                .ToListAsync(patience.Token)).GetAwaiter().GetResult();
            return CompletionResults.Matching(wordToComplete, items);
        }
        catch (Exception exception) when (exception is PrismException or PlatformException or OperationCanceledException or ObjectDisposedException)
        {
            // There is no place to say it while a line is being typed; the cmdlet will.
            return [];
        }
    }
}
