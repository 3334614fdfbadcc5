using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Nutanix.Prism.V4.Wire;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(LooseStringConverter),
        typeof(LooseInt64Converter),
        typeof(LooseBoolConverter),
        typeof(LooseTimeConverter),
    ])]
[JsonSerializable(typeof(WireEnvelope))]
[JsonSerializable(typeof(WireCluster))]
[JsonSerializable(typeof(WireHost))]
[JsonSerializable(typeof(WireGpuProfile))]
[JsonSerializable(typeof(WirePcieDevice))]
[JsonSerializable(typeof(WireVm))]
[JsonSerializable(typeof(WireImage))]
[JsonSerializable(typeof(WireSubnet))]
[JsonSerializable(typeof(WireTask))]
[JsonSerializable(typeof(WireVmStats))]
[JsonSerializable(typeof(WireMigrateToHost))]
[JsonSerializable(typeof(WireGuestPowerOptions))]
[JsonSerializable(typeof(WireCategory))]
[JsonSerializable(typeof(WireHostAffinityPolicy))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(WireBuild))]
[JsonSerializable(typeof(WireNodes))]
[JsonSerializable(typeof(WireClusterConfig))]
[JsonSerializable(typeof(WireHypervisor))]
[JsonSerializable(typeof(WireGpuConfig))]
[JsonSerializable(typeof(WirePcieConfig))]
[JsonSerializable(typeof(WireReference))]
[JsonSerializable(typeof(WireIpAddress))]
[JsonSerializable(typeof(WireAppMessage))]
[JsonSerializable(typeof(WireEntity))]
[JsonSerializable(typeof(WireMetadata))]
[JsonSerializable(typeof(WireBootConfig))]
[JsonSerializable(typeof(WireDisk))]
[JsonSerializable(typeof(WireDiskAddress))]
[JsonSerializable(typeof(WireVmDisk))]
[JsonSerializable(typeof(WireDataSource))]
[JsonSerializable(typeof(WireImageReference))]
[JsonSerializable(typeof(WireNic))]
[JsonSerializable(typeof(WireNicNetwork))]
[JsonSerializable(typeof(WireIpConfig))]
[JsonSerializable(typeof(WireLearnedIps))]
[JsonSerializable(typeof(WireGpu))]
[JsonSerializable(typeof(WireSbdf))]
[JsonSerializable(typeof(WireGuestCustomization))]
[JsonSerializable(typeof(WireCloudInit))]
[JsonSerializable(typeof(WireUserData))]
[JsonSerializable(typeof(WireVmStatsRow))]
internal sealed partial class PrismJson : JsonSerializerContext;
