using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Nutanix.Prism.Simulator.Api;

/// <summary>Basic, API key and session cookie. Sessions carry their own proof, so none has to be remembered.</summary>
internal sealed class Authenticator(SimulatorOptions options)
{
    public const string CookieName = "NTNX_IGW_SESSION";

    private readonly byte[] _key = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"session/{options.Seed}/{options.Password}")));

    /// <param name="UserName">Who it is; null for nobody.</param>
    /// <param name="SetCookie">Value of a Set-Cookie header for the reply; null where a session was used.</param>
    public readonly record struct Result(string? UserName, string? SetCookie);

    public Result Authenticate(SimulatorRequest request, DateTimeOffset now)
    {
        if (Cookie(request) is { } cookie && UserOf(cookie, now) is { } user) return new(user, null);
        var name = Credentials(request);
        return name is null ? default : new(name, SetCookie(request, name, now));
    }

    private string? Credentials(SimulatorRequest request)
    {
        if (request.Header("X-ntnx-api-key") is { } key) return Same(key, options.ApiKey) ? "api-key-user" : null;
        if (request.Header("Authorization") is not { } header || !header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return null;
        var buffer = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[6..].Trim(), buffer, out var length)) return null;
        var text = Encoding.UTF8.GetString(buffer, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && Same(text[..colon], options.UserName) && Same(text[(colon + 1)..], options.Password) ? options.UserName : null;
    }

    private string SetCookie(SimulatorRequest request, string user, DateTimeOffset now)
    {
        var issued = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var payload = $"{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(user))}.{issued}";
        // A browser or HttpClient keeps a Secure cookie back on plain http, so only https replies carry the word.
        var secure = request.BaseAddress.Scheme == Uri.UriSchemeHttps ? "; Secure" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{CookieName}={payload}.{Sign(payload)}; Path=/; Max-Age={(long)options.SessionLifetime.TotalSeconds}; HttpOnly{secure}");
    }

    private string? UserOf(string cookie, DateTimeOffset now)
    {
        var parts = cookie.Split('.');
        if (parts.Length != 3 || !Same(parts[2], Sign($"{parts[0]}.{parts[1]}"))) return null;
        var issued = DateTimeOffset.FromUnixTimeSeconds(long.Parse(parts[1], CultureInfo.InvariantCulture));
        return now < issued + options.SessionLifetime ? Encoding.UTF8.GetString(Convert.FromHexString(parts[0])) : null;
    }

    private static string? Cookie(SimulatorRequest request)
    {
        foreach (var pair in (request.Header("Cookie") ?? "").Split(';', StringSplitOptions.TrimEntries))
        {
            if (pair.StartsWith(CookieName + "=", StringComparison.Ordinal)) return pair[(CookieName.Length + 1)..];
        }

        return null;
    }

    private string Sign(string payload) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(payload)))[..32];

    private static bool Same(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
