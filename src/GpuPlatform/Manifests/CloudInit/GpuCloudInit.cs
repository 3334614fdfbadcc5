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

    /// <summary>
    /// CUDA toolkit of this release (<c>12.8</c>) from NVIDIA's repository; null takes the distribution's own on Ubuntu, and
    /// NVIDIA's newest on RHEL, which has none.
    /// </summary>
    public string? CudaVersion { get; init; }

    public GuestDistribution Distribution { get; init; }

    /// <summary>Release of the distribution: 22.04 or 24.04, 8 or 9; null for the newer.</summary>
    public string? DistributionVersion { get; init; }

    /// <summary>Lets containers use the GPU: NVIDIA's container toolkit, set up for the container engine that is installed.</summary>
    public bool InstallContainerToolkit { get; init; }

    /// <summary>Runs <c>cuda-wasm serve</c> as a service; null for none.</summary>
    public WorkerServiceOptions? Worker { get; init; }

    /// <summary>A script of the caller's own, run last; its first line is a <c>#!</c> line.</summary>
    public string? Script { get; init; }

    public IReadOnlyList<string> Packages { get; init; } = [];

    public IReadOnlyList<CloudInitFile> Files { get; init; } = [];

    /// <summary>Commands run after the driver is installed, before the reboot that loads it.</summary>
    public IReadOnlyList<IReadOnlyList<string>> RunCommands { get; init; } = [];
}

/// <summary>The guest's Linux distribution.</summary>
public enum GuestDistribution
{
    /// <summary>22.04, 24.04.</summary>
    Ubuntu,

    /// <summary>8, 9; Rocky and Alma Linux too.</summary>
    Rhel,
}

/// <summary>The cuda-wasm worker as a systemd service.</summary>
public sealed record WorkerServiceOptions
{
    /// <summary>https address of the program: one file for the guest's architecture.</summary>
    public required Uri Program { get; init; }

    /// <summary>SHA-256 of that file, in hexadecimal; the service is not set up if it differs.</summary>
    public required string Sha256 { get; init; }

    public int Port { get; init; } = 8080;

    /// <summary>One <c>tenant:key</c> a line, kept readable for the service alone; empty lets the service listen on loopback only, without keys.</summary>
    public string? ApiKeys { get; init; }
}

/// <summary>
/// Makes an Ubuntu (22.04, 24.04) or RHEL (8, 9) image into a GPU machine on its first boot. On Ubuntu drivers come from its own
/// archive: signed for Secure Boot, held back with the kernel, and no further repository key to trust. RHEL has none, so there
/// they come from NVIDIA's repository.
/// </summary>
public static class GpuCloudInit
{
    private const string NvidiaRepositories = "https://developer.download.nvidia.com/compute/cuda/repos/";
    private const string ContainerRepositories = "https://nvidia.github.io/libnvidia-container/";
    private const string WorkerProgram = "/usr/local/bin/cuda-wasm";
    private const string WorkerKeys = "/etc/cuda-wasm/keys";

