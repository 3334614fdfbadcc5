using System.Text.Json;
using System.Text.Json.Serialization;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.V3.Wire;

/// <summary><c>{api_version, metadata, entities}</c></summary>
internal sealed class V3List
{
    [JsonConverter(typeof(LooseObjectConverter<V3ListMetadata>))]
    public V3ListMetadata? Metadata { get; set; }

    public JsonElement Entities { get; set; }
}

/// <summary>Of a list; clusters/list gives total_matches alone.</summary>
internal sealed class V3ListMetadata
{
    public long? TotalMatches { get; set; }
}

/// <summary><c>{status, spec, metadata}</c>. The spec of a DELETE's reply is an empty text, so it is read as whatever it is.</summary>
internal sealed class V3Entity
{
    [JsonConverter(typeof(LooseObjectConverter<V3Status>))]
    public V3Status? Status { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<V3Metadata>))]
    public V3Metadata? Metadata { get; set; }

    public string? Uuid => Metadata?.Uuid;
}

internal sealed class V3Status
{
    public string? Name { get; set; }

    public string? Description { get; set; }

    /// <summary>PENDING, RUNNING, COMPLETE, ERROR, DELETE_PENDING; free text.</summary>
    public string? State { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<V3Reference>))]
    public V3Reference? ClusterReference { get; set; }

    /// <summary>Its task_uuid is a text in answers to writes and a list in answers to reads.</summary>
    public JsonElement ExecutionContext { get; set; }

    public JsonElement Resources { get; set; }

    public IReadOnlyList<string> TaskUuids =>
        ExecutionContext.ValueKind == JsonValueKind.Object && ExecutionContext.TryGetProperty("task_uuid", out JsonElement task)
            ? task.ValueKind switch
            {
                JsonValueKind.String => [task.GetString()!],
                JsonValueKind.Array => [.. task.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!)],
                _ => [],
            }
            : [];
}

internal sealed class V3Metadata
{
    public string? Uuid { get; set; }

    public string? Kind { get; set; }

    public long? SpecVersion { get; set; }

    public DateTimeOffset? CreationTime { get; set; }

    public DateTimeOffset? LastUpdateTime { get; set; }

    /// <summary><c>{key: value}</c></summary>
    public JsonElement Categories { get; set; }

    /// <summary><c>{key: [values]}</c></summary>
    public JsonElement CategoriesMapping { get; set; }

    /// <summary><c>key:value</c> of each category.</summary>
    public IEnumerable<string> CategoryNames
    {
        get
        {
            if (CategoriesMapping.ValueKind == JsonValueKind.Object && CategoriesMapping.EnumerateObject().Any())
            {
                return CategoriesMapping.EnumerateObject()
                    .Where(m => m.Value.ValueKind == JsonValueKind.Array)
                    .SelectMany(m => m.Value.EnumerateArray().Select(v => $"{m.Name}:{v}"));
            }

            return Categories.ValueKind == JsonValueKind.Object
                ? Categories.EnumerateObject().Select(m => $"{m.Name}:{m.Value}")
                : [];
        }
    }
}

internal sealed class V3Reference
{
    public string? Kind { get; set; }

    public string? Uuid { get; set; }

    public string? Name { get; set; }
}

internal sealed class V3Task
{
    public string? Uuid { get; set; }

    public string? OperationType { get; set; }

    public string? Status { get; set; }

    public long? PercentageComplete { get; set; }

    public string? ProgressMessage { get; set; }

    /// <summary>"0" on success on some releases: says nothing of the outcome.</summary>
    public string? ErrorCode { get; set; }

    public string? ErrorDetail { get; set; }

    [JsonConverter(typeof(LooseListConverter<V3Reference>))]
    public IReadOnlyList<V3Reference> EntityReferenceList { get; set; } = [];

    [JsonConverter(typeof(LooseObjectConverter<V3Reference>))]
    public V3Reference? ClusterReference { get; set; }

    public DateTimeOffset? CreationTime { get; set; }

    public DateTimeOffset? StartTime { get; set; }

    public DateTimeOffset? CompletionTime { get; set; }
}

internal sealed class V3Category
{
    public string? Name { get; set; }

    public string? Value { get; set; }

    public string? Description { get; set; }
}

/// <summary>Reply of <c>POST /groups</c>; all values are texts.</summary>
internal sealed class V3Groups
{
    [JsonConverter(typeof(LooseListConverter<V3Group>))]
    public IReadOnlyList<V3Group> GroupResults { get; set; } = [];
}

internal sealed class V3Group
{
    [JsonConverter(typeof(LooseListConverter<V3GroupEntity>))]
    public IReadOnlyList<V3GroupEntity> EntityResults { get; set; } = [];
}

internal sealed class V3GroupEntity
{
    public string? EntityId { get; set; }

    [JsonConverter(typeof(LooseListConverter<V3GroupData>))]
    public IReadOnlyList<V3GroupData> Data { get; set; } = [];
}

internal sealed class V3GroupData
{
    public string? Name { get; set; }

    [JsonConverter(typeof(LooseListConverter<V3GroupValue>))]
    public IReadOnlyList<V3GroupValue> Values { get; set; } = [];
}

internal sealed class V3GroupValue
{
    public long? Time { get; set; }

    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> Values { get; set; } = [];
}
