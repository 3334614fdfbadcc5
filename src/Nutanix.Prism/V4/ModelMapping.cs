using Nutanix.Prism.Inventory;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.V4;

/// <summary>Wire models to the records the library hands out.</summary>
internal static class ModelMapping
{
    public static PrismCluster ToCluster(this WireCluster wire) => new()
    {
        ExtId = wire.ExtId ?? string.Empty,
        Name = wire.Name ?? wire.ExtId ?? string.Empty,
        Version = wire.Config?.BuildInfo?.Version ?? wire.Config?.BuildInfo?.FullVersion,
        Architecture = wire.Config?.ClusterArch,
        Functions = wire.Config?.ClusterFunction ?? [],
        HypervisorTypes = wire.Config?.HypervisorTypes ?? [],
        NodeCount = (int?)wire.Nodes?.NumberOfNodes,
        VmCount = wire.VmCount,
        IsAvailable = wire.Config?.IsAvailable,
    };

    public static PrismVm ToVm(this WireVm wire) => new()
    {
        ExtId = wire.ExtId ?? string.Empty,
        Name = wire.Name ?? string.Empty,
        Description = wire.Description,
        PowerState = wire.PowerState ?? "UNDETERMINED",
        ClusterId = wire.Cluster?.ExtId,
        ClusterName = wire.Cluster?.Name,
        HostId = wire.Host?.ExtId,
        HostName = wire.Host?.Name,
        NumSockets = (int)(wire.NumSockets ?? 0),
        NumCoresPerSocket = (int)(wire.NumCoresPerSocket ?? 0),
        MemoryBytes = wire.MemorySizeBytes ?? 0,
        MachineType = wire.MachineType,
        Gpus = [.. (wire.Gpus ?? []).Select(ToVmGpu)],
        CreateTime = wire.CreateTime,
        UpdateTime = wire.UpdateTime,
        Categories = [.. (wire.Categories ?? []).Select(c => c.ExtId).OfType<string>()],
        IpAddresses = [.. (wire.Nics ?? []).SelectMany(Addresses).Distinct()],
        IsLiveMigrateCapable = wire.IsLiveMigrateCapable,
    };

    public static PrismTask ToTask(this WireTask wire)
    {
        PrismMessage[] errors = [.. wire.ErrorMessages.Select(ToMessage)];
        string? text = errors.Length > 0
            ? string.Join(" ", errors.Select(e => e.Message).Where(m => m.Length > 0).Distinct())
            : null;
        return new PrismTask
        {
            ExtId = wire.ExtId ?? string.Empty,
            Operation = wire.Operation,
            OperationDescription = wire.OperationDescription,
            Status = wire.Status ?? "$UNKNOWN",
            ProgressPercent = (int)Math.Clamp(wire.ProgressPercentage ?? (wire.Status == "SUCCEEDED" ? 100 : 0), 0, 100),
            EntitiesAffected = [.. wire.EntitiesAffected
                .Where(e => !string.IsNullOrEmpty(e.ExtId))
                .Select(e => new PrismEntityReference(e.ExtId!, e.Name, e.Rel))
                .DistinctBy(e => e.ExtId)],
            ErrorMessage = !string.IsNullOrWhiteSpace(text) ? text : string.IsNullOrWhiteSpace(wire.LegacyErrorMessage) ? null : wire.LegacyErrorMessage.Trim(),
            Errors = errors,
            Warnings = [.. wire.Warnings.Select(ToMessage)],
            CreatedTime = wire.CreatedTime,
            StartedTime = wire.StartedTime,
            CompletedTime = wire.CompletedTime,
            OwnerName = wire.OwnedBy?.Name,
            ClusterIds = wire.ClusterExtIds,
            IsCancelable = wire.IsCancelable,
        };
    }

    public static PrismImage ToImage(this WireImage wire) => new()
    {
        ExtId = wire.ExtId ?? string.Empty,
        Name = wire.Name ?? string.Empty,
        Description = wire.Description,
        Type = wire.Type,
        SizeBytes = wire.SizeBytes,
        ClusterIds = wire.ClusterLocationExtIds,
        CreateTime = wire.CreateTime,
    };

    public static PrismSubnet ToSubnet(this WireSubnet wire) => new()
    {
        ExtId = wire.ExtId ?? string.Empty,
        Name = wire.Name ?? string.Empty,
        Type = wire.SubnetType,
        NetworkId = (int?)wire.NetworkId,
        ClusterIds = wire.ClusterReferenceList.Count > 0 ? wire.ClusterReferenceList
            : wire.ClusterReference is { Length: > 0 } one ? [one]
            : [],
        VpcId = wire.VpcReference,
    };

    private static VmGpu ToVmGpu(WireGpu wire) => new()
    {
        ExtId = wire.ExtId,
        Name = wire.Name,
        Mode = PrismLiterals.ToMode(wire.Mode),
        Vendor = GpuVendorName.Parse(wire.Vendor, wire.Name),
        DeviceId = wire.DeviceId,
        FrameBufferBytes = wire.FrameBufferSizeBytes,
        PciAddress = wire.PciAddress is { } a ? PciAddress.Format(a.Segment, a.Bus, a.Device, a.Func) : null,
        GuestDriverVersion = wire.GuestDriverVersion,
    };

    private static PrismMessage ToMessage(WireAppMessage wire) => new(wire.Message ?? wire.Code ?? string.Empty, wire.Code, wire.ErrorGroup, wire.Severity);

    private static IEnumerable<string> Addresses(WireNic nic)
    {
        foreach (WireNicNetwork network in new[] { nic.NetworkInfo, nic.NicNetworkInfo }.OfType<WireNicNetwork>())
        {
            if ((network.Ipv4Config?.IpAddress?.Value ?? network.Ipv4Config?.IpAddress?.Ipv4?.Value) is { Length: > 0 } assigned)
            {
                yield return assigned;
            }

            foreach (WireIpAddress learned in network.Ipv4Info?.LearnedIpAddresses ?? [])
            {
                if ((learned.Value ?? learned.Ipv4?.Value) is { Length: > 0 } seen)
                {
                    yield return seen;
                }
            }
        }
    }
}
