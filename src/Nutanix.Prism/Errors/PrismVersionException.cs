namespace Nutanix.Prism;

/// <summary>The server serves none of the API versions this client speaks.</summary>
public sealed class PrismVersionException : PrismException
{
    public PrismVersionException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
