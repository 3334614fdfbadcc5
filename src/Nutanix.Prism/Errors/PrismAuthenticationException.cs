namespace Nutanix.Prism;

/// <summary>The server does not accept the credential (401), or the user may not do this (403).</summary>
public sealed class PrismAuthenticationException : PrismException
{
    public PrismAuthenticationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
