using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Configuration;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using GpuPlatform;
using GpuPlatform.Manifests.CloudInit;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Makes virtual machines with GPUs.</summary>
/// <remarks>
/// <para>One machine is made for each name. The host with the GPUs that fit best is chosen from the whole estate, or from the
/// hosts that come down the pipeline; -WhatIf tells which and why. AHV places a machine when it is powered on.</para>
/// <para>If a step after the creation fails, the machine is removed again (-KeepOnFailure keeps it). Ctrl+C stops waiting and
/// says what goes on at the server.</para>
/// </remarks>
/// <example>
/// <code>New-NtnxGpuVm -Name trainer -Image ubuntu-24 -Subnet gpu-net -GpuModel A100 -GpuCount 2 -PowerOn</code>
/// <para>Makes a machine with two A100 and powers it on.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuHost | Where-Object FreeGpuCount -gt 1 | New-NtnxGpuVm -Name trainer -Image ubuntu-24 -WhatIf</code>
/// <para>Tells on which of the hosts the machine would be made, and makes nothing.</para>
/// </example>
/// <example>
/// <code>New-NtnxGpuVm worker-1, worker-2 -Image ubuntu-24 -Subnet gpu-net -SshPublicKey (Get-Content ~/.ssh/id_ed25519.pub) -InstallDriver -PowerOn</code>
/// <para>Makes two machines that install their GPU driver on the first boot and let you in with your key.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "NtnxGpuVm", DefaultParameterSetName = "Estate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PrismVm), typeof(PendingCreation))]
public sealed class NewNtnxGpuVmCommand : PrismCmdlet
{
    private static readonly GpuVmRequest Defaults = new() { Name = "", Cluster = "" };

    private readonly List<GpuHost> _hosts = [];

    /// <summary>Names of the new machines.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Name or extId of the disk image to boot from. Without it the machine gets an empty disk of -DiskBytes.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Image { get; set; }

    /// <summary>Names or extIds of the subnets; one network card each.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SubnetCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Subnet { get; set; } = [];

    /// <summary>Hosts to choose from, as Get-NtnxGpuHost returned them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Host", ValueFromPipeline = true)]
    [ValidateNotNull]
    public GpuHost[]? GpuHost { get; set; }

    /// <summary>Names of the hosts to choose from; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = "Estate")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuHostCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? HostName { get; set; }

    /// <summary>Names of the clusters to choose from; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = "Estate")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Cluster { get; set; }

