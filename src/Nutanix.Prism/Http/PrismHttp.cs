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
    private readonly OAuthTokens? _tokens;
    private readonly WireTrace? _trace;

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
        _tokens = options.Credential is OAuthCredential oauth ? new OAuthTokens(oauth, _transport, time) : null;
        _trace = options.TracePath is null ? null : new WireTrace(options.TracePath, Session.Redact);
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
        _tokens?.Dispose();
        _transport.Dispose();
        _slots.Dispose();
    }

    private async Task<PrismResponse> SendWithTokenAsync(OAuthTokens tokens, PrismRequest request, CancellationToken cancellationToken)
    {
        KeyValuePair<string, string> header = await tokens.GetHeaderAsync(cancellationToken).ConfigureAwait(false);
        PrismResponse response = await SendOnceAsync(request, header, cancellationToken).ConfigureAwait(false);
        if (response.Status != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        Log($"{request}: the token is refused, asking for another.");
        await tokens.ForgetAsync(header.Value, cancellationToken).ConfigureAwait(false);
        return await SendOnceAsync(request, await tokens.GetHeaderAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    // A cookie that has run out is no news for the caller: once more, with the credential.
    private async Task<PrismResponse> SendSignedAsync(PrismRequest request, CancellationToken cancellationToken)
    {
        if (_tokens is not null)
        {
            return await SendWithTokenAsync(_tokens, request, cancellationToken).ConfigureAwait(false);
        }

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
            _trace?.Write(request, Time.GetUtcNow(), response, null);
            return response;
        }
        catch (PrismException e) when (_trace is not null)
        {
            _trace.Write(request, Time.GetUtcNow(), null, e.Message);
            throw;
        }
        finally
        {
            _slots.Release();
        }
    }
}
