using System.Text.Json;

namespace CudaWasm.Host.Tests;

public sealed class CheckCommandTests : IDisposable
{
    private const string Rotate = """
        __global__ void rotate(const float *x, float *y)
        {
            __shared__ float tile[64];
            tile[threadIdx.x] = x[threadIdx.x];
            BARRIER
            y[threadIdx.x] = tile[(threadIdx.x + 33) % 64];
        }
        """;

    private const string Launch = """
        {
          "source": "rotate.cu", "kernel": "rotate", "grid": [1], "block": [64],
          "arguments": [ {"buffer": "float", "count": 64, "fill": 3}, {"buffer": "float", "count": 64, "output": "y.npy"} ]
        }
        """;

    private readonly WorkFolder _folder = new();
    private readonly HostRun _run = new();

    public void Dispose()
    {
        _run.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_clean_kernel_exits_with_0_and_writes_no_outputs()
    {
        Assert.Equal((0, ""), (await CheckAsync("__syncthreads();"), _run.Error));
        Assert.Contains("checked 64 threads", _run.Output, StringComparison.Ordinal);
        Assert.Contains("0 errors, 0 warnings, 0 notes", _run.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Path("y.npy")));
    }

    [Fact]
    public async Task A_race_exits_with_3_and_shows_both_lines_with_carets()
    {
        Assert.Equal(3, await CheckAsync(""));
        Assert.Contains("rotate.cu(6,22): error CW4020: race: thread", _run.Error, StringComparison.Ordinal);
        Assert.Contains("rotate.cu(4,5): note: thread", _run.Error, StringComparison.Ordinal);
        Assert.Contains("                       ^~~~", _run.Error, StringComparison.Ordinal);
        Assert.Contains("errors", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_the_findings_with_both_threads_and_the_element()
    {
        Assert.Equal(3, await CheckAsync("", "--json"));
        var report = JsonDocument.Parse(_run.Output).RootElement;
        Assert.Equal(["kernel", "device", "compileMs", "cache", "checkMs", "findings", "omitted", "undecided", "diagnostics"], report.EnumerateObject().Select(p => p.Name));
        var race = report.GetProperty("findings").EnumerateArray().Single(f => f.GetProperty("kind").GetString() == "Race");
        Assert.Equal(("error", "CW4020", "tile"), (race.GetProperty("severity").GetString(), race.GetProperty("code").GetString(), race.GetProperty("buffer").GetString()));
        Assert.Equal([4, 6], new[] { race.GetProperty("line").GetInt32(), race.GetProperty("otherLine").GetInt32() }.Order());
        Assert.Equal(3, race.GetProperty("thread").GetArrayLength());
        Assert.Equal(4 * race.GetProperty("index").GetInt64(), race.GetProperty("offset").GetInt64());
        Assert.NotEqual(race.GetProperty("thread")[0].GetInt32(), race.GetProperty("otherThread")[0].GetInt32());
    }

    [Fact]
    public async Task A_buffer_without_content_is_not_initialized()
    {
        _folder.Write("rotate.cu", "__global__ void rotate(const float *x, float *y) { y[threadIdx.x] += x[threadIdx.x]; }");
        Assert.Equal(3, await _run.RunAsync("run", _folder.Write("launch.json", Launch), "--check"));
        Assert.Contains("CW4019: thread (0,0,0) of block (0,0,0) reads y[0] (byte offset 0), which was never written", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_compile_fails_as_ever()
    {
        _folder.Write("rotate.cu", "__global__ void rotate(const float *x, float *y) { y[0] = z; }");
        Assert.Equal(1, await _run.RunAsync("run", _folder.Write("launch.json", Launch), "--check", "--json"));
        Assert.Equal(1, JsonDocument.Parse(_run.Output).RootElement.GetProperty("diagnostics").GetArrayLength());
    }

    [Theory]
    [InlineData("--unchecked")]
    [InlineData("--repeat", "2")]
    public async Task It_cannot_be_joined_with_what_measures(params string[] options)
    {
        Assert.Equal(2, await CheckAsync("", options));
        Assert.Contains(options[0], _run.Error, StringComparison.Ordinal);
    }

    private Task<int> CheckAsync(string barrier, params string[] options)
    {
        _folder.Write("rotate.cu", Rotate.Replace("BARRIER", barrier, StringComparison.Ordinal));
        return _run.RunAsync(["run", _folder.Write("launch.json", Launch), "--check", .. options]);
    }
}
