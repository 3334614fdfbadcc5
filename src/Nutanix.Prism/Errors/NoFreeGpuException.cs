namespace Nutanix.Prism;

/// <summary>No free GPU, or not enough of them, for a virtual machine.</summary>
public sealed class NoFreeGpuException : PrismException
{
    public NoFreeGpuException(string message, int requested, int free, Exception? innerException = null)
        : base(message, innerException) => (Requested, Free) = (requested, free);

    /// <summary>GPUs asked for.</summary>
    public int Requested { get; }

    /// <summary>GPUs of that kind that were free.</summary>
    public int Free { get; }
}
