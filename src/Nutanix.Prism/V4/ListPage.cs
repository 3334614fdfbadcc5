using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Nutanix.Prism.Http;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.V4;

/// <summary>
/// A page of a v4 list, read in one pass over its bytes: an estate has hundreds of pages, and a tree of each beside its
/// entities would cost as much time as the requests.
/// </summary>
internal sealed class ListPage<T> : IListPage
    where T : class
{
    private readonly ReadOnlyMemory<byte> _data;

    private ListPage(List<T> items, int count, long? total, ReadOnlyMemory<byte> data) => (Items, Count, Total, _data) = (items, count, total, data);

    public IReadOnlyList<T> Items { get; }

    /// <summary>Elements on the page, whatever they are.</summary>
    public int Count { get; }

    /// <summary>totalAvailableResults.</summary>
    public long? Total { get; }

    /// <summary>Of the text of <c>data</c>: tells a page that is sent again where the items have no ids.</summary>
    public byte[] Digest() => SHA256.HashData(_data.Span);

    /// <param name="body">The envelope, in UTF-8.</param>
    /// <param name="type">How an entity is read.</param>
    /// <exception cref="JsonException">The body is no envelope of a list.</exception>
    public static ListPage<T> Read(byte[] body, JsonTypeInfo<T> type)
    {
        int start = body.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        var reader = new Utf8JsonReader(body.AsSpan(start));
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("an object was expected");
        }

        List<T> items = [];
        int count = 0;
        long? total = null;
        ReadOnlyMemory<byte> data = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isData = reader.ValueTextEquals("data"u8);
            bool isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (isData && reader.TokenType != JsonTokenType.Null)
            {
                int from = start + (int)reader.TokenStartIndex;
                count = ReadItems(ref reader, type, items);
                data = body.AsMemory(from, start + (int)reader.BytesConsumed - from);
            }
            else if (isMetadata && reader.TokenType == JsonTokenType.StartObject)
            {
                total = NestedJson.Read(ref reader, PrismJson.Default.WireMetadata)?.TotalAvailableResults;
            }
            else
            {
                reader.Skip();
            }
        }

        return new ListPage<T>(items, count, total, data);
    }

    private static int ReadItems(ref Utf8JsonReader reader, JsonTypeInfo<T> type, List<T> items)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("a list was expected");
        }

        int count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                items.Add(NestedJson.Read(ref reader, type)!);
            }
            else
            {
                reader.Skip();
            }
        }

        return count;
    }
}
