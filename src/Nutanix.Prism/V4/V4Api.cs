using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Nutanix.Prism.Http;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.V4;

/// <summary>An entity and the tag that a change of it must name.</summary>
internal readonly record struct Tagged<T>(T Value, string? ETag, JsonElement Raw);

/// <summary>Restricts and orders a list.</summary>
internal sealed record ListOptions
{
    public string? Filter { get; init; }

    public string? OrderBy { get; init; }

    /// <summary>
    /// Lists everything when the server does not know the filter (400): which fields can be filtered differs between
    /// releases. The caller then tests the items itself.
    /// </summary>
    public bool FilterIsOptional { get; init; }

    /// <summary>The caller takes the whole list, so its pages may be asked for at once.</summary>
    public bool ReadsAll { get; init; }

    /// <summary>1 to 100.</summary>
    public int PageSize { get; init; } = 100;
}

/// <summary>The v4 conventions: versioned paths, envelopes, pages, tagged entities, writes that answer with a task.</summary>
internal sealed class V4Api(PrismHttp http, ApiVersions versions)
{
    public PrismHttp Http { get; } = http;

    public ApiVersions Versions { get; } = versions;

    /// <summary>An id as one path segment; task ids hold '=' and ':' that must be encoded.</summary>
    public static string Segment(string extId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(extId);
        return extId is "." or ".."
            ? throw new ArgumentException($"'{extId}' is not an id.", nameof(extId))
            : Uri.EscapeDataString(extId);
    }

    /// <summary>A cheap call that needs the credential. A server that is not there is told at once.</summary>
    public async Task ProbeAsync(ApiNamespace ns, CancellationToken cancellationToken)
    {
        (PrismRequest request, PrismResponse response) = await SendAsync(
            ns,
            ns.Collection,
            path => new PrismRequest { Method = HttpMethod.Get, Path = path, Query = [new("$limit", "1")], Resend = Resend.UnlessUnreachable },
            cancellationToken).ConfigureAwait(false);
        ReadEnvelope(request, response);
    }

    public async Task<T> GetAsync<T>(
        ApiNamespace ns,
        string path,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken,
        IReadOnlyList<KeyValuePair<string, string>>? query = null)
        where T : class => (await GetTaggedAsync(ns, path, type, cancellationToken, query).ConfigureAwait(false)).Value;

    public async Task<Tagged<T>> GetTaggedAsync<T>(
        ApiNamespace ns,
        string path,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken,
        IReadOnlyList<KeyValuePair<string, string>>? query = null)
        where T : class
    {
        (PrismRequest request, PrismResponse response) = await SendAsync(
            ns, path, version => new PrismRequest { Method = HttpMethod.Get, Path = version, Query = query ?? [] }, cancellationToken).ConfigureAwait(false);
        JsonElement data = ReadEnvelope(request, response).Data;
        if (data.ValueKind == JsonValueKind.Array && data.GetArrayLength() == 1)
        {
            data = data[0];
        }

        if (data.ValueKind != JsonValueKind.Object)
        {
            throw ResponseErrors.NotJson(request, response, Http, new JsonException("it has no data"));
        }

        return new Tagged<T>(Convert(request, response, data, type), response.ETag ?? ReservedTag(data), data);
    }

