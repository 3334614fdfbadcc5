using System.Management.Automation;
using System.Net;
using System.Security;
using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>The only place where secrets leave PowerShell's types.</summary>
internal static class Secrets
{
    public static string Reveal(SecureString secret) => new NetworkCredential("", secret).Password;

    public static BasicCredential ToPrism(PSCredential credential) => new(credential.UserName, Reveal(credential.Password));

    public static SecureString Conceal(string secret) => new NetworkCredential("", secret).SecurePassword;
}
