using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Flurl;
using Flurl.Http;

namespace Nutanix.Prism.Http;

/// <summary>
/// One attempt of one request. The only file that knows Flurl: a move to another Flurl.Http, or away from it, ends here.
/// </summary>
internal sealed class FlurlTransport : IDisposable
{
    private readonly Uri _address;
    private readonly TimeSpan _timeout;
    private readonly HttpClient _http;
    private readonly FlurlClient _client;

    public FlurlTransport(Uri address, TimeSpan timeout, HttpMessageHandler handler)
    {
        _address = address;
        _timeout = timeout;
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client = new FlurlClient(_http);
        _client.Settings.AllowedHttpStatusRange = "*";
    }

    /// <summary>The handler of real connections: no redirects and no cookie jar, both are decided above.</summary>
    public static HttpMessageHandler CreateHandler(PrismConnectionOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = options.Timeout,
            MaxConnectionsPerServer = options.MaxConcurrentRequests,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = CertificateCheck.Create(options),
        };
        return handler;
    }

    /// <exception cref="PrismConnectionException">No whole answer came.</exception>
    public async Task<PrismResponse> SendAsync(
        PrismRequest request, IEnumerable<KeyValuePair<string, string>> credentials, CancellationToken cancellationToken)
    {
        Url url = new Url(_address.AbsoluteUri).AppendPathSegment(request.Path);
        foreach ((string name, string value) in request.Query)
        {
            url.SetQueryParam(name, value);
        }

        IFlurlRequest call = new FlurlRequest(url) { Client = _client }
            .WithTimeout(_timeout)
            .WithHeader("Accept", "application/json")
            .WithHeader("User-Agent", "Nutanix.Prism")
            .WithHeader("NTNX-Request-Id", request.RequestId.ToString("D", CultureInfo.InvariantCulture));
        if (request.IfMatch is not null)
        {
            call = call.WithHeader("If-Match", request.IfMatch);
        }

        foreach ((string name, string value) in credentials)
        {
            call = call.WithHeader(name, value);
        }

        using ByteArrayContent? content = request.Body is null ? null : new ByteArrayContent(request.Body);
        content?.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        try
        {
            using HttpResponseMessage message = await call
                .SendAsync(request.Method, content, cancellationToken, HttpCompletionOption.ResponseContentRead)
                .ConfigureAwait(false);
            return await ReadAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is not PrismException)
        {
            throw new OperationCanceledException("The request was cancelled.", e, cancellationToken);
        }
        catch (FlurlHttpTimeoutException e)
        {
            throw Failed(
                request,
                $"{_address.Authority} did not answer within {_timeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s. Is the address right, and does a firewall let port {_address.Port} through?",
                ConnectionFailure.TimedOut,
                e.InnerException);
        }
        catch (FlurlHttpException e)
        {
            throw Explain(request, e.InnerException ?? e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Explain(request, e);
        }
    }

    /// <summary>Posts a form to another address than the server's; the form and the answer hold secrets.</summary>
    /// <exception cref="PrismConnectionException">No whole answer came.</exception>
    public async Task<PrismResponse> PostFormAsync(
        Uri address, IEnumerable<KeyValuePair<string, string>> form, string authorization, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form) };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        try
        {
            using HttpResponseMessage message = await _http.SendAsync(request, limit.Token).ConfigureAwait(false);
            return await ReadAsync(message, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PrismConnectionException($"{address.Authority} gave no token within {_timeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s.", ConnectionFailure.TimedOut, e);
        }
        catch (HttpRequestException e)
        {
            throw new PrismConnectionException($"{address.Authority}, which gives the tokens, cannot be reached: {e.GetBaseException().Message}", ConnectionFailure.Unreachable, e);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    private static async Task<PrismResponse> ReadAsync(HttpResponseMessage message, CancellationToken cancellationToken) => new()
    {
        Status = message.StatusCode,
        Body = message.Content is null ? [] : await message.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false),
        ContentType = message.Content?.Headers.ContentType?.MediaType,
        // Not HttpResponseHeaders.ETag: real tags are not always quoted, and go back exactly as they came.
        ETag = First(message, "ETag"),
        Location = First(message, "Location"),
        Date = message.Headers.Date,
        RetryAfter = message.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when message.Headers.Date is { } now && date > now => date - now,
            _ => null,
        },
        SetCookies = message.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies) ? [.. cookies] : [],
    };

    private static string? First(HttpResponseMessage message, string header) =>
        message.Headers.TryGetValues(header, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    private PrismConnectionException Explain(PrismRequest request, Exception cause)
    {
        HttpRequestError error = (cause as HttpRequestException)?.HttpRequestError ?? HttpRequestError.Unknown;
        if (Find<AuthenticationException>(cause) is { } authentication)
        {
            return Failed(
                request,
                $"The certificate of {_address.Authority} cannot be trusted: {authentication.Message} Add the authority that signed it to this computer's trusted roots; for a laboratory, skip the certificate check.",
                ConnectionFailure.Certificate,
                cause);
        }

        return error switch
        {
            HttpRequestError.NameResolutionError => Failed(
                request, $"The host name '{_address.Host}' is not known. Check the spelling and the DNS.", ConnectionFailure.NameNotFound, cause),
            HttpRequestError.SecureConnectionError => Failed(
                request, $"{_address.Authority} does not speak TLS ({cause.GetBaseException().Message}). Check the port; 9440 is Prism Central's.", ConnectionFailure.Tls, cause),
            _ => Failed(
                request, $"{_address.Authority} cannot be reached: {cause.GetBaseException().Message}. Check the address, the port ({_address.Port}) and the network.", ConnectionFailure.Unreachable, cause),
        };
    }

    private static PrismConnectionException Failed(PrismRequest request, string message, ConnectionFailure failure, Exception? cause) =>
        new(message, failure, cause)
        {
            RequestId = request.RequestId.ToString("D", CultureInfo.InvariantCulture),
            Target = request.ToString(),
        };

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T found)
            {
                return found;
            }
        }

        return null;
    }
}
