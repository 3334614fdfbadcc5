using System.Text.RegularExpressions;
using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Manifests.CloudInit;

/// <summary>Rules whose breach cloud-init would only log on a machine nobody can reach any more.</summary>
internal static partial class CloudInitValidator
{
    private static readonly TextRule Hostname = new(
        v => v.Length <= 253 && v.Split('.').All(part => part.Length <= 63 && HostnamePart().IsMatch(part)),
        "must be a host name: letters, digits and '-', each part beginning and ending with a letter or digit, at most 63 a part");

    private static readonly TextRule UserName = new(
        v => v.Length <= 32 && UserNamePattern().IsMatch(v),
        "must be a Linux user name: up to 32 of a-z, 0-9, '_' and '-', beginning with a letter or '_'");

    private static readonly TextRule Package = new(
        v => PackagePattern().IsMatch(v),
        "must be a package name: letters, digits, '+', '-', '.', '~' and ':' (an optional '=version' may follow)");

    private static readonly TextRule SshKey = new(
        v => SshKeyPattern().IsMatch(v),
        "must be one line of an OpenSSH public key: its type, the key in base64, and a comment");

    private static readonly TextRule AbsolutePath = new(
        v => v.StartsWith('/') && !v.EndsWith('/') && !v.Any(char.IsControl),
        "must be an absolute path of a file");

    private static readonly TextRule Permissions = new(v => PermissionsPattern().IsMatch(v), "must be an octal mode such as '0644'");

    private static readonly TextRule PowerMode = new(v => v is "reboot" or "poweroff" or "halt", "must be reboot, poweroff or halt");

    public static void Validate(CloudInitDocument document)
    {
        var errors = new ManifestErrors();
        if (document.Hostname is not null)
            errors.Check(nameof(document.Hostname), document.Hostname, Hostname);
        if (document.Timezone is not null)
            errors.Check(nameof(document.Timezone), document.Timezone, KubernetesRules.PlainText);

        foreach (var user in document.Users ?? [])
        {
            errors.Check("Users name", user.Name, UserName);
            foreach (var group in user.Groups ?? [])
                errors.Check($"Users[{user.Name}].Groups", group, UserName);
            foreach (var key in user.SshAuthorizedKeys ?? [])
                errors.Check($"Users[{user.Name}].SshAuthorizedKeys", key, SshKey);
        }

        foreach (var key in document.SshAuthorizedKeys ?? [])
            errors.Check(nameof(document.SshAuthorizedKeys), key, SshKey);
        foreach (var package in document.Packages ?? [])
            errors.Check(nameof(document.Packages), package, Package);
        foreach (var file in document.WriteFiles ?? [])
        {
            errors.Check("WriteFiles path", file.Path, AbsolutePath);
            errors.Check($"WriteFiles[{file.Path}].Permissions", file.Permissions, Permissions);
            errors.Check($"WriteFiles[{file.Path}].Content", file.Content, KubernetesRules.PlainText);
        }

        foreach (var command in document.RunCommands ?? [])
        {
            errors.Check(command.Count > 0, nameof(document.RunCommands), "", "must name a program");
            foreach (var word in command)
                errors.Check(nameof(document.RunCommands), word, KubernetesRules.PlainText);
        }

        if (document.PowerState is { } power)
            errors.Check("PowerState.Mode", power.Mode, PowerMode);

        errors.ThrowIfAny();
    }

    [GeneratedRegex(@"\A[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostnamePart();

    [GeneratedRegex(@"\A[a-z_][a-z0-9_-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex UserNamePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9+.~:-]*(=[A-Za-z0-9+.~:-]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex PackagePattern();

    [GeneratedRegex(@"\A(ssh-(rsa|ed25519)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,3}( [^\p{Cc}]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SshKeyPattern();

    [GeneratedRegex(@"\A0?[0-7]{3,4}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PermissionsPattern();
}
