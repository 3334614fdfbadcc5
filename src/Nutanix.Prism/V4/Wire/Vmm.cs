using System.Text.Json.Serialization;

namespace Nutanix.Prism.V4.Wire;

/// <summary>vmm.v4.ahv.config.Vm: the members this client reads, and those it sends when it makes one.</summary>
internal sealed class WireVm
{
    public string? ExtId { get; set; }

    public string? Name { get; set; }

    public string? Description { get; set; }

    public string? PowerState { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireReference>))]
    public WireReference? Cluster { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireReference>))]
    public WireReference? Host { get; set; }

    public long? NumSockets { get; set; }

    public long? NumCoresPerSocket { get; set; }

    public long? MemorySizeBytes { get; set; }

    public string? MachineType { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireBootConfig>))]
    public WireBootConfig? BootConfig { get; set; }

    [JsonConverter(typeof(LooseListConverter<WireDisk>))]
    public IReadOnlyList<WireDisk>? Disks { get; set; }

    [JsonConverter(typeof(LooseListConverter<WireNic>))]
    public IReadOnlyList<WireNic>? Nics { get; set; }

    [JsonConverter(typeof(LooseListConverter<WireGpu>))]
    public IReadOnlyList<WireGpu>? Gpus { get; set; }

    [JsonConverter(typeof(LooseListConverter<WireReference>))]
    public IReadOnlyList<WireReference>? Categories { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireGuestCustomization>))]
    public WireGuestCustomization? GuestCustomization { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireReference>))]
    public WireReference? Project { get; set; }

    public DateTimeOffset? CreateTime { get; set; }

    public DateTimeOffset? UpdateTime { get; set; }

    public bool? IsLiveMigrateCapable { get; set; }
}

internal sealed class WireBootConfig
{
    [JsonPropertyName("$objectType")]
    public string? ObjectType { get; set; }

    public bool? IsSecureBootEnabled { get; set; }
}

internal sealed class WireDisk
{
    [JsonConverter(typeof(LooseObjectConverter<WireDiskAddress>))]
    public WireDiskAddress? DiskAddress { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireVmDisk>))]
    public WireVmDisk? BackingInfo { get; set; }
}

internal sealed class WireDiskAddress
{
    public string? BusType { get; set; }

    public long? Index { get; set; }
}

internal sealed class WireVmDisk
{
    [JsonPropertyName("$objectType")]
    public string? ObjectType { get; set; }

    public long? DiskSizeBytes { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireDataSource>))]
    public WireDataSource? DataSource { get; set; }
}

internal sealed class WireDataSource
{
    [JsonConverter(typeof(LooseObjectConverter<WireImageReference>))]
    public WireImageReference? Reference { get; set; }
}

internal sealed class WireImageReference
{
    [JsonPropertyName("$objectType")]
    public string? ObjectType { get; set; }

    public string? ImageExtId { get; set; }
}

/// <summary>Network cards: networkInfo up to 4.0, nicNetworkInfo from 4.1; real answers carry either.</summary>
internal sealed class WireNic
{
    [JsonConverter(typeof(LooseObjectConverter<WireNicNetwork>))]
    public WireNicNetwork? NetworkInfo { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireNicNetwork>))]
    public WireNicNetwork? NicNetworkInfo { get; set; }
}

internal sealed class WireNicNetwork
{
    public string? NicType { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireReference>))]
    public WireReference? Subnet { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireIpConfig>))]
    public WireIpConfig? Ipv4Config { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireLearnedIps>))]
    public WireLearnedIps? Ipv4Info { get; set; }
}

internal sealed class WireIpConfig
{
    [JsonConverter(typeof(LooseObjectConverter<WireIpAddress>))]
    public WireIpAddress? IpAddress { get; set; }
}

internal sealed class WireLearnedIps
{
    [JsonConverter(typeof(LooseListConverter<WireIpAddress>))]
    public IReadOnlyList<WireIpAddress>? LearnedIpAddresses { get; set; }
}

internal sealed class WireGpu
{
    public string? ExtId { get; set; }

    public string? Name { get; set; }

    public string? Mode { get; set; }

    public string? Vendor { get; set; }

    public long? DeviceId { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireSbdf>))]
    public WireSbdf? PciAddress { get; set; }

    public long? FrameBufferSizeBytes { get; set; }

    public string? GuestDriverVersion { get; set; }
}

internal sealed class WireSbdf
{
    public long? Segment { get; set; }

    public long? Bus { get; set; }

    public long? Device { get; set; }

    public long? Func { get; set; }
}

internal sealed class WireGuestCustomization
{
    [JsonConverter(typeof(LooseObjectConverter<WireCloudInit>))]
    public WireCloudInit? Config { get; set; }
}

internal sealed class WireCloudInit
{
    [JsonPropertyName("$objectType")]
    public string? ObjectType { get; set; }

    public string? DatasourceType { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireUserData>))]
    public WireUserData? CloudInitScript { get; set; }
}

internal sealed class WireUserData
{
    [JsonPropertyName("$objectType")]
    public string? ObjectType { get; set; }

    public string? Value { get; set; }
}

/// <summary>Body of migrate-to-host.</summary>
internal sealed class WireMigrateToHost
{
    public WireReference? Host { get; set; }
}

/// <summary>Body of guest-shutdown and guest-reboot: the server's own defaults.</summary>
internal sealed class WireGuestPowerOptions;

internal sealed class WireImage
{
    public string? ExtId { get; set; }

    public string? Name { get; set; }

    public string? Description { get; set; }

    public string? Type { get; set; }

    public long? SizeBytes { get; set; }

    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> ClusterLocationExtIds { get; set; } = [];

    public DateTimeOffset? CreateTime { get; set; }
}

/// <summary>Row-oriented statistics; a row carries only what was measured.</summary>
internal sealed class WireVmStats
{
    public string? ExtId { get; set; }

    [JsonConverter(typeof(LooseListConverter<WireVmStatsRow>))]
    public IReadOnlyList<WireVmStatsRow> Stats { get; set; } = [];
}

internal sealed class WireVmStatsRow
{
    public DateTimeOffset? Timestamp { get; set; }

    public long? GpuUsagePpm { get; set; }

    public long? FrameBufferUsagePpm { get; set; }
}

internal sealed class WireHostAffinityPolicy
{
    public string? ExtId { get; set; }

    public string? Name { get; set; }

    public string? Description { get; set; }

    [JsonConverter(typeof(LooseListConverter<WireReference>))]
    public IReadOnlyList<WireReference> VmCategories { get; set; } = [];

    [JsonConverter(typeof(LooseListConverter<WireReference>))]
    public IReadOnlyList<WireReference> HostCategories { get; set; } = [];
}
