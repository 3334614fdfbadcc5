using static Nutanix.Prism.Simulator.Schema.Field;

namespace Nutanix.Prism.Simulator.Schema;

/// <summary>The writable shape of <c>vmm.v4.ahv.config.Vm</c> and its parts.</summary>
internal static class VmSchema
{
    private const string Ns = "vmm.v4.ahv.config.";

    private static readonly ObjectSchema Ipv4Address = new("common.v1.config.IPv4Address", Text("value", 15, required: true), Int("prefixLength", 0, 32));

    private static readonly ObjectSchema Ipv4Config = new(Ns + "Ipv4Config",
        Object("ipAddress", Ipv4Address), List("secondaryIpAddressList", Ipv4Address), Bool("shouldAssignIp"));

    private static readonly ObjectSchema DiskAddress = new(Ns + "DiskAddress", Enum("busType", "SCSI|IDE|PCI|SATA|SPAPR", required: true), Int("index", 0, 255));

    private static readonly ObjectSchema ImageReference = new(Ns + "ImageReference", Uuid("imageExtId", required: true), Any("storageCluster"));

    private static readonly ObjectSchema VmDiskReference = new(Ns + "VmDiskReference",
        Object("diskAddress", DiskAddress), Uuid("diskExtId"), Object("vmReference", Reference("VmReference")));

    private static readonly ObjectSchema VmDisk = new(Ns + "VmDisk",
        Int("diskSizeBytes", 1, long.MaxValue),
        Object("storageContainer", Reference("VmDiskContainerReference")),
        Object("storageConfig", new(Ns + "VmDiskStorageConfig", Bool("isFlashModeEnabled"))),
        Object("dataSource", new(Ns + "DataSource", OneOf("reference", ImageReference, VmDiskReference))),
        Uuid("diskExtId"), ReadOnly("isMigrationInProgress"), ReadOnly("vmDiskHydrationInfo"));

    private static readonly ObjectSchema Disk = new(Ns + "Disk",
        Uuid("extId"), Object("diskAddress", DiskAddress),
        OneOf("backingInfo", VmDisk, new(Ns + "ADSFVolumeGroupReference", Uuid("volumeGroupExtId", required: true))),
        List("customAttributes", Text("")));

    private static readonly ObjectSchema CdRom = new(Ns + "CdRom",
        Uuid("extId"),
        Object("diskAddress", new(Ns + "CdRomAddress", Enum("busType", "IDE|SATA"), Int("index", 0, 255))),
        Object("backingInfo", VmDisk), Enum("isoType", "OTHER|GUEST_TOOLS|GUEST_CUSTOMIZATION"));

    private static readonly ObjectSchema EmulatedNic = NicBacking("EmulatedNic");

    private static readonly ObjectSchema Nic = new(Ns + "Nic",
        Uuid("extId"), Object("backingInfo", EmulatedNic), Object("networkInfo", NicNetwork("NicNetworkInfo")),
        OneOf("nicBackingInfo", NicBacking("VirtualEthernetNic"), NicBacking("SriovNic"), NicBacking("DpOffloadNic")),
        OneOf("nicNetworkInfo", NicNetwork("VirtualEthernetNicNetworkInfo"), NicNetwork("SriovNicNetworkInfo"), NicNetwork("DpOffloadNicNetworkInfo")));

    /// <summary>One GPU of a VM; the body of an attach call too.</summary>
    public static ObjectSchema Gpu { get; } = new(Ns + "Gpu",
        Uuid("extId"),
        Enum("mode", "PASSTHROUGH_GRAPHICS|PASSTHROUGH_COMPUTE|VIRTUAL"),
        Enum("vendor", "NVIDIA|INTEL|AMD"),
        Int("deviceId"),
        Text("name"),
        Object("pciAddress", new(Ns + "SBDF", Int("segment", 0, 0xffff), Int("bus", 0, 0xff), Int("device", 0, 0x1f), Int("func", 0, 7))),
        OneOf("backingInfo",
            new(Ns + "PhysicalGpu", Object("physicalGpuProfileReference", Reference("PhysicalGpuProfileReference"), required: true)),
            new(Ns + "VirtualGpu", Object("virtualGpuProfileReference", Reference("VirtualGpuProfileReference"), required: true))),
        ReadOnly("fraction"), ReadOnly("frameBufferSizeBytes"), ReadOnly("guestDriverVersion"), ReadOnly("numVirtualDisplayHeads"), ReadOnly("assignedDeviceInfo"));

    private static readonly ObjectSchema KeyValues = new(Ns + "CustomKeyValues", Any("keyValuePairs"));

    private static readonly ObjectSchema GuestCustomization = new(Ns + "GuestCustomizationParams",
        OneOf("config",
            new(Ns + "CloudInit",
                Enum("datasourceType", "CONFIG_DRIVE_V2"), Text("metadata", 32_000),
                OneOf("cloudInitScript", new(Ns + "Userdata", Text("value", 128_000, required: true)), KeyValues)),
            new(Ns + "Sysprep",
                Enum("installType", "FRESH|PREPARED"),
                OneOf("sysprepScript", new(Ns + "Unattendxml", Text("value", 32_000, required: true)), KeyValues))));

