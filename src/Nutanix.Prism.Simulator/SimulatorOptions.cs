using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Faults;

namespace Nutanix.Prism.Simulator;

/// <summary>
/// What the simulated Prism Central looks like and how it behaves. The same options, the same calls and the same clock
/// give the same bytes.
/// </summary>
public sealed record SimulatorOptions
{
    /// <summary>Feeds every choice the simulator makes: identifiers, hardware, durations, utilisation, random faults.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Number of AHV clusters, Prism Central's own not counted; null for as few as hold the hosts, 32 each.</summary>
    public int? Clusters { get; init; }

    /// <summary>Number of hosts with GPUs, spread evenly over the clusters.</summary>
    public int Hosts { get; init; } = 4;

    /// <summary>Number of further hosts without a GPU.</summary>
    public int HostsWithoutGpus { get; init; }

    /// <summary>GPUs in each GPU host; a host carries one model.</summary>
    public int GpusPerHost { get; init; } = 2;

    /// <summary>Number of virtual machines at the start; about half of them own a GPU, and never all GPUs are taken.</summary>
    public int Vms { get; init; } = 6;

    /// <summary>Model names of <see cref="Gpus.GpuCatalogue"/> that the hosts take in turn; empty for the whole catalogue.</summary>
    public IReadOnlyList<string> GpuModels { get; init; } = [];

    /// <summary>An exact estate; the counts above and <see cref="GpuModels"/> are then unused.</summary>
    public EstateDescription? Estate { get; init; }

    /// <summary>Time every answer takes.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>
    /// Share of the requests, 0 to 1, that meet a transient failure: 429, 502 with an HTML page, 503, 504, a dropped
    /// connection, or (for writes) an answer that is lost after the work was done. A client that retries gets through.
    /// </summary>
    public double FaultRate { get; init; }

    /// <summary>
    /// Share of the requests, 0 to 1, that meet any fault of the catalogue: 429 with and without Retry-After, 500 to 504,
    /// dropped connections, slow bodies, cut JSON, HTML, lost answers, stale ETags. As many new VMs answer 404 for a second and
    /// as many tasks list entities twice; three tenths as many tasks fail, are cancelled, or hang.
    /// </summary>
    public double ChaosRate { get; init; }

    /// <summary>Faults that wait for their request from the start; see <see cref="PrismSimulator.Inject"/>.</summary>
    public IReadOnlyList<SimulatorFault> Faults { get; init; } = [];

    public string UserName { get; init; } = "admin";

    public string Password { get; init; } = "nutanix/4u";

    /// <summary>Key accepted in the header <c>X-ntnx-api-key</c>.</summary>
    public string ApiKey { get; init; } = "prism-simulator-api-key";

    /// <summary>
    /// Highest path version served, by namespace (<c>"vmm" -> "v4.0"</c>); a namespace that is not named serves the newest
    /// one known. Requests for a newer version get 404, as from an older Prism Central.
    /// </summary>
    public IReadOnlyDictionary<string, string> ApiVersions { get; init; } = new Dictionary<string, string>();

    /// <summary>False for an older Prism Central that has no v4 API.</summary>
    public bool ServesV4 { get; init; } = true;

    /// <summary>False for a Prism Central without the v3 API.</summary>
    public bool ServesV3 { get; init; } = true;

    /// <summary>Life of the session cookie <c>NTNX_IGW_SESSION</c>.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Factor on the time tasks take; 1 is near a real system (a VM is created in about half a second), 0 is at once.</summary>
    public double TaskDurationScale { get; init; } = 1;

    /// <summary>Time for which a new VM still answers 404 after its task succeeded, as real systems do now and then.</summary>
    public TimeSpan VmVisibilityDelay { get; init; }

    /// <summary>Age of the newest statistics; real systems lag by one to two minutes.</summary>
    public TimeSpan StatsDelay { get; init; }

    /// <summary>Tells what is simulated, without the secrets.</summary>
    public override string ToString() => Estate is null
        ? FormattableString.Invariant($"seed {Seed}: {ClusterCount} clusters, {Hosts}+{HostsWithoutGpus} hosts, {GpusPerHost} GPUs a host, {Vms} VMs")
        : FormattableString.Invariant($"seed {Seed}: {Estate.Clusters.Count} described clusters");

    /// <summary>An AHV cluster has at most 32 hosts.</summary>
    internal int ClusterCount => Clusters ?? Math.Max(1, (Hosts + HostsWithoutGpus + 31) / 32);

    internal void Validate()
    {
        Require(Clusters is null or (>= 1 and <= 200), nameof(Clusters), "1 to 200");
        Require(Hosts is >= 0 and <= 10_000, nameof(Hosts), "0 to 10000");
        Require(HostsWithoutGpus is >= 0 and <= 10_000, nameof(HostsWithoutGpus), "0 to 10000");
        Require(GpusPerHost is >= 0 and <= 16, nameof(GpusPerHost), "0 to 16");
        Require(Vms is >= 0 and <= 100_000, nameof(Vms), "0 to 100000");
        Require(FaultRate is >= 0 and <= 1, nameof(FaultRate), "0 to 1");
        Require(ChaosRate is >= 0 and <= 1, nameof(ChaosRate), "0 to 1");
        Require(double.IsFinite(TaskDurationScale) && TaskDurationScale >= 0, nameof(TaskDurationScale), "0 or more");
        Require(Latency >= TimeSpan.Zero, nameof(Latency), "0 or more");
        Require(StatsDelay >= TimeSpan.Zero, nameof(StatsDelay), "0 or more");
        Require(VmVisibilityDelay >= TimeSpan.Zero, nameof(VmVisibilityDelay), "0 or more");
        Require(SessionLifetime > TimeSpan.Zero, nameof(SessionLifetime), "more than 0");
        Require(UserName.Length > 0 && !UserName.Contains(':'), nameof(UserName), "a name without a colon");
    }

    private static void Require(bool holds, string option, string range)
    {
        if (!holds) throw new ArgumentOutOfRangeException(option, $"Simulator option {option} must be {range}.");
    }
}
