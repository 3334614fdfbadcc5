using System.Management.Automation;
using CudaWasmNutanix.Manifests;
using GpuPlatform.Manifests.ClusterApi;
using GpuPlatform.Manifests.Kubernetes;

namespace CudaWasmNutanix.Commands;

/// <summary>Writes a VSphereMachineTemplate: machines with GPUs on vSphere, for the Cluster API.</summary>
/// <remarks>
/// <para>Whole devices are passed through by vendor and device id, which may be given in hexadecimal or by model; shares by vGPU
/// profile. The two exclude each other. All of the machine's memory is reserved and its address space sized for the devices, as
/// passed-through devices want; the template that is cloned must have EFI firmware.</para>
/// <para>The NVIDIA GPU Operator finds the nodes by itself, by their PCI ids. For vGPU it needs NVIDIA's guest driver and a licence
/// server in its own values.</para>
/// </remarks>
/// <example>
/// <code>New-CapvGpuMachineTemplate gpu-workers -Template ubuntu-2404-efi -Network VM-LAN -PciDevice A100-PCIE-80GB, A100-PCIE-80GB | kubectl apply -f -</code>
/// <para>Machines with two A100.</para>
/// </example>
/// <example>
/// <code>New-CapvGpuMachineTemplate edge -Template ubuntu-2404-efi -Network VM-LAN -PciDevice 10de:27b8 -PatchFor KubeadmControlPlane -OutFile ./patch.yaml</code>
/// <para>The patch that gives the only node of a cluster an L4.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "CapvGpuMachineTemplate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(string), typeof(FileInfo))]
public sealed class NewCapvGpuMachineTemplateCommand : TemplateCmdlet
{
    /// <summary>The virtual machine template to clone.</summary>
    [Parameter(Mandatory = true)]
    public string Template { get; set; } = "";

    /// <summary>The network of the machines.</summary>
    [Parameter(Mandatory = true)]
    public string Network { get; set; } = "";

    /// <summary>Devices to pass through: a model such as A100-PCIE-80GB, or vendor:device in hexadecimal such as 10de:20b5. One each.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] PciDevice { get; set; } = [];

    /// <summary>vGPU profiles, for example grid_a100-10c. One for each vGPU.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] VGpuProfile { get; set; } = [];

    /// <summary>Hardware label that the hosts' devices have.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CustomLabel { get; set; }

    /// <summary>vCenter server.</summary>
    [Parameter]
    public string? Server { get; set; }

    /// <summary>Datacenter.</summary>
    [Parameter]
    public string? Datacenter { get; set; }

    /// <summary>Datastore.</summary>
    [Parameter]
    public string? Datastore { get; set; }

    /// <summary>Folder of the machines.</summary>
    [Parameter]
    public string? Folder { get; set; }

    /// <summary>Resource pool.</summary>
    [Parameter]
    public string? ResourcePool { get; set; }

    /// <summary>Virtual processors.</summary>
    [Parameter]
    public int NumCpu { get; set; } = 8;

    /// <summary>Memory in MiB.</summary>
    [Parameter]
    public long MemoryMiB { get; set; } = 32768;

    /// <summary>Disk in GiB.</summary>
    [Parameter]
    public int DiskGiB { get; set; } = 100;

    /// <summary>Hardware version, vmx-17 or later.</summary>
    [Parameter]
    public string HardwareVersion { get; set; } = "vmx-17";

    private protected override KubernetesObject CreateTemplate() => CapvGpuTemplate.Create(new CapvGpuTemplateOptions
    {
        Name = Name,
        Namespace = Namespace,
        Template = Template,
        Network = Network,
        Server = Server,
        Datacenter = Datacenter,
        Datastore = Datastore,
        Folder = Folder,
        ResourcePool = ResourcePool,
        NumCpus = NumCpu,
        MemoryMiB = MemoryMiB,
        DiskGiB = DiskGiB,
        HardwareVersion = HardwareVersion,
        PciDevices = Array.ConvertAll(PciDevice, PciIds.Parse),
        VGpuProfiles = VGpuProfile,
        CustomLabel = CustomLabel,
    });
}
