using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.V3.Wire;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(LooseStringConverter),
        typeof(LooseInt64Converter),
        typeof(LooseBoolConverter),
        typeof(LooseTimeConverter),
    ])]
[JsonSerializable(typeof(V3List))]
[JsonSerializable(typeof(V3Entity))]
[JsonSerializable(typeof(V3HostAffinityPolicy))]
[JsonSerializable(typeof(V3Status))]
[JsonSerializable(typeof(V3Metadata))]
[JsonSerializable(typeof(V3ListMetadata))]
[JsonSerializable(typeof(V3Reference))]
[JsonSerializable(typeof(V3ClusterResources))]
[JsonSerializable(typeof(V3ClusterConfig))]
[JsonSerializable(typeof(V3ClusterBuild))]
[JsonSerializable(typeof(V3ClusterNodes))]
[JsonSerializable(typeof(V3HostResources))]
[JsonSerializable(typeof(V3Hypervisor))]
[JsonSerializable(typeof(V3Gpu))]
[JsonSerializable(typeof(V3VmResources))]
[JsonSerializable(typeof(V3Nic))]
[JsonSerializable(typeof(V3IpEndpoint))]
[JsonSerializable(typeof(V3ImageResources))]
[JsonSerializable(typeof(V3SubnetResources))]
[JsonSerializable(typeof(V3Task))]
[JsonSerializable(typeof(V3Groups))]
[JsonSerializable(typeof(V3Group))]
[JsonSerializable(typeof(V3GroupEntity))]
[JsonSerializable(typeof(V3GroupData))]
[JsonSerializable(typeof(V3GroupValue))]
[JsonSerializable(typeof(V3Category))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class V3Json : JsonSerializerContext;
