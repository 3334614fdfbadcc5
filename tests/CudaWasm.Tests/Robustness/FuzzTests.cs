using System.Diagnostics;
using System.Globalization;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Tests.Support;

namespace CudaWasm.Tests.Robustness;

/// <summary>
/// Whatever becomes of a real program, the compiler answers with diagnostics. Seeded, so that a failure comes again. Each run makes a few
/// rounds; CUDA_WASM_FUZZ_ROUNDS asks for that many, CUDA_WASM_FUZZ_SECONDS for as many as fit into that time, from a seed that
/// CUDA_WASM_FUZZ_SEED gives.
/// </summary>
public sealed class FuzzTests
{
    private const int UsualRounds = 100;

    /// <summary>A compilation that takes longer hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void Mutilated_programs_give_diagnostics_only()
    {
        IReadOnlyList<string> programs = [.. Repository.ExampleSources(), Syntax.FuzzTests.Sample];
        var first = Number("CUDA_WASM_FUZZ_SEED") ?? 0;
        var seconds = Number("CUDA_WASM_FUZZ_SECONDS");
        var rounds = Number("CUDA_WASM_FUZZ_ROUNDS") ?? (seconds is null ? UsualRounds : int.MaxValue);
        var watch = Stopwatch.StartNew();
        var failures = new List<string>();
        var round = 0;
        for (; round < rounds && failures.Count < 10 && (seconds is null || watch.Elapsed.TotalSeconds < seconds); round++)
        {
            var seed = first + round;
            if (Compile(SourceDamage.Mutilate(programs[seed % programs.Count], new Random(seed))) is { } failure) failures.Add(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {failure}"));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{round} rounds from seed {first}"));
        Assert.Empty(failures);
    }

    /// <summary>What is wrong with the compiler's answer; null where nothing is.</summary>
    private static string? Compile(string source)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var compilation = CudaCompiler.Compile(new SourceText("fuzz.cu", source), new CompileOptions { CancellationToken = patience.Token });
            foreach (var diagnostic in compilation.AllDiagnostics)
            {
                // A fault of the compiler is caught and told with a code of its own.
                if (diagnostic.Code == DiagnosticCodes.Internal) return diagnostic.ToString();
                _ = diagnostic.Render();
            }

            return null;
        }
        catch (Exception e) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return e.ToString();
        }
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
