namespace Nutanix.Prism.Simulator;

/// <summary>One HTTP request as the simulator sees it, free of any web server's types.</summary>
public sealed record SimulatorRequest
{
    /// <summary>HTTP method in capitals.</summary>
    public required string Method { get; init; }

    /// <summary>The path as it came over the wire, still percent-encoded: <c>/api/vmm/v4.0/ahv/config/vms</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The query as it came over the wire, without the question mark.</summary>
    public string Query { get; init; } = "";

    /// <summary>Header values by name; several values of one name are joined with a comma, cookies with a semicolon.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Scheme and authority the caller used; the links of the replies are built on it.</summary>
    public Uri BaseAddress { get; init; } = DefaultAddress;

    private static Uri DefaultAddress { get; } = new("https://127.0.0.1:9440");

    private static IReadOnlyDictionary<string, string> NoHeaders { get; } = new Dictionary<string, string>();

    /// <summary>A header's value, or null; names compare without case.</summary>
    public string? Header(string name)
    {
        if (Headers.TryGetValue(name, out var exact)) return exact;
        foreach (var (key, value) in Headers)
        {
            if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase)) return value;
        }

        return null;
    }
}
