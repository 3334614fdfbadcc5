using System.Text.Json;

namespace CudaWasm.Host.Tests;

public sealed class MergeCommandTests : IDisposable
{
    /// <summary>100 elements, four blocks of 32; each block counts its elements of each remainder, and tells that it ran.</summary>
    private const string Source = """
        __device__ int ran[5] = {7, 0, 0, 0, 0};
        __global__ void scale(float *x, int *counts, float *sum, unsigned char *seen, int n)
        {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            ran[1 + blockIdx.x] = 1;
            if (i >= n) return;
            x[i] *= 2;
            atomicAdd(&counts[i % 3], 1);
            atomicAdd(sum, 0.5f);
            seen[0] = 1;
        }
        """;

    private readonly WorkFolder _folder = new();
    private readonly HostRun _run = new();

    public void Dispose()
    {
        _run.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task What_parts_wrote_is_together_what_the_whole_writes(int count)
    {
        var launch = Write(x: true, counts: false, sum: false, seen: false);
        await RunPartsAsync(launch, count);
        Assert.Equal((0, ""), (await _run.RunAsync("run", launch), _run.Error));

        Assert.Equal((0, ""), (await _run.RunAsync("merge", launch, "--parts", _folder.Path("parts"), "--count", $"{count}", "--output-folder", _folder.Path("whole"), "--json"), _run.Error));

        foreach (var file in new[] { "x.npy", "ran.bin" }) Assert.Equal(File.ReadAllBytes(_folder.Path(file)), File.ReadAllBytes(_folder.Path("whole/" + file)));
        var outputs = JsonDocument.Parse(_run.Output.TrimEnd().Split('\n')[^1]).RootElement.GetProperty("outputs");
        Assert.Equal([(100, 0), (4, 0)], outputs.EnumerateArray().Select(o => (o.GetProperty("changed").GetInt32(), o.GetProperty("overlapping").GetInt32())));
    }

    [Fact]
    public async Task Counters_and_sums_are_added_up_where_that_is_asked_for()
    {
        var launch = Write(x: true, counts: true, sum: true, seen: false);
        await RunPartsAsync(launch, 4);

        Assert.Equal(1, await _run.RunAsync("merge", launch, "--parts", _folder.Path("parts"), "--count", "4"));
        Assert.Contains($"counts[0] was changed by the parts in {_folder.Path(Path.Combine("parts", "0"))} and in {_folder.Path(Path.Combine("parts", "1"))}", _run.Error, StringComparison.Ordinal);
        Assert.Contains("--overlap sum", _run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Path("counts.npy")));

        Assert.Equal(0, await _run.RunAsync("merge", launch, "--parts", _folder.Path("parts"), "--count", "4", "--overlap", "sum"));
        Assert.Equal([34 - 5, 33 - 5, 33 - 5], _folder.ReadNpy<int>("counts.npy"));
        Assert.Equal([50f + 0.25f], _folder.ReadNpy<float>("sum.npy"));
    }

    [Fact]
    public async Task Flags_that_parts_agree_on_can_be_taken_and_counters_then_not()
    {
        var launch = Write(x: false, counts: false, sum: false, seen: true);
        await RunPartsAsync(launch, 3);
        Assert.Equal(1, await _run.RunAsync("merge", launch, "--parts", _folder.Path("parts"), "--count", "3"));
        Assert.Equal(0, await _run.RunAsync("merge", launch, "--parts", _folder.Path("parts"), "--count", "3", "--overlap", "same"));
        Assert.Equal([1], _folder.ReadNpy<byte>("seen.npy"));

        launch = Write(x: false, counts: true, sum: false, seen: false);
        await RunPartsAsync(launch, 3);
        Assert.Equal(1, await _run.RunAsync("merge", launch, "--parts", _folder.Path("parts"), "--count", "3", "--overlap", "same"));
        Assert.Contains("to values that differ", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_that_are_missing_or_another_launch_s_are_told()
    {
        var launch = Write(x: true, counts: false, sum: false, seen: false);
        await RunPartsAsync(launch, 2);
        Assert.Equal(1, await _run.RunAsync("merge", launch, "--parts", _folder.Path("parts"), "--count", "3"));
        Assert.Contains($"there is no folder {_folder.Path(Path.Combine("parts", "2"))}", _run.Error, StringComparison.Ordinal);

        File.WriteAllBytes(_folder.Path("parts/1/ran.bin"), new byte[8]);
        Assert.Equal(1, await _run.RunAsync("merge", launch, "--parts", _folder.Path("parts"), "--count", "2"));
        Assert.Contains("has 2 elements, but ran has 5", _run.Error, StringComparison.Ordinal);

        File.Delete(_folder.Path("parts/1/ran.bin"));
        Assert.Equal(1, await _run.RunAsync("merge", launch, "--parts", _folder.Path("parts"), "--count", "2"));
        Assert.Contains("that part has not run, or not to its end", _run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Path("x.npy")));
    }

    [Theory]
    [InlineData("merge", "'merge'")]
    [InlineData("merge a.json --parts p", "--count")]
    [InlineData("merge a.json --parts p --count 0", "--count must be a whole number from 1")]
    [InlineData("merge a.json --parts p --count 2 --overlap max", "'max'")]
    public async Task Bad_usage_is_told(string arguments, string told)
    {
        Assert.Equal(2, await _run.RunAsync(arguments.Split(' ')));
        Assert.Contains(told, _run.Error, StringComparison.Ordinal);
    }

    private string Write(bool x, bool counts, bool sum, bool seen)
    {
        _folder.Write("scale.cu", Source);
        return _folder.Write("scale.json", $$"""
            {
              "source": "scale.cu", "kernel": "scale", "grid": [4], "block": [32],
              "arguments": [
                {"buffer": "float", "count": 100, "fill": 3 {{Output("x.npy", x)}}}, {"buffer": "int", "count": 3, "fill": -5 {{Output("counts.npy", counts)}}},
                {"buffer": "float", "count": 1, "fill": 0.25 {{Output("sum.npy", sum)}}}, {"buffer": "uchar", "count": 1 {{Output("seen.npy", seen)}}}, {"int": 100}
              ],
              "symbols": { "ran": {"output": "ran.bin"} }
            }
            """);

        static string Output(string name, bool isWanted) => isWanted ? $", \"output\": \"{name}\"" : "";
    }

    private async Task RunPartsAsync(string launch, int count)
    {
        for (var part = 0; part < count; part++)
            Assert.True(await _run.RunAsync("run", launch, "--part", $"{part}/{count}", "--output-folder", _folder.Path($"parts/{part}")) == 0, _run.Error);
    }
}
