using System.Text.Json;
using CudaWasm.Compiler.Serialization;

namespace CudaWasm.Host.Tests;

public sealed class CompileCommandTests : IDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly HostRun _run = new();

    public static TheoryData<string> Examples => [.. Directory.GetFiles(WorkFolder.Examples, "*.cu").Select(f => Path.GetFileName(f))];

    public void Dispose()
    {
        _run.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Examples_compile_as_whole_programs(string example)
    {
        Assert.Equal((0, ""), (await _run.RunAsync("compile", Path.Combine(WorkFolder.Examples, example), "--json"), _run.Error));

        var kernel = Assert.Single(JsonDocument.Parse(_run.Output).RootElement.EnumerateArray());
        Assert.Equal("ok", kernel.GetProperty("status").GetString());
        Assert.Equal(0, kernel.GetProperty("diagnostics").GetArrayLength());
    }

    [Fact]
    public async Task Each_kernel_has_its_own_status()
    {
        var file = _folder.Write("two.cu", "__global__ void good(int *x) { x[0] = 1; }\n__global__ void bad(int *x) { x[0] = y; }\n");

        Assert.Equal(1, await _run.RunAsync("compile", file, "--json"));

        var kernels = JsonDocument.Parse(_run.Output).RootElement.EnumerateArray().ToArray();
        Assert.Equal([("good", "ok"), ("bad", "failed")], kernels.Select(k => (k.GetProperty("name").GetString(), k.GetProperty("status").GetString())));
        var diagnostic = kernels[1].GetProperty("diagnostics")[0];
        Assert.Equal(["code", "severity", "file", "line", "column", "message"], diagnostic.EnumerateObject().Select(p => p.Name));
        Assert.Equal((2, 38), (diagnostic.GetProperty("line").GetInt32(), diagnostic.GetProperty("column").GetInt32()));
        Assert.Contains($"{file}(2,38): error CW2001: ", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_run_takes_the_kernel_from_the_cache()
    {
        var file = _folder.Write("k.cu", "__global__ void k(int *x) { x[0] = 1; }\n");
        string[] command = ["compile", file, "--json"], cached = [.. command, "--cache", _folder.Path("cache")];

        foreach (var line in new[] { command, cached, cached, [.. command, "--no-cache"] })
            Assert.Equal(0, await _run.RunAsync(line));

        var outcomes = _run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement[0].GetProperty("cache").GetString());
        Assert.Equal(["off", "miss", "hit", "off"], outcomes);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_used_is_an_error()
    {
        var file = _folder.Write("k.cu", "__global__ void k(int *x) { x[0] = 1; }\n");

        Assert.Equal(1, await _run.RunAsync("compile", file, "--cache", file));
        Assert.Contains($"--cache {file}", _run.Error, StringComparison.Ordinal);
        Assert.Equal(2, await _run.RunAsync("compile", file, "--cache", _folder.Path("cache"), "--no-cache"));
    }

    [Fact]
    public async Task A_file_may_be_included_first_as_the_program_does()
    {
        _folder.Write("config.h", "#define REAL double\n");
        var file = _folder.Write("part.cu", "__global__ void k(REAL *x) { x[0] = 1; }\n");

        Assert.Equal(1, await _run.RunAsync("compile", file));
        Assert.Equal(0, await _run.RunAsync("compile", file, "--include", "config.h"));
        Assert.Equal(1, await _run.RunAsync("compile", file, "--include", "nowhere.h"));
        Assert.Contains("cannot find 'nowhere.h', which was to be included first", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_tells_whether_threads_are_lanes_of_vectors_and_why_not()
    {
        var file = _folder.Write("k.cu", "__global__ void lanes(int *x) { x[threadIdx.x] = 1; }\n__global__ void locks(int *x) { while (atomicCAS(x, 0, 1) != 0) { } x[1]++; atomicExch(x, 0); }\n");

        Assert.Equal(0, await _run.RunAsync("compile", file, "--json"));

        var kernels = JsonDocument.Parse(_run.Output).RootElement.EnumerateArray().ToDictionary(k => k.GetProperty("name").GetString()!);
        Assert.Equal(CudaWasm.Compiler.Targets.Cil.CilOptions.NativeVectorBits, kernels["lanes"].GetProperty("vectorBits").GetInt32());
        Assert.Equal(0, kernels["locks"].GetProperty("vectorBits").GetInt32());
        Assert.Contains("wait for each other", kernels["locks"].GetProperty("scalarReason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_tells_what_a_kernel_needs()
    {
        var file = _folder.Write("k.cu", "template <typename T, int N> __global__ void __launch_bounds__(64) k(const T *x, T *y)\n{\n    __shared__ T tile[N];\n    tile[threadIdx.x] = x[threadIdx.x];\n    __syncthreads();\n    atomicAdd(y, tile[0]);\n}\nvoid run(float *f) { k<float, 64><<<1, 64>>>(f, f); }\n");

        Assert.Equal(0, await _run.RunAsync("compile", file, "--json"));

        var kernel = Assert.Single(JsonDocument.Parse(_run.Output).RootElement.EnumerateArray());
        Assert.Equal("k<float, 64>", kernel.GetProperty("name").GetString());
        Assert.Equal([("x", "const float *", "pointer", "in"), ("y", "float *", "pointer", "inOut")], kernel.GetProperty("parameters").EnumerateArray().Select(p => (Text(p, "name"), Text(p, "type"), Text(p, "kind"), Text(p, "direction"))));
        Assert.Equal([("T", "typename", "float"), ("N", "int", "64")], kernel.GetProperty("templateArguments").EnumerateArray().Select(a => (Text(a, "name"), Text(a, "kind"), Text(a, "value"))));
        Assert.Equal((256, 64, 1, false), (kernel.GetProperty("staticSharedBytes").GetInt32(), kernel.GetProperty("maxThreadsPerBlock").GetInt32(), kernel.GetProperty("line").GetInt32(), kernel.GetProperty("assumed").GetBoolean()));
        Assert.Equal([("staticShared", 3), ("barriers", 5), ("floatAtomics", 6)], kernel.GetProperty("features").EnumerateArray().Select(f => (Text(f, "name"), f.GetProperty("line").GetInt32())));
        Assert.Equal(("cpu", "supported"), (Text(kernel.GetProperty("targets")[0], "target"), Text(kernel.GetProperty("targets")[0], "verdict")));
        Assert.Equal(("1", "64"), (Text(kernel.GetProperty("launches")[0], "grid"), Text(kernel.GetProperty("launches")[0], "block")));

        static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
    }

    [Theory]
    [InlineData("-D", "VALUE=3", "-I", "include")]
    [InlineData("-DVALUE=3", "-Iinclude")]
    public async Task Macros_and_include_folders_reach_the_preprocessor(params string[] options)
    {
        Directory.CreateDirectory(_folder.Path("include"));
        _folder.Write(Path.Combine("include", "answer.h"), "#define ANSWER VALUE\n");
        var file = _folder.Write("k.cu", "#include <answer.h>\n__global__ void k(int *x) { x[0] = ANSWER; }\n#if VALUE != 3\n#error wrong\n#endif\n");
        var absolute = options.Select(o => o.EndsWith("include", StringComparison.Ordinal) ? o.Replace("include", _folder.Path("include"), StringComparison.Ordinal) : o);

        Assert.Equal((0, ""), (await _run.RunAsync(["compile", file, .. absolute]), _run.Error));

        Assert.Equal("k: ok", _run.Output.Trim());
    }

    [Fact]
    public async Task Only_the_kernels_named_are_compiled()
    {
        var file = _folder.Write("two.cu", "__global__ void a(int *x) { x[0] = 1; }\n__global__ void b(int *x) { x[0] = 2; }\n");

        Assert.Equal(0, await _run.RunAsync("compile", file, "--kernel", "b"));

        Assert.Equal("b: ok", _run.Output.Trim());
    }

    [Fact]
    public async Task The_ir_is_printed_or_written()
    {
        var file = _folder.Write("k.cu", "__global__ void k(int *x) { x[threadIdx.x] = 1; }\n");

        Assert.Equal(0, await _run.RunAsync("compile", file, "--target", "ir", "-o", _folder.Path("k.ir")));
        Assert.Empty(_run.Output);
        Assert.Equal(0, await _run.RunAsync("compile", file, "--target", "ir"));

        Assert.Contains("k", _run.Output, StringComparison.Ordinal);
        Assert.Equal(_run.Output, File.ReadAllText(_folder.Path("k.ir")));
    }

    [Fact]
    public async Task Portable_kernels_are_written_only_where_all_compile()
    {
        var (good, bad, output) = (_folder.Write("k.cu", "__global__ void k(int *x) { x[threadIdx.x] = 1; }\n"), _folder.Write("b.cu", "__global__ void a(int *x) { x[0] = 1; }\n__global__ void b(int *x) { x[0] = y; }\n"), _folder.Path("k.cukernel"));

        Assert.Equal(2, await _run.RunAsync("compile", good, "--target", "portable"));
        Assert.Equal(1, await _run.RunAsync("compile", bad, "--target", "portable", "-o", output));
        Assert.False(File.Exists(output));
        Assert.Equal(0, await _run.RunAsync("compile", good, "--target", "portable", "-o", output));

        Assert.Equal("k", Assert.Single(CompiledKernelFile.Read(await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken)).Kernels).Name);
    }

    [Theory]
    [InlineData("", "CW1004")]
    [InlineData("int main() { return 0; }", "CW1004")]
    [InlineData("\0\u0001\u0002\0ELF", "CW0001")]
    [InlineData("__global__ void k(int *x) { x[0] = ", "CW1")]
    public async Task Files_without_a_whole_kernel_are_errors(string text, string code)
    {
        var file = _folder.Write("k.cu", text);

        Assert.Equal(1, await _run.RunAsync("compile", file));

        Assert.Contains($"error {code}", _run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        Assert.Equal(1, await _run.RunAsync("compile", _folder.Path("none.cu")));

        Assert.Contains("none.cu", _run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", _run.Error, StringComparison.Ordinal);
    }
}
