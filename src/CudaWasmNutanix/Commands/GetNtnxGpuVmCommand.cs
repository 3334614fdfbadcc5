using System.Management.Automation;
using CudaWasmNutanix.Completion;
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
public sealed class GetNtnxGpuVmCommand : PrismCmdlet
{
    /// <summary>Names of the machines; wildcards are allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuVmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>The extIds of machines.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Id", ValueFromPipelineByPropertyName = true)]
    [Alias("ExtId", "VmId")]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

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
                        await TryAsync(writer, host, () => WriteAllAsync(writer, new VmQuery { HostId = host.Id, GpuOnly = true })).ConfigureAwait(false);
                    }
                });
                break;
            default:
                var names = new NameFilter(Name);
                Run(writer => TryAsync(writer, client.Name, async () =>
                {
                    await WriteAllAsync(writer, new VmQuery { GpuOnly = true }, names).ConfigureAwait(false);
                    ReportMissingVms(writer, names.Missing);
                }));
                break;
        }

        async Task WriteAllAsync(PipelineWriter writer, VmQuery query, NameFilter? filter = null)
        {
            await foreach (PrismVm vm in client.GetVmsAsync(query, Stop).ConfigureAwait(false))
            {
                if (filter is null || filter.IsMatch(vm.Name))
                {
                    writer.Output(vm);
                }
            }
        }
    }
}
