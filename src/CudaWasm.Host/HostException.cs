namespace CudaWasm.Host;

/// <summary>A command could not do its work; the message tells why and the next step.</summary>
internal sealed class HostException(string message, Exception? inner = null) : Exception(message, inner);
