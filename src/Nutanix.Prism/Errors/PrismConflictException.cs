namespace Nutanix.Prism;

/// <summary>The entity changed meanwhile (stale or missing ETag), or its state forbids the operation.</summary>
public sealed class PrismConflictException : PrismException
{
    public PrismConflictException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
