using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>A cmdlet that talks to a Prism Central.</summary>
public abstract class PrismCmdlet : AsyncCmdlet
{
    /// <summary>
    /// The session to use, as Connect-NtnxPrismCentral returned it. Without it, the session that was connected last in this
    /// runspace is used.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public PrismSession? Session { get; set; }

    /// <summary>The client of the session. Ends the cmdlet where there is none; to be asked on the pipeline thread.</summary>
    protected PrismClient Client
    {
        get
        {
            PrismSession? session = Session ?? RunspaceState.Current.DefaultSession;
            if (session is null)
            {
                ThrowTerminatingError(ErrorRecords.NotConnected());
            }

            if (!session!.IsConnected)
            {
                ThrowTerminatingError(ErrorRecords.SessionClosed(session));
            }

            return session.Client;
        }
    }

    /// <summary>Writes an error for every host name without wildcards that nothing matched.</summary>
    protected static void ReportMissingHosts(PipelineWriter writer, NameFilter filter)
    {
        foreach (string name in filter.Missing)
        {
            writer.Error(ErrorRecords.NotFound("GpuHostNotFound", "GPU host", name, "Get-NtnxGpuHost"));
        }
    }

    /// <summary>Writes an error for every name without wildcards that nothing matched.</summary>
    protected static void ReportMissing(PipelineWriter writer, NameFilter filter, string id, string kind, string listCommand)
    {
        foreach (string name in filter.Missing)
        {
            writer.Error(ErrorRecords.NotFound(id, kind, name, listCommand));
        }
    }

    /// <summary>Writes an error for every machine, by name or extId, that is not there.</summary>
    protected static void ReportMissingVms(PipelineWriter writer, IEnumerable<string> missing)
    {
        foreach (string name in missing)
        {
            writer.Error(ErrorRecords.NotFound("GpuVmNotFound", "GPU machine", name, "Get-NtnxGpuVm"));
        }
    }
}
