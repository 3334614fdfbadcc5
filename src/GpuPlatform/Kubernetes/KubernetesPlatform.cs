using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Kubernetes;
using GpuPlatform.Workers;

namespace GpuPlatform.Kubernetes;

/// <summary>
/// Workers on a Kubernetes cluster, through kubectl. All objects of a worker carry the label <see cref="WorkerLabel"/> with its
/// name; only objects with the label are ever removed, and never a namespace that was there before.
/// </summary>
public sealed class KubernetesPlatform(Kubectl kubectl) : IPlatformProvider<KubernetesWorkerRequest>
{
    /// <summary>On every object of a worker; its value is the worker's name.</summary>
    public const string WorkerLabel = "cuda-wasm/worker";

    // What NkeManifest writes, save for namespaces.
    private const string Kinds = "deployments.apps,statefulsets.apps,horizontalpodautoscalers.autoscaling,poddisruptionbudgets.policy,"
        + "networkpolicies.networking.k8s.io,services,configmaps,serviceaccounts,persistentvolumeclaims";

    private const string Workloads = "deployments.apps,statefulsets.apps";

    private static readonly TimeSpan KubectlGrace = TimeSpan.FromSeconds(20);

    public string Name => kubectl.Context;

    public IAsyncEnumerable<GpuHost> GetGpuHostsAsync(Action<PlatformWarning>? report = null, CancellationToken cancellationToken = default) =>
        new KubernetesInventory(kubectl).StreamAsync(report, cancellationToken);

    public async Task<GpuWorker> ProvisionAsync(KubernetesWorkerRequest request, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        NkeManifestOptions options = request.Manifest;
        if (options.Kind is not (NkeWorkloadKind.Deployment or NkeWorkloadKind.StatefulSet) || options.ServiceMonitor)
        {
            throw new ArgumentException("A worker is a Deployment or a StatefulSet, without a ServiceMonitor; New-CudaWasmNkeManifest writes anything else.", nameof(request));
        }

        NkeManifest manifest = NkeManifest.Create(options with
        {
            Labels = new Dictionary<string, string>(options.Labels) { [WorkerLabel] = options.Name },
        });
        KubernetesObject[] objects = [.. manifest.Objects.Where(o => o.Kind != "Namespace")];
        await RequireAbsentAsync(options, objects, cancellationToken).ConfigureAwait(false);
        bool ownsNamespace = await MakeNamespaceAsync(manifest, options, progress, cancellationToken).ConfigureAwait(false);
        try
        {
            progress?.Report($"Applying {objects.Length} objects to namespace {options.Namespace}");
            await kubectl.RunAsync(["apply", "--namespace", options.Namespace, "--filename", "-"], ManifestYaml.SerializeStream(objects), cancellationToken).ConfigureAwait(false);
            if (request.WaitUntilReady)
            {
                progress?.Report($"Waiting for the pods of {options.Name}");
                await WaitAsync(request, cancellationToken).ConfigureAwait(false);
            }

            return await ReadAsync(options.Namespace, options.Name, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw new WorkerInterruptedException(
                $"Stopped while the worker '{options.Name}' was being made in namespace {options.Namespace} of '{Name}'. What was applied goes on: Get-CudaWasmWorker shows it, Remove-CudaWasmWorker removes it.", e, cancellationToken);
        }
        catch (PlatformException e)
        {
            throw new PlatformException($"{e.Message} {await UndoAsync(request, ownsNamespace, cancellationToken).ConfigureAwait(false)}", e);
        }
    }

    public async IAsyncEnumerable<GpuWorker> GetWorkersAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string json = await kubectl.RunAsync(["get", Workloads, "--all-namespaces", "--selector", WorkerLabel, "--output", "json"], null, cancellationToken).ConfigureAwait(false);
        foreach (GpuWorker worker in Items(json).Select(Describe))
        {
            yield return worker;
        }
    }

    /// <summary>Forwards a local port to the worker's Service: callers need not be in the cluster, and no network policy is passed by.</summary>
    public async Task<WorkerConnection> ConnectAsync(GpuWorker worker, CancellationToken cancellationToken = default)
    {
        string space = NamespaceOf(worker);
        int port = worker.Endpoint?.Port ?? throw new PlatformException($"The port of worker '{worker.Name}' is not known.");
        return await PortForward.OpenAsync(kubectl, space, $"service/{worker.Name}", port, cancellationToken).ConfigureAwait(false);
    }

    public async Task RemoveAsync(GpuWorker worker, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        string space = NamespaceOf(worker);
        await ReadAsync(space, worker.Name, cancellationToken).ConfigureAwait(false);
        progress?.Report($"Removing the objects of {worker.Name} from namespace {space}");
        await DeleteAsync(space, worker.Name, cancellationToken).ConfigureAwait(false);
    }

    private static string NamespaceOf(GpuWorker worker) => worker.Namespace
        ?? throw new PlatformException($"The worker '{worker.Name}' names no namespace, so it is not one of Kubernetes.");

    // Nothing that is there already is changed: whose it is cannot be known, and a rollback would remove it.
    private async Task RequireAbsentAsync(NkeManifestOptions options, KubernetesObject[] objects, CancellationToken cancellationToken)
    {
        string names = await kubectl.RunAsync(
            ["get", "--namespace", options.Namespace, "--filename", "-", "--ignore-not-found", "--output", "name"], ManifestYaml.SerializeStream(objects), cancellationToken).ConfigureAwait(false);
        string[] there = names.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (there.Length > 0)
        {
            throw new PlatformException($"Namespace {options.Namespace} of '{Name}' has {string.Join(", ", there)} already. Choose another name, or remove the worker with Remove-CudaWasmWorker if it is one.");
        }
    }

