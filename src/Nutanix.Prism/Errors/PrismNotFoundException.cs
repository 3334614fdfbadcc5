namespace Nutanix.Prism;

/// <summary>An entity or a path that the server does not have.</summary>
public sealed class PrismNotFoundException : PrismException
{
    public PrismNotFoundException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
