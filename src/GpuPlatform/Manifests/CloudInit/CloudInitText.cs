using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Manifests.CloudInit;

/// <summary>Checks user data that was written by hand: a guest would only log what is wrong, where nobody can read it.</summary>
public static class CloudInitText
{
    /// <summary>Does nothing for a script (<c>#!</c>); a <c>#cloud-config</c> must be one YAML mapping.</summary>
    /// <exception cref="ManifestException">It is no YAML, no mapping, or longer than Prism takes.</exception>
    public static void Check(string text)
    {
        var errors = new ManifestErrors();
        var bytes = Encoding.UTF8.GetByteCount(text);
        errors.Check(bytes <= CloudInitDocument.MaximumBytes, "user data", $"{bytes} bytes", $"must not be more than {CloudInitDocument.MaximumBytes} bytes: let the machine fetch large files itself");
        if (text.TrimStart('\uFEFF').StartsWith("#cloud-config", StringComparison.Ordinal))
            errors.Check(Fault(text) is null, "user data", "#cloud-config", Fault(text) ?? "");
        errors.ThrowIfAny();
    }

    private static string? Fault(string text)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text.TrimStart('\uFEFF')));
            return yaml.Documents switch
            {
                [] => null,
                [{ RootNode: YamlMappingNode }] => null,
                [_] => "must be a mapping (name: value) at its top",
                _ => "must be one document: take the '---' lines out",
            };
        }
        catch (YamlException e)
        {
            return FormattableString.Invariant($"must be YAML; line {e.Start.Line}, column {e.Start.Column}: {e.InnerException?.Message ?? e.Message}");
        }
    }
}
