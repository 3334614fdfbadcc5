using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Nutanix.Prism.Http;

/// <summary>Decides whether a server's certificate is trusted.</summary>
internal static class CertificateCheck
{
    /// <exception cref="ArgumentException">The thumbprint is no SHA-256, or the PEM file holds no certificate.</exception>
    public static RemoteCertificateValidationCallback? Create(PrismConnectionOptions options)
    {
        if (options.SkipCertificateCheck)
        {
            return options.CertificateThumbprint is null && options.CaCertificatePath is null
                ? static (_, _, _, _) => true
                : throw new ArgumentException("A certificate that is not checked cannot be pinned: leave out the thumbprint and the authority, or check.", nameof(options));
        }

        if (options.CertificateThumbprint is { } thumbprint)
        {
            byte[] pin = Parse(thumbprint);
            return (_, certificate, _, _) => certificate is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(certificate.GetRawCertData()), pin);
        }

        if (options.CaCertificatePath is not { } path)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        return authorities.Count > 0
            ? (_, certificate, chain, errors) => errors == SslPolicyErrors.None || IsSignedBy(authorities, certificate, chain, errors)
            : throw new ArgumentException($"{path} holds no certificate in PEM form.", nameof(options));
    }

    // The name must fit whoever has signed.
    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (X509ChainElement element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        using var copy = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(copy);
    }

    private static byte[] Parse(string thumbprint)
    {
        string digits = thumbprint.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return digits.Length == 64 && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : throw new ArgumentException("The thumbprint must be the SHA-256 of the certificate: 64 hexadecimal digits, with or without colons.", nameof(thumbprint));
    }
}
