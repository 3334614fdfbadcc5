namespace Nutanix.Prism;

/// <summary>Why no answer came.</summary>
public enum ConnectionFailure
{
    /// <summary>The connection was refused, reset or cut.</summary>
    Unreachable,

    /// <summary>The host name is not known.</summary>
    NameNotFound,

    /// <summary>The server's certificate is not trusted, expired, or made out to another name.</summary>
    Certificate,

    /// <summary>The other side does not speak TLS.</summary>
    Tls,

    /// <summary>No whole answer within the time allowed.</summary>
    TimedOut,
}

/// <summary>No answer came from the server.</summary>
public sealed class PrismConnectionException : PrismException
{
    public PrismConnectionException(string message, ConnectionFailure failure, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    public ConnectionFailure Failure { get; }

    /// <summary>True when the same request may well succeed a moment later.</summary>
    public bool IsTransient => Failure is ConnectionFailure.Unreachable or ConnectionFailure.TimedOut;
}
