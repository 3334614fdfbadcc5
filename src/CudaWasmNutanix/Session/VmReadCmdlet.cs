using System.Management.Automation;
using CudaWasmNutanix.Completion;

namespace CudaWasmNutanix.Session;

/// <summary>A cmdlet that reads machines with GPUs: those that are named, by name or extId, or all.</summary>
public abstract class VmReadCmdlet : PrismCmdlet
{
    /// <summary>Names of the machines; wildcards are allowed. Without a name, all machines with GPUs.</summary>
    [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuVmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>The extIds of the machines.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Id", ValueFromPipelineByPropertyName = true)]
    [Alias("ExtId", "VmId")]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }
}
