using GpuPlatform.Manifests;
using Nutanix.Prism;

namespace CudaWasm.Host.Terminal;

/// <summary>An error as a line for people; a fault of the program itself keeps its stack trace, for whoever mends it.</summary>
internal static class ErrorText
{
    public static string Of(Exception error) => IsExpected(error)
        ? $"cuda-wasm: error: {error.Message}"
        : $"cuda-wasm: internal error: {error}";

    private static bool IsExpected(Exception error) =>
        error is PrismException or ManifestException or IOException or UnauthorizedAccessException or HostException;
}
