using System.Text;
using YamlDotNet.Serialization;

namespace GpuPlatform.Manifests.CloudInit;

/// <summary>A cloud-init user-data document (<c>#cloud-config</c>), with the modules this project writes.</summary>
public sealed record CloudInitDocument
{
    /// <summary>
    /// Prism takes at most 128,000 characters of base64 (vmm.v4.ahv.config.Userdata.value, v3 guest_customization.cloud_init.user_data),
    /// which hold 96,000 bytes.
    /// </summary>
    public const int MaximumBytes = 96_000;

    public string? Hostname { get; init; }

    public string? Timezone { get; init; }

    public IReadOnlyList<CloudInitUser>? Users { get; init; }

    /// <summary>Keys of the image's default user.</summary>
    [YamlMember(Alias = "ssh_authorized_keys", ApplyNamingConventions = false)]
    public IReadOnlyList<string>? SshAuthorizedKeys { get; init; }

    public bool? PackageUpdate { get; init; }

    public IReadOnlyList<string>? Packages { get; init; }

    public IReadOnlyList<CloudInitFile>? WriteFiles { get; init; }

    /// <summary>Commands run once, at the end of the first boot; each is its own argument list, so no shell splits it.</summary>
    [YamlMember(Alias = "runcmd", ApplyNamingConventions = false)]
    public IReadOnlyList<IReadOnlyList<string>>? RunCommands { get; init; }

    public CloudInitPowerState? PowerState { get; init; }

    public string? FinalMessage { get; init; }

    /// <summary>The document's text; its first line is <c>#cloud-config</c>, which is how cloud-init (and AOS) knows it.</summary>
    /// <exception cref="ManifestException">A value breaks a rule, or the text is longer than Prism takes.</exception>
    public string ToYaml()
    {
        CloudInitValidator.Validate(this);
        var text = "#cloud-config\n" + ManifestYaml.SerializeUnderscored(this);

        var errors = new ManifestErrors();
        var bytes = Encoding.UTF8.GetByteCount(text);
        errors.Check(bytes <= MaximumBytes, "user data", $"{bytes} bytes", $"must not be more than {MaximumBytes} bytes: let the machine fetch large files itself");
        errors.ThrowIfAny();
        return text;
    }
}

public sealed record CloudInitUser
{
    public required string Name { get; init; }

    public string? Gecos { get; init; }

    public string Shell { get; init; } = "/bin/bash";

    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>A sudoers rule such as <c>ALL=(ALL) NOPASSWD:ALL</c>; null for none.</summary>
    public string? Sudo { get; init; }

    public bool LockPasswd { get; init; } = true;

    [YamlMember(Alias = "ssh_authorized_keys", ApplyNamingConventions = false)]
    public IReadOnlyList<string>? SshAuthorizedKeys { get; init; }
}

public sealed record CloudInitFile
{
    public required string Path { get; init; }

    public required string Content { get; init; }

    /// <summary>Octal mode, as text: <c>0644</c>.</summary>
    public string Permissions { get; init; } = "0644";

    public string Owner { get; init; } = "root:root";

    /// <summary>True: written after packages and users are there.</summary>
    public bool? Defer { get; init; }
}

/// <summary>What the machine does when the first boot is done.</summary>
public sealed record CloudInitPowerState
{
    /// <summary>reboot, poweroff or halt.</summary>
    public required string Mode { get; init; }

    public string? Message { get; init; }

    /// <summary>A command that must succeed for the change to happen.</summary>
    public IReadOnlyList<string>? Condition { get; init; }
}
