using System.Text;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Serialization;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Tests.Support;

namespace CudaWasm.Tests.Serialization;

public sealed class CompiledKernelFileTests
{
    private const string Scale = "__global__ void scale(float *x, float by, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) x[i] *= by; }";

    public static TheoryData<string> Sources => [.. Repository.ExampleSources()];

    [Theory]
    [MemberData(nameof(Sources))]
    public void What_is_read_is_what_was_compiled(string source)
    {
        var compilation = Compile(source);
        ObjectGraph.AssertEqual(compilation, CompiledKernelFile.Read(CompiledKernelFile.Write(compilation)));
    }

    [Fact]
    public void A_kernel_from_a_file_runs_and_its_faults_name_the_line()
    {
        var kernel = CompiledKernelFile.Read(CompiledKernelFile.Write(Compile("\n\n" + Scale.Replace("i < n", "true", StringComparison.Ordinal)))).Kernels[0];
        using var device = Devices.Open("cpu");
        using var loaded = device.Load(kernel);
        using var x = device.Allocate(8, "x");
        x.CopyFrom(BitConverter.GetBytes(3f));
        KernelArgument[] arguments = [KernelArgument.Buffer(x), KernelArgument.FromSingle(2), KernelArgument.FromInt32(2)];

        loaded.Launch(new LaunchConfiguration(new Dim3(1), new Dim3(2)), arguments, cancellationToken: TestContext.Current.CancellationToken);

        var result = new byte[4];
        x.CopyTo(result);
        Assert.Equal(6f, BitConverter.ToSingle(result));
        var fault = Assert.Throws<KernelFaultException>(() => loaded.Launch(new LaunchConfiguration(new Dim3(1), new Dim3(3)), arguments, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(3, fault.Diagnostic.Span.Line);
    }

    [Fact]
    public void Kernels_with_errors_are_not_written() =>
        Assert.Throws<ArgumentException>(() => CompiledKernelFile.Write(Compile("__global__ void k(int *x) { x[0] = nope; }")));

    [Fact]
    public void A_file_of_another_version_says_who_made_it()
    {
        var file = CompiledKernelFile.Write(Compile(Scale));
        file[8] ^= 1;
        var refused = Assert.Throws<InvalidDataException>(() => CompiledKernelFile.Read(file));
        Assert.Matches(@"made by cuda-wasm \d+\.\d+\.\d+, whose format", refused.Message);
    }

    [Fact]
    public void Each_kind_of_damage_is_told()
    {
        var file = CompiledKernelFile.Write(Compile(Scale));
        Assert.Contains("no compiled kernel", Refusal(Encoding.UTF8.GetBytes(Scale)), StringComparison.Ordinal);
        Assert.Contains("no compiled kernel", Refusal([]), StringComparison.Ordinal);
        Assert.Contains("cut off", Refusal(file[..40]), StringComparison.Ordinal);
        Assert.Contains("checksum", Refusal(file[..^1]), StringComparison.Ordinal);
        Assert.Contains("checksum", Refusal([.. file[..^1], (byte)~file[^1]]), StringComparison.Ordinal);
        Assert.Contains("bytes; 16777216 are allowed", Refusal([.. file, .. new byte[CompiledKernelFile.MaxBytes]]), StringComparison.Ordinal);
    }

    [Fact]
    public void What_nests_deeper_than_passes_can_follow_is_refused()
    {
        // A sum leans to the left: each term is a level of its own.
        var compilation = Compile($"__global__ void k(int *x) {{ x[0] = {string.Join(" + ", Enumerable.Range(0, 600).Select(i => $"x[{i}]"))}; }}");
        Assert.True(compilation.Succeeded);
        Assert.Contains("512 deep", Assert.Throws<ArgumentException>(() => CompiledKernelFile.Write(compilation)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Counts_inside_counts_ask_for_no_memory_of_their_own()
    {
        const int depth = 100;
        // The version, no known sources, then at each level as many things as there are bytes left.
        byte[] bomb = [CompilationFormat.Version, 0, .. Enumerable.Repeat<byte[]>([0xFF, 0xFF, 0x0F], depth).SelectMany(b => b), .. new byte[0x3FFFF]];
        using var input = new CompilationInput(new MemoryStream(bomb), [], IrLimits.None);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<EndOfStreamException>(() => Level(depth - 1));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128L * bomb.Length);

        object Level(int left) => input.ReadMany(() => left == 0 ? input.ReadByte() : Level(left - 1));
    }

    private static string Refusal(byte[] file) => Assert.Throws<InvalidDataException>(() => CompiledKernelFile.Read(file)).Message;

    private static CudaCompilation Compile(string source) => CudaCompiler.Compile(new SourceText("k.cu", source), new CompileOptions { CancellationToken = TestContext.Current.CancellationToken });
}
