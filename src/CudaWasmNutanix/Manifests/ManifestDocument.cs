using System.Management.Automation;
using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Kubernetes;

namespace CudaWasmNutanix.Manifests;

/// <summary>
/// A Kubernetes object on the pipeline. It is YAML text, since that is what a native command such as kubectl is given as it stands
/// (anything else PowerShell would format, and break long lines), with properties for commands that look at objects. It keeps the type
/// name of a string, by which PowerShell knows what it does not format.
/// </summary>
internal static class ManifestDocument
{
    public static PSObject Of(KubernetesObject value)
    {
        var document = new PSObject(ManifestYaml.SerializeStream([value]));
        document.Properties.Add(new PSNoteProperty("ApiVersion", value.ApiVersion));
        document.Properties.Add(new PSNoteProperty("Kind", value.Kind));
        document.Properties.Add(new PSNoteProperty("Name", value.Metadata.Name));
        document.Properties.Add(new PSNoteProperty("Namespace", value.Metadata.Namespace));
        document.Properties.Add(new PSNoteProperty("Object", value));
        return document;
    }
}
