using System.Net;

namespace Nutanix.Prism;

/// <summary>Something a Prism Central did, or did not do. The message names the thing and the next step.</summary>
public class PrismException : Exception
{
    public PrismException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>HTTP status of the answer, where there was one.</summary>
    public HttpStatusCode? StatusCode { get; internal set; }

    /// <summary>The server's code: <c>VMM-30303</c>, <c>PLAT-10005</c>.</summary>
    public string? Code { get; internal set; }

    /// <summary>The server's error group: <c>VM_ETAG_MISMATCH</c>.</summary>
    public string? ErrorGroup { get; internal set; }

    /// <summary>The <c>NTNX-Request-Id</c> of the request, for the server's logs.</summary>
    public string? RequestId { get; internal set; }

    /// <summary>What was asked for: <c>GET /api/vmm/v4.3/ahv/config/vms</c>, or the entity's name.</summary>
    public string? Target { get; internal set; }

    /// <summary>True where a write was sent and nobody can say what has become of it.</summary>
    internal bool IsOutcomeUnknown { get; init; }

    /// <summary>Takes over what is known of the cause.</summary>
    internal PrismException Because(PrismException cause, string? target)
    {
        StatusCode = cause.StatusCode;
        Code = cause.Code;
        ErrorGroup = cause.ErrorGroup;
        RequestId = cause.RequestId;
        Target = target;
        return this;
    }
}
