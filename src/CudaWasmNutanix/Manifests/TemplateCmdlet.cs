using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using GpuPlatform.Manifests;
using GpuPlatform.Manifests.ClusterApi;
using GpuPlatform.Manifests.Kubernetes;

namespace CudaWasmNutanix.Manifests;

/// <summary>A cmdlet that writes a machine template of the Cluster API, and the patch that has a cluster use it.</summary>
public abstract class TemplateCmdlet : AsyncCmdlet
{
    /// <summary>Name of the template.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Namespace of the cluster's objects.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "default";

    /// <summary>
    /// Writes the merge patch for kubectl patch in place of the template: MachineDeployment has a cluster's workers made from it,
    /// KubeadmControlPlane the only node of a cluster of one, and takes the control plane's taint off it.
    /// </summary>
    [Parameter]
    public NodePoolKind? PatchFor { get; set; }

    /// <summary>A file to write to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    private protected abstract KubernetesObject CreateTemplate();

    protected override void ProcessRecord()
    {
        try
        {
            KubernetesObject template = CreateTemplate();
            string? patch = PatchFor is { } kind ? NodePoolPatch.ToYaml(kind, template) : null;
            if (OutFile is null)
            {
                WriteObject(patch ?? (object)ManifestDocument.Of(template));
                return;
            }

            string file = ResolvePath(OutFile);
            if (ShouldProcess(file, patch is null ? $"Write the {template.Kind} {Name}" : $"Write the patch of a {PatchFor}"))
            {
                WriteObject(new FileInfo(ManifestFiles.Write(file, patch ?? template.ToYaml())));
            }
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.From(exception, Name));
        }
    }
}
