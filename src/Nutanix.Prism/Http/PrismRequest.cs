namespace Nutanix.Prism.Http;

/// <summary>When a request may be sent again by itself.</summary>
internal enum Resend
{
    /// <summary>On every passing fault: the same request id tells the server that it is the same intent.</summary>
    OnPassingFault,

    /// <summary>As above, but a server that cannot be reached is reported at once: a person waits at a prompt.</summary>
    UnlessUnreachable,

    /// <summary>Only when the server said that it did not take the request (429); the caller looks at the outcome of anything else.</summary>
    OnlyIfRefused,
}

/// <summary>One intent, which may take several attempts.</summary>
internal sealed record PrismRequest
{
    public required HttpMethod Method { get; init; }

    /// <summary>Path below the server's root; ids in it are percent-encoded already.</summary>
    public required string Path { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>JSON in UTF-8.</summary>
    public byte[]? Body { get; init; }

    public string? IfMatch { get; init; }

    /// <summary>NTNX-Request-Id: one for each intent, the same on each of its attempts.</summary>
    public Guid RequestId { get; init; } = Guid.NewGuid();

    public Resend Resend { get; init; }

    public override string ToString() => $"{Method} {Path}";
}
