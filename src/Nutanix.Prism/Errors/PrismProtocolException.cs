namespace Nutanix.Prism;

/// <summary>An answer that is not Prism's: a redirect, HTML, JSON that is cut off or has another shape.</summary>
public sealed class PrismProtocolException : PrismException
{
    public PrismProtocolException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
