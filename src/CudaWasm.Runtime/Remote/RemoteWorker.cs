using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Serialization;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Remote;

public sealed record RemoteWorkerOptions
{
    public string? ApiKey { get; init; }

    /// <summary>Names the tenant to a worker that knows callers by certificate; it has its key.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Takes any certificate for the worker's.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>How often a request that a worker has no room for is sent again, each time when it says.</summary>
    public int MaxRetries { get; init; } = 5;
}

/// <summary>A worker (<c>cuda-wasm serve</c>) that publishes and launches kernels.</summary>
public sealed class RemoteWorker : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly RemoteWorkerOptions _options;

    /// <param name="endpoint">Its address: <c>https://worker.example:8443</c>.</param>
    /// <param name="options">How to call it.</param>
    public RemoteWorker(Uri endpoint, RemoteWorkerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https")) throw new ArgumentException($"'{endpoint}' is no address of a worker; write http://host:port or https://host:port.", nameof(endpoint));
        Endpoint = endpoint;
        _options = options ?? new RemoteWorkerOptions();
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
        if (_options.ClientCertificate is { } certificate) handler.SslOptions.ClientCertificates = [certificate];
        if (_options.SkipCertificateCheck) handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            // HTTP/2 where TLS negotiates it.
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (_options.ApiKey is { } key) _http.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", key);
    }

    public Uri Endpoint { get; }

    /// <summary>Has the worker compile and keep a source.</summary>
    /// <exception cref="RemoteKernelException">It does not compile there.</exception>
    /// <exception cref="RemoteWorkerException">The worker does not do it.</exception>
    public Task<PublishedKernel> PublishAsync(string name, KernelPackage package, CancellationToken cancellationToken = default) => SendAsync(
        () => new HttpRequestMessage(HttpMethod.Put, PathOf(name)) { Content = JsonContent.Create(package, RemoteJson.Default.KernelPackage) },
        answer => ReadAsync(answer, RemoteJson.Default.PublishedKernel, cancellationToken),
        source: null,
        cancellationToken);

    /// <summary>Has the worker keep what was compiled here.</summary>
    /// <param name="name">What to publish it as.</param>
    /// <param name="compiled">A file of <see cref="CompiledKernelFile"/>.</param>
    /// <param name="cancellationToken">Leaves.</param>
    /// <exception cref="RemoteWorkerException">The worker does not do it: the file may be another version's.</exception>
    public Task<PublishedKernel> PublishAsync(string name, byte[] compiled, CancellationToken cancellationToken = default) => SendAsync(
        () => new HttpRequestMessage(HttpMethod.Put, PathOf(name)) { Content = new ByteArrayContent(compiled) { Headers = { ContentType = new MediaTypeHeaderValue(CompiledKernelFile.MediaType) } } },
        answer => ReadAsync(answer, RemoteJson.Default.PublishedKernel, cancellationToken),
        source: null,
        cancellationToken);

    public async Task<IReadOnlyList<PublishedKernel>> ListAsync(CancellationToken cancellationToken = default)
    {
        var list = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, "v1/kernels"),
            answer => ReadAsync(answer, RemoteJson.Default.PublishedKernelList, cancellationToken),
            source: null,
            cancellationToken).ConfigureAwait(false);
        return [.. list.Kernels.Select(k => k with { Endpoint = Endpoint })];
    }

    /// <summary>A published source with the signatures of its kernels.</summary>
    public async Task<PublishedKernel> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        var kernel = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, PathOf(name)),
            answer => ReadAsync(answer, RemoteJson.Default.PublishedKernel, cancellationToken),
            source: null,
            cancellationToken).ConfigureAwait(false);
        return kernel with { Endpoint = Endpoint };
    }

    public Task RemoveAsync(string name, CancellationToken cancellationToken = default) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, PathOf(name)), _ => Task.FromResult(true), source: null, cancellationToken);

    /// <summary>Launches a published kernel; arrays among the arguments hold what it wrote.</summary>
    /// <param name="name">What it was published as.</param>
    /// <param name="kernel">As spelled for a launch; null where there is only one.</param>
    /// <param name="configuration">Grid and block.</param>
    /// <param name="arguments">As <see cref="ArgumentBinder"/> takes them.</param>
    /// <param name="timeout">Of the launch; null for the worker's limit.</param>
    /// <param name="cancellationToken">Leaves, which stops the launch.</param>
    public async Task<RemoteLaunchResult> LaunchAsync(
        string name, string? kernel, LaunchConfiguration configuration, IReadOnlyList<object?> arguments, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var published = await GetAsync(name, cancellationToken).ConfigureAwait(false);
        var signature = Find(published, kernel);
        return await LaunchAsync(PathOf(name) + "/launch", null, null, Compiled(signature), configuration, arguments, timeout, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Launches a kernel of a source that travels along; arrays among the arguments hold what it wrote.</summary>
    public Task<RemoteLaunchResult> LaunchAsync(
        PackagedSource source, CompiledKernel kernel, LaunchConfiguration configuration, IReadOnlyList<object?> arguments, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return LaunchAsync("v1/launch", JsonSerializer.SerializeToUtf8Bytes(source.Package, RemoteJson.Default.KernelPackage), source.Source, kernel, configuration, arguments, timeout, cancellationToken);
    }

    /// <summary>Does what a launch file says, with the kernel on the worker and the files here.</summary>
    public async Task<(RemoteLaunchResult Result, IReadOnlyList<LaunchOutput> Outputs)> LaunchAsync(LaunchFile file, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        var source = KernelPackageReader.Read(file.Source, file.IncludePaths, file.Defines, [file.Kernel], cancellationToken);
        var compiled = KernelCompiler.Find(source.Compilation, file.Source, file.Kernel);
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled);
        using var data = new LaunchData(file, device, kernel);
        data.Upload();
        if (file.Symbols.FirstOrDefault(s => s.Value.Texture is not null) is { Key: { } reference }) throw new LaunchFileException(file.Path, $"$.symbols['{reference}']", "texture references are not sent to a worker; use a texture object");
        var symbols = file.Symbols.Select(s => (s.Key, kernel.GetSymbol(s.Key), s.Value.Input is not null, s.Value.Output is not null)).ToList();
        var launch = new RemoteLaunch(compiled, file.Configuration, data.Arguments, symbols, timeout);
        var result = await LaunchAsync("v1/launch", JsonSerializer.SerializeToUtf8Bytes(source.Package, RemoteJson.Default.KernelPackage), source.Source, launch, cancellationToken).ConfigureAwait(false);
        return (result, data.WriteOutputs());
    }

    public void Dispose() => _http.Dispose();

    private static string PathOf(string name) => "v1/kernels/" + Uri.EscapeDataString(name);

    private static PublishedSignature Find(PublishedKernel published, string? kernel)
    {
        var kernels = published.Kernels ?? [];
        if (kernel is null && kernels is [var only]) return only;
        return kernels.FirstOrDefault(k => k.Name.Replace(" ", "", StringComparison.Ordinal) == kernel?.Replace(" ", "", StringComparison.Ordinal))
            ?? throw new KernelArgumentException(DiagnosticCodes.KernelNotFound, $"'{published.Name}' has these kernels; say which one: {string.Join(", ", kernels.Select(k => k.Name))}.");
    }

    /// <summary>The kernel as far as a caller needs it: its parameters.</summary>
    private static CompiledKernel Compiled(PublishedSignature signature) => new()
    {
        Name = signature.Name,
        Diagnostics = [],
        Parameters = [.. signature.Parameters.Select(p => new KernelParameter(
            p.Name,
            p.Type,
            Enum.TryParse<KernelParameterKind>(p.Kind, ignoreCase: true, out var kind) ? kind : throw new RemoteWorkerException($"The worker tells of parameters of kind '{p.Kind}', which this version does not know.", null),
            p.Element is null ? IrType.Void : ElementType.Find(p.Element)?.Type ?? IrType.Void,
            p.Bytes,
            p.Alignment,
            p.PointeeBytes,
            p.IsReadOnly))],
    };

    private async Task<RemoteLaunchResult> LaunchAsync(
        string path, byte[]? package, SourceText? source, CompiledKernel kernel, LaunchConfiguration configuration, IReadOnlyList<object?> arguments, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var device = Devices.Open("cpu");
        using var binder = ArgumentBinder.Bind(device, kernel, arguments);
        var result = await LaunchAsync(path, package, source, new RemoteLaunch(kernel, configuration, binder.Arguments, [], timeout), cancellationToken).ConfigureAwait(false);
        binder.CopyBack();
        return result;
    }

    private Task<RemoteLaunchResult> LaunchAsync(string path, byte[]? package, SourceText? source, RemoteLaunch launch, CancellationToken cancellationToken) => SendAsync(
        () => new HttpRequestMessage(HttpMethod.Post, path) { Content = launch.Content(package) },
        async answer => JsonSerializer.Deserialize(await launch.ReadAsync(answer.Content, cancellationToken).ConfigureAwait(false), RemoteJson.Default.RemoteLaunchResult)
            ?? throw new InvalidDataException("it has no result"),
        source,
        cancellationToken);

    /// <summary>Sends a request, again where the worker has no room for it, and reads the answer.</summary>
    private async Task<T> SendAsync<T>(Func<HttpRequestMessage> request, Func<HttpResponseMessage, Task<T>> read, SourceText? source, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var message = request();
                using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
                if (answer.IsSuccessStatusCode) return await read(answer).ConfigureAwait(false);
                if (answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) || attempt >= _options.MaxRetries)
                {
                    throw await ProblemAsync(answer, source, cancellationToken).ConfigureAwait(false);
                }

                await Task.Delay(WaitOf(answer.Headers.RetryAfter), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or JsonException or FormatException)
            {
                throw new RemoteWorkerException($"The worker at {Endpoint} gives no answer that can be used: {e.Message}{(e.InnerException is { } cause ? $" ({cause.Message})" : "")}", null, e);
            }
        }
    }

    private static TimeSpan WaitOf(RetryConditionHeaderValue? retry)
    {
        var wait = retry?.Delta ?? TimeSpan.FromSeconds(1);
        return wait < LongestWait ? wait : LongestWait;
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await answer.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false) ?? throw new InvalidDataException("it is null");

    private async Task<Exception> ProblemAsync(HttpResponseMessage answer, SourceText? source, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return new RemoteWorkerException(FormattableString.Invariant($"{Endpoint} answered with {(int)answer.StatusCode}, and not as a worker does. Is it the address of one?"), answer.StatusCode);
        }

        var problem = await ReadAsync(answer, RemoteJson.Default.RemoteProblem, cancellationToken).ConfigureAwait(false);
        return problem.Code is { } code
            ? new RemoteKernelException(code, problem.Detail ?? code, [.. (problem.Diagnostics ?? []).Select(d => Located(d, source))])
            : new RemoteWorkerException($"The worker at {Endpoint}: {problem.Detail ?? problem.Title}", answer.StatusCode);
    }

    /// <summary>The diagnostic at its place in the source as it is here.</summary>
    private static Diagnostic Located(RemoteDiagnostic diagnostic, SourceText? source)
    {
        var severity = Enum.TryParse<DiagnosticSeverity>(diagnostic.Severity, ignoreCase: true, out var known) ? known : DiagnosticSeverity.Error;
        if (source is null || diagnostic.File != RemoteSourcePath || diagnostic.Line < 1 || diagnostic.Line > source.LineCount)
        {
            return new Diagnostic(diagnostic.Code, severity, SourceSpan.None, diagnostic.Message);
        }

        var line = source.GetLine(diagnostic.Line);
        var start = source.Text.AsSpan().Overlaps(line, out var offset) ? offset : 0;
        return new Diagnostic(diagnostic.Code, severity, new SourceSpan(source, start + Math.Clamp(diagnostic.Column - 1, 0, line.Length), 1), diagnostic.Message);
    }

    private const string RemoteSourcePath = "kernel.cu";
}
