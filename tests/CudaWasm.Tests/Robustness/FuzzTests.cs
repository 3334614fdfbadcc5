using System.Text;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Tests.Robustness;

/// <summary>
/// Real programs with pieces cut, doubled, swapped and scribbled over: whatever comes of it, the compiler answers with diagnostics. Seeded, so
/// that a failure comes again; CUDA_WASM_FUZZ_ROUNDS asks for more rounds than the few that each run makes.
/// </summary>
public sealed class FuzzTests
{
    private static readonly string[] Pieces =
        ["template<", "struct ", "__shared__ ", "operator", "<<<", ">>>", "#define ", "#if ", "#include \"", "auto ", "&&", "::", "0x", "1e", "{{", "::*", "case ", "else ", "(", ")", "[", "]", ";", "\"", "'", "\\\n", "/*", "\0"];

    [Fact]
    public void Mutilated_programs_give_diagnostics_only()
    {
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("CUDA_WASM_FUZZ_ROUNDS"), out var asked) ? asked : 150;
        var programs = Directory.GetFiles(ExamplesFolder(), "*.cu").Order(StringComparer.Ordinal).Select(File.ReadAllText).ToList();
        Assert.NotEmpty(programs);
        var failures = new List<string>();
        for (var seed = 0; seed < rounds; seed++)
        {
            var source = Mutilate(programs[seed % programs.Count], new Random(seed));
            var compilation = CudaCompiler.Compile(new SourceText("fuzz.cu", source), new CompileOptions { CancellationToken = TestContext.Current.CancellationToken });
            // A fault of the compiler is caught and told with a code of its own.
            failures.AddRange(compilation.AllDiagnostics.Where(d => d.Code == DiagnosticCodes.Internal).Select(d => $"seed {seed}: {d}"));
        }

        Assert.Empty(failures);
    }

    private static string Mutilate(string program, Random random)
    {
        var text = new StringBuilder(program);
        for (var i = random.Next(1, 8); i > 0; i--)
        {
            var at = random.Next(text.Length);
            var length = Math.Min(random.Next(1, 60), text.Length - at);
            switch (random.Next(5))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 2:
                    text.Insert(random.Next(text.Length), text.ToString(at, length));
                    break;
                case 3:
                    text[at] = (char)random.Next(1, 256);
                    break;
                default:
                    text.Length = Math.Max(40, at);
                    break;
            }

            if (text.Length < 40) break;
        }

        return text.ToString();
    }

    private static string ExamplesFolder()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var examples = Path.Combine(folder, "docs", "examples");
            if (Directory.Exists(examples)) return examples;
        }

        throw new DirectoryNotFoundException("docs/examples");
    }
}
