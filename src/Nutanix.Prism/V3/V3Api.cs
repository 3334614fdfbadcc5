using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Nutanix.Prism.Http;
using Nutanix.Prism.V3.Wire;

namespace Nutanix.Prism.V3;

/// <summary>The v3 conventions: lists by POST with offset and length, intents with a spec_version, writes that name a task.</summary>
internal sealed class V3Api(PrismHttp http)
{
    private const string Root = "api/nutanix/v3/";
    private const int PageLength = 100;

    public PrismHttp Http { get; } = http;

    /// <summary>
    /// All entities of a kind, each once. Some servers do not page (hosts) and others cap the length, so the list ends when
    /// a page is empty, brings nothing new, or the total is reached by a page that is not exactly full.
    /// </summary>
    /// <param name="path"><c>vms</c>, <c>hosts</c>, <c>categories/Environment</c>…</param>
    /// <param name="kind">The kind in the body; null for none.</param>
    /// <param name="type">How an entity is read.</param>
    /// <param name="id">What tells entities apart.</param>
    /// <param name="filter">FIQL.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async IAsyncEnumerable<T> ListAsync<T>(
        string path,
        string? kind,
        JsonTypeInfo<T> type,
        Func<T, string?> id,
        string? filter = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : class
    {
        Page<T> first = await ReadPageAsync(path, kind, type, filter, 0, PageLength, cancellationToken).ConfigureAwait(false);
        var seen = new IdSet();
        long unique = 0;

        // A server that gave all at once, or another length than asked for, is asked on from where it stopped.
        int step = Math.Max(first.Count, 1);
        ConfiguredCancelableAsyncEnumerable<Page<T>> pages = ReadAhead
            .PagesAsync(
                first,
                (number, ct) => ReadPageAsync(path, kind, type, filter, (long)number * step, Math.Min(PageLength, step), ct),
                Http.MaxConcurrentRequests,
                readsAll: false,
                cancellationToken)
            .ConfigureAwait(false);
        await foreach (Page<T> page in pages)
        {
            var fresh = new List<T>(page.Items.Count);
            foreach (T item in page.Items)
            {
                if (id(item) is { Length: > 0 } key && seen.Add(key))
                {
                    fresh.Add(item);
                }
            }

            if (fresh.Count == 0)
            {
                yield break;
            }

            unique += fresh.Count;
            foreach (T item in fresh)
            {
                yield return item;
            }

            if (page.Count != PageLength && unique >= page.Total)
            {
                yield break;
            }
        }
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(new PrismRequest { Method = HttpMethod.Get, Path = Root + path }, cancellationToken);

    public Task<JsonElement> PostAsync(string path, JsonObject body, CancellationToken cancellationToken, Resend resend = Resend.OnPassingFault) =>
        SendAsync(new PrismRequest { Method = HttpMethod.Post, Path = Root + path, Body = Bytes(body), Resend = resend }, cancellationToken);

    /// <summary>Sends a write and returns the id of its task, wherever the answer carries it.</summary>
    public async Task<string> SubmitAsync(
        HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken, Guid? requestId = null, Resend resend = Resend.OnPassingFault)
    {
        var request = new PrismRequest { Method = method, Path = Root + path, Body = body, RequestId = requestId ?? Guid.NewGuid(), Resend = resend };
        JsonElement answer = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return TaskOf(answer) ?? throw new PrismProtocolException($"The answer of {Http.Address.Authority} to {request} names no task, so its outcome cannot be followed. Look at the tasks in Prism.")
        {
            StatusCode = System.Net.HttpStatusCode.Accepted,
            Target = request.ToString(),
        };
    }

    public static byte[] Bytes(JsonObject body) => JsonSerializer.SerializeToUtf8Bytes(body, V3Json.Default.JsonObject);

    public T Read<T>(JsonElement element, JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return element.Deserialize(type) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new PrismProtocolException($"The {what} that {Http.Address.Authority} sent is not what v3 says it is ({e.Message}).", e);
        }
    }

    private static string? TaskOf(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (answer.TryGetProperty("task_uuid", out JsonElement direct) && direct.ValueKind == JsonValueKind.String)
        {
            return direct.GetString();
        }

        V3Entity? entity = answer.Deserialize(V3Json.Default.V3Entity);
        return entity?.Status?.TaskUuids is { Count: > 0 } tasks ? tasks[^1] : null;
    }

    private async Task<Page<T>> ReadPageAsync<T>(
        string path, string? kind, JsonTypeInfo<T> type, string? filter, long offset, int length, CancellationToken cancellationToken)
        where T : class
    {
        var body = new JsonObject { ["offset"] = offset, ["length"] = length };
        if (kind is not null)
        {
            body["kind"] = kind;
        }

        if (filter is not null)
        {
            body["filter"] = filter;
        }

        JsonElement answer = await PostAsync(path + "/list", body, cancellationToken).ConfigureAwait(false);
        V3List list = Read(answer, V3Json.Default.V3List, $"list of {path}");
        if (list.Entities.ValueKind != JsonValueKind.Array)
        {
            return new Page<T>([], 0, list.Metadata?.TotalMatches);
        }

        var items = new List<T>(list.Entities.GetArrayLength());
        foreach (JsonElement element in list.Entities.EnumerateArray())
        {
            if (element.ValueKind == JsonValueKind.Object)
            {
                items.Add(Read(element, type, $"entry of {path}"));
            }
        }

        return new Page<T>(items, list.Entities.GetArrayLength(), list.Metadata?.TotalMatches);
    }

    private async Task<JsonElement> SendAsync(PrismRequest request, CancellationToken cancellationToken)
    {
        PrismResponse response = await Http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            throw ResponseErrors.Create(request, response, Http);
        }

        if (response.Body.Length == 0)
        {
            return default;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(response.Body);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw ResponseErrors.NotJson(request, response, Http, e);
        }
    }

    private sealed record Page<T>(List<T> Items, int Count, long? Total) : IListPage;
}
