using System.Globalization;

namespace Nutanix.Prism;

/// <summary>Which measure an alert is about.</summary>
public enum GpuMetricKind
{
    GpuUsage,
    FrameBufferUsage,
}

/// <summary>A measure of a machine that crossed a threshold, or came back.</summary>
/// <param name="Sample">The sample at which it happened.</param>
/// <param name="Metric">The measure.</param>
/// <param name="Percent">Its value.</param>
/// <param name="Threshold">The threshold, in percent.</param>
/// <param name="IsRaised">True when the value reached the threshold, false when it fell below it again.</param>
public sealed record GpuMetricAlert(GpuMetricSample Sample, GpuMetricKind Metric, double Percent, double Threshold, bool IsRaised)
{
    public string VmId => Sample.VmId;

    public string VmName => Sample.VmName;

    public DateTimeOffset Timestamp => Sample.Timestamp;

    public string State => IsRaised ? "raised" : "cleared";

    public string Message => string.Create(
        CultureInfo.InvariantCulture,
        $"{Metric} of {VmName} is {Percent:0.#} %, {(IsRaised ? "at or above" : "below")} {Threshold:0.#} %.");
}

/// <summary>
/// Turns samples into alerts: one when a value reaches its threshold, one when it has fallen below it, none between. Samples
/// of a machine are to come in the order of their times.
/// </summary>
/// <param name="gpuUsageAbove">Percent; null for none.</param>
/// <param name="frameBufferAbove">Percent; null for none.</param>
public sealed class GpuMetricThresholds(double? gpuUsageAbove, double? frameBufferAbove)
{
    private readonly HashSet<(string Vm, GpuMetricKind Metric)> _raised = [];

    public IEnumerable<GpuMetricAlert> Check(GpuMetricSample sample)
    {
        (GpuMetricKind, double?, double?)[] measures =
        [
            (GpuMetricKind.GpuUsage, sample.GpuUsagePercent, gpuUsageAbove),
            (GpuMetricKind.FrameBufferUsage, sample.FrameBufferUsagePercent, frameBufferAbove),
        ];
        foreach ((GpuMetricKind metric, double? value, double? limit) in measures)
        {
            // A sample without the measure says nothing: neither that it rose nor that it fell.
            if (value is not { } percent || limit is not { } threshold)
            {
                continue;
            }

            bool above = percent >= threshold;
            if (above ? _raised.Add((sample.VmId, metric)) : _raised.Remove((sample.VmId, metric)))
            {
                yield return new GpuMetricAlert(sample, metric, percent, threshold, above);
            }
        }
    }
}
