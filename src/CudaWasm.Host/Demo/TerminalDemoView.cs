using System.Globalization;
using CudaWasm.Host.Terminal;
using GpuPlatform;
using Nutanix.Prism;
using Spectre.Console;

namespace CudaWasm.Host.Demo;

/// <summary>Shows the demo in a terminal, or as plain lines where the output is a file or a pipe.</summary>
internal sealed class TerminalDemoView(IAnsiConsole console) : IDemoView
{
    private const int ChartHeight = 6;
    private const int ChartColumnWidth = 6;

    private int _step;

    private bool IsPlain => !console.Profile.Capabilities.Interactive;

    private bool HasUnicode => console.Profile.Capabilities.Unicode;

    private TableBorder Border => HasUnicode ? TableBorder.Rounded : TableBorder.Ascii;

    public void Step(string title)
    {
        _step++;
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{_step}. {title}[/]");
    }

    public void Fact(string text) => console.WriteLine("   " + text);

    public void Hosts(IReadOnlyList<GpuHost> hosts)
    {
        var table = new Table { Border = Border };
        table.AddColumns("Host", "Cluster", "Vendor", "Model");
        table.AddColumn(new TableColumn("GPUs").RightAligned());
        table.AddColumn(new TableColumn("Free").RightAligned());
        table.AddColumn(new TableColumn("GPU memory").RightAligned());
        foreach (var host in hosts)
        {
            table.AddRow(
                new Text(host.Name),
                new Text(host.ClusterName ?? ""),
                new Text(string.Join(", ", host.Vendors)),
                new Text(string.Join(", ", host.Models)),
                new Text(Number(host.GpuCount)),
                new Text(Number(host.FreeGpuCount)),
                new Text(Gibibytes(host.GpuMemoryBytes)));
        }

        console.Write(table);
    }

    public void Manifests(IReadOnlyList<(string Kind, string Name, string File)> documents)
    {
        var table = new Table { Border = Border };
        table.AddColumns("Kind", "Name", "File");
        foreach (var (kind, name, file) in documents)
            table.AddRow(new Text(kind), new Text(name), new Text(file));

        console.Write(table);
    }

    public Task<T> WithProgressAsync<T>(string title, Func<IProgress<PrismTask>, Task<T>> work) =>
        IsPlain ? WithPlainProgressAsync(title, work) : WithProgressBarAsync(title, work);

    public async Task<IReadOnlyList<GpuMetricSample>> ChartAsync(IAsyncEnumerable<IReadOnlyList<GpuMetricSample>> samples)
    {
        IReadOnlyList<GpuMetricSample> last = [];
        if (IsPlain)
        {
            await foreach (var current in samples)
                last = current;

            console.Write(Chart(last));
            console.WriteLine();
            return last;
        }

        await console.Live(Chart(last)).StartAsync(async live =>
        {
            await foreach (var current in samples)
            {
                last = current;
                live.UpdateTarget(Chart(last));
            }
        });
        return last;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Gibibytes(long? bytes) => bytes is { } b ? string.Create(CultureInfo.InvariantCulture, $"{b >> 30} GiB") : "";

    private Text Chart(IReadOnlyList<GpuMetricSample> samples)
    {
        var room = Math.Max(1, (console.Profile.Width - 10) / ChartColumnWidth);
        var shown = samples.Skip(Math.Max(0, samples.Count - room)).Select(s => s.GpuUsagePercent).ToArray();
        var lines = ColumnChart.Draw(shown, ChartColumnWidth, ChartHeight, HasUnicode)
            .Append(ColumnChart.Axis(shown.Length, ChartColumnWidth, HasUnicode));
        return new Text(string.Join('\n', lines.Select(l => "   " + l)), new Style(Color.Green));
    }

    private async Task<T> WithProgressBarAsync<T>(string title, Func<IProgress<PrismTask>, Task<T>> work) =>
        await console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async context =>
            {
                ProgressTask? bar = null;
                string? current = null;
                var result = await work(new DirectProgress(task =>
                {
                    // Work such as a removal is several tasks, each with its own percentages.
                    if (task.ExtId != current)
                    {
                        Finish();
                        current = task.ExtId;
                        bar = context.AddTask(Markup.Escape(Describe(task, title)), maxValue: 100);
                    }

                    bar!.Value = task.ProgressPercent;
                }));
                Finish();
                return result;

                void Finish()
                {
                    if (bar is not null)
                        bar.Value = 100;
                }
            });

    private Task<T> WithPlainProgressAsync<T>(string title, Func<IProgress<PrismTask>, Task<T>> work)
    {
        (string? Task, int Percent) shown = default;
        return work(new DirectProgress(task =>
        {
            if (shown == (task.ExtId, task.ProgressPercent))
                return;

            shown = (task.ExtId, task.ProgressPercent);
            Fact(string.Create(CultureInfo.InvariantCulture, $"{Describe(task, title)}: {task.ProgressPercent} %"));
        }));
    }

    private static string Describe(PrismTask task, string title) => task.OperationDescription ?? title;

    /// <summary>Reports on the caller's thread, in order; <see cref="Progress{T}"/> would do neither here.</summary>
    private sealed class DirectProgress(Action<PrismTask> report) : IProgress<PrismTask>
    {
        public void Report(PrismTask value) => report(value);
    }
}
