using System.Management.Automation;
using System.Security;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Configuration;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Connects this runspace to a Nutanix Prism Central.</summary>
/// <remarks>
/// <para>The credentials are proved with one cheap request. The session is kept for the runspace: the other cmdlets use the one
/// that was connected last, unless they are given another with -Session. v4 is spoken where the server serves it, v3 otherwise.</para>
/// <para>What is not given comes from cuda-wasm-nutanix.toml (-ConfigPath, else the working folder, else the user's configuration
/// folder). A credential that is not given comes from SecretManagement (-SecretName), a secret file (-SecretPath), or the variables
/// NUTANIX_API_KEY, or NUTANIX_USERNAME and NUTANIX_PASSWORD. It is never read from the configuration file.</para>
/// <para>The server's certificate is checked and TLS is 1.2 or newer. Passwords, keys and tokens appear in no log line, error,
/// verbose message or trace.</para>
/// </remarks>
/// <example>
/// <code>Connect-NtnxPrismCentral -Server prism.example.com -Credential (Get-Credential)</code>
/// <para>Connects to port 9440 of the server with a user name and a password.</para>
/// </example>
/// <example>
/// <code>$key = Read-Host 'API key' -AsSecureString
/// $lab = Connect-NtnxPrismCentral -Server lab.example.com -ApiKey $key -CaCertificatePath ./lab-ca.pem
/// Get-NtnxGpuHost -Session $lab</code>
/// <para>Connects to a laboratory server whose certificate its own authority has signed, with the API key of a service account.</para>
/// </example>
/// <example>
/// <code>Start-NtnxPrismSimulator | Connect-NtnxPrismCentral</code>
/// <para>Connects to a simulator that runs in this session, to try things out.</para>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "NtnxPrismCentral", DefaultParameterSetName = "Found")]
[OutputType(typeof(PrismSession))]
public sealed class ConnectNtnxPrismCentralCommand : AsyncCmdlet
{
    /// <summary>Host name, host:port, or http(s) URL of the Prism Central. The port is 9440 and the scheme https where not given.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Url", "ComputerName")]
    [ValidateNotNullOrEmpty]
    public string? Server { get; set; }

    /// <summary>User name and password.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Credential", ValueFromPipelineByPropertyName = true)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The API key of an IAM service account.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "ApiKey")]
    public SecureString? ApiKey { get; set; }

    /// <summary>Client id and client secret, for a gateway in front of Prism that wants OAuth2 tokens (client credentials).</summary>
    [Parameter(Mandatory = true, ParameterSetName = "OAuth")]
    public PSCredential? ClientCredential { get; set; }

    /// <summary>https address that gives the tokens.</summary>
    [Parameter(ParameterSetName = "OAuth")]
    public Uri? TokenEndpoint { get; set; }

    /// <summary>Scope to ask tokens for.</summary>
    [Parameter(ParameterSetName = "OAuth")]
    [ValidateNotNullOrEmpty]
    public string? Scope { get; set; }

    /// <summary>Name of a secret in SecretManagement: a PSCredential, or a password (with a user name) or an API key.</summary>
    [Parameter(ParameterSetName = "Found")]
    [ValidateNotNullOrEmpty]
    public string? SecretName { get; set; }

    /// <summary>A file whose first line is a password (with a user name) or an API key. A file that others can read is refused.</summary>
    [Parameter(ParameterSetName = "Found")]
    [ValidateNotNullOrEmpty]
    public string? SecretPath { get; set; }

    /// <summary>The user name that goes with the secret.</summary>
    [Parameter(ParameterSetName = "Found")]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>The configuration file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>Accepts any TLS certificate. For laboratories only: whoever sits on the path can then read the credentials.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>A PEM file of authorities that are trusted for this server besides those of the computer.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CaCertificatePath { get; set; }

    /// <summary>SHA-256 of the server's certificate, in hexadecimal: that one is trusted and no other.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateThumbprint { get; set; }

    /// <summary>A file to which every request and answer is appended, secrets masked.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TracePath { get; set; }

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
        PrismConnectionOptions options;
        try
        {
            options = CreateOptions();
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            WriteError(ErrorRecords.From(exception, Server));
            return;
        }

