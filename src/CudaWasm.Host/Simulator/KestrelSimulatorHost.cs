using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nutanix.Prism.Simulator;

namespace CudaWasm.Host.Simulator;

/// <summary>Serves a simulated Prism Central with Kestrel on the loopback interface, over http or https.</summary>
public sealed class KestrelSimulatorHost : IAsyncDisposable
{
    private const long MaxBodyBytes = 16 << 20;

    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping = new();

    private KestrelSimulatorHost(WebApplication application, PrismSimulator simulator, X509Certificate2? certificate)
    {
        _application = application;
        Simulator = simulator;
        Certificate = certificate;
    }

    public PrismSimulator Simulator { get; }

    /// <summary>Root address, for example <c>https://127.0.0.1:9440/</c>.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    /// <summary>The self-signed certificate of an https host, made at its start; null for http.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>Makes a simulator and serves it.</summary>
    /// <param name="options">What to simulate.</param>
    /// <param name="port">Port on 127.0.0.1; 0 for a free one.</param>
    /// <param name="tls">True for https with a fresh self-signed certificate for localhost and 127.0.0.1.</param>
    /// <param name="cancellation">Gives up the start.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static Task<KestrelSimulatorHost> StartAsync(SimulatorOptions options, int port = 0, bool tls = false, CancellationToken cancellation = default) =>
        StartAsync(new PrismSimulator(options), port, tls, cancellation);

    /// <summary>Serves a simulator that was made already.</summary>
    /// <param name="simulator">The simulator.</param>
    /// <param name="port">Port on 127.0.0.1; 0 for a free one.</param>
    /// <param name="tls">True for https with a fresh self-signed certificate for localhost and 127.0.0.1.</param>
    /// <param name="cancellation">Gives up the start.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<KestrelSimulatorHost> StartAsync(PrismSimulator simulator, int port = 0, bool tls = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        var certificate = tls ? SelfSigned(simulator.Clock.GetUtcNow()) : null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                if (certificate is not null) listen.UseHttps(certificate);
            });
        });
        if (tls) builder.WebHost.UseKestrelHttpsConfiguration();

        var host = new KestrelSimulatorHost(builder.Build(), simulator, certificate);
        try
        {
            host._application.Run(host.AnswerAsync);
            await host._application.StartAsync(cancellation).ConfigureAwait(false);
            var addresses = host._application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
            host.Url = new Uri(addresses.Addresses.First());
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops at once: answers that still wait are broken off.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _application.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
        Certificate?.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        try
        {
            var response = Simulator.Handle(await ReadAsync(context, leaving.Token).ConfigureAwait(false));
            if (response.Delay > TimeSpan.Zero) await Task.Delay(response.Delay, Simulator.Clock, leaving.Token).ConfigureAwait(false);
            if (response.Abort)
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = response.StatusCode;
            foreach (var (name, value) in response.Headers) context.Response.Headers.Append(name, value);
            // 204 and 304 have no Content-Length of their own.
            if (response.StatusCode is not (204 or 304)) context.Response.ContentLength = response.Body.Length;
            var body = response.Body;
            if (response.BodyDelay > TimeSpan.Zero)
            {
                await context.Response.Body.WriteAsync(body[..(body.Length / 2)], leaving.Token).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(leaving.Token).ConfigureAwait(false);
                await Task.Delay(response.BodyDelay, Simulator.Clock, leaving.Token).ConfigureAwait(false);
                body = body[(body.Length / 2)..];
            }

            await context.Response.Body.WriteAsync(body, leaving.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
        }
    }

    private static async Task<SimulatorRequest> ReadAsync(HttpContext context, CancellationToken cancellation)
    {
        // The target as it came over the wire: Path is decoded already, and task ids carry encoded characters.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellation).ConfigureAwait(false);
        return new SimulatorRequest
        {
            Method = context.Request.Method,
            Path = question < 0 ? target : target[..question],
            Query = question < 0 ? "" : target[(question + 1)..],
            Headers = context.Request.Headers.ToDictionary(h => h.Key, h => string.Join(h.Key == "Cookie" ? "; " : ", ", h.Value.ToArray()), StringComparer.OrdinalIgnoreCase),
            Body = body.ToArray(),
            BaseAddress = new Uri($"{context.Request.Scheme}://{(context.Request.Host.HasValue ? context.Request.Host.Value : "127.0.0.1")}"),
        };
    }

    private static X509Certificate2 SelfSigned(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Prism Central Simulator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        // Windows' TLS wants a key it can find in a store; a round trip through PKCS #12 gives it one.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }
}