    /// <summary>
    /// Names of GPU profiles (Get-NtnxGpuProfile), one GPU each: vGPU types, or several kinds. The cluster with most of them
    /// free is chosen and AHV finds the host at power-on. Not together with -GpuModel.
    /// </summary>
    [Parameter(ParameterSetName = "Estate")]
    [ArgumentCompleter(typeof(GpuProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? GpuProfile { get; set; }

    /// <summary>GPU model, for example A100.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(GpuModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string? GpuModel { get; set; }

    /// <summary>Who makes the GPU; Unknown for any.</summary>
    [Parameter]
    public GpuVendor GpuVendor { get; set; }

    /// <summary>Whole device or vGPU; Unknown for any.</summary>
    [Parameter]
    public GpuMode GpuMode { get; set; }

    /// <summary>Memory each GPU must have at least, in bytes: 40GB.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long? GpuMemoryBytes { get; set; }

    /// <summary>GPUs of the machine, all of one kind.</summary>
    [Parameter]
    [ValidateRange(1, 16)]
    public int GpuCount { get; set; } = 1;

    /// <summary>CPU sockets.</summary>
    [Parameter]
    [ValidateRange(1, 240)]
    public int NumSockets { get; set; } = Defaults.NumSockets;

    /// <summary>Cores of each socket.</summary>
    [Parameter]
    [ValidateRange(1, 240)]
    public int NumCoresPerSocket { get; set; } = Defaults.NumCoresPerSocket;

    /// <summary>Memory of the machine, in bytes: 64GB.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long MemoryBytes { get; set; } = Defaults.MemoryBytes;

    /// <summary>Size of the boot disk, in bytes; the image's size where not given.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long? DiskBytes { get; set; }

    /// <summary>
    /// A preset: inference-small, inference-large, training-large, vdi-vgpu, or one of your own (a TOML file in the templates folder
    /// of your configuration). Parameters override what it says, and it overrides gpu_defaults of the configuration file.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Template { get; set; }

    /// <summary>The configuration file whose gpu_defaults are taken; looked for as Connect-NtnxPrismCentral does.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>UEFI Secure Boot.</summary>
    [Parameter]
    public SwitchParameter SecureBoot { get; set; }

    /// <summary>Machine type; Q35 where not given.</summary>
    [Parameter]
    [ValidateSet("Q35", "PC")]
    public string? MachineType { get; set; }

    /// <summary>Name or extId of the project.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ProjectCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Project { get; set; }

    /// <summary>
    /// Names or extIds of VM-host affinity policies. The machine gets a category of each, so that AHV runs it only on the hosts of
    /// the policy.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(HostAffinityPolicyCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] HostAffinityPolicy { get; set; } = [];

    /// <summary>A description for people.</summary>
    [Parameter]
    public string? Description { get; set; }

    /// <summary>Categories as key:value, or their extIds.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CategoryCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Category { get; set; } = [];

    /// <summary>cloud-init user data as text; its first line is #cloud-config or a #! line.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserData { get; set; }

    /// <summary>A file with the cloud-init user data.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserDataPath { get; set; }

    /// <summary>OpenSSH public keys of the user cuda, whom cloud-init makes. Not together with -UserData.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SshPublicKey { get; set; } = [];

    /// <summary>Lets cloud-init install the GPU's driver on the first boot. Not together with -UserData.</summary>
    [Parameter]
    public SwitchParameter InstallDriver { get; set; }

    /// <summary>Powers the machine on.</summary>
    [Parameter]
    public SwitchParameter PowerOn { get; set; }

    /// <summary>Boots with a legacy BIOS instead of UEFI. GPUs with large memory need UEFI.</summary>
    [Parameter]
    public SwitchParameter LegacyBoot { get; set; }

    /// <summary>Keeps a machine that was made but could not be powered on; it is removed otherwise.</summary>
    [Parameter]
    public SwitchParameter KeepOnFailure { get; set; }

    /// <summary>Makes the machine even if the cluster has one of that name.</summary>
    [Parameter]
    public SwitchParameter AllowDuplicateName { get; set; }

    /// <summary>
    /// Writes a record with the request id and the task id as soon as the server has accepted, before the machine, which comes
    /// when it is ready. Both ids go to the verbose stream and the state folder in any case: if this process ends meanwhile,
    /// Wait-NtnxTask -Resume goes on in another.
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void BeginProcessing()
    {
        try
        {
            Presets.Apply(this, MyInvocation.BoundParameters.Keys, ConfigPath is null ? null : ResolvePath(ConfigPath), SessionState.Path.CurrentFileSystemLocation.ProviderPath, WriteWarning);
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(ErrorRecords.From(exception, Template));
        }

        bool made = SshPublicKey.Length > 0 || InstallDriver;
        if ((UserData is not null ? 1 : 0) + (UserDataPath is not null ? 1 : 0) + (made ? 1 : 0) > 1)
        {
            ThrowTerminatingError(ErrorRecords.From(
                new ArgumentException("A machine has one user data: give -UserData, or -UserDataPath, or -SshPublicKey and -InstallDriver."), null));
        }
    }

    protected override void ProcessRecord() => _hosts.AddRange(GpuHost ?? []);

    protected override void EndProcessing()
    {
        var client = Client;
        // A pipeline that brought no host must not fall back to the whole estate.
        bool fromPipeline = ParameterSetName == "Host" || MyInvocation.ExpectingInput;
        var catalog = new MachineCatalog(client);
        Run(async writer =>
        {
            if (!fromPipeline)
            {
                await TryAsync(writer, client.Name, () => ReadHostsAsync(client, writer)).ConfigureAwait(false);
            }
        });
        if (_hosts.Count == 0)
        {
            WriteError(ErrorRecords.NoHosts(fromPipeline));
            return;
        }

        foreach (string name in Name)
        {
            (GpuVmRequest Request, GpuPlacementCandidate Place)? plan = null;
            Run(writer => TryAsync(writer, name, async () => plan = await PlanAsync(client, catalog, name).ConfigureAwait(false)));
            if (plan is not { } chosen)
            {
                continue;
            }

            string what = $"Create '{name}' on {chosen.Place.Host.Name} with {chosen.Place.Reason}";
            bool go = ShouldProcess(what, $"{what}?", "New-NtnxGpuVm", out ShouldProcessReason reason);
            if (go || reason == ShouldProcessReason.WhatIf)
            {
                Take(chosen.Place);
            }

            if (go)
            {
                Run(writer => TryAsync(writer, name, () => CreateAsync(client, writer, chosen.Request, chosen.Place)));
            }
        }
    }

    private async Task ReadHostsAsync(PrismClient client, PipelineWriter writer)
    {
        var names = new NameFilter(HostName);
        var clusters = new NameFilter(Cluster);
        await foreach (GpuHost host in client.GetGpuHostsAsync(warning => writer.Warning(warning.Message), Stop).ConfigureAwait(false))
        {
            if (names.IsMatch(host.Name) && clusters.IsMatch(host.ClusterName))
            {
                _hosts.Add(host);
            }
        }

        ReportMissingHosts(writer, names);
    }

    private async Task<(GpuVmRequest Request, GpuPlacementCandidate Place)> PlanAsync(PrismClient client, MachineCatalog catalog, string name)
    {
        GpuPlacementCandidate place = GpuProfile is not null || GpuMode == GpuMode.Virtual
            ? await ProfilePlacement.ChooseAsync(client, _hosts, GpuProfile, GpuModel, GpuMemoryBytes, GpuCount, Stop).ConfigureAwait(false)
            : GpuPlacement.Rank(_hosts, new GpuPlacementRequest
            {
                Vendor = GpuVendor,
                Model = GpuModel,
                Mode = GpuMode,
                Count = GpuCount,
                MemoryBytes = GpuMemoryBytes,
            }).Require();
        string cluster = place.Host.ClusterId
            ?? throw new PrismException($"The cluster of host {place.Host.Name} is not known, so no machine can be made there. Choose others with -HostName.");
        var request = new GpuVmRequest
        {
            Name = name,
            Description = Description,
            Cluster = cluster,
            // A profile is had on any host of its cluster, and a policy names its own: AHV finds one.
            Host = place.Gpus.Any(gpu => gpu.HostId is null) || HostAffinityPolicy.Length > 0 ? null : place.Host.Id,
            Image = Image is null ? null : (await catalog.FindImageAsync(Image, cluster, Stop).ConfigureAwait(false)).ExtId,
            Subnets = [.. (await catalog.FindSubnetsAsync(Subnet, cluster, Stop).ConfigureAwait(false)).Select(subnet => subnet.ExtId)],
            NumSockets = NumSockets,
            NumCoresPerSocket = NumCoresPerSocket,
            MemoryBytes = MemoryBytes,
            DiskBytes = DiskBytes,
            Gpus = [.. place.Gpus.Select(gpu => new VmGpuRequest { Name = gpu.DeviceName ?? gpu.Model, DeviceId = gpu.DeviceId, Vendor = gpu.Vendor, Mode = gpu.Mode })],
            UserData = CreateUserData(name, place.Gpus[0].Vendor),
            Categories =
            [
                .. (await catalog.FindCategoriesAsync(Category, Stop).ConfigureAwait(false))
                    .Union(await catalog.FindAffinityCategoriesAsync(HostAffinityPolicy, Stop).ConfigureAwait(false)),
            ],
            MachineType = MachineType,
            SecureBoot = SecureBoot,
            Project = Project is null ? null : await catalog.FindProjectAsync(Project, Stop).ConfigureAwait(false),
            LegacyBoot = LegacyBoot,
            PowerOn = PowerOn,
            KeepOnFailure = KeepOnFailure,
            AllowDuplicateName = AllowDuplicateName,
        };
        return (request, place);
    }

    /// <summary>The next machine of this call must not count on the same GPUs.</summary>
    private void Take(GpuPlacementCandidate place)
    {
        var taken = place.Gpus.Select(gpu => gpu.Id).ToHashSet();
        int index = _hosts.FindIndex(host => host.Id == place.Host.Id);
        _hosts[index] = _hosts[index] with { Gpus = [.. _hosts[index].Gpus.Select(gpu => taken.Contains(gpu.Id) ? gpu with { IsFree = false } : gpu)] };
    }

    private string? CreateUserData(string name, GpuVendor vendor)
    {
        if ((UserDataPath is null ? UserData : File.ReadAllText(ResolvePath(UserDataPath))) is { } written)
        {
            CloudInitText.Check(written);
            return written;
        }

        return SshPublicKey.Length == 0 && !InstallDriver
            ? null
            : GpuCloudInit.Create(new GpuCloudInitOptions
            {
                Hostname = name,
                SshAuthorizedKeys = SshPublicKey,
                GpuVendor = InstallDriver ? vendor : GpuVendor.Unknown,
            }).ToYaml();
    }

    private async Task CreateAsync(PrismClient client, PipelineWriter writer, GpuVmRequest request, GpuPlacementCandidate place)
    {
        var progress = new TaskProgress(writer, $"Creating {request.Name} on {place.Host.Name}");
        try
        {
            writer.Output(await client.CreateGpuVmAsync(request, progress, PassThru ? writer.Output : null, Stop).ConfigureAwait(false));
        }
        catch (VmCreationInterruptedException interrupted)
        {
            writer.Warning(interrupted.Message);
            throw;
        }
        finally
        {
            progress.Complete();
        }
    }
}
