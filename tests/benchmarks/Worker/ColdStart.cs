using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace CudaWasm.Benchmarks.Worker;

/// <summary>
/// Time from a worker's start until it is ready and until its first launch is answered: on an empty folder, where the launch is preceded by the
/// publication; then started again after SIGKILL, with what was compiled, and with it removed.
/// </summary>
internal static class ColdStart
{
    /// <summary>With headers of some size: cooperative groups and cub's block primitives.</summary>
    private const string Kernel = """
        #include <cooperative_groups.h>
        #include <cub/cub.cuh>
        namespace cg = cooperative_groups;
        template <int N> __device__ float tile_sum(const float *x, int n)
        {
            using Reduce = cub::BlockReduce<float, N>;
            __shared__ typename Reduce::TempStorage storage;
            float sum = 0;
            for (int i = blockIdx.x * N + threadIdx.x; i < n; i += gridDim.x * N) sum += x[i] * x[i];
            return Reduce(storage).Sum(sum);
        }
        __global__ void norm(const float *x, float *y, int n)
        {
            auto block = cg::this_thread_block();
            float sum = tile_sum<128>(x, n);
            block.sync();
            if (block.thread_rank() == 0) y[blockIdx.x] = sqrtf(sum);
        }
        """;

    private const string Launch = """{"grid": 4, "block": 128, "arguments": [{"buffer": "float", "count": 65536, "fill": 1}, {"buffer": "float", "count": 4, "output": "y"}, {"int": 65536}]}""";

    public static async Task MeasureAsync(string program, int times)
    {
        var folder = Directory.CreateTempSubdirectory("cuda-wasm-start-").FullName;
        var rows = new (string Name, List<(double Ready, double Launched)> Times)[] { ("nothing published", []), ("compiled form kept", []), ("compiled form removed", []) };
        try
        {
            for (var i = 0; i < times; i++)
            {
                var cache = Path.Combine(folder, $"{i}");
                rows[0].Times.Add(await RunAsync(program, cache, publish: true));
                rows[1].Times.Add(await RunAsync(program, cache, publish: false));
                Directory.Delete(Path.Combine(cache, "compiled"), recursive: true);
                rows[2].Times.Add(await RunAsync(program, cache, publish: false));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var (name, measured) in rows)
            Console.WriteLine(FormattableString.Invariant($"{name}: ready after {Median(measured.Select(t => t.Ready)):0} ms, first launch answered {Median(measured.Select(t => t.Launched)):0} ms later (median of {times})"));
    }

    private static async Task<(double Ready, double Launched)> RunAsync(string program, string cache, bool publish)
    {
        var start = Stopwatch.GetTimestamp();
        using var worker = Process.Start(new ProcessStartInfo("dotnet", [program, "serve", "--urls", "http://127.0.0.1:0", "--cache", cache, "--allow-anonymous"]) { RedirectStandardOutput = true })!;
        try
        {
            var line = await worker.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The worker did not start.");
            using var client = new HttpClient { BaseAddress = new Uri(JsonDocument.Parse(line).RootElement.GetProperty("urls")[0].GetString()!) };
            using var ready = await client.GetAsync("readyz");
            ready.EnsureSuccessStatusCode();
            var readyAfter = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            start = Stopwatch.GetTimestamp();
            if (publish)
            {
                using var published = await client.PutAsync("v1/kernels/norm", new StringContent(Kernel));
                if (!published.IsSuccessStatusCode) throw new InvalidOperationException(await published.Content.ReadAsStringAsync());
            }

            using var launched = await client.PostAsync("v1/kernels/norm/launch", new StringContent(Launch, Encoding.UTF8, "application/json"));
            launched.EnsureSuccessStatusCode();
            return (readyAfter, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        finally
        {
            worker.Kill();
            await worker.WaitForExitAsync();
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
