namespace Nutanix.Prism;

/// <summary>Where a Prism Central is, who asks, and how patient the client is.</summary>
public sealed record PrismConnectionOptions
{
    /// <summary>Host name, <c>host:port</c>, or an http(s) URL. The port is 9440 and the scheme https where not given.</summary>
    public required string Server { get; init; }

    public required PrismCredential Credential { get; init; }

    /// <summary>Accepts any TLS certificate. For laboratories: whoever sits on the path then reads the credentials.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>A PEM file of authorities trusted for this server besides the computer's; null for none.</summary>
    public string? CaCertificatePath { get; init; }

    /// <summary>SHA-256 of the server's certificate in hexadecimal (colons allowed): trusts that one and no other.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>A file to which requests and answers are appended, secrets masked; null for none.</summary>
    public string? TracePath { get; init; }

    /// <summary>Longest time one attempt of one request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a request that met a passing fault (408, 429, 5xx, network) is sent again.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>Requests in flight at any moment.</summary>
    public int MaxConcurrentRequests { get; init; } = 8;

    /// <summary>
    /// Fixes the API version of a namespace (<c>clustermgmt</c>, <c>vmm</c>, <c>prism</c>, <c>networking</c>) and so skips
    /// its negotiation, for example <c>vmm</c> to <c>v4.0</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string>? ApiVersions { get; init; }

    /// <summary>v3, v4, or the newest that the server answers to.</summary>
    public PrismApiGeneration ApiGeneration { get; init; }

    /// <summary>
    /// Longest time a task may stay in one state at one percentage before waiting for it ends with an error that names it.
    /// The task itself goes on.
    /// </summary>
    public TimeSpan TaskStallLimit { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Where creations under way are noted, so that another process can go on with them; null notes none.</summary>
    public string? StateFolder { get; init; }

    /// <summary>Receives one line for each request, retry and decision; never a secret, a header or a body.</summary>
    public Action<string>? Log { get; init; }
}
