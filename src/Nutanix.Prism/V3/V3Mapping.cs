using System.Globalization;
using System.Text.Json;
using Nutanix.Prism.Inventory;
using Nutanix.Prism.V3.Wire;
using Nutanix.Prism.V4;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.V3;

/// <summary>v3 wire models to the records the library hands out.</summary>
internal static class V3Mapping
{
    private const int Mib = 20;

    public static PrismCluster ToCluster(this V3Entity entity)
    {
        V3ClusterResources resources = Resources(entity, V3Json.Default.V3ClusterResources) ?? new V3ClusterResources();
        int nodes = resources.Nodes?.HypervisorServerList.Count(n => n.Ip is not "127.0.0.1") ?? 0;
        return new PrismCluster
        {
            ExtId = entity.Uuid ?? string.Empty,
            Name = entity.Status?.Name ?? entity.Uuid ?? string.Empty,
            Version = resources.Config?.Build?.Version ?? resources.Config?.Build?.FullVersion,
            Architecture = resources.Config?.ClusterArch,
            Functions = resources.Config?.ServiceList ?? [],
            HypervisorTypes = [.. (resources.Nodes?.HypervisorServerList ?? []).Select(n => n.Type).OfType<string>().Where(t => t is not "null").Distinct()],
            NodeCount = nodes > 0 ? nodes : null,
            IsAvailable = resources.Config?.IsAvailable,
        };
    }

    public static PrismVm ToVm(this V3Entity entity)
    {
        V3VmResources resources = Resources(entity, V3Json.Default.V3VmResources) ?? new V3VmResources();
        return new PrismVm
        {
            ExtId = entity.Uuid ?? string.Empty,
            Name = entity.Status?.Name ?? string.Empty,
            Description = entity.Status?.Description,
            PowerState = resources.PowerState switch
            {
                null or "UNKNOWN" => "UNDETERMINED",
                string state => state,
            },
            ClusterId = entity.Status?.ClusterReference?.Uuid,
            ClusterName = entity.Status?.ClusterReference?.Name,
            HostId = resources.HostReference?.Uuid,
            HostName = resources.HostReference?.Name,
            NumSockets = (int)(resources.NumSockets ?? 0),
            NumCoresPerSocket = (int)(resources.NumVcpusPerSocket ?? 0),
            MemoryBytes = (resources.MemorySizeMib ?? 0) << Mib,
            MachineType = resources.MachineType,
            Gpus = [.. resources.GpuList.Select(ToVmGpu)],
            CreateTime = entity.Metadata?.CreationTime,
            UpdateTime = entity.Metadata?.LastUpdateTime,
            Categories = [.. entity.Metadata?.CategoryNames ?? []],
            IpAddresses = [.. resources.NicList.SelectMany(n => n.IpEndpointList).Select(e => e.Ip).OfType<string>().Where(ip => ip.Length > 0).Distinct()],
        };
    }

    public static PrismImage ToImage(this V3Entity entity)
    {
        V3ImageResources resources = Resources(entity, V3Json.Default.V3ImageResources) ?? new V3ImageResources();
        return new PrismImage
        {
            ExtId = entity.Uuid ?? string.Empty,
            Name = entity.Status?.Name ?? string.Empty,
            Description = entity.Status?.Description,
            Type = resources.ImageType,
            SizeBytes = resources.SizeBytes,
            ClusterIds = [.. resources.CurrentClusterReferenceList.Select(c => c.Uuid).OfType<string>()],
            CreateTime = entity.Metadata?.CreationTime,
        };
    }

    public static PrismSubnet ToSubnet(this V3Entity entity)
    {
        V3SubnetResources resources = Resources(entity, V3Json.Default.V3SubnetResources) ?? new V3SubnetResources();
        return new PrismSubnet
        {
            ExtId = entity.Uuid ?? string.Empty,
            Name = entity.Status?.Name ?? string.Empty,
            Type = resources.SubnetType,
            NetworkId = (int?)resources.VlanId,
            ClusterIds = entity.Status?.ClusterReference?.Uuid is { Length: > 0 } cluster ? [cluster] : [],
            VpcId = resources.VpcReference?.Uuid,
        };
    }

    /// <summary>The states of v3 in the words of v4: ABORTED is CANCELED; INVALID_UUID, an end too, is FAILED.</summary>
    public static PrismTask ToTask(this V3Task wire)
    {
        string status = wire.Status switch
        {
            "ABORTED" => "CANCELED",
            "INVALID_UUID" => "FAILED",
            null => "$UNKNOWN",
            string other => other,
        };
        bool failed = status is "FAILED" or "CANCELED";
        string? detail = !failed ? null : !string.IsNullOrWhiteSpace(wire.ErrorDetail) ? wire.ErrorDetail.Trim() : wire.ProgressMessage;
        return new PrismTask
        {
            ExtId = wire.Uuid ?? string.Empty,
            Operation = wire.OperationType,
            OperationDescription = failed ? null : wire.ProgressMessage,
            Status = status,
            ProgressPercent = (int)Math.Clamp(wire.PercentageComplete ?? (status == "SUCCEEDED" ? 100 : 0), 0, 100),
            EntitiesAffected = [.. wire.EntityReferenceList
                .Where(e => !string.IsNullOrEmpty(e.Uuid))
                .Select(e => new PrismEntityReference(e.Uuid!, e.Name, e.Kind == "vm" ? "vmm:ahv:vm" : e.Kind))
                .DistinctBy(e => e.ExtId)],
            ErrorMessage = detail,
            Errors = detail is null ? [] : [new PrismMessage(detail, wire.ErrorCode is "0" or "" ? null : wire.ErrorCode)],
            CreatedTime = wire.CreationTime,
            StartedTime = wire.StartTime,
            CompletedTime = wire.CompletionTime,
            ClusterIds = wire.ClusterReference?.Uuid is { Length: > 0 } cluster ? [cluster] : [],
        };
    }

