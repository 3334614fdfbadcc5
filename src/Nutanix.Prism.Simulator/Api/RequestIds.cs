using System.Security.Cryptography;

namespace Nutanix.Prism.Simulator.Api;

/// <summary>
/// Makes writes idempotent: a write that comes again with the same <c>NTNX-Request-Id</c> gets the first answer and does
/// nothing. How long Prism remembers is not documented; here it is a day.
/// </summary>
internal sealed class RequestIds
{
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private readonly Dictionary<Guid, (string Intent, SimulatorResponse Response)> _answers = [];
    private readonly Queue<(DateTimeOffset At, Guid Id)> _order = new();

    /// <summary>Runs a write, or repeats the answer it had before.</summary>
    /// <exception cref="ApiException">The header is missing on a POST, no UUID, or was used for another request.</exception>
    public SimulatorResponse Once(RequestContext context, Func<SimulatorResponse> write)
    {
        while (_order.TryPeek(out var oldest) && oldest.At + Memory < context.Now)
        {
            _answers.Remove(oldest.Id);
            _order.Dequeue();
        }

        var header = context.Request.Header("NTNX-Request-Id");
        if (string.IsNullOrWhiteSpace(header))
        {
            if (context.Request.Method != "POST" || context.Namespace != "vmm") return write();
            throw new ApiException(400, null, "VM_MISSING_REQUEST_ID_HEADER", "The header NTNX-Request-Id is missing. Send a new UUID with each new intent, the same one with a retry.");
        }

        if (!Guid.TryParse(header, out var id)) throw new ApiException(400, null, "INVALID_REQUEST_ID", $"The header NTNX-Request-Id is not a UUID: '{header}'.");
        var body = Convert.ToHexStringLower(SHA256.HashData(context.Request.Body.Span));
        var intent = $"{context.Request.Method} {context.Request.Path} {body}";
        if (_answers.TryGetValue(id, out var known))
        {
            return known.Intent == intent
                ? known.Response
                : throw new ApiException(409, null, "REQUEST_ID_REUSED", $"The NTNX-Request-Id '{id}' was used for another request. Send a new UUID with each new intent.");
        }

        var response = write();
        // A refusal may be retried with the same id once its cause is gone (a new ETag, say); only accepted work is kept.
        if (response.StatusCode is >= 200 and < 300)
        {
            _answers.Add(id, (intent, response));
            _order.Enqueue((context.Now, id));
        }

        return response;
    }
}
