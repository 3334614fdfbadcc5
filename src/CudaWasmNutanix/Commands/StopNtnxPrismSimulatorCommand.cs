using System.Management.Automation;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix.Commands;

/// <summary>Stops simulated Prism Centrals of this session.</summary>
/// <remarks>
/// <para>Without -InputObject, all simulators that this runspace started are stopped. What was made in them is gone.</para>
/// </remarks>
/// <example>
/// <code>Stop-NtnxPrismSimulator</code>
/// <para>Stops all simulators of the runspace.</para>
/// </example>
/// <example>
/// <code>$simulator | Stop-NtnxPrismSimulator</code>
/// <para>Stops the simulator in $simulator.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "NtnxPrismSimulator", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(void))]
public sealed class StopNtnxPrismSimulatorCommand : PSCmdlet
{
    /// <summary>The simulators to stop, as Start-NtnxPrismSimulator returned them.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public SimulatorSession[]? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        RunspaceState state = RunspaceState.Current;
        foreach (SimulatorSession simulator in InputObject ?? [.. state.Simulators])
        {
            if (ShouldProcess(simulator.ToString(), "Stop the simulator"))
            {
                state.Stop(simulator);
            }
        }
    }
}
