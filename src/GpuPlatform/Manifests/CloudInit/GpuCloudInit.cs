namespace GpuPlatform.Manifests.CloudInit;

/// <summary>What the first boot of a GPU machine is asked for.</summary>
public sealed record GpuCloudInitOptions
{
    /// <summary>Host name; the virtual machine's name as a rule.</summary>
    public string? Hostname { get; init; }

    public string UserName { get; init; } = "cuda";

    /// <summary>OpenSSH public keys of the user; without one nobody can log in over the network.</summary>
    public IReadOnlyList<string> SshAuthorizedKeys { get; init; } = [];

    /// <summary>Whose driver is installed; Unknown installs none.</summary>
    public GpuVendor GpuVendor { get; init; } = GpuVendor.Nvidia;

    /// <summary>NVIDIA's driver branch in Ubuntu's archive, without <c>-server</c>: 550, 570.</summary>
    public int NvidiaDriverBranch { get; init; } = 570;

    /// <summary>True to install the CUDA toolkit (<c>nvcc</c>) too; NVIDIA only.</summary>
    public bool InstallCudaToolkit { get; init; } = true;

    public IReadOnlyList<string> Packages { get; init; } = [];

    public IReadOnlyList<CloudInitFile> Files { get; init; } = [];

    /// <summary>Commands run after the driver is installed, before the reboot that loads it.</summary>
    public IReadOnlyList<IReadOnlyList<string>> RunCommands { get; init; } = [];
}

/// <summary>
/// Makes an Ubuntu image (22.04, 24.04) into a GPU machine on its first boot. Drivers come from Ubuntu's own archive: signed for
/// Secure Boot, held back with the kernel, and no further repository key to trust.
/// </summary>
public static class GpuCloudInit
{
    /// <exception cref="ManifestException">An option breaks a rule.</exception>
    public static CloudInitDocument Create(GpuCloudInitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validate(options);

        var packages = new List<string>();
        var commands = new List<IReadOnlyList<string>>();
        switch (options.GpuVendor)
        {
            case GpuVendor.Nvidia:
                AddNvidia(options, packages, commands);
                break;
            case GpuVendor.Amd:
                // amdgpu is part of Ubuntu's kernel, but not of the small kernel cloud images start with.
                packages.AddRange(["linux-generic", "rocminfo"]);
                break;
            case GpuVendor.Intel:
                packages.AddRange(["linux-generic", "intel-opencl-icd", "clinfo"]);
                break;
            default:
                break;
        }

        commands.AddRange(options.RunCommands);
        return new CloudInitDocument
        {
            Hostname = options.Hostname,
            Users =
            [
                new CloudInitUser
                {
                    Name = options.UserName,
                    // The device files of GPUs belong to these groups.
                    Groups = ["sudo", "video", "render"],
                    Sudo = "ALL=(ALL) NOPASSWD:ALL",
                    SshAuthorizedKeys = options.SshAuthorizedKeys,
                },
            ],
            PackageUpdate = true,
            Packages = [.. packages.Concat(options.Packages).Distinct(StringComparer.Ordinal)],
            WriteFiles = options.Files,
            RunCommands = commands,
            PowerState = options.GpuVendor == GpuVendor.Unknown
                ? null
                : new CloudInitPowerState { Mode = "reboot", Message = "Restarting to load the GPU driver." },
            FinalMessage = "cuda-wasm: first boot done after $UPTIME seconds",
        };
    }

    /// <summary>ubuntu-drivers chooses the signed modules that fit the running kernel, or builds them where there are none.</summary>
    private static void AddNvidia(GpuCloudInitOptions options, List<string> packages, List<IReadOnlyList<string>> commands)
    {
        var branch = FormattableString.Invariant($"{options.NvidiaDriverBranch}-server");
        packages.Add("ubuntu-drivers-common");
        commands.Add(["ubuntu-drivers", "install", "--gpgpu", $"nvidia:{branch}"]);
        commands.Add(["apt-get", "install", "--yes", $"nvidia-utils-{branch}"]);
        if (options.InstallCudaToolkit)
            commands.Add(["apt-get", "install", "--yes", "nvidia-cuda-toolkit"]);
    }

    private static void Validate(GpuCloudInitOptions options)
    {
        var errors = new ManifestErrors();
        errors.Check(Enum.IsDefined(options.GpuVendor), nameof(options.GpuVendor), options.GpuVendor, "must be Nvidia, Amd, Intel or Unknown");
        errors.Check(
            options.NvidiaDriverBranch is >= 390 and <= 999,
            nameof(options.NvidiaDriverBranch),
            options.NvidiaDriverBranch,
            "must be a driver branch such as 550 or 570");
        errors.ThrowIfAny();
    }
}
