namespace Nutanix.Prism.Simulator.Estates;

/// <summary>All there is at one moment. Only the simulator's lock guards it.</summary>
internal sealed class Estate
{
    private readonly Dictionary<string, VirtualMachine> _vmsById = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Cluster> _clustersById = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Host> _hostsById = new(StringComparer.OrdinalIgnoreCase);
    private int _created;

    public required int Seed { get; init; }

    public List<Cluster> Clusters { get; } = [];

    public List<Host> Hosts { get; } = [];

    public List<VirtualMachine> Vms { get; } = [];

    public List<Image> Images { get; } = [];

    public List<Subnet> Subnets { get; } = [];

    public List<Category> Categories { get; } = [];

    public List<AffinityPolicy> Policies { get; } = [];

    public List<Project> Projects { get; } = [];

    /// <summary>A new identifier; the n-th one of a seed is always the same.</summary>
    public string NewUuid() => SeededRandom.Uuid(Seed, FormattableString.Invariant($"created/{_created++}"));

    public void Add(Cluster cluster)
    {
        Clusters.Add(cluster);
        if (!_clustersById.TryAdd(cluster.ExtId, cluster)) throw Twice("cluster", cluster.ExtId);
    }

    public void Add(Host host)
    {
        host.Cluster.Hosts.Add(host);
        Hosts.Add(host);
        if (!_hostsById.TryAdd(host.ExtId, host)) throw Twice("host", host.ExtId);
    }

    public void Add(VirtualMachine vm)
    {
        Vms.Add(vm);
        if (!_vmsById.TryAdd(vm.ExtId, vm)) throw Twice("VM", vm.ExtId);
    }

    public void Remove(VirtualMachine vm)
    {
        Vms.Remove(vm);
        _vmsById.Remove(vm.ExtId);
    }

    public VirtualMachine? Vm(string extId) => _vmsById.GetValueOrDefault(extId);

    public Cluster? Cluster(string extId) => _clustersById.GetValueOrDefault(extId);

    public Host? Host(string extId) => _hostsById.GetValueOrDefault(extId);

    private static ArgumentException Twice(string kind, string extId) =>
        new($"The estate describes two of kind {kind} with the extId '{extId}'. Give each its own.");
}
