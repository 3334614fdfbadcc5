using Nutanix.Prism.Simulator.Gpus;

namespace Nutanix.Prism.Simulator.Estates;

/// <summary>Turns counts and a seed into a description of an estate.</summary>
internal static class EstateGenerator
{
    private static readonly string[] Roles = ["trainer", "notebook", "render", "inference", "etl", "web", "build", "cad"];

    private static readonly (string Cpu, string Block, int Sockets, int Cores, long Hz)[] Servers =
    [
        ("Intel(R) Xeon(R) Gold 6548Y+", "NX-3155G-G9", 2, 32, 2_500_000_000),
        ("AMD EPYC 9454 48-Core Processor", "HPE DL385 Gen11", 2, 48, 2_750_000_000),
        ("Intel(R) Xeon(R) Platinum 8462Y+", "Dell XC760xa", 2, 32, 2_800_000_000),
    ];

    public static EstateDescription Generate(SimulatorOptions options)
    {
        var models = options.GpuModels.Count > 0 ? options.GpuModels.Select(GpuCatalogue.Find).ToList() : GpuCatalogue.Models;
        var hosts = new List<HostDescription>[options.ClusterCount];
        for (var i = 0; i < hosts.Length; i++) hosts[i] = [];
        var seen = new HashSet<GpuModel>();
        for (var i = 0; i < options.Hosts + options.HostsWithoutGpus; i++)
        {
            var model = i < options.Hosts ? models[i % models.Count] : null;
            // The second host of a model that can share does so: both kinds are there in a larger estate, and the A40 at once.
            var shared = model is { VgpuProfiles.Count: > 0 } && (!seen.Add(model) || model.Name == "A40");
            var cluster = hosts[i % options.ClusterCount];
            cluster.Add(Host(options, i % options.ClusterCount, cluster.Count, i, model, shared));
        }

        var vms = new List<VmDescription>[options.ClusterCount];
        for (var c = 0; c < vms.Length; c++) vms[c] = Vms(options, c, hosts[c]);
        return new EstateDescription
        {
            AffinityPolicies = [new("blue-hosts", ["Placement:blue-hosts"], ["HostPool:blue"]), new("green-hosts", ["Placement:green-hosts"], ["HostPool:green"])],
            Clusters = [.. hosts.Select((list, c) => new ClusterDescription { Name = $"ahv-cluster-{c + 1:00}", Hosts = list, Vms = vms[c] })],
        };
    }

    private static HostDescription Host(SimulatorOptions options, int cluster, int index, int ordinal, GpuModel? model, bool shared)
    {
        var server = Servers[SeededRandom.Below(Servers.Length, options.Seed, ordinal, 17)];
        return new HostDescription
        {
            Name = FormattableString.Invariant($"ahv-{cluster + 1:00}-host-{index + 1:00}"),
            CpuModel = server.Cpu,
            BlockModel = server.Block,
            CpuSockets = server.Sockets,
            CoresPerSocket = server.Cores,
            CpuFrequencyHz = server.Hz,
            MemoryBytes = (768L << 30) << SeededRandom.Below(2, options.Seed, ordinal, 18),
            Categories = [index % 2 == 0 ? "HostPool:blue" : "HostPool:green"],
            Gpus = model is null ? [] : [.. Enumerable.Range(0, options.GpusPerHost).Select(_ => new GpuDescription { Model = model.Name, Shared = shared })],
        };
    }

    /// <summary>Running GPU VMs take at most half of the devices of each host, so that there is something left to ask for.</summary>
    private static List<VmDescription> Vms(SimulatorOptions options, int cluster, List<HostDescription> hosts)
    {
        var used = new int[hosts.Count];
        var memory = new long[hosts.Count];
        var vms = new List<VmDescription>();
        for (var i = cluster; i < options.Vms; i += options.ClusterCount)
        {
            var role = Roles[SeededRandom.Below(Roles.Length, options.Seed, i, 31)];
            // Round by round over the hosts; every other one gets a GPU VM, the next round those between.
            var (round, host) = hosts.Count == 0 ? (0, -1) : Math.DivRem(i / options.ClusterCount, hosts.Count);
            var wantsGpu = host >= 0 && (host + round) % 2 == 0 && hosts[host].Gpus.Count > 0;
            var hasRoom = wantsGpu && used[host] < hosts[host].Gpus.Count / 2;
            var size = (8L << 30) << SeededRandom.Below(3, options.Seed, i, 32);
            var fits = host >= 0 && memory[host] + size <= (hosts[host].MemoryBytes - Estates.Host.ReservedMemoryBytes) / 2;
            var on = fits && (wantsGpu ? hasRoom : SeededRandom.Unit(options.Seed, i, 33) < 0.75);
            if (on)
            {
                memory[host] += size;
                if (wantsGpu) used[host]++;
            }

            vms.Add(new VmDescription
            {
                Name = FormattableString.Invariant($"{role}-{i + 1:00}"),
                PowerOn = on,
                Host = on ? hosts[host].Name : null,
                Gpus = wantsGpu ? [GpuFor(options, i, hosts[host].Gpus[0])] : [],
                MemoryBytes = size,
                NumCoresPerSocket = 2 << SeededRandom.Below(3, options.Seed, i, 34),
                Description = wantsGpu ? $"{role} with a GPU" : role,
                Categories = [SeededRandom.Unit(options.Seed, i, 35) < 0.5 ? "Environment:Production" : "Environment:Dev"],
            });
        }

        return vms;
    }

    private static string GpuFor(SimulatorOptions options, int vm, GpuDescription gpu)
    {
        var profiles = GpuCatalogue.Find(gpu.Model).VgpuProfiles;
        return gpu.Shared && profiles.Count > 0 ? profiles[SeededRandom.Below(profiles.Count, options.Seed, vm, 36)].Name : gpu.Model;
    }
}
