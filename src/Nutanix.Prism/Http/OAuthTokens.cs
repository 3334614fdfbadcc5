using System.Text.Json;

namespace Nutanix.Prism.Http;

/// <summary>
/// Tokens of an OAuth2 client (RFC 6749, client credentials). A token is replaced a little before it runs out, by our own
/// clock from when it came, so that neither a slow request nor a wrong clock on either side meets an old one; one that is
/// refused all the same is replaced at once.
/// </summary>
internal sealed class OAuthTokens(OAuthCredential credential, FlurlTransport transport, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LongestSkew = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UsualLifetime = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _gate = new(1);
    private string? _token;
    private TimeSpan _lifetime;
    private long _since;

    public async Task<KeyValuePair<string, string>> GetHeaderAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_token is null || time.GetElapsedTime(_since) >= _lifetime)
            {
                await RenewAsync(cancellationToken).ConfigureAwait(false);
            }

            return new("Authorization", $"Bearer {_token}");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Drops a token that was refused, unless it was replaced meanwhile.</summary>
    public async Task ForgetAsync(string refusedHeader, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (refusedHeader == $"Bearer {_token}")
        {
            _token = null;
        }

        _gate.Release();
    }

    public void Dispose() => _gate.Dispose();

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        long asked = time.GetTimestamp();
        PrismResponse response = await transport.PostFormAsync(credential.TokenEndpoint, credential.ToForm(), credential.ClientHeader, cancellationToken).ConfigureAwait(false);
        string host = credential.TokenEndpoint.Authority;
        if (!response.IsSuccess)
        {
            throw new PrismAuthenticationException(
                $"{host} gave no token for the client '{credential.UserName}' ({(int)response.Status}{Reason(response)}). Check client id, client secret and scope.")
            {
                StatusCode = response.Status,
            };
        }

        (string? token, double? seconds) = Read(response);
        _token = token ?? throw new PrismProtocolException($"The answer of {host} holds no access_token. Check the address of the token endpoint.");
        credential.Learn(token);
        TimeSpan lifetime = seconds is > 0 ? TimeSpan.FromSeconds(seconds.Value) : UsualLifetime;
        TimeSpan skew = lifetime / 10 < LongestSkew ? lifetime / 10 : LongestSkew;
        (_lifetime, _since) = (lifetime - skew, asked);
    }

    private static (string? Token, double? Seconds) Read(PrismResponse response)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(response.Body);
            JsonElement root = document.RootElement;
            string? token = root.TryGetProperty("access_token", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
            double? seconds = root.TryGetProperty("expires_in", out JsonElement number) && number.ValueKind == JsonValueKind.Number ? number.GetDouble() : null;
            return (token, seconds);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, null);
        }
    }

    // RFC 6749 5.2: {"error": "invalid_client"}; nothing else of the answer is shown.
    private static string Reason(PrismResponse response)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(response.Body);
            return document.RootElement.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.String ? $", {error.GetString()}" : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }
}
