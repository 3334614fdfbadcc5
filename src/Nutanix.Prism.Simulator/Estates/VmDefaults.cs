using System.Globalization;
using System.Text.Json.Nodes;

namespace Nutanix.Prism.Simulator.Estates;

/// <summary>What the platform adds to a VM that its creator left open.</summary>
internal static class VmDefaults
{
    private static readonly (string Name, bool Value)[] Flags =
    [
        ("isAgentVm", false), ("isBrandingEnabled", true), ("isCpuHotplugEnabled", true), ("isCpuPassthroughEnabled", false),
        ("isGpuConsoleEnabled", false), ("isMemoryOvercommitEnabled", false), ("isScsiControllerEnabled", true),
        ("isVcpuHardPinningEnabled", false), ("isVgaConsoleEnabled", true),
    ];

    /// <summary>Fills in the defaults of a new VM's configuration.</summary>
    /// <param name="vm">The VM; its configuration is changed.</param>
    /// <param name="newId">A new identifier for a named purpose.</param>
    public static void Complete(VirtualMachine vm, Func<string, string> newId)
    {
        var config = vm.Config;
        foreach (var (name, value) in Flags) config.TryAdd(name, value);
        config.TryAdd("numSockets", 1);
        config.TryAdd("numCoresPerSocket", 1);
        config.TryAdd("numThreadsPerCore", 1);
        config.TryAdd("numNumaNodes", 0);
        config.TryAdd("memorySizeBytes", 4L << 30);
        config.TryAdd("machineType", "PC");
        config.TryAdd("hardwareClockTimezone", "UTC");
        config.TryAdd("biosUuid", vm.ExtId);
        config.TryAdd("generationUuid", newId("generation"));
        if (config["bootConfig"] is null)
        {
            config["bootConfig"] = new JsonObject { ["$objectType"] = "vmm.v4.ahv.config.LegacyBoot", ["bootOrder"] = new JsonArray("CDROM", "DISK", "NETWORK") };
        }
    }

    public static JsonObject Disk(string extId, int index, long sizeBytes, string containerExtId) => new()
    {
        ["extId"] = extId,
        ["diskAddress"] = new JsonObject { ["busType"] = "SCSI", ["index"] = index },
        ["backingInfo"] = new JsonObject
        {
            ["$objectType"] = "vmm.v4.ahv.config.VmDisk",
            ["diskExtId"] = extId,
            ["diskSizeBytes"] = sizeBytes,
            ["storageContainer"] = new JsonObject { ["extId"] = containerExtId },
        },
    };

    public static JsonObject Nic(string extId, Subnet subnet) => new()
    {
        ["extId"] = extId,
        ["backingInfo"] = new JsonObject { ["isConnected"] = true, ["macAddress"] = Mac(extId), ["numQueues"] = 1 },
        ["networkInfo"] = new JsonObject
        {
            ["nicType"] = "NORMAL_NIC",
            ["vlanMode"] = "ACCESS",
            ["subnet"] = new JsonObject { ["extId"] = subnet.ExtId },
            ["ipv4Config"] = new JsonObject { ["ipAddress"] = new JsonObject { ["value"] = subnet.NextAddress(), ["prefixLength"] = 32 } },
        },
    };

    /// <summary>A MAC address with the prefix of AHV's own pool.</summary>
    public static string Mac(string seed)
    {
        var bits = (ulong)SeededRandom.Key(seed);
        return string.Create(CultureInfo.InvariantCulture, $"50:6b:8d:{bits & 0xff:x2}:{(bits >> 8) & 0xff:x2}:{(bits >> 16) & 0xff:x2}");
    }
}
