using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CudaWasm.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CudaWasm.Host.Worker;

/// <summary>Serves kernels over HTTP with Kestrel.</summary>
internal sealed class WorkerServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly WorkerServices _services;
    private readonly WorkerOptions _options;
    private bool _isStopped;

    private WorkerServer(WebApplication application, WorkerServices services, WorkerOptions options) =>
        (_application, _services, _options) = (application, services, options);

    /// <summary>Addresses it listens on, with the ports that were free.</summary>
    public IReadOnlyList<string> Urls { get; private set; } = [];

    /// <exception cref="HostException">Options that contradict each other.</exception>
    /// <exception cref="IOException">A port is taken, or the folder cannot be used.</exception>
    public static async Task<WorkerServer> StartAsync(WorkerOptions options, CancellationToken cancellationToken = default)
    {
        Check(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTime);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseUrls([.. options.Urls]).ConfigureKestrel(kestrel => Configure(kestrel, options));

        var services = new WorkerServices(options);
        var application = builder.Build();
        var server = new WorkerServer(application, services, options);
        try
        {
            application.Use(server.AnswerAsync);
            application.UseRouting();
            new WorkerEndpoints(services).Map(application);
            await application.StartAsync(cancellationToken);
            server.Urls = [.. application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses];
            return server;
        }
        catch
        {
            await application.DisposeAsync();
            services.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stops gracefully: says that it is not ready, goes on for a while, takes no more connections, lets requests and jobs end, and stops
    /// those that do not in time.
    /// </summary>
    public async Task DrainAsync()
    {
        if (_isStopped)
            return;

        _isStopped = true;
        _services.IsDraining = true;
        await Task.Delay(_options.DrainDelay, _options.Clock);
        using var deadline = new CancellationTokenSource(_options.DrainTime, _options.Clock);
        await Task.WhenAll(_application.StopAsync(deadline.Token), _services.Jobs.DrainAsync(deadline.Token));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            _services.IsDraining = true;
            await _application.StopAsync(new CancellationToken(canceled: true));
        }

        await _application.DisposeAsync();
        _services.Dispose();
    }

    private static void Check(WorkerOptions options)
    {
        if (options.ApiKeyFile is null && options.ClientAuthorityFile is null && !options.AllowAnonymous)
            throw new HostException("Nobody could call this worker: give --api-keys FILE or --client-ca FILE, or let everyone in with --allow-anonymous.");
        var isTls = options.Urls.Any(u => u.StartsWith("https:", StringComparison.OrdinalIgnoreCase));
        if (isTls && options.TlsCertificateFile is null)
            throw new HostException("An https address needs --tls-certificate FILE (PEM) and --tls-key FILE (PEM).");
        if (options.ClientAuthorityFile is not null && !isTls)
            throw new HostException("--client-ca needs an https address: client certificates are a part of TLS.");
    }

    private static void Configure(KestrelServerOptions kestrel, WorkerOptions options)
    {
        kestrel.AddServerHeader = false;
        // The endpoints have limits of their own.
        kestrel.Limits.MaxRequestBodySize = options.Limits.MaxSourceBytes;
        kestrel.Limits.MinRequestBodyDataRate = kestrel.Limits.MinResponseDataRate = new MinDataRate(options.Limits.LeastBytesPerSecond, options.Limits.LeastRateGrace);
        kestrel.Limits.RequestHeadersTimeout = options.Limits.MaxHeadTime;
        if (options.TlsCertificateFile is not { } certificate)
            return;

        var authorities = new X509Certificate2Collection();
        if (options.ClientAuthorityFile is { } file)
            authorities.ImportFromPemFile(file);
        kestrel.ConfigureHttpsDefaults(https =>
        {
            using var pem = X509Certificate2.CreateFromPemFile(certificate, options.TlsKeyFile);
            // Windows' TLS wants a key it can find in a store; a round trip through PKCS #12 gives it one.
            https.ServerCertificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pfx), password: null);
            if (options.ClientAuthorityFile is null)
                return;

            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (client, _, _) => IsSignedBy(authorities, client);
        });
    }

    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate2 client)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(client);
    }

    /// <summary>Every answer goes through here, so that every failure is a problem document.</summary>
    private async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        if (_services.IsDraining)
            context.Response.Headers.Connection = "close";

        var problem = await RunAsync(context, next);
        if (problem is null && context.Response.StatusCode >= 400 && !context.Response.HasStarted)
            problem = OfRouting(context);
        if (problem is not null)
            await TellAsync(context, problem);

        _services.Metrics.Responded(context.Response.StatusCode);
    }

    private static async Task<WorkerProblem?> RunAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            return null;
        }
        catch (WorkerProblem problem)
        {
            return problem;
        }
        catch (CudaWasmException e)
        {
            return WorkerProblem.Of(e);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            return new WorkerProblem(e.StatusCode, "The request is not understood", e.Message);
        }
        catch (JsonException e)
        {
            return WorkerProblem.BadRequest($"The JSON is not what is expected: {e.Message}");
        }
        catch (InvalidDataException e)
        {
            return WorkerProblem.BadRequest(e.Message);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
            context.Abort();
            return null;
        }
        catch (ConnectionResetException)
        {
            context.Abort();
            return null;
        }
        catch (IOException e) when (!context.Response.HasStarted)
        {
            return WorkerProblem.BadRequest($"The body ends before it is complete: {e.Message}");
        }
        catch (Exception e)
        {
            return new WorkerProblem(StatusCodes.Status500InternalServerError, "The worker failed", $"{e.GetType().Name}: {e.Message}");
        }
    }

    private static WorkerProblem OfRouting(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => WorkerProblem.NotFound("The API has no such path; /openapi.json describes it."),
        StatusCodes.Status405MethodNotAllowed => new WorkerProblem(StatusCodes.Status405MethodNotAllowed, "The path has no such method", $"{context.Request.Method} is not done here; /openapi.json describes the API."),
        var status => new WorkerProblem(status, "The request is not understood", "See /openapi.json."),
    };

    private async Task TellAsync(HttpContext context, WorkerProblem problem)
    {
        if (context.Response.HasStarted)
        {
            // The caller sees that the announced length does not come.
            context.Abort();
            return;
        }

        if (problem.Status == StatusCodes.Status429TooManyRequests)
            _services.Metrics.Rejected("full");
        else if (problem.Status == StatusCodes.Status413PayloadTooLarge)
            _services.Metrics.Rejected("too large");

        var allow = context.Response.Headers.Allow;
        await problem.WriteAsync(context.Response, allow);
    }
}