    private static readonly Field BootOrder = List("bootOrder", Enum("", "CDROM|DISK|NETWORK"));

    private static readonly Field BootDevice = OneOf("bootDevice",
        new(Ns + "BootDeviceDisk", Object("diskAddress", DiskAddress)), new(Ns + "BootDeviceNic", Text("macAddress", 17)));

    /// <summary>The VM itself. Name and cluster are required by the create call.</summary>
    public static ObjectSchema Vm { get; } = new(Ns + "Vm",
        Text("name", 80, required: true),
        Text("description", 1000),
        Object("cluster", Reference("ClusterReference", required: true)),
        ReadOnly("host"), ReadOnly("powerState"),
        Object("availabilityZone", Reference("AvailabilityZoneReference")),
        Object("project", Reference("ProjectReference")),
        Uuid("projectExtId"),
        Int("numSockets", 1, 256), Int("numCoresPerSocket", 1, 256), Int("numThreadsPerCore", 1, 256), Int("numNumaNodes", 0, 64),
        Int("memorySizeBytes", 1, 1L << 46),
        Uuid("biosUuid"), Uuid("generationUuid"),
        Enum("machineType", "PC|PSERIES|Q35"),
        Text("hardwareClockTimezone", 64),
        List("enabledCpuFeatures", Enum("", "HARDWARE_VIRTUALIZATION")),
        Bool("isAgentVm"), Bool("isBrandingEnabled"), Bool("isCpuHotplugEnabled"), Bool("isCpuPassthroughEnabled"), Bool("isGpuConsoleEnabled"),
        Bool("isMemoryOvercommitEnabled"), Bool("isScsiControllerEnabled"), Bool("isVcpuHardPinningEnabled"), Bool("isVgaConsoleEnabled"),
        OneOf("bootConfig",
            new(Ns + "LegacyBoot", BootDevice, BootOrder),
            new(Ns + "UefiBoot", BootDevice, BootOrder, Bool("isSecureBootEnabled"), Any("nvramDevice"))),
        List("disks", Disk), List("cdRoms", CdRom), List("nics", Nic), List("gpus", Gpu),
        List("categories", Reference("CategoryReference", required: true)),
        List("customAttributes", Text("")),
        Object("guestCustomization", GuestCustomization), Any("guestTools"),
        Object("vtpmConfig", new(Ns + "VtpmConfig", Bool("isVtpmEnabled"), Text("version"))),
        Object("apcConfig", new(Ns + "ApcConfig", Bool("isApcEnabled"), Any("cpuModel"))),
        Object("ownershipInfo", new(Ns + "OwnershipInfo", Object("owner", Reference("OwnerReference")))),
        Any("storageConfig"), Any("serialPorts"), Any("pcieDevices"), Any("source"),
        ReadOnly("extId"), ReadOnly("createTime"), ReadOnly("updateTime"), ReadOnly("isLiveMigrateCapable"),
        ReadOnly("isCrossClusterMigrationInProgress"), ReadOnly("protectionType"), ReadOnly("protectionPolicyState"), ReadOnly("vmGuestCustomizationStatus"));

    /// <summary>Body of <c>migrate-to-host</c>.</summary>
    public static ObjectSchema MigrateToHost { get; } = new(Ns + "VmMigrateToHostParams", Object("host", Reference("HostReference", required: true), required: true));

    /// <summary>Body of <c>associate-categories</c> and <c>disassociate-categories</c>.</summary>
    public static ObjectSchema Categories { get; } = new(Ns + "AssociateVmCategoriesParams", List("categories", Reference("CategoryReference", required: true)));

    /// <summary>Body of <c>clone</c>: what differs from the original.</summary>
    public static ObjectSchema Clone { get; } = new(Ns + "CloneOverrideParams",
        Text("name", 80), Int("memorySizeBytes", 1, 1L << 46), Int("numSockets", 1, 256), Int("numCoresPerSocket", 1, 256), Int("numThreadsPerCore", 1, 256),
        List("nics", Nic), Object("guestCustomization", GuestCustomization));

    private static ObjectSchema Reference(string type, bool required = false) => new(Ns + type, Uuid("extId", required));

    private static ObjectSchema NicBacking(string type) => new(Ns + type,
        Bool("isConnected"), Text("macAddress", 17), Enum("model", "VIRTIO|E1000"), Int("numQueues", 1, 256), Any("hostPcieDeviceReference"));

    private static ObjectSchema NicNetwork(string type) => new(Ns + type,
        Enum("nicType", "NORMAL_NIC|DIRECT_NIC|NETWORK_FUNCTION_NIC|SPAN_DESTINATION_NIC"),
        Enum("vlanMode", "ACCESS|TRUNK"), List("trunkedVlans", Int("", 0, 4095)),
        Object("subnet", Reference("SubnetReference", required: true)), Object("ipv4Config", Ipv4Config), Bool("shouldAllowUnknownMacs"), ReadOnly("ipv4Info"), ReadOnly("ipv6Info"));
}
