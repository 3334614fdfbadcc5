using System.Management.Automation;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix;

/// <summary>Closes what the runspace still holds when the module is removed from it.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        RunspaceState state = RunspaceState.Current;
        foreach (PrismSession session in state.Sessions.ToArray())
        {
            state.Close(session);
        }

        foreach (SimulatorSession simulator in state.Simulators.ToArray())
        {
            state.Stop(simulator);
        }
    }
}
