namespace GpuPlatform;

/// <summary>A platform did not do what was asked. The message names what is wrong, what remains, and the next step.</summary>
public class PlatformException : Exception
{
    public PlatformException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>Stopped while a worker was being made; the message says what is there.</summary>
public sealed class WorkerInterruptedException(string message, Exception innerException, CancellationToken token)
    : OperationCanceledException(message, innerException, token);
