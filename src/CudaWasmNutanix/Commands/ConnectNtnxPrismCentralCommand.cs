using System.Collections;
using System.Management.Automation;
using System.Security;
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
    /// Fixes the API version of namespaces instead of negotiating it, for example @{ vmm = 'v4.0' }. The namespaces are
    /// clustermgmt, vmm, prism and networking.
    /// </summary>
    [Parameter]
    public IDictionary? ApiVersion { get; set; }

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
                ApiVersions = ApiVersion?.Cast<DictionaryEntry>().ToDictionary(v => $"{v.Key}", v => $"{v.Value}", StringComparer.Ordinal),
                Log = line => PipelineWriter.Current?.Verbose(line),
            };
            PrismClient client = await PrismClient.ConnectAsync(options, Stop).ConfigureAwait(false);
            writer.Output(new PrismSession(client));
        }));
    }

    protected override void OnOutput(object value) => RunspaceState.Current.Sessions.Add((PrismSession)value);
}
