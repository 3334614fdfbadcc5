using System.Net;

namespace Nutanix.Prism.Http;

/// <summary>Reads the address people type.</summary>
internal static class PrismAddress
{
    public const int DefaultPort = 9440;

    /// <summary>
    /// <c>pc</c>, <c>pc:9440</c>, <c>https://pc/console/</c>, <c>http://127.0.0.1:8080</c>, <c>fd00::1</c>. A port that is not
    /// written is 9440, also after <c>https://</c>: that is where a Prism Central listens.
    /// </summary>
    public static Uri Parse(string server)
    {
        ArgumentNullException.ThrowIfNull(server);
        string text = server.Trim();
        if (text.Contains('@', StringComparison.Ordinal))
        {
            throw new ArgumentException("The server address contains '@': give the user name and password as a credential, not in the address.", nameof(server));
        }

        if (!text.Contains("://", StringComparison.Ordinal))
        {
            text = !text.StartsWith('[') && text.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(text, out IPAddress? ip)
                ? $"https://[{ip}]"
                : "https://" + text;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp)
            || uri.Host.Length == 0)
        {
            throw new ArgumentException($"'{server}' is not a server address: give a host name, host:port, or an https URL.", nameof(server));
        }

        return new UriBuilder(uri.Scheme, uri.Host, HasPort(text) ? uri.Port : DefaultPort).Uri;
    }

    // Uri drops the port that is its scheme's default, and ":443" written out must stay 443.
    private static bool HasPort(string text)
    {
        string authority = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        int end = authority.AsSpan().IndexOfAny('/', '?', '#');
        authority = end < 0 ? authority : authority[..end];
        int colon = authority.LastIndexOf(':');
        return colon > authority.LastIndexOf(']') && colon < authority.Length - 1;
    }
}
