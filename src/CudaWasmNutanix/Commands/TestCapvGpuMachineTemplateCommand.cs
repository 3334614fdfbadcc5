using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using GpuPlatform.Manifests;
using GpuPlatform.Manifests.ClusterApi;

namespace CudaWasmNutanix.Commands;

/// <summary>Checks a VSphereMachineTemplate with GPUs as the provider's webhook and vSphere would, and whether hosts have its devices.</summary>
/// <remarks>
/// <para>What is wrong comes as findings, with a severity each: Error for what would be refused or never run. With -HostInventory
/// every host of the failure domain is told, and what it lacks.</para>
/// </remarks>
/// <example>
/// <code>Test-CapvGpuMachineTemplate ./template.yaml -Previous ./template-in-cluster.yaml</code>
/// <para>Checks a template, and that nothing was changed that cannot be.</para>
/// </example>
/// <example>
/// <code>New-CapvGpuMachineTemplate gpu -Template t -Network n -PciDevice L40S | Test-CapvGpuMachineTemplate -HostInventory ./hosts.json -FailureDomain zone-a</code>
/// <para>Tells which hosts could run such a machine, and why others could not.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "CapvGpuMachineTemplate", DefaultParameterSetName = "Path")]
[OutputType(typeof(ManifestFinding), typeof(bool))]
public sealed class TestCapvGpuMachineTemplateCommand : AsyncCmdlet
{
    /// <summary>File with the template.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The template's YAML.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Yaml", ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string Yaml { get; set; } = "";

    /// <summary>File with the template as it is in the cluster.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Previous { get; set; }

    /// <summary>
    /// Hosts: objects with Name, FailureDomain and Devices (VendorId and DeviceId or VGpuProfile, CustomLabel, Free), records of
    /// Get-NtnxGpuHost, or a JSON file with such objects.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public object[]? HostInventory { get; set; }

    /// <summary>Only hosts of this failure domain count; the template's own where not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FailureDomain { get; set; }

    /// <summary>Writes only whether there are no errors.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    protected override void ProcessRecord()
    {
        string target = ParameterSetName == "Path" ? ResolvePath(Path) : "the template";
        try
        {
            IReadOnlyList<ManifestFinding> findings = CapvRules.Check(
                ParameterSetName == "Path" ? File.ReadAllText(target) : Yaml,
                Previous is null ? null : File.ReadAllText(ResolvePath(Previous)),
                HostInventory is null ? null : Manifests.HostInventory.Read(HostInventory, ResolvePath),
                FailureDomain);
            WriteObject(Quiet ? findings.All(f => f.Severity != FindingSeverity.Error) : findings, enumerateCollection: true);
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException or PSInvalidCastException)
        {
            WriteError(ErrorRecords.From(exception, target));
        }
    }
}
