namespace Nutanix.Prism;

/// <summary>A task that ended as FAILED or CANCELED.</summary>
public sealed class PrismTaskFailedException : PrismException
{
    public PrismTaskFailedException(string message, PrismTask task)
        : base(message) => Task = task;

    public PrismTask Task { get; }
}
