using CudaWasm.Host.Terminal;

namespace CudaWasm.Host;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        using var signals = new TerminationSignals();
        return await CudaWasmProgram.RunAsync(arguments, HostConsole.OfProcess(), signals.Token);
    }
}