    /// <summary>A host in the shape the inventory reads; null for an entry that stands for the Prism Central itself.</summary>
    public static V3Host? ToHost(this V3Entity entity)
    {
        if (entity is not { Uuid.Length: > 0, Status.Name.Length: > 0 }
            || Resources(entity, V3Json.Default.V3HostResources) is not { Hypervisor: not null } resources)
        {
            return null;
        }

        var host = new WireHost
        {
            ExtId = entity.Uuid,
            HostName = entity.Status.Name,
            Cluster = new WireReference { Uuid = entity.Status.ClusterReference?.Uuid, Name = entity.Status.ClusterReference?.Name },
            CpuModel = resources.CpuModel,
            MemorySizeBytes = resources.MemoryCapacityMib << Mib,
            GpuDriverVersion = resources.GpuDriverVersion,
            Hypervisor = new WireHypervisor { FullName = resources.Hypervisor.HypervisorFullName },
            IsDegraded = entity.Status.State is "ERROR" or "DELETE_PENDING" || resources.HostType == "NEVER_SCHEDULABLE",
        };
        return new V3Host(host, [.. Rows(resources.GpuList)], [.. resources.GpuList.Select(g => g.ConsumerReference).OfType<V3Reference>()]);
    }

    // A device that is shared has an entry for each vGPU handed out and one for those left: together they are v4's one row.
    private static IEnumerable<GpuProfileRow> Rows(IReadOnlyList<V3Gpu> gpus) => gpus
        .Select(ToRow)
        .Select((row, i) => (Row: row, Key: row.IsVirtual && row.Pci is not null ? (row.Pci, row.DeviceId, -1) : (null, null, i)))
        .GroupBy(r => r.Key)
        .Select(g => g.First().Row with
        {
            IsInUse = g.Any(r => r.Row.IsInUse),
            FreeSlots = g.Max(r => r.Row.FreeSlots),
            AllocatedVms = [.. g.SelectMany(r => r.Row.AllocatedVms).Distinct(StringComparer.Ordinal)],
        });

    private static GpuProfileRow ToRow(V3Gpu gpu)
    {
        bool isVirtual = gpu.Mode == "VIRTUAL";
        bool isInUse = gpu.ConsumerReference?.Uuid is { Length: > 0 }
            || (!isVirtual && gpu.Status is "USED_FOR_PASSTHROUGH" or "USED_FOR_VIRTUAL");
        return new GpuProfileRow
        {
            ExtId = gpu.Uuid,
            IsVirtual = isVirtual,
            DeviceId = gpu.DeviceId,
            DeviceName = string.IsNullOrWhiteSpace(gpu.Name) ? null : gpu.Name.Trim(),
            Model = GpuModelName.FromDeviceName(gpu.Name, gpu.DeviceId),
            Vendor = GpuVendorName.Parse(gpu.Vendor, gpu.Name),
            Mode = PrismLiterals.ToMode(gpu.Mode),
            IsShared = !isVirtual && gpu.Status == "USED_FOR_VIRTUAL",
            IsInUse = isInUse,
            FreeSlots = isVirtual ? FreeVirtual(gpu, isInUse) : gpu.Assignable == false || isInUse ? 0 : 1,
            MemoryBytes = gpu.FrameBufferSizeMib << Mib,
            NumaNode = gpu.NumaNode is >= 0 and < 1024 ? (int)gpu.NumaNode : null,
            Pci = PciAddress.Normalize(gpu.PciAddress),
            AllocatedVms = gpu.ConsumerReference?.Uuid is { Length: > 0 } vm ? [vm] : [],
            MaxInstancesPerVm = (int?)gpu.MaxInstancesPerVm,
            MaxResolution = gpu.MaxResolution,
            GuestDriverVersion = gpu.GuestDriverVersion,
            Licenses = gpu.LicenseList,
        };
    }

    // v3 says whether a vGPU type can be had, v4 how often: the share tells how many there are of one device.
    private static int FreeVirtual(V3Gpu gpu, bool isInUse) => gpu.Assignable switch
    {
        false => 0,
        true => (int)Math.Clamp((gpu.Fraction ?? 1) - (gpu.NumVgpusAllocated ?? 0), 1, 1024),
        null => isInUse ? 0 : 1,
    };

    private static VmGpu ToVmGpu(V3Gpu gpu) => new()
    {
        ExtId = gpu.Uuid,
        Name = gpu.Name ?? (gpu.DeviceId is { } id ? string.Create(CultureInfo.InvariantCulture, $"device {id}") : null),
        Mode = PrismLiterals.ToMode(gpu.Mode),
        Vendor = GpuVendorName.Parse(gpu.Vendor, gpu.Name),
        DeviceId = gpu.DeviceId,
        FrameBufferBytes = gpu.FrameBufferSizeMib << Mib,
        PciAddress = PciAddress.Normalize(gpu.PciAddress),
        GuestDriverVersion = gpu.GuestDriverVersion,
    };

    private static T? Resources<T>(V3Entity entity, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class => entity.Status?.Resources.ValueKind == JsonValueKind.Object ? entity.Status.Resources.Deserialize(type) : null;
}

/// <summary>A host of hosts/list with its GPUs.</summary>
/// <param name="Host">The host in v4's shape.</param>
/// <param name="Gpus">Its GPUs as rows that know their host.</param>
/// <param name="Consumers">The machines that hold them, some with their names.</param>
internal sealed record V3Host(WireHost Host, IReadOnlyList<GpuProfileRow> Gpus, IReadOnlyList<V3Reference> Consumers);
