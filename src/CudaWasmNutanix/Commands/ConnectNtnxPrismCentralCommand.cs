using System.Management.Automation;
using System.Security;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Connects this runspace to a Nutanix Prism Central.</summary>
/// <remarks>
/// <para>The credentials are proved with one cheap request. The session is kept for the runspace: the other cmdlets use the one
/// that was connected last, unless they are given another with -Session.</para>
/// <para>The server's certificate is checked. Passwords and API keys appear in no log line, error or verbose message.</para>
/// </remarks>
/// <example>
/// <code>Connect-NtnxPrismCentral -Server prism.example.com -Credential (Get-Credential)</code>
/// <para>Connects to port 9440 of the server with a user name and a password.</para>
/// </example>
/// <example>
/// <code>$key = Read-Host 'API key' -AsSecureString
/// $lab = Connect-NtnxPrismCentral -Server lab.example.com -ApiKey $key -SkipCertificateCheck
/// Get-NtnxGpuHost -Session $lab</code>
/// <para>Connects to a laboratory server that has a self-signed certificate, with the API key of a service account.</para>
/// </example>
/// <example>
/// <code>Start-NtnxPrismSimulator | Connect-NtnxPrismCentral</code>
/// <para>Connects to a simulator that runs in this session, to try things out.</para>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "NtnxPrismCentral", DefaultParameterSetName = "Credential")]
[OutputType(typeof(PrismSession))]
public sealed class ConnectNtnxPrismCentralCommand : AsyncCmdlet
{
    /// <summary>Host name, host:port, or http(s) URL of the Prism Central. The port is 9440 and the scheme https where not given.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Url", "ComputerName")]
    [ValidateNotNullOrEmpty]
    public string Server { get; set; } = "";

    /// <summary>User name and password.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Credential", ValueFromPipelineByPropertyName = true)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The API key of an IAM service account.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "ApiKey")]
    public SecureString? ApiKey { get; set; }

    /// <summary>Accepts any TLS certificate. For laboratories only: whoever sits on the path can then read the credentials.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>The longest one attempt of one request may take, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>How often a request that meets a passing fault (408, 429, 5xx, network) is sent again.</summary>
    [Parameter]
    [ValidateRange(0, 20)]
    public int MaxRetries { get; set; } = 5;

    /// <summary>
    /// Fixes the API version instead of choosing it by what the server answers: v3 or v4 for a generation, v4.0 for one version
    /// of all namespaces, or a table such as @{ vmm = 'v4.0' } for single ones (clustermgmt, vmm, prism, networking).
    /// </summary>
    [Parameter]
    [ApiVersionTransformation]
    [ArgumentCompleter(typeof(ApiVersionCompleter))]
    public ApiVersionChoice? ApiVersion { get; set; }

    /// <summary>Requests that may be under way at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int MaxConcurrentRequests { get; set; } = 8;

    /// <summary>How long a task may stay as it is before waiting for it ends with an error, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, 604_800)]
    public int TaskStallSeconds { get; set; } = 1800;

    protected override void ProcessRecord()
    {
        var server = Server;
        Run(writer => TryAsync(writer, server, async () =>
        {
            var options = new PrismConnectionOptions
            {
                Server = server,
                Credential = ApiKey is not null ? new ApiKeyCredential(Secrets.Reveal(ApiKey)) : Secrets.ToPrism(Credential!),
                SkipCertificateCheck = SkipCertificateCheck,
                Timeout = TimeSpan.FromSeconds(TimeoutSeconds),
                MaxRetries = MaxRetries,
                ApiGeneration = ApiVersion?.Generation ?? PrismApiGeneration.Auto,
                ApiVersions = ApiVersion?.Namespaces,
                MaxConcurrentRequests = MaxConcurrentRequests,
                TaskStallLimit = TimeSpan.FromSeconds(TaskStallSeconds),
                StateFolder = StateFolder.Path,
                Log = line => PipelineWriter.Current?.Verbose(line),
            };
            PrismClient client = await PrismClient.ConnectAsync(options, Stop).ConfigureAwait(false);
            writer.Output(new PrismSession(client));
        }));
    }

    protected override void OnOutput(object value) => RunspaceState.Current.Sessions.Add((PrismSession)value);
}
