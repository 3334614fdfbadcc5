using System.Globalization;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Query;

namespace Nutanix.Prism.Simulator.Stats;

/// <summary>The window, step, aggregation and metrics of a statistics call.</summary>
internal sealed class StatsQuery
{
    private const int MaxSamples = 10_000;
    private const int DefaultIntervalSeconds = 30;

    /// <summary>Step of the values behind an aggregate, in seconds, as the platform collects them.</summary>
    private const int RawIntervalSeconds = 30;

    private static readonly string[] StatTypes = ["SUM", "MIN", "MAX", "AVG", "COUNT", "LAST"];

    private readonly string _statType;
    private readonly HashSet<string>? _select;
    private readonly bool _selectsAny;

    private StatsQuery(DateTimeOffset start, DateTimeOffset end, int interval, string statType, bool selectsAny, HashSet<string>? select)
    {
        (Start, End, IntervalSeconds, _statType, _selectsAny, _select) = (start, end, interval, statType, selectsAny, select);
    }

    public DateTimeOffset Start { get; }

    /// <summary>End of the window; never later than the newest value there is.</summary>
    public DateTimeOffset End { get; }

    public int IntervalSeconds { get; }

    /// <summary>Reads the options of a call.</summary>
    /// <exception cref="SchemaException">Start or end is missing.</exception>
    /// <exception cref="QueryException">An option is malformed, a metric is unknown, or the window has too many samples.</exception>
    public static StatsQuery Parse(RequestContext context, IReadOnlyList<string> metrics, TimeSpan delay)
    {
        var missing = new[] { "$startTime", "$endTime" }.Where(n => !context.Options.ContainsKey(n))
            .Select(n => new SchemaException.Violation("QUERY_PARAMETER", $"The query option '{n}' is required.", n)).ToList();
        if (missing.Count > 0) throw new SchemaException(missing);
        var (start, end) = (Time(context, "$startTime"), Time(context, "$endTime"));
        if (end < start) throw new QueryException("$endTime", "The query option '$endTime' is before '$startTime'.");
        var interval = DefaultIntervalSeconds;
        if (context.Options.TryGetValue("$samplingInterval", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out interval) || interval < 1))
        {
            throw new QueryException("$samplingInterval", $"The query option '$samplingInterval' must be a whole number of seconds, 1 or more, not '{text}'.");
        }

        var statType = context.Options.GetValueOrDefault("$statType", "AVG");
        if (!StatTypes.Contains(statType)) throw new QueryException("$statType", $"The query option '$statType' must be one of {string.Join(", ", StatTypes)}, not '{statType}'.");
        if ((end - start).TotalSeconds / interval > MaxSamples) throw new QueryException("$samplingInterval", FormattableString.Invariant($"The window has more than {MaxSamples} samples. Make it shorter or the interval longer."));
        var newest = context.Now - delay;
        var selectsAny = context.Options.TryGetValue("$select", out var select);
        return new StatsQuery(start, end < newest ? end : newest, interval, statType, selectsAny, selectsAny ? ListQuery.Selection(select!, metrics) : null);
    }

    /// <summary>True when the metric is asked for. Without <c>$select</c> real servers give no metric at all.</summary>
    public bool Wants(string metric) => _selectsAny && (_select is null || _select.Contains(metric));

    /// <summary>The times of the samples: multiples of the interval inside the window, from a given time on.</summary>
    public IEnumerable<DateTimeOffset> Times(DateTimeOffset notBefore)
    {
        var from = (notBefore > Start ? notBefore : Start).ToUnixTimeMilliseconds() / 1000.0;
        for (var second = (long)Math.Ceiling(from / IntervalSeconds) * IntervalSeconds; ; second += IntervalSeconds)
        {
            var time = DateTimeOffset.FromUnixTimeSeconds(second);
            if (time > End) yield break;
            yield return time;
        }
    }

    /// <summary>The aggregate of a metric over the interval that ends at a time.</summary>
    public long Aggregate(DateTimeOffset end, Func<DateTimeOffset, double> value)
    {
        var count = Math.Clamp(IntervalSeconds / RawIntervalSeconds, 1, 20);
        var step = TimeSpan.FromSeconds((double)IntervalSeconds / count);
        if (_statType == "COUNT") return count;
        var values = _statType == "LAST" ? [value(end)] : Enumerable.Range(0, count).Select(i => value(end - (step * i))).ToList();
        return (long)Math.Round(_statType switch
        {
            "SUM" => values.Sum(),
            "MIN" => values.Min(),
            "MAX" => values.Max(),
            _ => values.Average(),
        });
    }

    private static DateTimeOffset Time(RequestContext context, string option)
    {
        // A plus sign that was not percent-encoded arrives as a blank.
        var text = context.Options[option].Replace(' ', '+');
        return text.Contains('T') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new QueryException(option, $"The query option '{option}' must be an ISO 8601 date-time like 2026-03-01T12:00:00Z, not '{context.Options[option]}'.");
    }
}
