using System.Management.Automation;
using System.Security;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Remote;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Platforms;
using CudaWasmNutanix.Session;
using GpuPlatform;
using GpuPlatform.Kubernetes;
using GpuPlatform.Manifests.CloudInit;
using GpuPlatform.Manifests.Kubernetes;
using GpuPlatform.Workers;
using Nutanix.Prism;
using Nutanix.Prism.Workers;

namespace CudaWasmNutanix.Commands;

/// <summary>Makes a worker with GPUs, waits until it is ready, and publishes kernels on it.</summary>
/// <remarks>
/// <para>On Nutanix a machine is made on the host whose GPUs fit best; cloud-init installs the driver and the worker as a systemd
/// service on its first boot. With -Context a Deployment and what belongs to it are applied to a Kubernetes cluster by kubectl.</para>
/// <para>Kernels are compiled before anything is made. If the worker does not become ready, what was made is removed again
/// (-KeepOnFailure keeps it). Objects that are there already are never changed.</para>
/// </remarks>
/// <example>
/// <code>New-CudaWasmWorker infer-1 -Image ubuntu-24 -Subnet gpu-net -GpuModel A40 -WorkerUrl https://files.example/cuda-wasm -WorkerSha256 $hash -ApiKey $key -SourcePath ./saxpy.cu</code>
/// <para>Makes a machine with an A40 that is a worker, and publishes a kernel on it.</para>
/// </example>
/// <example>
/// <code>New-CudaWasmWorker infer -Context lab -Namespace gpu -Image registry.example/cuda-wasm:1.0 -GpuVendor Amd -WhatIf</code>
/// <para>Tells what would be applied to a Kubernetes cluster.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "CudaWasmWorker", DefaultParameterSetName = "Nutanix", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GpuWorker))]
public sealed class NewCudaWasmWorkerCommand : PlatformCmdlet
{
    /// <summary>Name of the worker: of the machine, or of the Deployment and what belongs to it.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>On Nutanix the disk image to boot from, by name or extId; on Kubernetes the container image.</summary>
    [Parameter(Mandatory = true)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string Image { get; set; } = "";

    /// <summary>Who makes the GPU. On Nutanix any where not given, on Kubernetes NVIDIA.</summary>
    [Parameter]
    public GpuVendor GpuVendor { get; set; }

    /// <summary>GPUs of the machine, or of each pod.</summary>
    [Parameter]
    [ValidateRange(1, 16)]
    public int GpuCount { get; set; } = 1;

    /// <summary>Port that the worker listens on.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 8080;

    /// <summary>
    /// API key of the worker. On Nutanix the machine gets it, as that of the tenant 'default'; on Kubernetes it is one of those in
    /// -ApiKeySecret, needed to publish kernels.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "Nutanix")]
    [Parameter(ParameterSetName = "Kubernetes")]
    [ValidateNotNull]
    public SecureString? ApiKey { get; set; }

    /// <summary>CUDA source files to publish on the worker, each under its own name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SourcePath { get; set; } = [];

    /// <summary>Seconds, or a TimeSpan, that the worker may take to become ready. A machine installs its driver and restarts meanwhile.</summary>
    [Parameter]
    [SecondsTransformation]
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>Does not wait until the worker is ready.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Keeps what was made when the worker does not become ready.</summary>
    [Parameter]
    public SwitchParameter KeepOnFailure { get; set; }

    /// <summary>Names or extIds of the subnets of the machine; one network card each.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Nutanix")]
    [ArgumentCompleter(typeof(SubnetCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Subnet { get; set; } = [];

    /// <summary>Names of the clusters to choose from; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = "Nutanix")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Cluster { get; set; }

    /// <summary>GPU model, for example A100.</summary>
    [Parameter(ParameterSetName = "Nutanix")]
    [ArgumentCompleter(typeof(GpuModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string? GpuModel { get; set; }

    /// <summary>https address of the cuda-wasm program for the guest.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Nutanix")]
    [ValidateNotNull]
    public Uri? WorkerUrl { get; set; }

    /// <summary>SHA-256 of that program, in hexadecimal.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Nutanix")]
    [ValidatePattern("^[0-9A-Fa-f]{64}$")]
    public string WorkerSha256 { get; set; } = "";

    /// <summary>Cores of the machine.</summary>
    [Parameter(ParameterSetName = "Nutanix")]
    [ValidateRange(1, 240)]
    public int Cores { get; set; } = 8;

    /// <summary>Memory of the machine, in bytes: 64GB.</summary>
    [Parameter(ParameterSetName = "Nutanix")]
    [ValidateRange(1L, long.MaxValue)]
    public long MemoryBytes { get; set; } = 32L << 30;

    /// <summary>Size of the boot disk, in bytes; the image's size where not given.</summary>
    [Parameter(ParameterSetName = "Nutanix")]
    [ValidateRange(1L, long.MaxValue)]
    public long? DiskBytes { get; set; }

    /// <summary>OpenSSH public keys of the user cuda of the machine.</summary>
    [Parameter(ParameterSetName = "Nutanix")]
    [ValidateNotNullOrEmpty]
    public string[] SshPublicKey { get; set; } = [];

    /// <summary>Namespace; made where there is none.</summary>
    [Parameter(ParameterSetName = "Kubernetes")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "cuda-wasm";

    /// <summary>Pods.</summary>
    [Parameter(ParameterSetName = "Kubernetes")]
    [ValidateRange(1, 1000)]
    public int Replicas { get; set; } = 1;

    /// <summary>Storage class of the volume for kernels.</summary>
    [Parameter(ParameterSetName = "Kubernetes")]
    [ValidateNotNullOrEmpty]
    public string StorageClass { get; set; } = "nutanix-volume";

    /// <summary>Secret of the namespace whose key 'keys' holds the worker's API keys, one tenant:key a line.</summary>
    [Parameter(ParameterSetName = "Kubernetes")]
    [ValidateNotNullOrEmpty]
    public string? ApiKeySecret { get; set; }

    protected override void EndProcessing()
    {
        if (NoWait && SourcePath.Length > 0)
        {
            ThrowTerminatingError(ErrorRecords.From(new ArgumentException("Kernels are published once the worker is ready; leave out -NoWait or -SourcePath."), Name));
        }

        List<(string Name, KernelPackage Package)>? kernels = null;
        Run(writer => TryAsync(writer, Name, () =>
        {
            kernels = [.. SourcePath.Select(path => Package(ResolvePath(path)))];
            return Task.CompletedTask;
        }));
        if (kernels is null)
        {
            return;
        }

        if (IsKubernetes)
        {
            MakeOnKubernetes(kernels);
        }
        else
        {
            MakeOnNutanix(kernels);
        }
    }

    private void MakeOnKubernetes(List<(string Name, KernelPackage Package)> kernels)
    {
        KubernetesPlatform platform = OpenKubernetes();
        var request = new KubernetesWorkerRequest
        {
            Manifest = new NkeManifestOptions
            {
                Name = Name,
                Namespace = Namespace,
                Image = Image,
                GpuVendor = GpuVendor == GpuVendor.Unknown ? GpuVendor.Nvidia : GpuVendor,
                GpuCount = GpuCount,
                Port = Port,
                Replicas = Replicas,
                // The number that was asked for, no autoscaler.
                MaxReplicas = Replicas,
                StorageClass = StorageClass,
                ApiKeySecret = ApiKeySecret,
            },
            WaitUntilReady = !NoWait,
            ReadyTimeout = ReadyTimeout,
            KeepOnFailure = KeepOnFailure,
        };
        if (ShouldProcess($"namespace {Namespace} of {Context}", $"Create worker '{Name}' of {Replicas} pods with {GpuCount} GPUs each"))
        {
            Make(platform, request, kernels);
        }
    }

    private void MakeOnNutanix(List<(string Name, KernelPackage Package)> kernels)
    {
        using NutanixPlatform platform = OpenNutanix();
        PrismClient client = Client;
        (NutanixWorkerRequest Request, GpuPlacementCandidate Place)? plan = null;
        Run(writer => TryAsync(writer, Name, async () => plan = await PlanAsync(client, writer).ConfigureAwait(false)));
        if (plan is { } chosen && ShouldProcess(
            $"{Name} on {chosen.Place.Host.Name}", $"Create worker with {chosen.Place.Reason}"))
        {
            Make(platform, chosen.Request, kernels);
        }
    }

    private async Task<(NutanixWorkerRequest Request, GpuPlacementCandidate Place)> PlanAsync(PrismClient client, PipelineWriter writer)
    {
        var clusters = new NameFilter(Cluster);
        List<GpuHost> hosts = await client.GetGpuHostsAsync(warning => writer.Warning(warning.Message), Stop)
            .Where(host => clusters.IsMatch(host.ClusterName))
            .ToListAsync(Stop).ConfigureAwait(false);
        GpuPlacementCandidate place = GpuPlacement.Rank(hosts, new GpuPlacementRequest { Vendor = GpuVendor, Model = GpuModel, Count = GpuCount }).Require();
        string cluster = place.Host.ClusterId
            ?? throw new PrismException($"The cluster of host {place.Host.Name} is not known, so no machine can be made there. Choose another with -Cluster.");
        var catalog = new MachineCatalog(client);
        return (new NutanixWorkerRequest
        {
            Machine = new GpuVmRequest
            {
                Name = Name,
                Cluster = cluster,
                Host = place.Host.Id,
                Image = (await catalog.FindImageAsync(Image, cluster, Stop).ConfigureAwait(false)).ExtId,
                Subnets = [.. (await catalog.FindSubnetsAsync(Subnet, cluster, Stop).ConfigureAwait(false)).Select(subnet => subnet.ExtId)],
                NumCoresPerSocket = Cores,
                MemoryBytes = MemoryBytes,
                DiskBytes = DiskBytes,
                Gpus = [.. place.Gpus.Select(gpu => new VmGpuRequest { Name = gpu.DeviceName ?? gpu.Model, DeviceId = gpu.DeviceId, Vendor = gpu.Vendor, Mode = gpu.Mode })],
            },
            Guest = new GpuCloudInitOptions
            {
                GpuVendor = place.Gpus[0].Vendor,
                // The worker needs the driver alone.
                InstallCudaToolkit = false,
                SshAuthorizedKeys = SshPublicKey,
                Worker = new WorkerServiceOptions
                {
                    Program = WorkerUrl!,
                    Sha256 = WorkerSha256,
                    Port = Port,
                    ApiKeys = $"default:{Key()}",
                },
            },
            WaitUntilReady = !NoWait,
            ReadyTimeout = ReadyTimeout,
            KeepOnFailure = KeepOnFailure,
        }, place);
    }

    private string Key()
    {
        string key = Secrets.Reveal(ApiKey!);
        return key.Length > 0 && key.All(c => c is > ' ' and <= '~')
            ? key
            : throw new ArgumentException("An API key is printable ASCII without blanks.");
    }

    private void Make<TRequest>(IPlatformProvider<TRequest> platform, TRequest request, List<(string Name, KernelPackage Package)> kernels)
        where TRequest : WorkerRequest => Run(writer => TryAsync(writer, Name, async () =>
    {
        var progress = new WorkerProgress(writer, $"Making worker {Name}");
        try
        {
            GpuWorker worker = await platform.ProvisionAsync(request, progress, Stop).ConfigureAwait(false);
            writer.Output(worker);
            await PublishAsync(platform, worker, kernels, progress).ConfigureAwait(false);
        }
        catch (OperationCanceledException interrupted) when (interrupted is WorkerInterruptedException or VmCreationInterruptedException)
        {
            writer.Warning(interrupted.Message);
            throw;
        }
        finally
        {
            progress.Complete();
        }
    }));

    private async Task PublishAsync(IPlatformProvider platform, GpuWorker worker, List<(string Name, KernelPackage Package)> kernels, WorkerProgress progress)
    {
        if (kernels.Count == 0)
        {
            return;
        }

        await using WorkerConnection connection = await platform.ConnectAsync(worker, Stop).ConfigureAwait(false);
        using var remote = new RemoteWorker(connection.Endpoint, new RemoteWorkerOptions { ApiKey = ApiKey is null ? null : Secrets.Reveal(ApiKey) });
        foreach ((string name, KernelPackage package) in kernels)
        {
            progress.Report($"Publishing {name}");
            await remote.PublishAsync(name, package, Stop).ConfigureAwait(false);
        }
    }

    private (string Name, KernelPackage Package) Package(string file)
    {
        PackagedSource source = KernelPackageReader.Read(file, [], new Dictionary<string, string>(), [], Stop);
        return source.Compilation.Succeeded
            ? (Path.GetFileNameWithoutExtension(file).ToLowerInvariant(), source.Package)
            : throw new KernelCompileException($"{file} does not compile.", [.. source.Compilation.AllDiagnostics]);
    }
}
