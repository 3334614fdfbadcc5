using System.Globalization;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Serialization;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Tests.Support;

namespace CudaWasm.Tests.Robustness;

/// <summary>
/// Whatever becomes of a compiled kernel, it is refused, or it runs within its bounds: this process is there to tell. Seeded; each run makes a
/// few thousand rounds, CUDA_WASM_FUZZ_ROUNDS asks for that many, from a seed that CUDA_WASM_FUZZ_SEED gives.
/// </summary>
public sealed class KernelFileFuzzTests
{
    private const int UsualRounds = 2500;

    /// <summary>Machine code is made for one in so many of those that pass: it takes a hundred times as long as reading does.</summary>
    private const int RunEvery = 6;

    [Fact]
    public void Mutilated_files_are_refused_or_stay_within_their_bounds()
    {
        var kernels = Directory.GetFiles(Repository.Path("tests", "benchmarks", "kernels"), "*.cu").Order(StringComparer.Ordinal).Select(File.ReadAllText);
        byte[][] files = [.. Repository.ExampleSources().Append(Serialization.CompilationFormatTests.Everything).Concat(kernels).SelectMany(Files)];
        var first = Number("CUDA_WASM_FUZZ_SEED") ?? 0;
        var asked = Number("CUDA_WASM_FUZZ_ROUNDS");
        using var device = Devices.Open("cpu");
        var (read, run) = (0, 0);
        for (var seed = first; seed < first + (asked ?? UsualRounds); seed++)
        {
            var random = new Random(seed);
            var file = KernelFileDamage.Mutilate(files[random.Next(files.Length)], random);
            CudaCompilation compilation;
            try
            {
                compilation = CompiledKernelFile.Read(file);
            }
            catch (InvalidDataException)
            {
                continue;
            }

            foreach (var diagnostic in compilation.AllDiagnostics) _ = diagnostic.Render();
            if (read++ % RunEvery != 0 && asked is null) continue;
            run++;
            foreach (var kernel in compilation.Kernels) Run(device, kernel, seed);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{read} files could be read, {run} were run"));
        Assert.NotEqual(0, run);
    }

    private static void Run(Device device, CompiledKernel kernel, int seed)
    {
        if (kernel.Module!.Globals.Sum(g => g.Bytes) > 1 << 20 || kernel.Module.Kernel.Variables.Sum(v => v.Bytes) > 1 << 20) return;
        var owned = new List<IDisposable>();
        try
        {
            using var loaded = device.Load(kernel);
            var arguments = kernel.Parameters.Select(p => Argument(device, p, owned)).ToArray();
            foreach (var threads in new[] { 33, 64 })
            {
                loaded.Launch(new LaunchConfiguration(new Dim3(2), new Dim3(threads)) { SharedBytes = 256 }, arguments, new LaunchOptions { Timeout = TimeSpan.FromMilliseconds(20), Output = TextWriter.Null }, TestContext.Current.CancellationToken);
            }
        }
        catch (CudaWasmException e)
        {
            // A fault, or what the CPU lacks, which is shown to somebody.
            foreach (var diagnostic in e.Diagnostics) _ = diagnostic.Render();
        }
        catch (Exception e) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, kernel {kernel.Name}: {e}"));
        }
        finally
        {
            owned.ForEach(o => o.Dispose());
        }
    }

    private static KernelArgument Argument(Device device, KernelParameter parameter, List<IDisposable> owned)
    {
        if (parameter.Kind is KernelParameterKind.Scalar or KernelParameterKind.Aggregate)
        {
            var value = new byte[parameter.Bytes];
            value.AsSpan(0, 1).Fill(17);
            return KernelArgument.Bytes(value);
        }

        if (parameter.Kind != KernelParameterKind.Pointer) return KernelArgument.Null;
        var buffer = device.Allocate(4096, parameter.Name);
        owned.Add(buffer);
        return KernelArgument.Buffer(buffer);
    }

    private static IEnumerable<byte[]> Files(string source)
    {
        var compilation = CudaCompiler.Compile(new SourceText("fuzz.cu", source), new CompileOptions { CancellationToken = TestContext.Current.CancellationToken });
        // One kernel a file, so that a change has to do with what is run.
        return compilation.Kernels.Where(k => k.Succeeded).Select(k => CompiledKernelFile.Write(new CudaCompilation([k], [])));
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
