using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace CudaWasm.Host.Worker;

/// <summary>Who calls, and what of the worker they have in use.</summary>
internal sealed class Tenant(string name)
{
    private int _requests;

    public string Name { get; } = name;

    /// <summary>Bytes of buffers in use; changed by <see cref="MemoryBudget"/> only.</summary>
    public long MemoryBytes { get; set; }

    /// <summary>Counts a request; false where too many are worked on.</summary>
    public bool TryEnter(int most)
    {
        if (Interlocked.Increment(ref _requests) <= most)
            return true;

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _requests);
}

/// <summary>Knows callers by API key, by client certificate, or lets everyone in as one.</summary>
internal sealed partial class Tenants
{
    private const string AnonymousName = "anonymous";
    private const string ApiKeyHeader = "X-Api-Key";
    private const string BearerScheme = "Bearer ";
    private const int LeastKeyLength = 16;

    private readonly ConcurrentDictionary<string, Tenant> _tenants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _namesByKeyHash = new(StringComparer.Ordinal);
    private readonly bool _usesCertificates;
    private readonly bool _allowsAnonymous;

    public Tenants(WorkerOptions options)
    {
        _usesCertificates = options.ClientAuthorityFile is not null;
        _allowsAnonymous = options.AllowAnonymous;
        if (options.ApiKeyFile is { } file)
            ReadKeys(file);
    }

    /// <exception cref="WorkerProblem">401: no key, or one that nobody has.</exception>
    public Tenant Identify(HttpContext context)
    {
        if (KeyOf(context.Request) is { } key)
        {
            // Looked up by its hash: how long that takes tells nothing about the keys there are.
            return _namesByKeyHash.TryGetValue(HashOf(key), out var name) ? Get(name) : throw Unauthorized("Nobody has this API key.");
        }

        if (_usesCertificates && context.Connection.ClientCertificate is { } certificate)
        {
            var name = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
            return IsName(name) ? Get(name) : throw Unauthorized("The common name of the client certificate is no tenant's name: 1 to 63 lower-case letters, digits, '.', '_' and '-' are expected.");
        }

        return _allowsAnonymous ? Get(AnonymousName) : throw Unauthorized($"Send an API key, as '{ApiKeyHeader}: KEY' or 'Authorization: Bearer KEY'.");
    }

    private Tenant Get(string name) => _tenants.GetOrAdd(name, n => new Tenant(n));

    private static string? KeyOf(HttpRequest request)
    {
        if (request.Headers.TryGetValue(ApiKeyHeader, out var key) && key.Count == 1)
            return key[0];

        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase) ? authorization[BearerScheme.Length..].Trim() : null;
    }

    private void ReadKeys(string file)
    {
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
                continue;

            var colon = text.IndexOf(':', StringComparison.Ordinal);
            var (name, key) = colon < 0 ? (text, "") : (text[..colon].Trim(), text[(colon + 1)..].Trim());
            // The line is not shown: it holds a secret.
            if (!IsName(name) || key.Length < LeastKeyLength)
                throw new HostException(FormattableString.Invariant($"{file}({number}): 'tenant:key' is expected, with a name of lower-case letters, digits, '.', '_' and '-', and a key of {LeastKeyLength} characters or more."));
            if (!_namesByKeyHash.TryAdd(HashOf(key), name))
                throw new HostException(FormattableString.Invariant($"{file}({number}): this key stands there twice."));
        }

        if (_namesByKeyHash.Count == 0)
            throw new HostException($"{file} has no keys; write one 'tenant:key' a line.");
    }

    private static bool IsName(string name) => NamePattern().IsMatch(name);

    private static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static WorkerProblem Unauthorized(string detail) => new(StatusCodes.Status401Unauthorized, "Who calls is not known", detail);

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}

/// <summary>Memory of buffers, promised before it is used: of the worker and of each tenant.</summary>
internal sealed class MemoryBudget(WorkerLimits limits)
{
    private readonly Lock _lock = new();
    private long _used;

    public long Used => Interlocked.Read(ref _used);

    public long Limit => limits.MaxMemoryBytes;

    /// <summary>Promises memory until the result is disposed.</summary>
    /// <exception cref="WorkerProblem">413 where it will never fit, 429 where it does not now.</exception>
    public IDisposable Reserve(Tenant tenant, long bytes)
    {
        var most = Math.Min(limits.MaxMemoryBytes, limits.MaxTenantMemoryBytes);
        if (bytes > most)
            throw WorkerProblem.TooLarge(FormattableString.Invariant($"The buffers have {bytes} bytes together; {most} are allowed."));

        lock (_lock)
        {
            if (_used + bytes > limits.MaxMemoryBytes || tenant.MemoryBytes + bytes > limits.MaxTenantMemoryBytes)
                throw WorkerProblem.Full(FormattableString.Invariant($"The buffers have {bytes} bytes together, which other launches leave no room for now."));

            _used += bytes;
            tenant.MemoryBytes += bytes;
        }

        return new Reservation(this, tenant, bytes);
    }

    private void Release(Tenant tenant, long bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            tenant.MemoryBytes -= bytes;
        }
    }

    private sealed class Reservation(MemoryBudget budget, Tenant tenant, long bytes) : IDisposable
    {
        private int _isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                budget.Release(tenant, bytes);
        }
    }
}
