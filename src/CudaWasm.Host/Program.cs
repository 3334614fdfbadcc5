using CudaWasm.Host.Terminal;

namespace CudaWasm.Host;

internal static class Program
{
    private static Task<int> Main(string[] arguments) => CudaWasmProgram.RunAsync(arguments, HostConsole.OfProcess());
}