    private async Task<bool> MakeNamespaceAsync(NkeManifest manifest, NkeManifestOptions options, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (manifest.Objects.FirstOrDefault(o => o.Kind == "Namespace") is not { } space)
        {
            return false;
        }

        string there = await kubectl.RunAsync(["get", "namespace", options.Namespace, "--ignore-not-found", "--output", "name"], null, cancellationToken).ConfigureAwait(false);
        if (there.Trim().Length > 0)
        {
            return false;
        }

        progress?.Report($"Making the namespace {options.Namespace}");
        await kubectl.RunAsync(["create", "--filename", "-"], space.ToYaml(), cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task WaitAsync(KubernetesWorkerRequest request, CancellationToken cancellationToken)
    {
        NkeManifestOptions options = request.Manifest;
        string kind = options.Kind == NkeWorkloadKind.StatefulSet ? "statefulset" : "deployment";
        string timeout = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)request.ReadyTimeout.TotalSeconds)}s");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // kubectl keeps to its timeout only where the server answers.
        limit.CancelAfter(request.ReadyTimeout + KubectlGrace);
        try
        {
            await kubectl.RunAsync(["rollout", "status", $"{kind}/{options.Name}", "--namespace", options.Namespace, "--timeout", timeout], null, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PlatformException($"The cluster of context '{Name}' has not told within {timeout} whether {options.Name} is ready.", e);
        }
        catch (PlatformException e)
        {
            string why = await PodTroubles.ReadAsync(kubectl, options.Namespace, $"{WorkerLabel}={options.Name}", cancellationToken).ConfigureAwait(false);
            throw new PlatformException(why.Length == 0 ? e.Message : $"{e.Message} {why}", e);
        }
    }

    private async Task<GpuWorker> ReadAsync(string space, string name, CancellationToken cancellationToken)
    {
        string json = await kubectl.RunAsync(["get", Workloads, "--namespace", space, "--selector", $"{WorkerLabel}={name}", "--output", "json"], null, cancellationToken).ConfigureAwait(false);
        return Items(json).Select(Describe).FirstOrDefault()
            ?? throw new PlatformException($"The worker '{name}' is not in namespace {space} of '{Name}' any more.");
    }

    private async Task<string> UndoAsync(KubernetesWorkerRequest request, bool ownsNamespace, CancellationToken cancellationToken)
    {
        NkeManifestOptions options = request.Manifest;
        if (request.KeepOnFailure)
        {
            return $"Its objects were kept in namespace {options.Namespace}, as asked.";
        }

        try
        {
            await DeleteAsync(options.Namespace, options.Name, cancellationToken).ConfigureAwait(false);
            if (ownsNamespace)
            {
                await kubectl.RunAsync(["delete", "namespace", options.Namespace, "--ignore-not-found", "--wait=false"], null, cancellationToken).ConfigureAwait(false);
            }

            return ownsNamespace ? "Its objects and the namespace were removed again." : "Its objects were removed again.";
        }
        catch (Exception e) when (e is PlatformException or OperationCanceledException)
        {
            return $"Objects may remain in namespace {options.Namespace}; 'kubectl get all --namespace {options.Namespace} --selector {WorkerLabel}={options.Name}' shows them. ({e.Message})";
        }
    }

    private Task<string> DeleteAsync(string space, string name, CancellationToken cancellationToken) => kubectl.RunAsync(
        ["delete", Kinds, "--namespace", space, "--selector", $"{WorkerLabel}={name}", "--ignore-not-found", "--timeout", "120s"], null, cancellationToken);

    private static IEnumerable<JsonElement> Items(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.Clone())];
    }

    private GpuWorker Describe(JsonElement workload)
    {
        JsonElement metadata = workload.GetProperty("metadata");
        string name = metadata.GetProperty("name").GetString()!;
        string space = metadata.GetProperty("namespace").GetString()!;
        JsonElement spec = workload.GetProperty("spec");
        int wanted = spec.TryGetProperty("replicas", out JsonElement replicas) ? replicas.GetInt32() : 1;
        int ready = workload.TryGetProperty("status", out JsonElement status) && status.TryGetProperty("readyReplicas", out JsonElement n) ? n.GetInt32() : 0;
        JsonElement pod = spec.GetProperty("template").GetProperty("spec");
        JsonElement[] containers = [.. pod.GetProperty("containers").EnumerateArray()];
        int? port = containers.SelectMany(Ports).Select(p => (int?)p).FirstOrDefault();
        return new GpuWorker
        {
            Platform = "Kubernetes",
            Location = Name,
            Name = name,
            Id = $"{space}/{name}",
            Namespace = space,
            State = wanted == 0 ? WorkerState.Stopped : ready >= wanted ? WorkerState.Ready : WorkerState.Starting,
            Endpoint = port is { } at ? new UriBuilder(Uri.UriSchemeHttp, $"{name}.{space}.svc", at).Uri : null,
            GpuCount = wanted * (int)containers.SelectMany(KubernetesInventory.GpuRequests).Sum(r => r.Count),
        };
    }

    private static IEnumerable<int> Ports(JsonElement container) => container.TryGetProperty("ports", out JsonElement ports)
        ? ports.EnumerateArray().Select(p => p.GetProperty("containerPort").GetInt32())
        : [];
}
