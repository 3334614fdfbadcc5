using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Completion;

/// <summary>Machines whose creation is noted in the state folder.</summary>
public sealed class PendingCreationCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetPendingCreations().Select(p => new NamedItem(p.Name, $"submitted {p.SubmittedAt:u}")).ToAsyncEnumerable();
}
