using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;
using Nutanix.Prism.Simulator;

namespace CudaWasmNutanix.Commands;

/// <summary>Starts a simulated Prism Central inside this session.</summary>
/// <remarks>
/// <para>It answers the v4 API on a port of the loopback interface: hosts with GPUs, virtual machines whose state changes as
/// calls change it, tasks that take time and can fail, GPU use that looks like the real thing. The same seed gives the same
/// estate. It runs until it is stopped, the module is removed or the session ends.</para>
/// </remarks>
/// <example>
/// <code>Start-NtnxPrismSimulator | Connect-NtnxPrismCentral
/// Get-NtnxGpuHost</code>
/// <para>Starts a simulator, connects to it and lists its GPU hosts.</para>
/// </example>
/// <example>
/// <code>$simulator = Start-NtnxPrismSimulator -Hosts 200 -GpusPerHost 8 -Vms 1000 -LatencyMilliseconds 40 -FaultRate 0.02</code>
/// <para>Starts a large estate behind a slow network that loses one answer of fifty, to try out scripts.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "NtnxPrismSimulator", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(SimulatorSession))]
public sealed class StartNtnxPrismSimulatorCommand : PSCmdlet
{
    private static readonly SimulatorOptions Defaults = new();

    /// <summary>Port on the loopback interface; 0 for a free one.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(0, 65535)]
    public int Port { get; set; }

    /// <summary>Number of clusters; as few as hold the hosts, 32 each, where not given.</summary>
    [Parameter]
    [ValidateRange(1, 200)]
    public int? Clusters { get; set; }

    /// <summary>Number of hosts with GPUs, spread over the clusters.</summary>
    [Parameter]
    [ValidateRange(0, 10_000)]
    public int Hosts { get; set; } = Defaults.Hosts;

    /// <summary>Number of further hosts without GPUs.</summary>
    [Parameter]
    [ValidateRange(0, 10_000)]
    public int HostsWithoutGpus { get; set; } = Defaults.HostsWithoutGpus;

    /// <summary>GPUs of each GPU host.</summary>
    [Parameter]
    [ValidateRange(0, 16)]
    public int GpusPerHost { get; set; } = Defaults.GpusPerHost;

    /// <summary>GPU models that the hosts have in turn; all known ones where not given.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SimulatedGpuCompleter))]
    [SimulatedGpuTransformation]
    [ValidateNotNullOrEmpty]
    public string[] GpuModel { get; set; } = [];

    /// <summary>Number of virtual machines at the start; about half of them have a GPU.</summary>
    [Parameter]
    [ValidateRange(0, 100_000)]
    public int Vms { get; set; } = Defaults.Vms;

    /// <summary>Feeds everything that looks like chance.</summary>
    [Parameter]
    public int Seed { get; set; } = Defaults.Seed;

    /// <summary>Time every answer takes, in milliseconds.</summary>
    [Parameter]
    [ValidateRange(0, 600_000)]
    public int LatencyMilliseconds { get; set; }

    /// <summary>Share of the requests, 0 to 1, that meet a passing fault.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double FaultRate { get; set; }

    /// <summary>Factor on the time tasks take: 1 is about half a second for a new machine, 0 is at once.</summary>
    [Parameter]
    [ValidateRange(0.0, 1e6)]
    public double TaskDurationScale { get; set; } = Defaults.TaskDurationScale;

    /// <summary>V3 for an older Prism Central that serves v3 only, V4 for one that serves v4 only, Auto for both.</summary>
    [Parameter]
    public PrismApiGeneration ApiGeneration { get; set; }

    /// <summary>
    /// Share of the requests and tasks, 0 to 1, that meet any fault of the catalogue, those included that last: 429 with and
    /// without Retry-After, 5xx, dropped connections, slow bodies, cut JSON, HTML, stale ETags, tasks that fail, are cancelled or hang.
    /// </summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double ChaosRate { get; set; }

    protected override void ProcessRecord()
    {
        var options = new SimulatorOptions
        {
            Clusters = Clusters,
            Hosts = Hosts,
            HostsWithoutGpus = HostsWithoutGpus,
            GpusPerHost = GpusPerHost,
            GpuModels = GpuModel,
            Vms = Vms,
            Seed = Seed,
            Latency = TimeSpan.FromMilliseconds(LatencyMilliseconds),
            FaultRate = FaultRate,
            TaskDurationScale = TaskDurationScale,
            ServesV3 = ApiGeneration != PrismApiGeneration.V4,
            ServesV4 = ApiGeneration != PrismApiGeneration.V3,
            ChaosRate = ChaosRate,
        };
        if (!ShouldProcess(options.ToString(), "Start a Prism Central simulator"))
        {
            return;
        }

        try
        {
            var simulator = new SimulatorSession(options, Port);
            RunspaceState.Current.Simulators.Add(simulator);
            WriteObject(simulator);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            WriteError(ErrorRecords.SimulatorNotStarted(exception, Port));
        }
    }
}
