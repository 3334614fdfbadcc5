using System.Reflection;
using System.Text;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Documents;

/// <summary>
/// docs/diagnostics.md says what really happens. CUDA_WASM_UPDATE_DOCS=1 writes what comes out into the page instead of comparing it.
/// </summary>
public sealed class DiagnosticsPageTests : IDisposable
{
    /// <summary>Known bugs of the compiler are mended, not shown; and the CPU lacks nothing that the compiler makes.</summary>
    private static readonly string[] WithoutExample = [DiagnosticCodes.Internal, DiagnosticCodes.TargetLacks];

    /// <summary>What only a checked launch finds.</summary>
    private static readonly string[] CheckedCodes = [DiagnosticCodes.UninitializedRead, DiagnosticCodes.Race, DiagnosticCodes.DivergentWarp];

    private readonly string _folder = Directory.CreateTempSubdirectory("diagnostics").FullName;

    public static TheoryData<string> Codes => [.. DiagnosticsPage.Read().Where(e => !WithoutExample.Contains(e.Code)).Select(e => e.Code)];

    private static IEnumerable<string> DefinedCodes => typeof(DiagnosticCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetValue(null)!);

    [Fact]
    public void Every_code_is_on_the_page_and_no_other() =>
        Assert.Equal(DefinedCodes.Order(StringComparer.Ordinal), DiagnosticsPage.Read().Select(e => e.Code));

    [Fact]
    public void Every_code_has_a_meaning_of_its_own() => Assert.Equal(DefinedCodes.Count(), DefinedCodes.Distinct().Count());

    [Theory]
    [MemberData(nameof(Codes))]
    public void The_example_gives_what_the_page_shows(string code)
    {
        var entry = DiagnosticsPage.Read().Single(e => e.Code == code);
        var output = Output(entry);
        if (Environment.GetEnvironmentVariable("CUDA_WASM_UPDATE_DOCS") == "1") DiagnosticsPage.Write(code, output);
        else Assert.Equal(entry.Output, output);
        Assert.Contains($" {code}: ", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private string Output(DiagnosticEntry entry)
    {
        var file = Path.Combine(_folder, "example.cu");
        File.Delete(file);
        if (entry.Source is not null) File.WriteAllText(file, entry.Source);
        else if (Unwritable(entry.Code) is { } bytes) File.WriteAllBytes(file, bytes);
        var diagnostics = entry.Launch is null ? Compile(file, entry.Code) : Launch(entry.Launch, entry.Code);
        var text = new StringBuilder();
        foreach (var diagnostic in diagnostics) text.Append(diagnostic.Render());
        return text.Replace(_folder + Path.DirectorySeparatorChar, "").ToString();
    }

    /// <summary>Files that a page cannot hold; null for one that is not there.</summary>
    private static byte[]? Unwritable(string code) => code switch
    {
        DiagnosticCodes.NotText => [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0],
        DiagnosticCodes.TooLarge => new byte[12 << 20],
        DiagnosticCodes.CannotRead => null,
        _ => throw new InvalidOperationException($"{code} has no example."),
    };

    private static IEnumerable<Diagnostic> Compile(string file, string code)
    {
        string[] kernels = code == DiagnosticCodes.KernelNotFound ? ["sxapy"] : [];
        return KernelCompiler.CompileFile(file, null, null, kernels, TestContext.Current.CancellationToken).AllDiagnostics;
    }

    private IEnumerable<Diagnostic> Launch(string launch, string code)
    {
        var file = Path.Combine(_folder, "example.json");
        File.WriteAllText(file, launch.Replace("{ \"kernel\"", "{ \"source\": \"example.cu\", \"kernel\"", StringComparison.Ordinal));
        var options = new LaunchRunOptions { Timeout = TimeSpan.FromSeconds(code == DiagnosticCodes.TimedOut ? 0.1 : 20) };
        if (CheckedCodes.Contains(code)) return LaunchRunner.Check(LaunchFile.Load(file), options, TestContext.Current.CancellationToken).Report.Findings.Select(f => f.Diagnostic);
        var failure = Record.Exception(() => LaunchRunner.Run(LaunchFile.Load(file), options, TestContext.Current.CancellationToken));
        return (failure as CudaWasmException)?.Diagnostics ?? [];
    }
}
