using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nutanix.Prism.V4.Wire;

internal sealed class WireEnvelope
{
    public JsonElement Data { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireMetadata>))]
    public WireMetadata? Metadata { get; set; }
}

internal sealed class WireMetadata
{
    public long? TotalAvailableResults { get; set; }
}

/// <summary><c>{"extId": …}</c>; the cluster of a host is written <c>{"uuid": …, "name": …}</c>.</summary>
internal sealed class WireReference
{
    public string? ExtId { get; set; }

    public string? Uuid { get; set; }

    public string? Name { get; set; }

    public static WireReference? To(string? extId) => extId is null ? null : new WireReference { ExtId = extId };
}

internal sealed class WireAppMessage
{
    public string? Message { get; set; }

    public string? Severity { get; set; }

    public string? Code { get; set; }

    public string? ErrorGroup { get; set; }
}

/// <summary><c>{"ipv4":{"value":…},"ipv6":{"value":…}}</c>, or directly <c>{"value":…}</c>.</summary>
internal sealed class WireIpAddress
{
    public string? Value { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireIpAddress>))]
    public WireIpAddress? Ipv4 { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireIpAddress>))]
    public WireIpAddress? Ipv6 { get; set; }
}
