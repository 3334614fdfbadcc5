using System.Text.Json;

namespace CudaWasm.Host.Tests;

public sealed class RunCommandTests : IDisposable
{
    private const string Scale = """
        __global__ void scale(float *x, float factor, int n)
        {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n)
                x[i] *= factor;
        }
        """;

    private const string ScaleLaunch = """
        {
          "source": "scale.cu", "kernel": "scale", "grid": [4, 1, 1], "block": [32, 1, 1],
          "arguments": [ {"buffer": "float", "count": 100, "fill": 3, "output": "x.npy"}, {"float": 2.5}, {"int": 100} ]
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
    public async Task A_launch_file_runs_and_its_outputs_are_written()
    {
        _folder.Write("scale.cu", Scale);
        var launch = _folder.Write("scale.launch.json", ScaleLaunch);

        Assert.Equal((0, ""), (await _run.RunAsync("run", launch), _run.Error));

        Assert.Contains("scale on cpu", _run.Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Repeat(7.5f, 100), _folder.ReadNpy<float>("x.npy"));
    }

    [Fact]
    public async Task Parts_of_the_grid_are_together_the_whole()
    {
        _folder.Write("scale.cu", Scale);
        var launch = _folder.Write("scale.launch.json", ScaleLaunch);

        for (var part = 0; part < 3; part++)
            Assert.Equal((0, ""), (await _run.RunAsync("run", launch, "--part", $"{part}/3", "--output-folder", _folder.Path($"parts/{part}")), _run.Error));

        // Blocks 0; 1; 2 and 3 of four, 32 elements each, of 100.
        float[][] parts = [.. Enumerable.Range(0, 3).Select(part => _folder.ReadNpy<float>($"parts/{part}/x.npy"))];
        Assert.Equal(Enumerable.Repeat(7.5f, 32).Concat(Enumerable.Repeat(3f, 68)), parts[0]);
        Assert.Equal(Enumerable.Repeat(3f, 32).Concat(Enumerable.Repeat(7.5f, 32)).Concat(Enumerable.Repeat(3f, 36)), parts[1]);
        Assert.Equal(Enumerable.Repeat(3f, 64).Concat(Enumerable.Repeat(7.5f, 36)), parts[2]);
        Assert.False(File.Exists(_folder.Path("x.npy")));
    }

    [Theory]
    [InlineData("3/3")]
    [InlineData("1")]
    [InlineData("-1/3")]
    [InlineData("a/b")]
    public async Task A_share_that_is_none_is_bad_usage(string part)
    {
        Assert.Equal(2, await _run.RunAsync("run", "x.json", "--part", part));

        Assert.Contains("--part must be a share", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_that_synchronizes_its_grid_is_not_split()
    {
        _folder.Write("scale.cu", "#include <cooperative_groups.h>\n__global__ void scale(float *x, float f, int n) { cooperative_groups::this_grid().sync(); x[0] = f; }");
        var launch = _folder.Write("scale.launch.json", ScaleLaunch);

        Assert.Equal(1, await _run.RunAsync("run", launch, "--part", "0/2"));

        Assert.Contains("a part of them cannot", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_object_with_a_time_for_each_launch()
    {
        _folder.Write("scale.cu", Scale);
        var launch = _folder.Write("scale.launch.json", ScaleLaunch);

        Assert.Equal(0, await _run.RunAsync("run", launch, "--repeat", "3", "--json"));

        var report = JsonDocument.Parse(Assert.Single(_run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement;
        Assert.Equal(["kernel", "device", "compileMs", "cache", "launchMs", "outputs", "diagnostics"], report.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("scale", "cpu"), (report.GetProperty("kernel").GetString(), report.GetProperty("device").GetString()));
        Assert.Equal(3, report.GetProperty("launchMs").GetArrayLength());
        Assert.Equal(1, report.GetProperty("outputs").GetArrayLength());
        Assert.Equal(0, report.GetProperty("diagnostics").GetArrayLength());
        // Each launch starts from the inputs again: scaled once, not three times.
        Assert.All(_folder.ReadNpy<float>("x.npy"), x => Assert.Equal(7.5f, x));
    }

    [Theory]
    [InlineData("saxpy", "saxpy.y.out.npy", 7f)]
    [InlineData("matrix-multiply", "matrix-multiply.c.out.npy", 256f)]
    public async Task Examples_give_what_arithmetic_says(string example, string output, float expected)
    {
        _folder.CopyExamples();

        Assert.Equal((0, ""), (await _run.RunAsync("run", _folder.Path($"{example}.launch.json")), _run.Error));

        Assert.All(_folder.ReadNpy<float>(output), y => Assert.Equal(expected, y));
    }

    [Fact]
    public async Task The_reduction_example_adds_and_compares()
    {
        _folder.CopyExamples();

        Assert.Equal((0, ""), (await _run.RunAsync("run", _folder.Path("block-reduction.launch.json")), _run.Error));

        Assert.Equal([3000009], _folder.ReadNpy<int>("block-reduction.total.out.npy"));
        Assert.Equal([3], _folder.ReadNpy<int>("block-reduction.maximum.out.npy"));
    }

    [Fact]
    public async Task The_stencil_example_spreads_heat()
    {
        const int width = 64, height = 48;
        _folder.CopyExamples();

        Assert.Equal((0, ""), (await _run.RunAsync("run", _folder.Path("heat-stencil.launch.json")), _run.Error));

        var now = _folder.ReadNpy<float>("heat-stencil.plate.npy");
        var next = _folder.ReadNpy<float>("heat-stencil.next.out.npy");
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var i = (y * width) + x;
                var isEdge = x == 0 || y == 0 || x == width - 1 || y == height - 1;
                var expected = isEdge ? now[i] : now[i] + (0.2f * (now[i - width] + now[i + width] + now[i - 1] + now[i + 1] - (4 * now[i])));
                Assert.Equal(expected, next[i], 1e-4f);
            }
        }
    }

    [Fact]
    public async Task What_the_kernel_prints_leaves_the_json_alone()
    {
        _folder.Write("hello.cu", "#include <cstdio>\n__global__ void hello() { printf(\"hello from %d\\n\", threadIdx.x); }\n");
        var launch = _folder.Write("hello.launch.json", """{"source": "hello.cu", "kernel": "hello", "grid": [1,1,1], "block": [1,1,1], "arguments": []}""");

        Assert.Equal(0, await _run.RunAsync("run", launch, "--json"));

        Assert.Equal("hello", JsonDocument.Parse(_run.Output).RootElement.GetProperty("kernel").GetString());
        Assert.Contains("hello from 0", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_that_does_not_compile_is_told_by_file_line_and_code()
    {
        _folder.Write("scale.cu", Scale.Replace("factor;", "factr;", StringComparison.Ordinal));
        var launch = _folder.Write("scale.launch.json", ScaleLaunch);

        Assert.Equal(1, await _run.RunAsync("run", launch, "--json"));

        Assert.Matches(@"scale\.cu\(5,\d+\): error CW\d{4}: .*factr", _run.Error);
        var diagnostic = JsonDocument.Parse(_run.Output).RootElement.GetProperty("diagnostics")[0];
        Assert.Equal(("error", 5), (diagnostic.GetProperty("severity").GetString(), diagnostic.GetProperty("line").GetInt32()));
        Assert.False(File.Exists(_folder.Path("x.npy")));
    }

    [Fact]
    public async Task An_access_out_of_bounds_is_told_with_its_source_line()
    {
        _folder.Write("scale.cu", Scale.Replace("if (i < n)", "if (i < n + 20)", StringComparison.Ordinal));
        var launch = _folder.Write("scale.launch.json", ScaleLaunch);

        Assert.Equal(1, await _run.RunAsync("run", launch));

        Assert.Matches(@"scale\.cu\(5,\d+\): error CW4010: ", _run.Error);
    }

    [Fact]
    public async Task A_kernel_without_end_stops_with_the_program()
    {
        _folder.Write("spin.cu", "__global__ void spin(volatile int *x) { while (x[0] == 0) { } }\n");
        var launch = _folder.Write("spin.launch.json", """{"source": "spin.cu", "kernel": "spin", "grid": [1,1,1], "block": [1,1,1], "arguments": [{"buffer": "int", "count": 1, "fill": 0}]}""");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromMilliseconds(500));

        Assert.Equal(1, await _run.RunAsync(stop.Token, "run", launch));

        Assert.Contains("stopped", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_files_and_devices_are_errors_that_name_them()
    {
        Assert.Equal(1, await _run.RunAsync("run", _folder.Path("none.json")));
        Assert.Contains("none.json", _run.Error, StringComparison.Ordinal);

        Assert.Equal(1, await _run.RunAsync("run", _folder.Write("cut.json", "{ \"source\": \"a.cu\",")));
        Assert.Contains("cut.json", _run.Error, StringComparison.Ordinal);

        _folder.Write("scale.cu", Scale);
        Assert.Equal(1, await _run.RunAsync("run", _folder.Write("scale.launch.json", ScaleLaunch), "--device", "abacus"));
        Assert.Contains("abacus", _run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", _run.Error, StringComparison.Ordinal);
    }
}
