using System.Diagnostics;
using System.Globalization;
using System.Net;
using Polly;

namespace Nutanix.Prism.Http;

/// <summary>
/// Requests in, answers out: at most so many at once, signed, retried. Answers of any status are returned; only a missing
/// answer throws.
/// </summary>
internal sealed class PrismHttp : IDisposable
{
    private readonly FlurlTransport _transport;
    private readonly ResiliencePipeline<PrismResponse> _pipeline;
    private readonly SemaphoreSlim _slots;
    private readonly Action<string> _log;

    public PrismHttp(PrismConnectionOptions options, HttpMessageHandler handler, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConcurrentRequests, 1, nameof(options.MaxConcurrentRequests));
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxRetries, nameof(options.MaxRetries));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Timeout, TimeSpan.Zero, nameof(options.Timeout));
        Address = PrismAddress.Parse(options.Server);
        Time = time;
        Session = new PrismSession(options.Credential);
        _log = options.Log ?? (static _ => { });
        _transport = new FlurlTransport(Address, options.Timeout, handler);
        _pipeline = RetryPolicy.Build(options.MaxRetries, time, Log);
        MaxConcurrentRequests = options.MaxConcurrentRequests;
        _slots = new SemaphoreSlim(options.MaxConcurrentRequests);
    }

    public int MaxConcurrentRequests { get; }

    public Uri Address { get; }

    public TimeProvider Time { get; }

    public PrismSession Session { get; }

    public void Log(string line) => _log(Session.Redact(line));

    public async Task<PrismResponse> SendAsync(PrismRequest request, CancellationToken cancellationToken)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(RetryPolicy.Request, request);
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (c, state) => await state.Http.SendSignedAsync(state.Request, c.CancellationToken).ConfigureAwait(false),
                context,
                (Http: this, Request: request)).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    public void Dispose()
    {
        _transport.Dispose();
        _slots.Dispose();
    }

    // A cookie that has run out is no news for the caller: once more, with the credential.
    private async Task<PrismResponse> SendSignedAsync(PrismRequest request, CancellationToken cancellationToken)
    {
        (KeyValuePair<string, string> header, bool isCookie) = Session.Sign();
        PrismResponse response = await SendOnceAsync(request, header, cancellationToken).ConfigureAwait(false);
        if (response.Status == HttpStatusCode.Unauthorized && isCookie)
        {
            Log($"{request}: the session has expired, signing in again.");
            Session.Forget(header.Value);
            response = await SendOnceAsync(request, Session.Credential.ToHeader(), cancellationToken).ConfigureAwait(false);
        }

        if (response.IsSuccess)
        {
            Session.Learn(response.SetCookies);
        }

        return response;
    }

    private async Task<PrismResponse> SendOnceAsync(PrismRequest request, KeyValuePair<string, string> header, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            long started = Stopwatch.GetTimestamp();
            PrismResponse response = await _transport.SendAsync(request, [header], cancellationToken).ConfigureAwait(false);
            Log(string.Create(
                CultureInfo.InvariantCulture,
                $"{request} -> {(int)response.Status} in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms, request id {request.RequestId:D}"));
            return response;
        }
        finally
        {
            _slots.Release();
        }
    }
}