    /// <summary>
    /// All items of a list, until a page is empty: totals and pages lag behind the truth, and items can show up twice when
    /// the list changes underneath. A server that ignores <c>$page</c> ends the list too. Pages are asked for ahead.
    /// </summary>
    public async IAsyncEnumerable<T> ListAsync<T>(
        ApiNamespace ns,
        string path,
        JsonTypeInfo<T> type,
        Func<T, string?> extId,
        ListOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : class
    {
        options ??= new ListOptions();
        ListPage<T> first;
        try
        {
            first = await ReadPageAsync(ns, path, type, options, 0, cancellationToken).ConfigureAwait(false);
        }
        catch (PrismException e) when (options is { FilterIsOptional: true } and not { Filter: null, OrderBy: null } && e.StatusCode == HttpStatusCode.BadRequest)
        {
            Http.Log($"{path}: the server does not take this filter, listing all. ({e.Message})");
            options = options with { Filter = null, OrderBy = null };
            first = await ReadPageAsync(ns, path, type, options, 0, cancellationToken).ConfigureAwait(false);
        }

        var seen = new IdSet();
        byte[] previous = [];
        long count = 0;
        ConfiguredCancelableAsyncEnumerable<ListPage<T>> pages = ReadAhead
            .PagesAsync(first, (number, ct) => ReadPageAsync(ns, path, type, options, number, ct), Http.MaxConcurrentRequests, options.ReadsAll, cancellationToken)
            .ConfigureAwait(false);
        await foreach (ListPage<T> page in pages)
        {
            var fresh = new List<T>(page.Items.Count);
            bool anyWithoutId = false;
            foreach (T item in page.Items)
            {
                string? id = extId(item);
                anyWithoutId |= string.IsNullOrEmpty(id);
                if (string.IsNullOrEmpty(id) || seen.Add(id))
                {
                    fresh.Add(item);
                }
            }

            // Rows without an id (GPU profiles) cannot be told apart, and two full pages may be equal by right: there the
            // total decides whether a page that equals the one before is a repetition.
            byte[] raw = anyWithoutId ? page.Digest() : [];
            bool repeats = anyWithoutId && raw.AsSpan().SequenceEqual(previous) && count >= (page.Total ?? 0);
            if (fresh.Count == 0 || repeats)
            {
                yield break;
            }

            previous = raw;
            count += fresh.Count;
            foreach (T item in fresh)
            {
                yield return item;
            }
        }
    }

    /// <summary>Sends a write whose answer is a message and not a task.</summary>
    public Task SendAsync(ApiNamespace ns, HttpMethod method, string path, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        return SendAsync(ns, path, version => new PrismRequest { Method = method, Path = version, RequestId = id }, cancellationToken);
    }

    /// <summary>Sends a write and returns the id of its task.</summary>
    public async Task<string> SubmitAsync(
        ApiNamespace ns,
        HttpMethod method,
        string path,
        byte[]? body,
        string? ifMatch,
        CancellationToken cancellationToken,
        Guid? requestId = null,
        Resend resend = Resend.OnPassingFault)
    {
        Guid id = requestId ?? Guid.NewGuid();
        (PrismRequest request, PrismResponse response) = await SendAsync(
            ns,
            path,
            version => new PrismRequest { Method = method, Path = version, Body = body, IfMatch = ifMatch, RequestId = id, Resend = resend },
            cancellationToken).ConfigureAwait(false);
        JsonElement data = ReadEnvelope(request, response).Data;
        string? task = data.ValueKind == JsonValueKind.Object && data.TryGetProperty("extId", out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
        return string.IsNullOrEmpty(task)
            ? throw ResponseErrors.NotJson(request, response, Http, new JsonException("it names no task"))
            : task;
    }

    private async Task<ListPage<T>> ReadPageAsync<T>(
        ApiNamespace ns, string path, JsonTypeInfo<T> type, ListOptions options, int number, CancellationToken cancellationToken)
        where T : class
    {
        List<KeyValuePair<string, string>> query = Query(options, number);
        (PrismRequest request, PrismResponse response) = await SendAsync(
            ns, path, version => new PrismRequest { Method = HttpMethod.Get, Path = version, Query = query }, cancellationToken).ConfigureAwait(false);
        if (!response.LooksLikeJson)
        {
            throw ResponseErrors.NotJson(request, response, Http);
        }

        try
        {
            return ListPage<T>.Read(response.Body, type);
        }
        catch (JsonException e)
        {
            throw ResponseErrors.NotJson(request, response, Http, e);
        }
    }

    private async Task<(PrismRequest Request, PrismResponse Response)> SendAsync(
        ApiNamespace ns, string path, Func<string, PrismRequest> create, CancellationToken cancellationToken)
    {
        ApiVersion version = await Versions.GetAsync(ns, cancellationToken).ConfigureAwait(false);
        PrismRequest request = create(ns.PathOf(version, path));
        PrismResponse response = await Http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (ApiVersions.IsUnknownPath(response)
            && await Versions.ReplaceAsync(ns, version, cancellationToken).ConfigureAwait(false) is { } other)
        {
            request = request with { Path = ns.PathOf(other, path) };
            response = await Http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        return response.IsSuccess ? (request, response) : throw ResponseErrors.Create(request, response, Http);
    }

    private WireEnvelope ReadEnvelope(PrismRequest request, PrismResponse response)
    {
        if (!response.LooksLikeJson)
        {
            throw ResponseErrors.NotJson(request, response, Http);
        }

        try
        {
            return JsonSerializer.Deserialize(response.Body, PrismJson.Default.WireEnvelope) ?? new WireEnvelope();
        }
        catch (JsonException e)
        {
            throw ResponseErrors.NotJson(request, response, Http, e);
        }
    }

    private T Convert<T>(PrismRequest request, PrismResponse response, JsonElement element, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return element.Deserialize(type)!;
        }
        catch (JsonException e)
        {
            throw ResponseErrors.NotJson(request, response, Http, e);
        }
    }

    private static string? ReservedTag(JsonElement data) =>
        data.TryGetProperty("$reserved", out JsonElement reserved)
        && reserved.ValueKind == JsonValueKind.Object
        && reserved.TryGetProperty("ETag", out JsonElement tag)
        && tag.ValueKind == JsonValueKind.String
            ? tag.GetString()
            : null;

    private static List<KeyValuePair<string, string>> Query(ListOptions options, int page)
    {
        var query = new List<KeyValuePair<string, string>>
        {
            new("$page", page.ToString(CultureInfo.InvariantCulture)),
            new("$limit", options.PageSize.ToString(CultureInfo.InvariantCulture)),
        };
        if (options.Filter is not null)
        {
            query.Add(new("$filter", options.Filter));
        }

        if (options.OrderBy is not null)
        {
            query.Add(new("$orderby", options.OrderBy));
        }

        return query;
    }
}
