using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CudaWasm.Benchmarks.Runners;

namespace CudaWasm.Benchmarks.Reports;

/// <summary>What the figures were measured on.</summary>
internal static class MachineDescription
{
    public static IEnumerable<(string Key, string Value)> Of(IEnumerable<Contender> contenders)
    {
        yield return ("Processor", $"{Processor()}, {Environment.ProcessorCount} {(Environment.ProcessorCount == 1 ? "core" : "cores")}");
        yield return ("Vectors", $"{VectorBits} bits");
        yield return ("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
        foreach (var contender in contenders.Where(c => c is not CudaWasmContender)) yield return (contender.Name, contender.Description);
        yield return ("Date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    private static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    private static string Processor()
    {
        const string List = "/proc/cpuinfo";
        if (OperatingSystem.IsLinux() && File.Exists(List))
        {
            var line = File.ReadLines(List).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
            if (line is not null) return line[(line.IndexOf(':') + 1)..].Trim();
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
