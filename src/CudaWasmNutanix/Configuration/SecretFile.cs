using System.Runtime.Versioning;
using System.Security;
using System.Security.AccessControl;
using System.Security.Principal;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix.Configuration;

/// <summary>A secret in a file of its own that nobody but its owner can read.</summary>
internal static class SecretFile
{
    /// <summary>The first line of the file.</summary>
    /// <exception cref="UnauthorizedAccessException">Others may read the file.</exception>
    /// <exception cref="ArgumentException">The file is empty.</exception>
    public static SecureString Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no secret file {path}.", path);
        }

        if (OthersMayRead(path))
        {
            string remedy = OperatingSystem.IsWindows() ? $"icacls \"{path}\" /inheritance:r /grant:r \"%USERNAME%:R\"" : $"chmod 600 '{path}'";
            throw new UnauthorizedAccessException($"The secret file {path} can be read by others, so it is not used. Make it yours alone ({remedy}), and change the secret if it was like that for long.");
        }

        string secret = File.ReadLines(path).FirstOrDefault()?.Trim() ?? "";
        return secret.Length > 0 ? Secrets.Conceal(secret) : throw new ArgumentException($"The secret file {path} is empty; its first line should be the password or API key.");
    }

    private static bool OthersMayRead(string path)
    {
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return OperatingSystem.IsWindows() ? OthersMayReadOnWindows(path) : (File.GetUnixFileMode(path) & Others) != 0;
    }

    // Everyone, users and authenticated users; administrators can read any file.
    [SupportedOSPlatform("windows")]
    private static bool OthersMayReadOnWindows(string path)
    {
        SecurityIdentifier[] many =
        [
            new(WellKnownSidType.WorldSid, null), new(WellKnownSidType.BuiltinUsersSid, null), new(WellKnownSidType.AuthenticatedUserSid, null),
        ];
        AuthorizationRuleCollection rules = new FileInfo(path).GetAccessControl()
            .GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier));
        foreach (FileSystemAccessRule rule in rules)
        {
            if (rule.AccessControlType == AccessControlType.Allow
                && (rule.FileSystemRights & FileSystemRights.ReadData) != 0
                && many.Contains((SecurityIdentifier)rule.IdentityReference))
            {
                return true;
            }
        }

        return false;
    }
}
