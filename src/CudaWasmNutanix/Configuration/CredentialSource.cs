using System.Management.Automation;
using System.Security;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Configuration;

/// <summary>
/// Finds the credential where none was given: SecretManagement by name, a secret file, then the environment
/// (NUTANIX_API_KEY, or NUTANIX_USERNAME with NUTANIX_PASSWORD).
/// </summary>
internal static class CredentialSource
{
    /// <param name="secretName">Name in SecretManagement.</param>
    /// <param name="secretPath">A secret file.</param>
    /// <param name="userName">For a secret that is a password alone; null takes it for an API key.</param>
    /// <param name="getSecret">Asks SecretManagement; null where the module is not installed.</param>
    /// <exception cref="ArgumentException">Nothing was found, or the secret is of no use.</exception>
    public static PrismCredential Find(string? secretName, string? secretPath, string? userName, Func<string, object?>? getSecret)
    {
        userName ??= Variable("NUTANIX_USERNAME");
        if (secretName is not null)
        {
            if (getSecret is null)
            {
                throw new ArgumentException($"The secret '{secretName}' cannot be looked up: the module Microsoft.PowerShell.SecretManagement is not installed. Install it with a vault, or use a secret file or the environment.");
            }

            return getSecret(secretName) switch
            {
                PSCredential credential => Secrets.ToPrism(credential),
                SecureString secret => Of(secret, userName),
                string text => Of(Secrets.Conceal(text), userName),
                null => throw new ArgumentException($"There is no secret '{secretName}' in the vaults. Get-SecretInfo lists those there are."),
                var other => throw new ArgumentException($"The secret '{secretName}' is a {other.GetType().Name}; it must be a PSCredential, a SecureString or a text."),
            };
        }

        if (secretPath is not null)
        {
            return Of(SecretFile.Read(secretPath), userName);
        }

        if (Variable("NUTANIX_API_KEY") is { } key)
        {
            return new ApiKeyCredential(key);
        }

        return userName is not null && Variable("NUTANIX_PASSWORD") is { } password
            ? new BasicCredential(userName, password)
            : throw new ArgumentException(
                "No credential was found. Give -Credential or -ApiKey, name a secret with -SecretName or -SecretPath, or set NUTANIX_API_KEY, or NUTANIX_USERNAME and NUTANIX_PASSWORD.");
    }

    private static PrismCredential Of(SecureString secret, string? userName) =>
        userName is null ? new ApiKeyCredential(Secrets.Reveal(secret)) : new BasicCredential(userName, Secrets.Reveal(secret));

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
