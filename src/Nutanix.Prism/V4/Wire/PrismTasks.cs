using System.Text.Json.Serialization;

namespace Nutanix.Prism.V4.Wire;

internal sealed class WireTask
{
    public string? ExtId { get; set; }

    public string? Operation { get; set; }

    public string? OperationDescription { get; set; }

    public string? Status { get; set; }

    public long? ProgressPercentage { get; set; }

    [JsonConverter(typeof(LooseListConverter<WireEntity>))]
    public IReadOnlyList<WireEntity> EntitiesAffected { get; set; } = [];

    [JsonConverter(typeof(LooseListConverter<WireAppMessage>))]
    public IReadOnlyList<WireAppMessage> ErrorMessages { get; set; } = [];

    [JsonConverter(typeof(LooseListConverter<WireAppMessage>))]
    public IReadOnlyList<WireAppMessage> Warnings { get; set; } = [];

    public string? LegacyErrorMessage { get; set; }

    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> ClusterExtIds { get; set; } = [];

    [JsonConverter(typeof(LooseObjectConverter<WireReference>))]
    public WireReference? OwnedBy { get; set; }

    public DateTimeOffset? CreatedTime { get; set; }

    public DateTimeOffset? StartedTime { get; set; }

    public DateTimeOffset? CompletedTime { get; set; }

    public bool? IsCancelable { get; set; }
}

internal sealed class WireEntity
{
    public string? ExtId { get; set; }

    public string? Name { get; set; }

    public string? Rel { get; set; }
}

internal sealed class WireCategory
{
    public string? ExtId { get; set; }

    public string? Key { get; set; }

    public string? Value { get; set; }

    public string? Description { get; set; }
}
