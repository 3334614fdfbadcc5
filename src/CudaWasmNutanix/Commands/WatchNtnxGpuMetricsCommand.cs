using System.Diagnostics;
using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Watches how busy the GPUs of virtual machines are, and writes one record for each machine and sample.</summary>
/// <remarks>
/// <para>Prism measures GPU use per virtual machine, one to two minutes late. Every interval the samples that are new are
/// written, the oldest first; the first time, the newest sample of each machine. The watch goes on until Ctrl+C, -Duration or
/// -Count ends it; machines that appear or vanish meanwhile are noticed.</para>
/// <para>Thresholds give alert records. Temperature, power, clocks and ECC counts are not in Prism, so there is no threshold for
/// them: tools in the guest or on the host have those.</para>
/// </remarks>
/// <example>
/// <code>Watch-NtnxGpuMetrics -Name trainer* -Interval 30</code>
/// <para>Shows the GPU use of some machines twice a minute, until Ctrl+C.</para>
/// </example>
/// <example>
/// <code>Watch-NtnxGpuMetrics -FrameBufferAbove 90 -AlertsOnly | ForEach-Object { Send-MyMessage $_.Message }</code>
/// <para>Tells when a machine's frame buffer is nearly full, and when it no longer is.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuVm trainer* | Watch-NtnxGpuMetrics -Interval 60 -Duration 01:00:00 | Export-Csv gpu.csv</code>
/// <para>Records an hour of GPU use.</para>
/// </example>
[Cmdlet(VerbsCommon.Watch, "NtnxGpuMetrics", DefaultParameterSetName = "Name")]
[OutputType(typeof(GpuMetricSample), typeof(GpuMetricAlert))]
public sealed class WatchNtnxGpuMetricsCommand : VmReadCmdlet
{
    /// <summary>How far back the first look goes at least: real systems are up to two minutes late.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromMinutes(5);

    private readonly List<string> _ids = [];
    private readonly List<string> _names = [];
    private GpuMetricThresholds? _thresholds;

    /// <summary>Time between two looks, and between two samples: a number of seconds, or a TimeSpan. At least one second.</summary>
    [Parameter]
    [SecondsTransformation]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Ends the watch after this time: a number of seconds, or a TimeSpan.</summary>
    [Parameter]
    [SecondsTransformation]
    public TimeSpan Duration { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Ends the watch after this many looks.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = int.MaxValue;

    /// <summary>
    /// Percent of GPU use at and above which an alert record is written, and another when the use has fallen below it again.
    /// </summary>
    [Parameter]
    [ValidateRange(0.0, 100.0)]
    public double? GpuUsageAbove { get; set; }

    /// <summary>The same for the use of the frame buffer.</summary>
    [Parameter]
    [ValidateRange(0.0, 100.0)]
    public double? FrameBufferAbove { get; set; }

    /// <summary>Writes the alert records only, and no samples.</summary>
    [Parameter]
    public SwitchParameter AlertsOnly { get; set; }

    protected override void BeginProcessing()
    {
        if (AlertsOnly && GpuUsageAbove is null && FrameBufferAbove is null)
        {
            ThrowTerminatingError(ErrorRecords.From(new ArgumentException("-AlertsOnly needs a threshold: give -GpuUsageAbove or -FrameBufferAbove."), null));
        }

        if (Interval < TimeSpan.FromSeconds(1))
        {
            ThrowTerminatingError(ErrorRecords.From(new ArgumentException("-Interval must be one second or more; Prism has no finer samples."), Interval));
        }
    }

    protected override void ProcessRecord()
    {
        _ids.AddRange(Id ?? []);
        _names.AddRange(Name ?? []);
    }

    protected override void EndProcessing()
    {
        var client = Client;
        _thresholds = new GpuMetricThresholds(GpuUsageAbove, FrameBufferAbove);
        Run(writer => WatchAsync(client, writer));
    }

    private async Task WatchAsync(PrismClient client, PipelineWriter writer)
    {
        var newest = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var watch = Stopwatch.StartNew();
        for (int look = 1; ; look++)
        {
            await TryAsync(writer, client.Name, () => LookAsync(client, writer, newest, first: look == 1)).ConfigureAwait(false);

            TimeSpan next = Interval * look;
            if (look >= Count || (Duration >= TimeSpan.Zero && next > Duration))
            {
                return;
            }

            TimeSpan wait = next - watch.Elapsed;
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Stop).ConfigureAwait(false);
        }
    }

    private async Task LookAsync(PrismClient client, PipelineWriter writer, Dictionary<string, DateTimeOffset> newest, bool first)
    {
        var finder = new MachineFinder(client, _names, _ids, gpuOnly: true);
        List<PrismVm> machines = await finder.FindAsync(Stop).ToListAsync(Stop).ConfigureAwait(false);
        if (first)
        {
            ReportMissingVms(writer, finder.Missing);
        }

        IReadOnlyList<GpuMetricSample>[] samples = await Task.WhenAll(machines.Where(vm => vm.IsPoweredOn).Select(ReadAsync)).ConfigureAwait(false);
        foreach (GpuMetricSample sample in samples.SelectMany(list => list).OrderBy(s => s.Timestamp).ThenBy(s => s.VmName, StringComparer.OrdinalIgnoreCase))
        {
            newest[sample.VmId] = sample.Timestamp;
            if (!AlertsOnly)
            {
                writer.Output(sample);
            }

            foreach (GpuMetricAlert alert in _thresholds!.Check(sample))
            {
                writer.Output(alert);
            }
        }

        async Task<IReadOnlyList<GpuMetricSample>> ReadAsync(PrismVm vm)
        {
            IReadOnlyList<GpuMetricSample> fresh = [];
            await TryAsync(writer, vm, async () =>
            {
                DateTimeOffset now = DateTimeOffset.UtcNow;
                bool known = newest.TryGetValue(vm.ExtId, out DateTimeOffset last);
                IReadOnlyList<GpuMetricSample> read = await client.GetGpuMetricsAsync(vm, known ? last : now - (FirstLook + Interval), now, Interval, Stop).ConfigureAwait(false);
                fresh = known ? [.. read.Where(s => s.Timestamp > last)] : read.Count > 0 ? [read.MaxBy(s => s.Timestamp)!] : [];
            }).ConfigureAwait(false);
            return fresh;
        }
    }
}
