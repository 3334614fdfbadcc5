using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Reads how busy the GPUs of virtual machines have been.</summary>
/// <remarks>
/// <para>Prism measures the use of GPU and frame buffer for each virtual machine, and shows it one to two minutes late; samples
/// closer than two minutes often repeat. It measures nothing for a single GPU, a host or a cluster, and it has no temperature,
/// power, clock or ECC count at all: tools in the guest or on the host (nvidia-smi, DCGM, rocm-smi) have those.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxGpuMetric trainer-1 -Last 01:00:00 -Interval 120</code>
/// <para>Reads the last hour of a machine, a sample every two minutes.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuVm | Get-NtnxGpuMetric -Newest | Sort-Object GpuUsagePercent -Descending</code>
/// <para>Shows which machines use their GPU most now.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxGpuMetric", DefaultParameterSetName = "Name")]
[OutputType(typeof(GpuMetricSample))]
public sealed class GetNtnxGpuMetricCommand : VmReadCmdlet
{
    /// <summary>How far back: a number of seconds, or a TimeSpan.</summary>
    [Parameter]
    [SecondsTransformation]
    public TimeSpan Last { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The end of the time that is read; now where not given.</summary>
    [Parameter]
    public DateTime? To { get; set; }

    /// <summary>Time between two samples: a number of seconds, or a TimeSpan. At least one second.</summary>
    [Parameter]
    [SecondsTransformation]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>Only the newest sample of each machine.</summary>
    [Parameter]
    public SwitchParameter Newest { get; set; }

    protected override void BeginProcessing()
    {
        if (Interval < TimeSpan.FromSeconds(1) || Last < Interval)
        {
            ThrowTerminatingError(ErrorRecords.From(new ArgumentException("-Interval must be one second or more, and -Last no shorter than it."), Interval));
        }
    }

    protected override void ProcessRecord()
    {
        var client = Client;
        DateTimeOffset to = To is DateTime end ? new DateTimeOffset(end) : DateTimeOffset.UtcNow;
        Run(writer => TryAsync(writer, client.Name, async () =>
        {
            var machines = new MachineFinder(client, Name, Id, gpuOnly: Id is null);
            await foreach (PrismVm vm in machines.FindAsync(Stop).ConfigureAwait(false))
            {
                await TryAsync(writer, vm, () => ReadAsync(client, writer, vm, to)).ConfigureAwait(false);
            }

            ReportMissingVms(writer, machines.Missing);
        }));
    }

    private async Task ReadAsync(PrismClient client, PipelineWriter writer, PrismVm vm, DateTimeOffset to)
    {
        IReadOnlyList<GpuMetricSample> samples = await client.GetGpuMetricsAsync(vm, to - Last, to, Interval, Stop).ConfigureAwait(false);
        if (samples.Count == 0)
        {
            string why = vm.GpuCount == 0 ? "it has no GPU" : !vm.IsPoweredOn ? "it is not powered on" : "Prism shows them one to two minutes late";
            writer.Verbose($"There are no samples of '{vm.Name}' in that time: {why}.");
        }

        foreach (GpuMetricSample sample in Newest ? samples.TakeLast(1) : samples)
        {
            writer.Output(sample);
        }
    }
}
