namespace Nutanix.Prism.Http;

/// <summary>
/// Says who we are: with the credential first, with the server's session cookie as long as that is good. Cookies live 15
/// minutes on real servers, so every answer may bring a new one and any request may find the old one expired.
/// </summary>
internal sealed class PrismSession(PrismCredential credential)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, string> _cookies = new(StringComparer.Ordinal);

    public PrismCredential Credential { get; } = credential;

    /// <summary>The headers of the next attempt, and whether they are the cookie's.</summary>
    public (KeyValuePair<string, string> Header, bool IsCookie) Sign()
    {
        lock (_gate)
        {
            return _cookies.Count == 0
                ? (Credential.ToHeader(), false)
                : (new("Cookie", string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}"))), true);
        }
    }

    public void Learn(IReadOnlyList<string> setCookies)
    {
        if (!Credential.UsesSession)
        {
            return;
        }

        lock (_gate)
        {
            foreach (string cookie in setCookies)
            {
                ReadOnlySpan<char> pair = cookie.AsSpan();
                int end = pair.IndexOf(';');
                pair = (end < 0 ? pair : pair[..end]).Trim();
                int equals = pair.IndexOf('=');
                if (equals <= 0 || !pair.StartsWith("NTNX_", StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                string name = pair[..equals].Trim().ToString();
                string value = pair[(equals + 1)..].Trim().ToString();
                if (value.Length == 0)
                {
                    _cookies.Remove(name);
                }
                else
                {
                    _cookies[name] = value;
                }
            }
        }
    }

    /// <summary>Drops the cookie that was refused, unless another request has brought a newer one meanwhile.</summary>
    public void Forget(string refusedHeader)
    {
        lock (_gate)
        {
            if (string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}")) == refusedHeader)
            {
                _cookies.Clear();
            }
        }
    }

    /// <summary>Cuts everything secret out of a text that came from outside.</summary>
    public string Redact(string text)
    {
        text = Credential.Redact(text);
        lock (_gate)
        {
            foreach (string value in _cookies.Values)
            {
                text = text.Replace(value, "***", StringComparison.Ordinal);
            }
        }

        return text;
    }
}
