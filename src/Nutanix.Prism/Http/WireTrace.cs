using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Nutanix.Prism.Http;

/// <summary>
/// Appends requests and answers to a file that only its owner can read. Headers that carry credentials are never written;
/// known secrets, and members of bodies that hold some, are masked.
/// </summary>
internal sealed partial class WireTrace
{
    private readonly string _path;
    private readonly Func<string, string> _redact;
    private readonly Lock _gate = new();

    /// <exception cref="IOException">The file cannot be written.</exception>
    public WireTrace(string path, Func<string, string> redact)
    {
        (_path, _redact) = (path, redact);
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var made = new FileStream(path, options);
    }

    public void Write(PrismRequest request, DateTimeOffset time, PrismResponse? response, string? failure)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"== {time:O} {request} {request.RequestId:D}\n");
        foreach ((string name, string value) in request.Query)
        {
            text.Append(CultureInfo.InvariantCulture, $"   {name}={value}\n");
        }

        if (request.IfMatch is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"   If-Match: {request.IfMatch}\n");
        }

        Append(text, "> ", request.Body);
        if (response is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"-- {(int)response.Status} {response.ContentType} ETag: {response.ETag}\n");
            Append(text, "< ", response.Body);
        }

        if (failure is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"-- {failure}\n");
        }

        string line = Mask(_redact(text.ToString()));
        lock (_gate)
        {
            File.AppendAllText(_path, line);
        }
    }

    /// <summary>Members that hold secrets in bodies of Prism: passwords, keys, tokens, user data (plain or in base64).</summary>
    internal static string Mask(string text) => UserDataValue().Replace(SecretMember().Replace(text, "$1\"***\""), "$1\"***\"");

    private static void Append(StringBuilder text, string mark, byte[]? body)
    {
        if (body is { Length: > 0 })
        {
            text.Append(mark).Append(Encoding.UTF8.GetString(body)).Append('\n');
        }
    }

    [GeneratedRegex(@"(""(?:password|passwd|user_data|meta_data|unattend_xml|access_token|refresh_token|client_secret|apiKey|api_key|secret|private_key|privateKey|certificate|kube_config)""\s*:\s*)""(?:[^""\\]|\\.)*""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretMember();

    // {"$objectType":"…Userdata","value":"…"} in either order; a long value is user data whatever stands beside it.
    [GeneratedRegex(@"(""value""\s*:\s*)""(?:[^""\\]|\\.){40,}""", RegexOptions.CultureInvariant)]
    private static partial Regex UserDataValue();
}
