using System.Net;
using System.Text.Json;

namespace Nutanix.Prism.Http;

/// <summary>A whole answer.</summary>
internal sealed record PrismResponse
{
    public required HttpStatusCode Status { get; init; }

    public byte[] Body { get; init; } = [];

    public string? ContentType { get; init; }

    public string? ETag { get; init; }

    public string? Location { get; init; }

    /// <summary>The server's clock.</summary>
    public DateTimeOffset? Date { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public IReadOnlyList<string> SetCookies { get; init; } = [];

    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public bool IsRedirect => (int)Status is >= 300 and < 400;

    /// <summary>True when the body can be JSON at all: not HTML, not empty.</summary>
    public bool LooksLikeJson
    {
        get
        {
            if (ContentType is not null && ContentType.Contains("html", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            ReadOnlySpan<byte> text = Body.AsSpan().TrimStart(" \t\r\n\uFEFF"u8);
            return text.Length > 0 && text[0] is (byte)'{' or (byte)'[';
        }
    }

    /// <summary>True when the body is one JSON value from its beginning to its end.</summary>
    public bool IsWholeJson
    {
        get
        {
            var reader = new Utf8JsonReader(Body.AsSpan().TrimStart("\uFEFF"u8));
            try
            {
                return reader.Read() && reader.TrySkip() && !reader.Read();
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }
}
