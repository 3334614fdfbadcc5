using System.Net.Http.Headers;
using System.Text;

namespace Nutanix.Prism;

/// <summary>
/// How a client proves who it is. The secret is not a public member, is not part of <see cref="object.ToString"/>, and
/// is cut out of every text a server sends back.
/// </summary>
public abstract class PrismCredential
{
    private protected PrismCredential()
    {
    }

    /// <summary>The user's name, or <c>api key</c>.</summary>
    public abstract string UserName { get; }

    /// <summary>True when the server's session cookie may stand for the credential on later requests.</summary>
    internal abstract bool UsesSession { get; }

    /// <summary>Every text that must never be shown.</summary>
    internal abstract IReadOnlyList<string> Secrets { get; }

    internal abstract KeyValuePair<string, string> ToHeader();

    internal string Redact(string text)
    {
        foreach (string secret in Secrets)
        {
            if (secret.Length > 0)
            {
                text = text.Replace(secret, "***", StringComparison.Ordinal);
            }
        }

        return text;
    }
}

/// <summary>User name and password, sent as HTTP Basic until the server has given a session cookie.</summary>
public sealed class BasicCredential : PrismCredential
{
    private readonly string _password;
    private readonly string _encoded;

    public BasicCredential(string userName, string password)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(userName);
        ArgumentNullException.ThrowIfNull(password);
        if (userName.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException("A user name cannot contain ':' (HTTP Basic has no way to send it).", nameof(userName));
        }

        UserName = userName;
        _password = password;
        _encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{userName}:{password}"));
    }

    public override string UserName { get; }

    /// <summary>The same name and secret, as an OAuth2 client.</summary>
    public OAuthCredential ToOAuth(Uri tokenEndpoint, string? scope) => new(tokenEndpoint, UserName, _password, scope);

    internal override bool UsesSession => true;

    internal override IReadOnlyList<string> Secrets => [_encoded, _password];

    internal override KeyValuePair<string, string> ToHeader() =>
        new("Authorization", new AuthenticationHeaderValue("Basic", _encoded).ToString());

    public override string ToString() => $"{nameof(BasicCredential)} {{ UserName = {UserName} }}";
}

/// <summary>The API key of an IAM service account, sent in the header <c>X-ntnx-api-key</c>.</summary>
public sealed class ApiKeyCredential : PrismCredential
{
    private readonly string _key;

    public ApiKeyCredential(string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        if (key.Any(char.IsControl))
        {
            throw new ArgumentException("The API key contains a line break or another control character; pass the key alone.", nameof(key));
        }

        _key = key;
    }

    public override string UserName => "api key";

    internal override bool UsesSession => false;

    internal override IReadOnlyList<string> Secrets => [_key];

    internal override KeyValuePair<string, string> ToHeader() => new("X-ntnx-api-key", _key);

    public override string ToString() => nameof(ApiKeyCredential);
}

/// <summary>
/// An OAuth2 client (client credentials) of a gateway in front of Prism, which itself takes no tokens. Tokens are fetched when
/// needed and sent as <c>Authorization: Bearer</c>.
/// </summary>
public sealed class OAuthCredential : PrismCredential
{
    private readonly string _secret;
    private readonly string? _scope;
    private volatile string? _token;

    /// <param name="tokenEndpoint">https address that gives tokens; http on the loopback interface only.</param>
    /// <param name="clientId">Client id.</param>
    /// <param name="clientSecret">Client secret.</param>
    /// <param name="scope">Scope; null for the client's own.</param>
    public OAuthCredential(Uri tokenEndpoint, string clientId, string clientSecret, string? scope = null)
    {
        ArgumentNullException.ThrowIfNull(tokenEndpoint);
        ArgumentException.ThrowIfNullOrWhiteSpace(clientId);
        ArgumentException.ThrowIfNullOrWhiteSpace(clientSecret);
        if (!tokenEndpoint.IsAbsoluteUri || !(tokenEndpoint.Scheme == Uri.UriSchemeHttps || (tokenEndpoint.Scheme == Uri.UriSchemeHttp && tokenEndpoint.IsLoopback)))
        {
            throw new ArgumentException("The token endpoint must be an https address: the client secret is sent to it.", nameof(tokenEndpoint));
        }

        TokenEndpoint = tokenEndpoint;
        UserName = clientId;
        _secret = clientSecret;
        _scope = scope;

        // RFC 6749 2.3.1: both are form-encoded first.
        string pair = $"{Uri.EscapeDataString(clientId)}:{Uri.EscapeDataString(clientSecret)}";
        ClientHeader = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))}";
    }

    public Uri TokenEndpoint { get; }

    public override string UserName { get; }

    internal string ClientHeader { get; }

    internal override bool UsesSession => false;

    internal override IReadOnlyList<string> Secrets => _token is { } token ? [ClientHeader["Basic ".Length..], _secret, token] : [ClientHeader["Basic ".Length..], _secret];

    internal override KeyValuePair<string, string> ToHeader() => new("Authorization", $"Bearer {_token}");

    internal void Learn(string token) => _token = token;

    internal IEnumerable<KeyValuePair<string, string>> ToForm()
    {
        yield return new("grant_type", "client_credentials");
        if (_scope is not null)
        {
            yield return new("scope", _scope);
        }
    }

    public override string ToString() => $"{nameof(OAuthCredential)} {{ UserName = {UserName} }}";
}
