using System.Runtime.InteropServices;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

public sealed class LaunchFileTests : IDisposable
{
    private const string Source = """
        __constant__ float weights[2][3];
        __device__ int calls = 40;
        struct Pair { int a; float b; };
        template <typename T> __global__ void scale(const T* x, T* y, T factor, int n, Pair pair) {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n) y[i] = x[i] * factor + (T)pair.a + (T)weights[1][2];
            if (i == 0) calls += 2;
            printf("%d\n", i);
        }
        void host(float* x) { scale<float><<<1, 1>>>(x, x, 1.0f, 1, Pair{}); }
        """;

    private const string Good = """
        {
          "source": "k.cu", "includePaths": ["."], "defines": {"N": 4}, "kernel": "scale<float>",
          "grid": [2], "block": 4, "sharedBytes": 0,
          "arguments": [
            {"buffer": "float", "count": 6, "input": "x.npy"},
            {"buffer": "float", "count": 6, "fill": -1.5, "output": "y.npy"},
            {"float": 2}, {"int": 5}, {"bytes": "AwAAAAAAAAA="}],
          "symbols": {"weights": {"input": "w.bin", "output": null}, "calls": {"output": "calls.bin"}}
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("launch").FullName;

    public LaunchFileTests()
    {
        Write("k.cu", Source);
        File.WriteAllBytes(At("x.npy"), [.. NpyFile.Header(ElementType.Find("float")!, [2, 3]), .. Bytes(1f, 2f, 3f, 4f, 5f, 6f)]);
        File.WriteAllBytes(At("w.bin"), Bytes(0f, 0f, 0f, 0f, 0f, 10f));
    }

    public static TheoryData<string, string, string, string> Mistakes => new()
    {
        { "\"grid\": [2]", "\"grid\": [0]", "$.grid[0]", "from 1 to" },
        { "\"grid\": [2]", "\"grid\": [1,2,3,4]", "$.grid", "one to three" },
        { "\"kernel\"", "\"kernal\"", "$.kernal", "known are source" },
        { "\"source\": \"k.cu\"", "\"source\": \"none.cu\"", "$.source", "there is no file" },
        { "\"includePaths\": [\".\"]", "\"includePaths\": [\"inc\"]", "$.includePaths[0]", "there is no folder" },
        { "\"defines\": {\"N\": 4}", "\"defines\": {\"N\": []}", "$.defines.N", "a text or a number" },
        { "{\"int\": 5}", "{\"int\": 5.5}", "$.arguments[3].int", "a whole number" },
        { "{\"int\": 5}", "{\"int\": 5000000000}", "$.arguments[3].int", "from -2147483648 to 2147483647" },
        { "{\"int\": 5}", "{\"integer\": 5}", "$.arguments[3]", "'integer' is no type" },
        { "{\"int\": 5}", "{\"int\": 5, \"float\": 1}", "$.arguments[3]", "exactly one member" },
        { "{\"int\": 5}", "5", "$.arguments[3]", "an object is expected" },
        { "{\"int\": 5}, ", "", "$.arguments", "takes 5 arguments" },
        { "{\"int\": 5}", "{\"float\": 5}", "$.arguments", "a value of type float" },
        { "{\"int\": 5}", "{\"double\": 5}", "$.arguments", "4 bytes are expected" },
        { "{\"float\": 2}", "{\"float\": \"two\"}", "$.arguments[2].float", "a number is expected" },
        { "AwAAAAAAAAA=", "???", "$.arguments[4].bytes", "Base64" },
        { "AwAAAAAAAAA=", "AwAA", "$.arguments", "8 bytes are expected" },
        { "\"buffer\": \"float\", \"count\": 6, \"fill\": -1.5", "\"buffer\": \"flaot\", \"count\": 6", "$.arguments[1].buffer", "no element type" },
        { "\"buffer\": \"float\", \"count\": 6, \"fill\": -1.5", "\"buffer\": \"double\", \"count\": 6", "$.arguments[1].buffer", "a buffer of float is expected" },
        { "\"count\": 6, \"fill\": -1.5,", "", "$.arguments[1]", "needs a count" },
        { "\"count\": 6, \"input\"", "\"count\": 7, \"input\"", "$.arguments[0].count", "7 elements are expected" },
        { "\"input\": \"x.npy\"", "\"input\": \"w.bin\", \"fill\": 1", "$.arguments[0]", "not both" },
        { "\"input\": \"x.npy\"", "\"input\": \"no.npy\"", "$.arguments[0].input", "there is no file" },
        { "\"input\": \"x.npy\"", "\"input\": \"k.cu.npy\"", "$.arguments[0].input", "not a .npy file" },
        { "\"output\": \"y.npy\"", "\"output\": \"sub/y.npy\"", "$.arguments[1].output", "there is no folder" },
        { "\"weights\": {", "\"wieghts\": {", "$.symbols['wieghts']", "it uses" },
        { "\"w.bin\"", "\"short.bin\"", "$.symbols['weights'].input", "has 24 bytes, but" },
        { "\"weights\": {\"input\"", "\"weights\": {\"inputs\"", "$.symbols['weights'].inputs", "not known here" },
    };

    [Fact]
    public void A_launch_reads_its_inputs_and_writes_its_outputs()
    {
        var printed = new StringWriter();

        var result = LaunchRunner.Run(Load(Good), new LaunchRunOptions { Repeat = 3, Output = printed }, TestContext.Current.CancellationToken);

        Assert.Equal(("scale<float>", "cpu", 3), (result.Kernel, result.Device, result.LaunchMs.Count));
        Assert.Equal([(At("y.npy"), "float"), (At("calls.bin"), "int")], result.Outputs.Select(o => (o.File, o.Type)));
        Assert.Equal([6L], result.Outputs[0].Shape);
        using var stream = File.OpenRead(At("y.npy"));
        var npy = NpyFile.ReadHeader(stream);
        var values = new float[npy.Count];
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        Assert.Equal([15f, 17f, 19f, 21f, 23f, -1.5f], values);
        // Each of the three launches began with fresh content.
        Assert.Equal(42, BitConverter.ToInt32(File.ReadAllBytes(At("calls.bin"))));
        Assert.Equal(string.Concat(Enumerable.Range(0, 8).Select(i => $"{i}\n")), printed.ToString());
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Mistakes_are_named_with_their_place(string good, string bad, string jsonPath, string message)
    {
        Assert.Contains(good, Good, StringComparison.Ordinal);
        Write("k.cu.npy", Source);
        Write("short.bin", "12345678");

        var error = Assert.Throws<LaunchFileException>(() => LaunchRunner.Run(Load(Good.Replace(good, bad, StringComparison.Ordinal)), null, TestContext.Current.CancellationToken));

        Assert.Equal((At("launch.json"), jsonPath), (error.File, error.JsonPath));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(At("y.npy")));
    }

    [Fact]
    public void Files_that_are_no_launch_files_are_refused()
    {
        Assert.Contains("line 1", Assert.Throws<LaunchFileException>(() => Load("{ \"source\": ")).Message, StringComparison.Ordinal);
        Assert.Throws<LaunchFileException>(() => Load("[1]"));
        Assert.Contains("there is no such file", Assert.Throws<LaunchFileException>(() => LaunchFile.Load(At("none.json"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Textures_and_surfaces_have_files_too()
    {
        Write("k.cu", """
            texture<uchar4, 2, cudaReadModeNormalizedFloat> image;
            __global__ void k(cudaTextureObject_t line, cudaSurfaceObject_t target) {
                int i = threadIdx.x;
                float4 texel = tex2D(image, i, 0);
                surf2Dwrite(tex1D<float>(line, i + 1.0f) + texel.w, target, i * 4, 1);
            }
            """);
        File.WriteAllBytes(At("line.bin"), Bytes(1f, 2f, 4f));
        File.WriteAllBytes(At("image.bin"), [0, 0, 0, 255, 0, 0, 0, 0]);
        const string Launch = """
            {"source": "k.cu", "kernel": "k", "grid": 1, "block": 2,
             "arguments": [
               {"texture": {"format": "float", "width": 3, "input": "line.bin", "filter": "linear", "address": ["clamp"]}},
               {"surface": {"format": "float", "width": 2, "height": 2, "fill": -1, "output": "target.npy"}}],
             "symbols": {"image": {"texture": {"format": "uchar4", "width": 2, "input": "image.bin", "readMode": "normalizedFloat"}}}}
            """;

        var result = LaunchRunner.Run(Load(Launch), new LaunchRunOptions { Repeat = 2 }, TestContext.Current.CancellationToken);

        Assert.Equal([2L, 2L], Assert.Single(result.Outputs).Shape);
        Assert.Equal(Bytes(-1f, -1f, 2.5f, 3f), File.ReadAllBytes(At("target.npy"))[^16..]);
        void Refuse(string good, string bad, string jsonPath, string message)
        {
            var error = Assert.Throws<LaunchFileException>(() => LaunchRunner.Run(Load(Launch.Replace(good, bad, StringComparison.Ordinal)), null, TestContext.Current.CancellationToken));
            Assert.Equal(jsonPath, error.JsonPath);
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }

        Refuse("\"linear\"", "\"cubic\"", "$.arguments[0].texture.filter", "one of point, linear");
        Refuse("\"width\": 3", "\"width\": 4", "$.arguments[0].texture.input", "has 4 numbers of type float, but");
        Refuse("uchar4", "double4", "$.symbols['image'].texture.format", "'double4' is no format");
        Refuse("\"fill\": -1", "\"fill\": -1, \"filter\": \"point\"", "$.arguments[1].surface.filter", "not known here");
        Refuse("\"image\":", "\"imago\":", "$.symbols['imago']", "it uses image");
        Refuse("{\"texture\": {\"format\": \"float\", \"width\": 3, \"input\": \"line.bin\", \"filter\": \"linear\", \"address\": [\"clamp\"]}}", "{\"int\": 3}", "$.arguments", "a texture is expected");
    }

    [Fact]
    public void A_kernel_that_fails_writes_no_output()
    {
        Write("k.cu", Source.Replace("if (i < n)", "if (true)", StringComparison.Ordinal));
        File.WriteAllText(At("y.npy"), "old");

        Assert.Throws<KernelFaultException>(() => LaunchRunner.Run(Load(Good), null, TestContext.Current.CancellationToken));

        Assert.Equal("old", File.ReadAllText(At("y.npy")));
        Assert.DoesNotContain(Directory.GetFiles(_folder), f => f.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Unknown_kernels_are_listed_and_errors_of_the_source_are_kept()
    {
        var unknown = Assert.Throws<KernelCompileException>(() => LaunchRunner.Run(Load(Good.Replace("scale<float>", "scalar", StringComparison.Ordinal)), null, TestContext.Current.CancellationToken));
        Assert.Equal("CW2015", unknown.Code);

        Write("k.cu", "__global__ void scale(int* x) { *x = y; }");
        var wrong = Assert.Throws<KernelCompileException>(() => LaunchRunner.Run(Load(Good.Replace("scale<float>", "scale", StringComparison.Ordinal)), null, TestContext.Current.CancellationToken));
        Assert.Equal("CW2001", wrong.Code);
        Assert.Equal(At("k.cu"), wrong.Diagnostics.First(d => d.IsError).Span.Path);
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private static byte[] Bytes(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private LaunchFile Load(string json)
    {
        Write("launch.json", json);
        return LaunchFile.Load(At("launch.json"));
    }

    private void Write(string name, string text) => File.WriteAllText(At(name), text);

    private string At(string name) => Path.Combine(_folder, name);
}