    /// <exception cref="ManifestException">An option breaks a rule.</exception>
    public static CloudInitDocument Create(GpuCloudInitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validate(options);

        var packages = new List<string>();
        var commands = new List<IReadOnlyList<string>>();
        var files = options.Files.ToList();
        switch (options.GpuVendor)
        {
            case GpuVendor.Nvidia when options.Distribution == GuestDistribution.Rhel:
                AddNvidiaForRhel(options, packages, commands);
                break;
            case GpuVendor.Nvidia:
                AddNvidiaForUbuntu(options, packages, commands);
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

        if (options.InstallContainerToolkit)
            AddContainerToolkit(options, commands);
        if (options.Worker is { } worker)
            AddWorker(worker, files, commands);
        if (options.Script is { } script)
        {
            files.Add(new CloudInitFile { Path = "/var/lib/cuda-wasm/first-boot", Content = script.ReplaceLineEndings("\n"), Permissions = "0700" });
            commands.Add(["/var/lib/cuda-wasm/first-boot"]);
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
                    // The device files of GPUs belong to the last two.
                    Groups = [options.Distribution == GuestDistribution.Rhel ? "wheel" : "sudo", "video", "render"],
                    Sudo = "ALL=(ALL) NOPASSWD:ALL",
                    SshAuthorizedKeys = options.SshAuthorizedKeys,
                },
            ],
            PackageUpdate = true,
            Packages = [.. packages.Concat(options.Packages).Distinct(StringComparer.Ordinal)],
            WriteFiles = files,
            RunCommands = commands,
            PowerState = options.GpuVendor == GpuVendor.Unknown
                ? null
                : new CloudInitPowerState { Mode = "reboot", Message = "Restarting to load the GPU driver." },
            FinalMessage = "cuda-wasm: first boot done after $UPTIME seconds",
        };
    }

    /// <summary>ubuntu-drivers chooses the signed modules that fit the running kernel, or builds them where there are none.</summary>
    private static void AddNvidiaForUbuntu(GpuCloudInitOptions options, List<string> packages, List<IReadOnlyList<string>> commands)
    {
        var branch = FormattableString.Invariant($"{options.NvidiaDriverBranch}-server");
        packages.Add("ubuntu-drivers-common");
        commands.Add(["ubuntu-drivers", "install", "--gpgpu", $"nvidia:{branch}"]);
        commands.Add(["apt-get", "install", "--yes", $"nvidia-utils-{branch}"]);
        if (!options.InstallCudaToolkit)
            return;
        if (options.CudaVersion is not { } cuda)
        {
            commands.Add(["apt-get", "install", "--yes", "nvidia-cuda-toolkit"]);
            return;
        }

        var release = "ubuntu" + (options.DistributionVersion ?? "24.04").Replace(".", "", StringComparison.Ordinal);
        commands.Add(["curl", "--fail", "--silent", "--show-error", "--location", "--output", "/root/cuda-keyring.deb", $"{NvidiaRepositories}{release}/x86_64/cuda-keyring_1.1-1_all.deb"]);
        commands.Add(["dpkg", "--install", "/root/cuda-keyring.deb"]);
        commands.Add(["apt-get", "update"]);
        commands.Add(["apt-get", "install", "--yes", $"cuda-toolkit-{cuda.Replace('.', '-')}"]);
    }

    /// <summary>DKMS builds the modules for the running kernel; it and its compiler come from EPEL.</summary>
    private static void AddNvidiaForRhel(GpuCloudInitOptions options, List<string> packages, List<IReadOnlyList<string>> commands)
    {
        var release = options.DistributionVersion ?? "9";
        packages.AddRange(["dnf-plugins-core", "gcc", "make", "kernel-devel", "kernel-headers"]);
        commands.Add(["dnf", "install", "--assumeyes", $"https://dl.fedoraproject.org/pub/epel/epel-release-latest-{release}.noarch.rpm"]);
        commands.Add(["dnf", "config-manager", "--add-repo", $"{NvidiaRepositories}rhel{release}/x86_64/cuda-rhel{release}.repo"]);
        commands.Add(["dnf", "module", "install", "--assumeyes", FormattableString.Invariant($"nvidia-driver:{options.NvidiaDriverBranch}-dkms")]);
        if (options.InstallCudaToolkit)
            commands.Add(["dnf", "install", "--assumeyes", options.CudaVersion is { } cuda ? $"cuda-toolkit-{cuda.Replace('.', '-')}" : "cuda-toolkit"]);
    }

    private static void AddContainerToolkit(GpuCloudInitOptions options, List<IReadOnlyList<string>> commands)
    {
        if (options.Distribution == GuestDistribution.Rhel)
        {
            commands.Add(["dnf", "config-manager", "--add-repo", $"{ContainerRepositories}stable/rpm/nvidia-container-toolkit.repo"]);
            commands.Add(["dnf", "install", "--assumeyes", "nvidia-container-toolkit"]);
        }
        else
        {
            const string Keyring = "/usr/share/keyrings/nvidia-container-toolkit.gpg";
            commands.Add(["sh", "-c", $"curl --fail --silent --show-error --location {ContainerRepositories}gpgkey | gpg --dearmor --output {Keyring}"]);
            commands.Add(["sh", "-c", $"curl --fail --silent --show-error --location {ContainerRepositories}stable/deb/nvidia-container-toolkit.list | sed 's#deb https://#deb [signed-by={Keyring}] https://#g' > /etc/apt/sources.list.d/nvidia-container-toolkit.list"]);
            commands.Add(["apt-get", "update"]);
            commands.Add(["apt-get", "install", "--yes", "nvidia-container-toolkit"]);
        }

        // Whichever engine the image has; one that is installed later needs the same command by hand.
        commands.Add(["sh", "-c", "for engine in docker containerd; do if command -v $engine > /dev/null; then nvidia-ctk runtime configure --runtime=$engine && systemctl restart $engine; fi; done"]);
        commands.Add(["nvidia-ctk", "cdi", "generate", "--output=/etc/cdi/nvidia.yaml"]);
    }

    /// <summary>A user of its own, no way to more rights, and a program that is what its hash says.</summary>
    private static void AddWorker(WorkerServiceOptions worker, List<CloudInitFile> files, List<IReadOnlyList<string>> commands)
    {
        var keyed = !string.IsNullOrWhiteSpace(worker.ApiKeys);
        var url = FormattableString.Invariant($"http://{(keyed ? "0.0.0.0" : "127.0.0.1")}:{worker.Port}");
        var access = keyed ? $"--api-keys {WorkerKeys}" : "--allow-anonymous";
        files.Add(new CloudInitFile
        {
            Path = "/etc/systemd/system/cuda-wasm.service",
            Content = $"""
                [Unit]
                Description=cuda-wasm worker
                After=network-online.target
                Wants=network-online.target

                [Service]
                ExecStart={WorkerProgram} serve --urls {url} --cache /var/lib/cuda-wasm/kernels {access}
                User=cuda-wasm
                SupplementaryGroups=video render
                StateDirectory=cuda-wasm
                Restart=on-failure
                RestartSec=5
                NoNewPrivileges=true
                ProtectSystem=strict
                ProtectHome=true
                PrivateTmp=true

                [Install]
                WantedBy=multi-user.target

                """.ReplaceLineEndings("\n"),
        });
        if (keyed)
            files.Add(new CloudInitFile { Path = WorkerKeys, Content = worker.ApiKeys!.ReplaceLineEndings("\n").TrimEnd('\n') + "\n", Permissions = "0600" });
        commands.Add(["useradd", "--system", "--user-group", "--home-dir", "/var/lib/cuda-wasm", "--shell", "/usr/sbin/nologin", "cuda-wasm"]);
        if (keyed)
            commands.Add(["chown", "cuda-wasm:cuda-wasm", WorkerKeys]);
        commands.Add(["curl", "--fail", "--silent", "--show-error", "--location", "--proto", "=https", "--output", WorkerProgram + ".new", worker.Program.AbsoluteUri]);
        commands.Add(["sh", "-c", $"echo '{worker.Sha256.ToLowerInvariant()}  {WorkerProgram}.new' | sha256sum --check && install --mode 0755 {WorkerProgram}.new {WorkerProgram} && systemctl enable --now cuda-wasm.service"]);
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
        errors.Check(
            options.DistributionVersion is null || (options.Distribution == GuestDistribution.Ubuntu ? options.DistributionVersion is "22.04" or "24.04" : options.DistributionVersion is "8" or "9"),
            nameof(options.DistributionVersion),
            options.DistributionVersion ?? "",
            options.Distribution == GuestDistribution.Ubuntu ? "must be 22.04 or 24.04" : "must be 8 or 9");
        errors.Check(
            options.CudaVersion is null || (Version.TryParse(options.CudaVersion, out var cuda) && cuda is { Major: >= 11 and <= 99, Minor: >= 0, Build: -1 }),
            nameof(options.CudaVersion),
            options.CudaVersion ?? "",
            "must be a CUDA release such as 12.8");
        errors.Check(
            options.Distribution == GuestDistribution.Ubuntu || options.GpuVendor is GpuVendor.Nvidia or GpuVendor.Unknown,
            nameof(options.Distribution),
            options.Distribution,
            $"cannot be combined with {options.GpuVendor}: only NVIDIA's drivers are known for RHEL; use Ubuntu, or install the driver with a script");
        errors.Check(
            !options.InstallContainerToolkit || options.GpuVendor == GpuVendor.Nvidia,
            nameof(options.InstallContainerToolkit),
            options.GpuVendor,
            "is NVIDIA's: it needs the vendor Nvidia");
        errors.Check(
            options.Script is null || options.Script.StartsWith("#!", StringComparison.Ordinal),
            nameof(options.Script),
            options.Script is null ? "" : "its first line",
            "must begin with #!, for example #!/bin/sh");
        if (options.Worker is { } worker)
        {
            errors.Check(worker.Program is { IsAbsoluteUri: true, Scheme: "https" }, "Worker.Program", worker.Program, "must be an https address");
            errors.Check(worker.Sha256.Length == 64 && worker.Sha256.All(char.IsAsciiHexDigit), "Worker.Sha256", worker.Sha256, "must be the 64 hexadecimal digits of a SHA-256");
            errors.Check(worker.Port is >= 1 and <= 65535, "Worker.Port", worker.Port, "must be 1 to 65535");
        }

        errors.ThrowIfAny();
    }
}
