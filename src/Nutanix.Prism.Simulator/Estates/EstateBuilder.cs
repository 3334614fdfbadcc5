using System.Globalization;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Gpus;
using Nutanix.Prism.Simulator.Schema;

namespace Nutanix.Prism.Simulator.Estates;

/// <summary>Makes the state from a description: every identifier from the seed, every running VM placed.</summary>
internal sealed class EstateBuilder(int seed, DateTimeOffset now)
{
    private static readonly int[] Buses = [0x3b, 0x5e, 0x86, 0xaf, 0x18, 0x27, 0xd8, 0xc2, 0x4b, 0x6c, 0x9a, 0xba, 0x31, 0x71, 0xa1, 0xe1];

    private static readonly ImageDescription[] UsualImages =
    [
        new("ubuntu-24", "DISK_IMAGE", 3_758_096_384),
        new("rocky-9", "DISK_IMAGE", 10_737_418_240),
        new("windows-2025", "DISK_IMAGE", 34_359_738_368),
        new("virtio-1.2.4", "ISO_IMAGE", 732_954_624),
    ];

    private static readonly string[] UsualCategories = ["Environment:Production", "Environment:Dev", "Environment:Testing", "AppType:Default", "AppType:Kubernetes", "HostPool:blue", "HostPool:green", "Placement:blue-hosts", "Placement:green-hosts"];

    private readonly Estate _estate = new() { Seed = seed };

    public Estate Build(EstateDescription description)
    {
        foreach (var name in description.Categories ?? UsualCategories) AddCategory(name);
        foreach (var image in description.Images ?? UsualImages)
        {
            _estate.Images.Add(new Image
            {
                ExtId = image.ExtId ?? Id($"image/{image.Name}"),
                Name = image.Name,
                Type = image.Type,
                SizeBytes = image.SizeBytes,
                CreateTime = now.AddDays(-30),
            });
        }

        foreach (var policy in description.AffinityPolicies)
        {
            _estate.Policies.Add(new AffinityPolicy
            {
                ExtId = Id($"affinity/{policy.Name}"),
                Name = policy.Name,
                VmCategories = CategoryIds($"Policy '{policy.Name}'", policy.VmCategories),
                HostCategories = CategoryIds($"Policy '{policy.Name}'", policy.HostCategories),
            });
        }

        _estate.Projects.AddRange(description.Projects.Select(name => new Project(Id($"project/{name}"), name)));
        for (var i = 0; i < description.Clusters.Count; i++) AddCluster(description.Clusters[i], i + 1);
        _estate.Add(new Cluster
        {
            ExtId = Id("cluster/prism-central"),
            Name = "Unnamed",
            Index = 0,
            IsPrismCentral = true,
            StorageContainerExtId = Id("container/prism-central"),
            Policies = [],
        });
        return _estate;
    }

    private void AddCategory(string text)
    {
        var parts = text.Split(':', 2);
        if (parts.Length != 2) throw new ArgumentException($"Category '{text}' is not of the form key:value.", nameof(text));
        _estate.Categories.Add(new Category
        {
            ExtId = Id($"category/{text}"),
            Key = parts[0],
            Value = parts[1],
            Type = parts[0] is "Environment" or "AppType" ? "SYSTEM" : "USER",
        });
    }

    private void AddCluster(ClusterDescription description, int index)
    {
        var cluster = new Cluster
        {
            ExtId = description.ExtId ?? Id($"cluster/{index}"),
            Name = description.Name,
            Index = index,
            StorageContainerExtId = Id($"container/{index}"),
            Policies = _estate.Policies,
        };
        _estate.Add(cluster);
        var subnets = description.Subnets ?? ["vm-network", "storage-network"];
        for (var i = 0; i < subnets.Count; i++)
        {
            _estate.Subnets.Add(new Subnet
            {
                ExtId = Id($"subnet/{index}/{i}"),
                Name = subnets[i],
                VlanId = (index * 100) + i,
                Cluster = cluster,
                Octet = 200 + i,
                VirtualSwitchExtId = Id($"vswitch/{index}"),
            });
        }

        for (var i = 0; i < description.Hosts.Count; i++) AddHost(cluster, description.Hosts[i], i);
        for (var i = 0; i < description.Vms.Count; i++) AddVm(cluster, description.Vms[i], i);
    }

