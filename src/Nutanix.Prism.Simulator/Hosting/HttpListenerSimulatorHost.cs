using System.Net;
using System.Net.Sockets;

namespace Nutanix.Prism.Simulator.Hosting;

/// <summary>
/// Serves a simulator over plain http on the loopback interface, with nothing but the base class library: what a
/// PowerShell session can load.
/// </summary>
public sealed class HttpListenerSimulatorHost : IDisposable
{
    private const int MaxBodyBytes = 16 << 20;
    private const int AccessDenied = 5;

    private readonly Lock _lock = new();
    private HttpListener? _listener;
    private CancellationTokenSource? _stopping;
    private bool _disposed;

    public HttpListenerSimulatorHost(PrismSimulator simulator)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        Simulator = simulator;
    }

    public PrismSimulator Simulator { get; }

    /// <summary>Root address while running, for example <c>http://127.0.0.1:41234/</c>; null before the start and after the stop.</summary>
    public Uri? Url { get; private set; }

    public bool IsRunning => Url is not null;

    /// <summary>Starts to listen.</summary>
    /// <param name="port">Port on 127.0.0.1; 0 for a free one.</param>
    /// <returns>The root address.</returns>
    /// <exception cref="InvalidOperationException">It is running already, or no port could be had.</exception>
    public Uri Start(int port = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_listener is not null) throw new InvalidOperationException($"The simulator listens on {Url} already.");
            (_listener, Url) = Listen(port);
            _stopping = new CancellationTokenSource();
            _ = AcceptAsync(_listener, _stopping.Token);
            return Url;
        }
    }

    /// <summary>Stops to listen and breaks off answers that still wait. Does nothing when it does not run.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            if (_listener is null) return;
            // Not disposed: answers that are being broken off still look at its token.
            _stopping?.Cancel();
            _stopping = null;
            _listener.Close();
            _listener = null;
            Url = null;
        }
    }

    /// <summary>Stops for good.</summary>
    public void Dispose()
    {
        Stop();
        lock (_lock) _disposed = true;
    }

    private static (HttpListener Listener, Uri Url) Listen(int port)
    {
        // HttpListener cannot choose a port itself, and somebody may take a free one before it is bound.
        for (var attempt = 0; ; attempt++)
        {
            var candidate = port == 0 ? FreePort() : port;
            foreach (var name in new[] { "127.0.0.1", "localhost" })
            {
                var url = new UriBuilder(Uri.UriSchemeHttp, name, candidate).Uri;
                var listener = new HttpListener { IgnoreWriteExceptions = true };
                listener.Prefixes.Add(url.AbsoluteUri);
                try
                {
                    listener.Start();
                    return (listener, url);
                }
                catch (HttpListenerException e)
                {
                    listener.Close();
                    // Some Windows set-ups let a user without special rights listen only under the name localhost.
                    if (e.ErrorCode == AccessDenied && name == "127.0.0.1") continue;
                    if (port != 0 || attempt >= 20) throw new InvalidOperationException($"Cannot listen on {url}: {e.Message}", e);
                }

                break;
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task AcceptAsync(HttpListener listener, CancellationToken stopping)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context, stopping), CancellationToken.None);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context, CancellationToken stopping)
    {
        Simulator.Ledger.Entered();
        try
        {
            var request = await ReadAsync(context.Request, stopping).ConfigureAwait(false);
            var response = request is null ? SimulatorResponse.Plain(413, "413 request entity too large") : Simulator.Handle(request);
            if (response.Delay > TimeSpan.Zero) await Task.Delay(response.Delay, Simulator.Clock, stopping).ConfigureAwait(false);
            if (response.Abort)
            {
                Break(context);
                return;
            }

            context.Response.StatusCode = response.StatusCode;
            foreach (var (name, value) in response.Headers) context.Response.Headers.Add(name, value);
            context.Response.ContentLength64 = response.Body.Length;
            var body = response.Body;
            if (response.BodyDelay > TimeSpan.Zero)
            {
                await context.Response.OutputStream.WriteAsync(body[..(body.Length / 2)], stopping).ConfigureAwait(false);
                await context.Response.OutputStream.FlushAsync(stopping).ConfigureAwait(false);
                await Task.Delay(response.BodyDelay, Simulator.Clock, stopping).ConfigureAwait(false);
                body = body[(body.Length / 2)..];
            }

            if (!body.IsEmpty) await context.Response.OutputStream.WriteAsync(body, stopping).ConfigureAwait(false);
            context.Response.Close();
        }
        catch (Exception e) when (e is OperationCanceledException or HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The caller went away or the host stops: there is nobody left to answer.
            Break(context);
        }
        catch
        {
            // A defect of the simulator must not look like a hang to the client, nor take the process down.
            TryFail(context);
            throw;
        }
        finally
        {
            Simulator.Ledger.Left();
        }
    }

    private static async Task<SimulatorRequest?> ReadAsync(HttpListenerRequest request, CancellationToken cancellation)
    {
        var target = request.RawUrl ?? "/";
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in request.Headers.AllKeys)
        {
            if (name is not null && request.Headers[name] is { } value) headers[name] = value;
        }

        if (request.ContentLength64 > MaxBodyBytes) return null;
        var body = new MemoryStream();
        if (request.HasEntityBody)
        {
            var buffer = new byte[16 << 10];
            int read;
            while ((read = await request.InputStream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                body.Write(buffer, 0, read);
                if (body.Length > MaxBodyBytes) return null;
            }
        }

        return new SimulatorRequest
        {
            Method = request.HttpMethod,
            Path = question < 0 ? target : target[..question],
            Query = question < 0 ? "" : target[(question + 1)..],
            Headers = headers,
            Body = body.GetBuffer().AsMemory(0, (int)body.Length),
            BaseAddress = request.Url ?? new Uri("http://127.0.0.1/"),
        };
    }

    /// <summary>Ends a connection so that the client cannot take what it got for an answer.</summary>
    private static void Break(HttpListenerContext context)
    {
        try
        {
            // Off Windows an abort still sends what headers there are; a length that never comes makes it a broken reply.
            context.Response.KeepAlive = false;
            context.Response.ContentLength64 = 1;
            context.Response.Abort();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Already gone.
        }
    }

    private static void TryFail(HttpListenerContext context)
    {
        try
        {
            context.Response.StatusCode = 500;
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The reply was under way; the client sees a broken connection.
        }
    }
}
