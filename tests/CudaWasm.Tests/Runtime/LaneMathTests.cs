using System.Runtime.InteropServices;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

/// <summary>Vector math against the library's, which computes in double: within the errors of CUDA's own functions.</summary>
public sealed class LaneMathTests
{
    /// <summary>Name, lowest and highest argument, and the error in units of the last place that the CUDA programming guide allows (at least 2).</summary>
    public static TheoryData<string, float, float, int> Functions => new()
    {
        { "expf", -110, 95, 2 },
        { "expf", -2, 2, 2 },
        { "exp2f", -155, 130, 2 },
        { "exp10f", -46, 39, 2 },
        { "logf", 1e-44f, 1e30f, 2 },
        { "logf", 0.5f, 2, 2 },
        { "log2f", 1e-30f, 100, 2 },
        { "log10f", 1e-30f, 1e5f, 2 },
        { "tanhf", -12, 12, 2 },
        { "tanhf", -0.7f, 0.7f, 2 },
        { "sinhf", -90, 90, 3 },
        { "coshf", -90, 90, 2 },
        { "erff", -5, 5, 2 },
        { "erff", -1.1f, 1.1f, 2 },
        { "sinf", -100, 100, 2 },
        { "cosf", -100, 100, 2 },
        { "tanf", -100, 100, 4 },
        { "rsqrtf", 1e-30f, 1e30f, 2 },
        { "sqrtf", 0, 1e30f, 0 },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void Functions_of_one_argument_are_as_exact_as_cuda_says(string name, float low, float high, int error)
    {
        var arguments = Arguments(low, high);
        var source = $"__global__ void k(const float *x, float *y) {{ int i = blockIdx.x * blockDim.x + threadIdx.x; y[i] = {name}(x[i]); }}";

        Compare(source, arguments, error);
    }

    [Theory]
    [InlineData("powf(x[i], x[i ^ 1])", 0, 30, 4)]
    [InlineData("powf(x[i], 3.0f)", -30, 30, 4)]
    [InlineData("powf(x[i], 2.5f)", -3, 30, 4)]
    [InlineData("powf(-1.5f, rintf(x[i]))", -30, 30, 4)]
    [InlineData("hypotf(x[i], x[i ^ 1])", -1e30f, 1e30f, 3)]
    [InlineData("fminf(x[i], x[i ^ 1])", -1, 1, 0)]
    [InlineData("fmodf(x[i], 0.7f)", -10, 10, 0)]
    [InlineData("x[i] / 3.0f + rintf(x[i])", -10, 10, 0)]
    [InlineData("(float)((int)x[i] % 7 + (unsigned)(x[i] + 1000.0f) / 3u)", -900, 900, 0)]
    public void Expressions_of_vectors_equal_those_of_single_threads(string expression, float low, float high, int error)
    {
        var source = $"__global__ void k(const float *x, float *y) {{ int i = blockIdx.x * blockDim.x + threadIdx.x; y[i] = {expression}; }}";

        Compare(source, Arguments(low, high), error);
    }

    /// <summary>Evenly and geometrically spaced values, the ends, zeros, infinities and NaN.</summary>
    private static float[] Arguments(float low, float high)
    {
        const int Count = 2048;
        var values = new float[Count];
        for (var i = 0; i < Count - 8; i++)
        {
            values[i] = i % 2 == 0
                ? low + ((high - low) * i / Count)
                : Math.Clamp((i % 4 == 1 ? -1 : 1) * (float)Math.Pow(10, -38 + (i * 76.0 / Count)), low, high);
        }

        float[] special = [0, -0f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1, low, high];
        special.CopyTo(values, Count - 8);
        return values;
    }

    private static void Compare(string source, float[] arguments, int error)
    {
        var kernel = Assert.Single(CudaCompiler.Compile(new SourceText("math.cu", source), new CompileOptions()).Kernels);
        var expected = Run(kernel, arguments, 0);
        foreach (var bits in new[] { 128, 256, 512 })
        {
            var actual = Run(kernel, arguments, bits);
            for (var i = 0; i < arguments.Length; i++)
            {
                if (expected[i].Equals(actual[i])) continue;
                var distance = Math.Abs((long)Ordered(expected[i]) - Ordered(actual[i]));
                Assert.True(distance <= error && float.IsNaN(expected[i]) == float.IsNaN(actual[i]), $"{source} of {arguments[i]:R} with {bits} bits is {actual[i]:R}, not {expected[i]:R}: {distance} units");
            }
        }
    }

    /// <summary>Neighbouring floats have neighbouring numbers; both zeros have one.</summary>
    private static int Ordered(float value)
    {
        var bits = BitConverter.SingleToInt32Bits(value);
        return bits < 0 ? int.MinValue - bits : bits;
    }

    private static float[] Run(CompiledKernel compiled, float[] arguments, int bits)
    {
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled, new LoadOptions { VectorBits = bits });
        using var x = device.Allocate(arguments.Length * 4L, "x");
        using var y = device.Allocate(arguments.Length * 4L, "y");
        x.CopyFrom(MemoryMarshal.AsBytes(arguments.AsSpan()));
        kernel.Launch(new LaunchConfiguration(new Dim3(arguments.Length / 64), new Dim3(64)), [KernelArgument.Buffer(x), KernelArgument.Buffer(y)], new LaunchOptions(), TestContext.Current.CancellationToken);
        var result = new float[arguments.Length];
        y.CopyTo(MemoryMarshal.AsBytes(result.AsSpan()));
        return result;
    }
}
