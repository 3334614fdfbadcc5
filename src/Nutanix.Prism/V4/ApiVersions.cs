using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Nutanix.Prism.Http;

namespace Nutanix.Prism.V4;

/// <summary>
/// Which version of each namespace this server speaks: what the user fixed; else what the server says to
/// <c>OPTIONS /api/{namespace}/unversioned/info</c> (4.2 and later); else the newest that does not answer 404.
/// </summary>
internal sealed class ApiVersions : IDisposable
{
    private readonly PrismHttp _http;
    private readonly Dictionary<string, ApiVersion> _fixed = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ApiVersion> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SemaphoreSlim> _gates = ApiNamespace.All.ToDictionary(n => n.Name, _ => new SemaphoreSlim(1));

    public ApiVersions(PrismHttp http, IReadOnlyDictionary<string, string>? overrides)
    {
        _http = http;
        foreach ((string name, string text) in overrides ?? new Dictionary<string, string>())
        {
            if (!ApiNamespace.All.Any(n => n.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new ArgumentException($"'{name}' is not a namespace this client uses; those are {string.Join(", ", ApiNamespace.All)}.", nameof(overrides));
            }

            _fixed[name] = ApiVersion.TryParse(text, out ApiVersion version)
                ? version
                : throw new ArgumentException($"'{text}' is not an API version for {name}; write it like v4.0 or v4.0.b1.", nameof(overrides));
        }
    }

    public IReadOnlyDictionary<string, string> Known => _known.ToDictionary(k => k.Key, k => k.Value.ToString());

    public async ValueTask<ApiVersion> GetAsync(ApiNamespace ns, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(ns.Name, out ApiVersion known))
        {
            return known;
        }

        SemaphoreSlim gate = _gates[ns.Name];
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_known.TryGetValue(ns.Name, out known))
            {
                known = _fixed.TryGetValue(ns.Name, out ApiVersion chosen)
                    ? chosen
                    : await AskAsync(ns, cancellationToken).ConfigureAwait(false)
                        ?? await ProbeAsync(ns, refused: null, cancellationToken).ConfigureAwait(false);
                _known[ns.Name] = known;
            }

            return known;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>
    /// After a 404 that is not about an entity: the server may have changed since, or may have told more than it serves.
    /// Returns the version to use instead, or null if <paramref name="refused"/> stands.
    /// </summary>
    public async Task<ApiVersion?> ReplaceAsync(ApiNamespace ns, ApiVersion refused, CancellationToken cancellationToken)
    {
        if (_fixed.ContainsKey(ns.Name))
        {
            return null;
        }

        SemaphoreSlim gate = _gates[ns.Name];
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_known.TryGetValue(ns.Name, out ApiVersion now) && now != refused)
            {
                return now;
            }

            ApiVersion found = await ProbeAsync(ns, refused, cancellationToken).ConfigureAwait(false);
            _known[ns.Name] = found;
            return found == refused ? null : found;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>A 404 in the server's own envelope is about an entity; any other is about the path.</summary>
    public static bool IsUnknownPath(PrismResponse response) =>
        response.Status == HttpStatusCode.NotFound && !ServerError.Read(response).IsEnvelope;

    public void Dispose()
    {
        foreach (SemaphoreSlim gate in _gates.Values)
        {
            gate.Dispose();
        }
    }

    private async Task<ApiVersion?> AskAsync(ApiNamespace ns, CancellationToken cancellationToken)
    {
        var request = new PrismRequest
        {
            Method = HttpMethod.Options,
            Path = $"api/{ns.Name}/unversioned/info",
            Resend = Resend.UnlessUnreachable,
        };
        PrismResponse response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.Status is HttpStatusCode.Unauthorized)
        {
            throw ResponseErrors.Create(request, response, _http);
        }

        if (!response.IsSuccess || ReadVersion(response) is not { } theirs)
        {
            _http.Log($"{ns}: the server does not tell its version, trying {string.Join(", ", ns.Versions)}.");
            return null;
        }

        ApiVersion ours = ns.Versions[0];
        if (theirs.Major != ours.Major)
        {
            throw new PrismVersionException(
                $"{_http.Address.Authority} serves {ns} {theirs}, this client speaks {ns.Versions[^1]} to {ours}. Update the module, or fix the version with the ApiVersions option if the server still serves an older one.");
        }

        ApiVersion agreed = theirs.CompareTo(ours) < 0 ? theirs : ours;
        _http.Log($"{ns}: the server serves {theirs}, using {agreed}.");
        return agreed;
    }

    private async Task<ApiVersion> ProbeAsync(ApiNamespace ns, ApiVersion? refused, CancellationToken cancellationToken)
    {
        PrismResponse? last = null;
        foreach (ApiVersion version in ns.Versions)
        {
            var request = new PrismRequest
            {
                Method = HttpMethod.Get,
                Path = ns.PathOf(version, ns.Collection),
                Query = [new("$limit", "1")],
                Resend = Resend.UnlessUnreachable,
            };
            last = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);

            // A user who may not list the collection still learns that the version is there.
            if (last.IsSuccess || last.Status == HttpStatusCode.Forbidden)
            {
                if (last.IsSuccess && !last.LooksLikeJson)
                {
                    throw ResponseErrors.NotJson(request, last, _http);
                }

                if (version != refused)
                {
                    _http.Log($"{ns}: using {version}.");
                }

                return version;
            }

            if (last.Status != HttpStatusCode.NotFound)
            {
                throw ResponseErrors.Create(request, last, _http);
            }
        }

        throw new PrismVersionException(string.Create(
            CultureInfo.InvariantCulture,
            $"{_http.Address.Authority} serves none of {ns} {ns.Versions[^1]} to {ns.Versions[0]}. Either it is a Prism Element (connect to its Prism Central instead), or a Prism Central before pc.2024.3 (update it, or name a version it serves with the ApiVersions option)."))
        {
            StatusCode = last?.Status,
            Target = ns.Name,
        };
    }

    private static ApiVersion? ReadVersion(PrismResponse response)
    {
        if (!response.LooksLikeJson)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(response.Body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("data", out JsonElement data)
                && data.ValueKind == JsonValueKind.String
                && ApiVersion.TryParse(data.GetString(), out ApiVersion version)
                    ? version
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
