using System.Text.Json.Serialization;

namespace Nutanix.Prism.V4.Wire;

internal sealed class WireSubnet
{
    public string? ExtId { get; set; }

    public string? Name { get; set; }

    public string? SubnetType { get; set; }

    public long? NetworkId { get; set; }

    /// <summary>The cluster's id as plain text.</summary>
    public string? ClusterReference { get; set; }

    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> ClusterReferenceList { get; set; } = [];

    public string? VpcReference { get; set; }
}
