using System.Text;

namespace Nutanix.Prism.Simulator;

/// <summary>What a host has to send back, and how.</summary>
public sealed record SimulatorResponse
{
    public required int StatusCode { get; init; }

    /// <summary>Headers other than Content-Length, in order; Content-Type is among them when there is a body.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>How long the host waits before it answers; the core itself never sleeps.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How long the host waits in the middle of the body.</summary>
    public TimeSpan BodyDelay { get; init; }

    /// <summary>True when the host drops the connection instead of answering (a scripted network failure).</summary>
    public bool Abort { get; init; }

    /// <summary>A header's value, or null; names compare without case.</summary>
    public string? Header(string name) =>
        Headers.FirstOrDefault(h => string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    internal static SimulatorResponse Plain(int status, string text, string contentType = "text/plain; charset=utf-8") => new()
    {
        StatusCode = status,
        Headers = text.Length == 0 ? [] : [new("Content-Type", contentType)],
        Body = Encoding.UTF8.GetBytes(text),
    };

    internal SimulatorResponse With(string header, string value) => this with { Headers = [.. Headers, new(header, value)] };
}