        Run(writer => TryAsync(writer, options.Server, async () =>
        {
            PrismClient client = await PrismClient.ConnectAsync(options, Stop).ConfigureAwait(false);
            writer.Output(new PrismSession(client));
        }));
    }

    protected override void OnOutput(object value) => RunspaceState.Current.Sessions.Add((PrismSession)value);

    private PrismConnectionOptions CreateOptions()
    {
        ModuleSettings settings = ModuleSettings.Load(
            ConfigPath is null ? null : ResolvePath(ConfigPath), SessionState.Path.CurrentFileSystemLocation.ProviderPath);
        foreach (string warning in settings.Warnings)
        {
            WriteWarning(warning);
        }

        ApiVersionChoice? version = ApiVersion ?? (settings.Text("", "api_version") is { } text ? ApiVersionChoice.Parse(text) : null);
        return new PrismConnectionOptions
        {
            Server = Server ?? settings.Text("", "server")
                ?? throw new ArgumentException($"Which Prism Central? Give -Server, or server in the section [nutanix] of {ModuleSettings.FileName}."),
            Credential = FindCredential(settings),
            SkipCertificateCheck = IsGiven(nameof(SkipCertificateCheck)) ? SkipCertificateCheck : settings.Flag("", "skip_certificate_check") ?? false,
            CaCertificatePath = FilePath(CaCertificatePath, settings, "ca_certificate_path"),
            CertificateThumbprint = CertificateThumbprint ?? settings.Text("", "certificate_thumbprint"),
            TracePath = FilePath(TracePath, settings, "trace_path"),
            Timeout = TimeSpan.FromSeconds(Number(nameof(TimeoutSeconds), TimeoutSeconds, settings, "timeout_seconds")),
            MaxRetries = Number(nameof(MaxRetries), MaxRetries, settings, "max_retries"),
            MaxConcurrentRequests = Number(nameof(MaxConcurrentRequests), MaxConcurrentRequests, settings, "max_concurrent_requests"),
            TaskStallLimit = TimeSpan.FromSeconds(Number(nameof(TaskStallSeconds), TaskStallSeconds, settings, "task_stall_seconds")),
            ApiGeneration = version?.Generation ?? PrismApiGeneration.Auto,
            ApiVersions = version?.Namespaces,
            StateFolder = StateFolder.Path,
            Log = line => PipelineWriter.Current?.Verbose(line),
        };
    }

    private PrismCredential FindCredential(ModuleSettings settings)
    {
        switch (ParameterSetName)
        {
            case "Credential":
                return Secrets.ToPrism(Credential!);
            case "ApiKey":
                return new ApiKeyCredential(Secrets.Reveal(ApiKey!));
            case "OAuth":
                return new OAuthCredential(
                    TokenEndpoint ?? (settings.Text("", "token_endpoint") is { } endpoint ? new Uri(endpoint) : throw new ArgumentException("OAuth2 needs -TokenEndpoint, or token_endpoint in the configuration file.")),
                    ClientCredential!.UserName,
                    Secrets.Reveal(ClientCredential.Password),
                    Scope ?? settings.Text("", "scope"));
            default:
                PrismCredential found = CredentialSource.Find(
                    SecretName ?? settings.Text("", "secret_name"),
                    FilePath(SecretPath, settings, "secret_path"),
                    UserName ?? settings.Text("", "client_id") ?? settings.Text("", "username"),
                    GetSecret());
                return settings.Text("", "token_endpoint") is { } tokens && found is BasicCredential client
                    ? client.ToOAuth(new Uri(tokens), settings.Text("", "scope"))
                    : found;
        }
    }

    // Asked through PowerShell, so that the module need not be there.
    private Func<string, object?>? GetSecret() => InvokeCommand.GetCommand("Get-Secret", CommandTypes.Cmdlet | CommandTypes.Function) is null
        ? null
        : name => InvokeCommand.InvokeScript("param($name) Get-Secret -Name $name -ErrorAction Stop", name).FirstOrDefault()?.BaseObject;

    private string? FilePath(string? given, ModuleSettings settings, string key)
    {
        if (given is not null)
        {
            return ResolvePath(given);
        }

        // In the file, a path is meant from where the file lies.
        return settings.Text("", key) is { } path ? Path.GetFullPath(path, Path.GetDirectoryName(settings.Path)!) : null;
    }

    private int Number(string parameter, int value, ModuleSettings settings, string key) =>
        IsGiven(parameter) ? value : (int)Math.Clamp(settings.Number("", key) ?? value, 0, int.MaxValue);

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