    private void AddHost(Cluster cluster, HostDescription description, int index)
    {
        var host = new Host
        {
            ExtId = description.ExtId ?? Id($"host/{cluster.Index}/{index}"),
            Hardware = description,
            Cluster = cluster,
            Index = index,
            Categories = CategoryIds($"Host '{description.Name}'", description.Categories),
            BootTime = now.AddDays(-10).AddSeconds(-SeededRandom.Below(100_000, seed, index, cluster.Index)),
        };
        for (var i = 0; i < description.Gpus.Count; i++)
        {
            var gpu = description.Gpus[i];
            var model = GpuCatalogue.Find(gpu.Model);
            if (gpu.Shared && model.VgpuProfiles.Count == 0) throw new ArgumentException($"Host '{host.Name}': the catalogue has no vGPU profile for the model '{model.Name}', so it cannot be shared.", nameof(description));
            host.Gpus.Add(new GpuDevice
            {
                ExtId = Id($"gpu/{host.ExtId}/{i}"),
                Model = model,
                Host = host,
                Address = new PciAddress(0, gpu.Bus ?? Buses[i % Buses.Length], 0, i / Buses.Length),
                NumaNode = gpu.NumaNode ?? (description.CpuSockets > 1 && i >= (description.Gpus.Count + 1) / 2 ? 1 : 0),
                Shared = gpu.Shared,
            });
        }

        _estate.Add(host);
    }

    private void AddVm(Cluster cluster, VmDescription description, int index)
    {
        var created = now.AddHours(-48).AddMinutes(index % 600);
        var extId = description.ExtId ?? Id($"vm/{cluster.Index}/{index}");
        var vm = new VirtualMachine
        {
            ExtId = extId,
            Cluster = cluster,
            CreateTime = created,
            VisibleFrom = created,
            Config = new JsonObject
            {
                ["name"] = description.Name,
                ["description"] = description.Description,
                ["numSockets"] = description.NumSockets,
                ["numCoresPerSocket"] = description.NumCoresPerSocket,
                ["numThreadsPerCore"] = 1,
                ["memorySizeBytes"] = description.MemoryBytes,
                ["machineType"] = "Q35",
                ["bootConfig"] = new JsonObject { ["$objectType"] = "vmm.v4.ahv.config.UefiBoot", ["isSecureBootEnabled"] = false },
                ["disks"] = new JsonArray(VmDefaults.Disk(Id($"disk/{extId}"), 0, 100L << 30, cluster.StorageContainerExtId)),
            },
        };
        if (_estate.Subnets.FirstOrDefault(s => s.Cluster == cluster) is { } subnet) vm.Config["nics"] = new JsonArray(VmDefaults.Nic(Id($"nic/{extId}"), subnet));
        if (description.Categories.Count > 0) vm.Config["categories"] = new JsonArray([.. CategoryIds($"VM '{description.Name}'", description.Categories).Select(id => new JsonObject { ["extId"] = id })]);
        var violations = new List<SchemaException.Violation>();
        vm.Config = VmSchema.Vm.Read(vm.Config, "", violations);
        if (violations.Count > 0) throw new ArgumentException($"VM '{description.Name}': {violations[0].Message}", nameof(description));
        VmDefaults.Complete(vm, name => Id($"{name}/{extId}"));
        for (var i = 0; i < description.Gpus.Count; i++) vm.Gpus.Add(Gpu(description.Gpus[i], Id($"vmgpu/{extId}/{i}")));
        vm.Touch(created);
        _estate.Add(vm);
        if (description.PowerOn) Start(vm, description);
    }

    private string[] CategoryIds(string owner, IReadOnlyList<string> names) => [.. names.Select(name =>
        _estate.Categories.FirstOrDefault(c => $"{c.Key}:{c.Value}" == name)?.ExtId
            ?? throw new ArgumentException($"{owner} names the category '{name}', which the estate does not have.", nameof(names)))];

    private static void Start(VirtualMachine vm, VmDescription description)
    {
        var hosts = vm.Cluster.Hosts.Where(h => description.Host is null || h.Name == description.Host);
        var placement = Placement.Find(vm, hosts);
        if (placement.Host is null) throw new ArgumentException(placement.Failure, nameof(description));
        vm.PowerOn(placement.Host, placement.Devices, vm.CreateTime.AddMinutes(2));
    }

    private static VmGpu Gpu(string name, string extId)
    {
        if (GpuCatalogue.FindProfile(name) is { } vgpu)
        {
            return new VmGpu { ExtId = extId, Mode = "VIRTUAL", Vendor = vgpu.Model.Vendor, DeviceId = vgpu.Profile.TypeId, Model = vgpu.Model, Profile = vgpu.Profile };
        }

        var model = GpuCatalogue.Find(name);
        return new VmGpu { ExtId = extId, Mode = model.PassthroughType, Vendor = model.Vendor, DeviceId = model.DeviceId, Model = model };
    }

    private string Id(string name) => SeededRandom.Uuid(seed, name.ToString(CultureInfo.InvariantCulture));
}
