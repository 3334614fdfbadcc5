using System.Management.Automation;
using System.Net;
using CudaWasm.Runtime.Remote;

namespace CudaWasmNutanix.Workers;

/// <summary>Error records of workers: the answer's status tells the category.</summary>
internal static class WorkerErrors
{
    public static ErrorRecord From(RemoteWorkerException exception, object? target) => exception.Status switch
    {
        null => new ErrorRecord(exception, "WorkerUnreachable", ErrorCategory.ConnectionError, target),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new ErrorRecord(exception, "WorkerAuthentication", ErrorCategory.AuthenticationError, target),
        HttpStatusCode.NotFound => new ErrorRecord(exception, "PublishedKernelNotFound", ErrorCategory.ObjectNotFound, target),
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => new ErrorRecord(exception, "WorkerBusy", ErrorCategory.ResourceBusy, target),
        HttpStatusCode.RequestEntityTooLarge => new ErrorRecord(exception, "WorkerLimit", ErrorCategory.LimitsExceeded, target),
        _ => new ErrorRecord(exception, "WorkerError", ErrorCategory.InvalidOperation, target),
    };
}
