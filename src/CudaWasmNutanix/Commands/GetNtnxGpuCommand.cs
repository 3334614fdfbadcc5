using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using GpuPlatform;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists GPUs, one record for each device.</summary>
/// <remarks>
/// <para>A record says which model the device is, how a virtual machine gets it (whole or as a vGPU), where it sits (host, PCI
/// address, NUMA node) and which virtual machine holds it.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxGpu -Free</code>
/// <para>Lists the GPUs that a virtual machine could be given now.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuHost esx-gpu-* | Get-NtnxGpu -Model A40 | Group-Object NumaNode</code>
/// <para>Groups the A40 of some hosts by NUMA node. Hosts from the pipeline are not asked for again.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxGpu", DefaultParameterSetName = "Name")]
[OutputType(typeof(GpuDevice))]
public sealed class GetNtnxGpuCommand : PrismCmdlet
{
    /// <summary>Names of the hosts whose GPUs are listed; wildcards are allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuHostCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? HostName { get; set; }

    /// <summary>Hosts, as Get-NtnxGpuHost returned them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Host", ValueFromPipeline = true)]
    [ValidateNotNull]
    public GpuHost[]? InputObject { get; set; }

    /// <summary>Only GPUs of these models or device names, for example A100 or "NVIDIA A40-*"; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Model { get; set; }

    /// <summary>Only GPUs of these makers.</summary>
    [Parameter]
    public GpuVendor[]? Vendor { get; set; }

    /// <summary>Only GPUs that are handed out in one of these ways.</summary>
    [Parameter]
    public GpuMode[]? Mode { get; set; }

    /// <summary>Only GPUs that no virtual machine holds and that could be given to one now.</summary>
    [Parameter]
    public SwitchParameter Free { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            WriteObject(InputObject.SelectMany(host => host.Gpus).Where(IsWanted), enumerateCollection: true);
            return;
        }

        var client = Client;
        var hosts = new NameFilter(HostName);
        Run(writer => TryAsync(writer, client.Name, async () =>
        {
            await foreach (GpuHost host in client.GetGpuHostsAsync(warning => writer.Warning(warning.Message), Stop).ConfigureAwait(false))
            {
                if (hosts.IsMatch(host.Name))
                {
                    foreach (GpuDevice gpu in host.Gpus.Where(IsWanted))
                    {
                        writer.Output(gpu);
                    }
                }
            }

            ReportMissingHosts(writer, hosts);
        }));
    }

    private bool IsWanted(GpuDevice gpu) =>
        new NameFilter(Model).IsMatchAny(gpu.Model, gpu.DeviceName)
        && (Vendor is null || Vendor.Contains(gpu.Vendor))
        && (Mode is null || Mode.Contains(gpu.Mode))
        && (!Free || gpu.IsFree);
}
