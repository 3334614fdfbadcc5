using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using GpuPlatform;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists the virtual machines that have GPUs.</summary>
/// <remarks>
/// <para>Names are not unique in Prism: several machines may be listed for one name; ExtId tells them apart.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxGpuVm trainer*</code>
/// <para>Lists the GPU machines whose names begin with trainer.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuHost -Model H100 | Get-NtnxGpuVm | Where-Object PowerState -eq ON</code>
/// <para>Lists the running machines on hosts that have H100.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxGpuVm", DefaultParameterSetName = "Name")]
[OutputType(typeof(PrismVm))]
public sealed class GetNtnxGpuVmCommand : VmReadCmdlet
{
    /// <summary>Hosts, as Get-NtnxGpuHost returned them: the machines that run there.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Host", ValueFromPipeline = true)]
    [ValidateNotNull]
    public GpuHost[]? GpuHost { get; set; }

    protected override void ProcessRecord()
    {
        var client = Client;
        switch (ParameterSetName)
        {
            case "Id":
                Run(async writer =>
                {
                    foreach (string id in Id!)
                    {
                        await TryAsync(writer, id, async () => writer.Output(await client.GetVmAsync(id, Stop).ConfigureAwait(false))).ConfigureAwait(false);
                    }
                });
                break;
            case "Host":
                Run(async writer =>
                {
                    foreach (GpuHost host in GpuHost!)
                    {
                        await TryAsync(writer, host, () => WriteAllAsync(client, writer, new VmQuery { HostId = host.Id, GpuOnly = true })).ConfigureAwait(false);
                    }
                });
                break;
            default:
                Run(writer => TryAsync(writer, client.Name, async () =>
                {
                    var machines = new MachineFinder(client, Name, null, gpuOnly: true);
                    await foreach (PrismVm vm in machines.FindAsync(Stop).ConfigureAwait(false))
                    {
                        writer.Output(vm);
                    }

                    ReportMissingVms(writer, machines.Missing);
                }));
                break;
        }
    }

    private async Task WriteAllAsync(PrismClient client, PipelineWriter writer, VmQuery query)
    {
        await foreach (PrismVm vm in client.GetVmsAsync(query, Stop).ConfigureAwait(false))
        {
            writer.Output(vm);
        }
    }
}
