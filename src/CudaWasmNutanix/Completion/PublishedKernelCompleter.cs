using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Security;
using CudaWasm.Runtime.Remote;
using CudaWasmNutanix.Session;
using CudaWasmNutanix.Workers;

namespace CudaWasmNutanix.Completion;

/// <summary>Completes the kernels of the worker that the command line names already. A worker that does not answer soon completes nothing.</summary>
public sealed class PublishedKernelCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (!Uri.TryCreate($"{fakeBoundParameters["Endpoint"]}", UriKind.Absolute, out Uri? endpoint))
        {
            return [];
        }

        try
        {
            using var limit = new CancellationTokenSource(Patience);
            using RemoteWorker worker = WorkerCmdlet.Open(endpoint, fakeBoundParameters["ApiKey"] as SecureString, null, skipCertificateCheck: false);
            IReadOnlyList<PublishedKernel> kernels = Task.Run(() => worker.ListAsync(limit.Token), limit.Token).GetAwaiter().GetResult();
            return CompletionResults.Matching(wordToComplete, kernels.Select(kernel => new NamedItem(kernel.Name, kernel.Version)));
        }
        catch (Exception exception) when (exception is RemoteWorkerException or ArgumentException or OperationCanceledException)
        {
            return [];
        }
    }
}
