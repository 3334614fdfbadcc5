using System.Globalization;

namespace Nutanix.Prism.Simulator.Api;

/// <summary>ETags and the checks on <c>If-Match</c>.</summary>
internal static class ETags
{
    // base64 of "application/json": Prism puts the media type before the entity's logical time.
    private const string Prefix = "YXBwbGljYXRpb24vanNvbg==:";

    /// <summary>The ETag of an entity's revision. Prism sends it without quotes.</summary>
    public static string Of(long revision) => Prefix + revision.ToString(CultureInfo.InvariantCulture);

    /// <summary>Lets a write pass only with the ETag of the current revision.</summary>
    /// <exception cref="ApiException">428 PLAT-10004 without the header, 412 PLAT-10005 for a wildcard or other text, 412 with the stale code for an old one.</exception>
    public static void Require(RequestContext context, long revision, string staleCode, string staleGroup)
    {
        var header = context.Request.Header("If-Match")?.Trim();
        if (string.IsNullOrEmpty(header))
        {
            throw new ApiException(428, "PLAT-10004", "ETAG_MISSING", "The eTag header is missing. Read the entity and send its ETag as If-Match.");
        }

        var value = header.Length >= 2 && header[0] == '"' && header[^1] == '"' ? header[1..^1] : header;
        if (!value.StartsWith(Prefix, StringComparison.Ordinal) || !long.TryParse(value.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var sent))
        {
            throw new ApiException(412, "PLAT-10005", "ETAG_INVALID", "Invalid eTag header. Read the entity and send its ETag as If-Match.");
        }

        if (sent != revision) throw new ApiException(412, staleCode, staleGroup, "The entity has changed since it was read. Read it again and retry with the new ETag.");
    }
}
