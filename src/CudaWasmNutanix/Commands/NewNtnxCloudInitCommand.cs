using System.Management.Automation;
using System.Text;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using GpuPlatform;
using GpuPlatform.Manifests.CloudInit;

namespace CudaWasmNutanix.Commands;

/// <summary>Writes the cloud-init user data that makes a plain image into a GPU machine on its first boot.</summary>
/// <remarks>
/// <para>It installs the driver and the CUDA toolkit for Ubuntu (22.04, 24.04) or RHEL (8, 9, and Rocky and Alma Linux), and on
/// wish NVIDIA's container toolkit and the cuda-wasm worker as a systemd service; it makes a user with your keys, installs
/// packages and runs a script of your own. The text is checked, no longer than Prism takes, and begins with #cloud-config.</para>
/// <para>New-NtnxGpuVm -UserData takes the text and encodes it, once; -AsBase64 is for other programs.</para>
/// </remarks>
/// <example>
/// <code>$userData = New-NtnxCloudInit -SshPublicKey (Get-Content ~/.ssh/id_ed25519.pub) -CudaVersion 12.8 -ContainerToolkit
/// New-NtnxGpuVm trainer -Image ubuntu-24 -Subnet gpu-net -UserData $userData -PowerOn</code>
/// <para>Makes a machine that installs driver, CUDA 12.8 and the container toolkit.</para>
/// </example>
/// <example>
/// <code>New-NtnxCloudInit -Distribution Rhel -DistributionVersion 9 -Package git -ScriptPath ./setup.sh -Path ./user-data.yaml</code>
/// <para>Writes the user data of a RHEL 9 machine that runs a script of your own at the end into a file.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "NtnxCloudInit", DefaultParameterSetName = "Text", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(string), ParameterSetName = ["Text", "Base64"])]
[OutputType(typeof(FileInfo), ParameterSetName = ["Path"])]
public sealed class NewNtnxCloudInitCommand : AsyncCmdlet
{
    private static readonly GpuCloudInitOptions Defaults = new();

    /// <summary>The guest's distribution.</summary>
    [Parameter]
    public GuestDistribution Distribution { get; set; }

    /// <summary>Its release: 22.04 or 24.04 for Ubuntu, 8 or 9 for RHEL; the newer one where not given.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DistributionVersionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? DistributionVersion { get; set; }

    /// <summary>Whose driver is installed; Unknown installs none.</summary>
    [Parameter]
    public GpuVendor GpuVendor { get; set; } = Defaults.GpuVendor;

    /// <summary>NVIDIA's driver branch, for example 570.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DriverBranchCompleter))]
    [ValidateRange(390, 999)]
    public int DriverBranch { get; set; } = Defaults.NvidiaDriverBranch;

    /// <summary>Release of the CUDA toolkit, for example 12.8; the distribution's own where not given.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CudaVersionCompleter))]
    [ValidatePattern(@"^\d+\.\d+$")]
    public string? CudaVersion { get; set; }

    /// <summary>Installs the driver without the CUDA toolkit.</summary>
    [Parameter]
    public SwitchParameter NoCudaToolkit { get; set; }

    /// <summary>Installs NVIDIA's container toolkit.</summary>
    [Parameter]
    public SwitchParameter ContainerToolkit { get; set; }

    /// <summary>https address of the cuda-wasm program for the guest; sets the worker up as a systemd service. Needs -WorkerSha256.</summary>
    [Parameter]
    public Uri? WorkerUrl { get; set; }

    /// <summary>SHA-256 of that program, in hexadecimal.</summary>
    [Parameter]
    [ValidatePattern("^[0-9A-Fa-f]{64}$")]
    public string? WorkerSha256 { get; set; }

    /// <summary>The worker's port.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int WorkerPort { get; set; } = 8080;

    /// <summary>
    /// A file with the worker's API keys, one tenant:key a line. Without it the worker listens on the loopback interface only.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkerKeyPath { get; set; }

    /// <summary>Host name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Hostname { get; set; }

    /// <summary>Name of the user, who may use sudo and the GPUs.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string UserName { get; set; } = Defaults.UserName;

    /// <summary>OpenSSH public keys of the user.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SshPublicKey { get; set; } = [];

    /// <summary>Further packages.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Package { get; set; } = [];

    /// <summary>A script of your own that is run last; its first line is a #! line.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Script { get; set; }

    /// <summary>A file with that script.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ScriptPath { get; set; }

    /// <summary>Writes the text in base64, as v4 and v3 bodies carry it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Base64")]
    public SwitchParameter AsBase64 { get; set; }

    /// <summary>Writes the text into a file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    protected override void EndProcessing()
    {
        try
        {
            if (Script is not null && ScriptPath is not null)
            {
                throw new ArgumentException("-Script and -ScriptPath are the same thing; give one of them.");
            }

            if (WorkerUrl is not null && WorkerSha256 is null)
            {
                throw new ArgumentException("-WorkerUrl needs -WorkerSha256: a program that is fetched over the network must be the one that is meant.");
            }

            Write(GpuCloudInit.Create(Options()).ToYaml());
        }
        catch (Exception exception) when (exception is ArgumentException or GpuPlatform.Manifests.ManifestException or IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.From(exception, null));
        }
    }

    private GpuCloudInitOptions Options() => new()
    {
        Hostname = Hostname,
        UserName = UserName,
        SshAuthorizedKeys = SshPublicKey,
        GpuVendor = GpuVendor,
        NvidiaDriverBranch = DriverBranch,
        InstallCudaToolkit = !NoCudaToolkit,
        CudaVersion = CudaVersion,
        Distribution = Distribution,
        DistributionVersion = DistributionVersion,
        InstallContainerToolkit = ContainerToolkit,
        Worker = WorkerUrl is null ? null : new WorkerServiceOptions
        {
            Program = WorkerUrl,
            Sha256 = WorkerSha256!,
            Port = WorkerPort,
            ApiKeys = WorkerKeyPath is null ? null : File.ReadAllText(ResolvePath(WorkerKeyPath)),
        },
        Packages = Package,
        Script = ScriptPath is null ? Script : File.ReadAllText(ResolvePath(ScriptPath)),
    };

    private void Write(string text)
    {
        if (AsBase64)
        {
            WriteObject(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
        }
        else if (Path is not null)
        {
            string path = ResolvePath(Path);
            if (ShouldProcess(path, "Write cloud-init user data"))
            {
                File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                WriteObject(new FileInfo(path));
            }
        }
        else
        {
            WriteObject(text);
        }
    }
}
