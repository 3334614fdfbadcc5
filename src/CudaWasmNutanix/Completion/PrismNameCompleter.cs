using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Completion;

/// <summary>Completes names that the connected Prism Central has right now.</summary>
public abstract class PrismNameCompleter : IArgumentCompleter
{
    /// <summary>Tab that hangs is worse than Tab that finds nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        object? given = fakeBoundParameters["Session"];
        PrismSession? session = (given as PSObject)?.BaseObject as PrismSession ?? given as PrismSession ?? RunspaceState.Current.DefaultSession;
        if (session is not { IsConnected: true })
        {
            return [];
        }

        try
        {
            using var patience = new CancellationTokenSource(Patience);
            IReadOnlyList<NamedItem> items = Task.Run(() => session.Names.GetAsync(GetType().Name, Read, patience.Token)).GetAwaiter().GetResult();
            return CompletionResults.Matching(wordToComplete, items);
        }
        catch (Exception exception) when (exception is PrismException or OperationCanceledException or ObjectDisposedException)
        {
            // There is no place to say it while a line is being typed; the cmdlet will.
            return [];
        }
    }

    private protected abstract IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken);
}

/// <summary>Hosts that have GPUs.</summary>
public sealed class GpuHostCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetGpuHostsAsync(cancellationToken: cancellationToken)
            .Select(host => new NamedItem(host.Name, $"{string.Join(", ", host.Models)}: {host.FreeGpuCount} of {host.GpuCount} free"));
}

/// <summary>GPU models found in the estate.</summary>
public sealed class GpuModelCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetGpuHostsAsync(cancellationToken: cancellationToken)
            .SelectMany(host => host.Models.ToAsyncEnumerable())
            .Distinct()
            .Select(model => new NamedItem(model, model));
}

/// <summary>Virtual machines that have GPUs.</summary>
public sealed class GpuVmCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetVmsAsync(new VmQuery { GpuOnly = true }, cancellationToken)
            .Select(vm => new NamedItem(vm.Name, $"{vm.PowerState}, {vm.GpuCount} GPU, {vm.HostName ?? "no host"}, {vm.ExtId}"));
}

/// <summary>Clusters with hosts.</summary>
public sealed class ClusterCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetClustersAsync(cancellationToken)
            .Where(cluster => !cluster.IsPrismCentral)
            .Select(cluster => new NamedItem(cluster.Name, $"AOS {cluster.Version}, {cluster.NodeCount} nodes"));
}

/// <summary>Images a machine can boot from; an ISO is none.</summary>
public sealed class ImageCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetImagesAsync(cancellationToken)
            .Where(image => image.Type != "ISO_IMAGE")
            .Select(image => new NamedItem(image.Name, $"{image.Type}, {image.ExtId}"));
}

/// <summary>Subnets.</summary>
public sealed class SubnetCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetSubnetsAsync(cancellationToken)
            .Select(subnet => new NamedItem(subnet.Name, $"{subnet.Type} {subnet.NetworkId}, {subnet.ExtId}"));
}

/// <summary>GPU profiles of the clusters, whole devices and vGPU types.</summary>
public sealed class GpuProfileCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetGpuProfilesAsync(cancellationToken: cancellationToken)
            .Select(profile => new NamedItem(profile.Name, $"{profile.Free} free, {profile.Meaning}"));
}

/// <summary>Categories, as key:value.</summary>
public sealed class CategoryCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetCategoriesAsync(cancellationToken)
            .Select(category => new NamedItem(category.Name, category.Description ?? category.ExtId));
}

/// <summary>Projects.</summary>
public sealed class ProjectCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetProjectsAsync(cancellationToken)
            .Select(project => new NamedItem(project.Name, project.Description ?? project.ExtId));
}

/// <summary>VM-host affinity policies.</summary>
public sealed class HostAffinityPolicyCompleter : PrismNameCompleter
{
    private protected override IAsyncEnumerable<NamedItem> Read(PrismClient client, CancellationToken cancellationToken) =>
        client.GetHostAffinityPoliciesAsync(cancellationToken)
            .Select(policy => new NamedItem(policy.Name, policy.Description ?? policy.ExtId));
}
