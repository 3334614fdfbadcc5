using System.Runtime.InteropServices;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Checking;

/// <summary>Checks a source's only kernel, which takes pointers to int.</summary>
internal static class CheckHarness
{
    public static CheckReport Check(string source, Dim3 grid, Dim3 block, params int[][] buffers) => Check(source, grid, block, 0, [], buffers);

    public static CheckReport Check(string source, Dim3 grid, Dim3 block, int sharedBytes, int[] uninitialized, params int[][] buffers)
    {
        var compiled = KernelHarness.CompileOne(source);
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled, new LoadOptions { Check = true });
        var memory = buffers.Select((b, i) => device.Allocate(b.Length * sizeof(int), $"buffer {i}")).ToList();
        for (var i = 0; i < buffers.Length; i++) memory[i].CopyFrom(MemoryMarshal.AsBytes(buffers[i].AsSpan()));
        var report = kernel.Check(
            new LaunchConfiguration(grid, block, sharedBytes),
            [.. memory.Select(b => KernelArgument.Buffer(b))],
            new CheckOptions { Timeout = TimeSpan.FromSeconds(60), Uninitialized = [.. uninitialized.Select(i => memory[i])] },
            TestContext.Current.CancellationToken);
        for (var i = 0; i < buffers.Length; i++) memory[i].CopyTo(MemoryMarshal.AsBytes(buffers[i].AsSpan()));
        foreach (var buffer in memory) buffer.Dispose();
        return report;
    }

    /// <summary>The only finding.</summary>
    public static CheckFinding Single(CheckReport report)
    {
        Assert.True(report.Findings.Count == 1, Render(report));
        return report.Findings[0];
    }

    /// <summary>Nothing was found, and nothing left open.</summary>
    public static void AssertClean(CheckReport report)
    {
        Assert.True(report.Findings.Count == 0, Render(report));
        Assert.Equal(0, report.Undecided);
        Assert.True(report.IsClean);
    }

    public static string Render(CheckReport report) => $"{report.Findings.Count} findings, {report.Undecided} undecided\n{string.Concat(report.Findings.Select(f => $"{f.Kind} x{f.Count} {f.Diagnostic.Render()}"))}";

    /// <summary>The first line of a source that holds a text, counted from one.</summary>
    public static int LineOf(string source, string text) => source.Split('\n').Index().First(l => l.Item.Contains(text, StringComparison.Ordinal)).Index + 1;

    public static void AssertAt(string source, string text, SourceSpan span) => Assert.Equal(LineOf(source, text), span.Line);
}
