using System.Management.Automation;
using CudaWasmNutanix.Manifests;
using GpuPlatform.Manifests.ClusterApi;
using GpuPlatform.Manifests.Kubernetes;

namespace CudaWasmNutanix.Commands;

/// <summary>Writes a NutanixMachineTemplate: machines with GPUs on Nutanix, for the Cluster API.</summary>
/// <remarks>
/// <para>Clusters, images, subnets and projects are given by name or UUID; GPUs by the name that Prism shows, or by device id in
/// decimal.</para>
/// </remarks>
/// <example>
/// <code>New-CapxGpuMachineTemplate gpu-workers -Cluster pe1 -Image ubuntu-2404-k8s -Subnet vlan10 -GpuName 'Ampere 40', 'Ampere 40' | kubectl apply -f -</code>
/// <para>Machines with two A40.</para>
/// </example>
/// <example>
/// <code>New-CapxGpuMachineTemplate gpu-workers -Cluster pe1 -Image ubuntu-2404-k8s -Subnet vlan10 -GpuDeviceId 8757 -PatchFor MachineDeployment -OutFile ./patch.yaml</code>
/// <para>The patch that has a cluster's workers made from that template.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "CapxGpuMachineTemplate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(string), typeof(FileInfo))]
public sealed class NewCapxGpuMachineTemplateCommand : TemplateCmdlet
{
    /// <summary>Prism Element cluster.</summary>
    [Parameter(Mandatory = true)]
    public string Cluster { get; set; } = "";

    /// <summary>Image in Prism Central.</summary>
    [Parameter(Mandatory = true)]
    public string Image { get; set; } = "";

    /// <summary>Subnets.</summary>
    [Parameter(Mandatory = true)]
    public string[] Subnet { get; set; } = [];

    /// <summary>Project in Prism Central.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Project { get; set; }

    /// <summary>GPUs by the name that Prism shows. One each.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] GpuName { get; set; } = [];

    /// <summary>GPUs by device id in decimal. One each.</summary>
    [Parameter]
    public long[] GpuDeviceId { get; set; } = [];

    /// <summary>Sockets.</summary>
    [Parameter]
    public int VcpuSocket { get; set; } = 8;

    /// <summary>Virtual processors of a socket.</summary>
    [Parameter]
    public int VcpuPerSocket { get; set; } = 1;

    /// <summary>Memory, 2Gi or more.</summary>
    [Parameter]
    public string MemorySize { get; set; } = "32Gi";

    /// <summary>System disk, 20Gi or more.</summary>
    [Parameter]
    public string SystemDiskSize { get; set; } = "100Gi";

    private protected override KubernetesObject CreateTemplate() => CapxGpuTemplate.Create(new CapxGpuTemplateOptions
    {
        Name = Name,
        Namespace = Namespace,
        Cluster = Cluster,
        Image = Image,
        Subnets = Subnet,
        Project = Project,
        GpuNames = GpuName,
        GpuDeviceIds = GpuDeviceId,
        VcpuSockets = VcpuSocket,
        VcpusPerSocket = VcpuPerSocket,
        MemorySize = MemorySize,
        SystemDiskSize = SystemDiskSize,
    });
}
