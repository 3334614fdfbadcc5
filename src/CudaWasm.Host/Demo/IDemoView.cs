using GpuPlatform;
using Nutanix.Prism;

namespace CudaWasm.Host.Demo;

/// <summary>How the demo is shown.</summary>
internal interface IDemoView
{
    /// <summary>A new part begins.</summary>
    void Step(string title);

    /// <summary>A fact about the part.</summary>
    void Fact(string text);

    void Hosts(IReadOnlyList<GpuHost> hosts);

    void Manifests(IReadOnlyList<(string Kind, string Name, string File)> documents);

    /// <summary>Runs <paramref name="work"/> while showing the percentage of its task.</summary>
    Task<T> WithProgressAsync<T>(string title, Func<IProgress<PrismTask>, Task<T>> work);

    /// <summary>Draws samples as they come, until <paramref name="samples"/> ends; each item is all samples so far.</summary>
    Task<IReadOnlyList<GpuMetricSample>> ChartAsync(IAsyncEnumerable<IReadOnlyList<GpuMetricSample>> samples);
}

/// <summary>Shows nothing: standard output belongs to the JSON value.</summary>
internal sealed class SilentDemoView : IDemoView
{
    public void Step(string title)
    {
    }

    public void Fact(string text)
    {
    }

    public void Hosts(IReadOnlyList<GpuHost> hosts)
    {
    }

    public void Manifests(IReadOnlyList<(string Kind, string Name, string File)> documents)
    {
    }

    public Task<T> WithProgressAsync<T>(string title, Func<IProgress<PrismTask>, Task<T>> work) => work(new Progress<PrismTask>());

    public async Task<IReadOnlyList<GpuMetricSample>> ChartAsync(IAsyncEnumerable<IReadOnlyList<GpuMetricSample>> samples)
    {
        IReadOnlyList<GpuMetricSample> last = [];
        await foreach (var current in samples)
            last = current;

        return last;
    }
}
