using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace CudaWasmNutanix.Session;

/// <summary>What a runspace holds: its Prism sessions and simulators. Two runspaces of one process share nothing.</summary>
internal sealed class RunspaceState
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceState> States = [];

    /// <summary>The state of the calling thread's runspace; only the pipeline thread has one.</summary>
    public static RunspaceState Current => States.GetOrCreateValue(Runspace.DefaultRunspace);

    /// <summary>Oldest first.</summary>
    public List<PrismSession> Sessions { get; } = [];

    public List<SimulatorSession> Simulators { get; } = [];

    /// <summary>What cmdlets use that are given no session: the one connected last that is still open.</summary>
    public PrismSession? DefaultSession => Sessions.LastOrDefault();

    public void Close(PrismSession session)
    {
        session.Dispose();
        Sessions.Remove(session);
    }

    public void Stop(SimulatorSession simulator)
    {
        simulator.Dispose();
        Simulators.Remove(simulator);
    }
}
