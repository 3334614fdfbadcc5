using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace CudaWasm.Benchmarks.Worker;

/// <summary>
/// Load on a worker (<c>cuda-wasm serve --allow-anonymous</c>), for the figures of docs/reliability.md:
/// <c>worker-load URL rate PER_SECOND SECONDS</c> sends launches of a small kernel at times that do not depend on the answers;
/// <c>worker-load URL flood CONNECTIONS SECONDS</c> sends as many as it can;
/// <c>worker-load URL buffer MIB</c> sends one buffer and takes it back.
/// And on workers of its own, <c>worker-load PROGRAM.dll start TIMES</c> tells how soon one answers and launches, cold and warm.
/// </summary>
internal static class Program
{
    private const string Kernel = "__global__ void scale(float *x, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) x[i] *= 2; }";
    private const string Small = """{"grid": 1, "block": 64, "arguments": [{"buffer": "float", "count": 64, "fill": 1, "output": "x"}, {"int": 64}]}""";

    private static readonly ConcurrentDictionary<string, int> Outcomes = new();
    private static readonly ConcurrentBag<double> Times = [];

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var url, var mode, ..])
        {
            await Console.Error.WriteLineAsync("usage: worker-load URL (rate PER_SECOND SECONDS | flood CONNECTIONS SECONDS | buffer MIB), or worker-load PROGRAM.dll start TIMES");
            return 2;
        }

        if (mode == "start")
        {
            await ColdStart.MeasureAsync(url, Number(arguments[2]));
            return 0;
        }

        using var client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan }) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(10) };
        using var published = await client.PutAsync("v1/kernels/scale", new StringContent(Kernel));
        published.EnsureSuccessStatusCode();
        for (var i = 0; i < 200; i++)
            await LaunchAsync(client, Stopwatch.GetTimestamp());
        Outcomes.Clear();
        Times.Clear();

        var before = await ResidentAsync(client);
        switch (mode)
        {
            case "rate":
                await RateAsync(client, Number(arguments[2]), Number(arguments[3]));
                break;
            case "flood":
                await FloodAsync(client, Number(arguments[2]), Number(arguments[3]));
                break;
            case "buffer":
                await BufferAsync(client, Number(arguments[2]));
                break;
        }

        Report(before, await ResidentAsync(client));
        return 0;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Times are taken from when a request was due, so that a worker that falls behind does not hide it.</summary>
    private static async Task RateAsync(HttpClient client, int perSecond, int seconds)
    {
        var start = Stopwatch.GetTimestamp();
        var running = new List<Task>(perSecond * seconds);
        for (var i = 0; i < perSecond * seconds; i++)
        {
            var due = start + (long)((double)i / perSecond * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < due)
                await Task.Delay(1);
            running.Add(LaunchAsync(client, due));
        }

        await Task.WhenAll(running);
    }

    private static async Task FloodAsync(HttpClient client, int connections, int seconds)
    {
        var end = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            while (Stopwatch.GetTimestamp() < end)
                await LaunchAsync(client, Stopwatch.GetTimestamp());
        }));
    }

    private static async Task LaunchAsync(HttpClient client, long due)
    {
        try
        {
            using var answer = await client.PostAsync("v1/kernels/scale/launch", new StringContent(Small, Encoding.UTF8, "application/json"));
            await answer.Content.ReadAsByteArrayAsync();
            Count(((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture));
            if (answer.StatusCode == HttpStatusCode.OK)
                Times.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
        }
        catch (HttpRequestException e)
        {
            Count(e.HttpRequestError.ToString());
        }
    }

    private static async Task BufferAsync(HttpClient client, int mebibytes)
    {
        var count = (long)mebibytes << 20;
        var launch = FormattableString.Invariant($$"""{"grid": 1, "block": 1, "arguments": [{"buffer": "float", "count": {{count / 4}}, "input": "x", "output": "x"}, {"int": 1}]}""");
        var message = new MultipartFormDataContent { { new StringContent(launch, Encoding.UTF8, "application/json"), "launch" }, { new StreamContent(new Zeros(count), 1 << 16), "x" } };
        var start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/kernels/scale/launch") { Content = message };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Count(((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture));
        await using var body = await answer.Content.ReadAsStreamAsync();
        var chunk = new byte[1 << 16];
        long back = 0;
        int read;
        while ((read = await body.ReadAsync(chunk)) > 0)
            back += read;
        Times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        Console.WriteLine(FormattableString.Invariant($"{mebibytes} MiB there, {back >> 20} MiB back"));
    }

    private static void Count(string outcome) => Outcomes.AddOrUpdate(outcome, 1, (_, n) => n + 1);

    private static async Task<long> ResidentAsync(HttpClient client)
    {
        var text = await client.GetStringAsync("metrics");
        var line = text.Split('\n').Single(l => l.StartsWith("cuda_wasm_process_resident_bytes ", StringComparison.Ordinal));
        return long.Parse(line[line.IndexOf(' ', StringComparison.Ordinal)..], CultureInfo.InvariantCulture);
    }

    private static void Report(long before, long after)
    {
        var times = Times.Order().ToArray();
        Console.WriteLine(string.Join(", ", Outcomes.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => FormattableString.Invariant($"{o.Key}: {o.Value}"))));
        if (times.Length > 0)
        {
            double At(double share) => times[Math.Min(times.Length - 1, (int)(times.Length * share))];
            Console.WriteLine(FormattableString.Invariant($"ms: p50 {At(0.5):0.0}, p90 {At(0.9):0.0}, p99 {At(0.99):0.0}, p99.9 {At(0.999):0.0}, most {times[^1]:0.0}"));
        }

        Console.WriteLine(FormattableString.Invariant($"worker's memory: {before >> 20} MiB before, {after >> 20} MiB after"));
    }

    /// <summary>Zeros that are never in memory as a whole.</summary>
    private sealed class Zeros(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, read).Clear();
            _left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
