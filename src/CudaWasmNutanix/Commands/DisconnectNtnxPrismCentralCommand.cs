using System.Management.Automation;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix.Commands;

/// <summary>Closes a session with a Prism Central.</summary>
/// <remarks>
/// <para>Without -Session, the session that was connected last in this runspace is closed; the one before it becomes the one
/// that cmdlets use. Nothing on the server changes: tasks that run go on.</para>
/// </remarks>
/// <example>
/// <code>Disconnect-NtnxPrismCentral</code>
/// <para>Closes the session that was connected last.</para>
/// </example>
/// <example>
/// <code>$lab | Disconnect-NtnxPrismCentral</code>
/// <para>Closes the session in $lab.</para>
/// </example>
[Cmdlet(VerbsCommunications.Disconnect, "NtnxPrismCentral", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(void))]
public sealed class DisconnectNtnxPrismCentralCommand : PSCmdlet
{
    /// <summary>The sessions to close; the one connected last where not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PrismSession[]? Session { get; set; }

    protected override void ProcessRecord()
    {
        RunspaceState state = RunspaceState.Current;
        if (Session is null && state.DefaultSession is null)
        {
            WriteWarning("There is no Prism Central session in this runspace to close.");
            return;
        }

        foreach (PrismSession session in Session ?? [state.DefaultSession!])
        {
            if (ShouldProcess(session.ToString(), "Disconnect"))
            {
                state.Close(session);
            }
        }
    }
}
