using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Manifests.ClusterApi;

/// <summary>
/// What the provider's admission webhook and vSphere refuse of a VSphereMachineTemplate with GPUs, and whether hosts have its devices.
/// </summary>
public static partial class CapvRules
{
    internal const int LeastHardwareVersion = 17;

    /// <summary>Checks templates in a YAML text; other documents in it are passed over.</summary>
    /// <param name="yaml">One or several documents.</param>
    /// <param name="previous">The template as it is in the cluster: its spec cannot be changed.</param>
    /// <param name="hosts">Hosts of the failure domain; null where that is not asked.</param>
    /// <param name="failureDomain">Only these hosts count; null for all.</param>
    public static IReadOnlyList<ManifestFinding> Check(string yaml, string? previous = null, IReadOnlyList<CapvHost>? hosts = null, string? failureDomain = null)
    {
        var templates = Templates(yaml, out var findings);
        var before = previous is null ? [] : Templates(previous, out _);
        if (templates.Count == 0 && findings.Count == 0)
            findings.Add(new ManifestFinding(FindingSeverity.Error, "", "kind", "there is no VSphereMachineTemplate in the document"));

        foreach (var template in templates)
        {
            var name = $"VSphereMachineTemplate/{YamlPaths.Text(template, "metadata", "name")}";
            var spec = YamlPaths.At(template, "spec", "template", "spec");
            findings.AddRange(CheckSpec(spec).Select(f => f with { Object = name }));
            if (before.FirstOrDefault(b => YamlPaths.Text(b, "metadata", "name") == YamlPaths.Text(template, "metadata", "name")) is { } old
                && !YamlPaths.AreEqual(YamlPaths.At(old, "spec", "template", "spec"), spec))
            {
                findings.Add(new ManifestFinding(FindingSeverity.Error, name, "spec.template.spec", "is immutable; make a template of another name and refer to that"));
            }

            if (hosts is not null)
                findings.AddRange(CapvPlacement.Check(Devices(spec), hosts, failureDomain ?? YamlPaths.Text(spec, "failureDomain")).Select(f => f with { Object = name }));
        }

        return findings;
    }

    internal static int HardwareVersionOf(string? text) =>
        text is not null && HardwareVersionPattern().Match(text) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : -1;

    private static IEnumerable<ManifestFinding> CheckSpec(YamlNode? spec)
    {
        var devices = Devices(spec);
        if (devices.Count == 0)
            yield return Error("spec.template.spec.pciDevices", "names no device: the machines would have no GPU");

        for (var i = 0; i < devices.Count; i++)
        {
            var (field, device) = ($"spec.template.spec.pciDevices[{i.ToString(CultureInfo.InvariantCulture)}]", devices[i]);
            if (device.Profile is not null && (device.VendorId ?? device.DeviceId) is not null)
                yield return Error(field, "has a vGPUProfile and a deviceId or vendorId; it is a share of a device or a whole one");
            else if (device.Profile is null && device.DeviceId is null)
                yield return Error(field + ".deviceId", "is missing");
            else if (device.Profile is null && device.VendorId is null)
                yield return Error(field + ".vendorId", "is missing");
            if (device.IsMalformed)
                yield return Error(field, "deviceId and vendorId are integers in decimal, 1 to 65535: 0x20b5 is 8373");
        }

        if (devices.Any(d => d.Profile is not null) && devices.Any(d => d.Profile is null && d.DeviceId is not null))
            yield return Error("spec.template.spec.pciDevices", "mixes vGPU profiles and whole devices, which one machine cannot have");
        if (devices.Select(d => d.Profile).OfType<string>().Distinct(StringComparer.Ordinal).Count() > 1)
            yield return Error("spec.template.spec.pciDevices", "names several vGPU profiles; all vGPUs of a machine have the same one");

        var version = YamlPaths.Text(spec, "hardwareVersion");
        if (version is not null && HardwareVersionOf(version) < 0)
            yield return Error("spec.template.spec.hardwareVersion", $"'{version}' is no hardware version; write vmx-17 or later");
        else if (version is not null && HardwareVersionOf(version) < LeastHardwareVersion)
            yield return Error("spec.template.spec.hardwareVersion", $"{version} knows no assignable PCI devices; vmx-17 or later does");
        else if (version is null)
            yield return new ManifestFinding(FindingSeverity.Warning, "", "spec.template.spec.hardwareVersion", "is not given, so the cloned machine's counts; it must be vmx-17 or later");

        if (YamlPaths.Text(spec, "providerID") is not null)
            yield return Error("spec.template.spec.providerID", "cannot be set in a template");
        if (devices.Any(d => d.DeviceId is not null) && YamlPaths.Text(spec, "customVMXKeys", "pciPassthru.use64bitMMIO") is null)
            yield return new ManifestFinding(FindingSeverity.Warning, "", "spec.template.spec.customVMXKeys", "has no pciPassthru.use64bitMMIO: machines with devices of 16 GiB and more do not start without it; they need EFI firmware too");
    }

    private static List<CapvDevice> Devices(YamlNode? spec) => YamlPaths.At(spec, "pciDevices") is YamlSequenceNode list
        ? [.. list.Children.Select(d => new CapvDevice(Number(d, "vendorId", out var a), Number(d, "deviceId", out var b), Nonempty(YamlPaths.Text(d, "vGPUProfile")), Nonempty(YamlPaths.Text(d, "customLabel")), a || b))]
        : [];

    private static int? Number(YamlNode device, string field, out bool isMalformed)
    {
        var text = YamlPaths.Text(device, field);
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        isMalformed = text is not null && !(isNumber && number is > 0 and <= 0xFFFF && ((YamlScalarNode)YamlPaths.At(device, field)!).Style == ScalarStyle.Plain);
        return text is null ? null : isNumber ? number : 0;
    }

    private static string? Nonempty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static ManifestFinding Error(string field, string message) => new(FindingSeverity.Error, "", field, message);

    private static List<YamlNode> Templates(string yaml, out List<ManifestFinding> findings)
    {
        findings = [];
        try
        {
            return [.. YamlPaths.Documents(yaml).Where(d => YamlPaths.Text(d, "kind") == "VSphereMachineTemplate")];
        }
        catch (YamlException e)
        {
            findings.Add(new ManifestFinding(FindingSeverity.Error, "", "", string.Create(CultureInfo.InvariantCulture, $"line {e.Start.Line}: this is no YAML: {e.Message}")));
            return [];
        }
    }

    [GeneratedRegex(@"\Avmx-([1-9][0-9]?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex HardwareVersionPattern();
}

/// <summary>A device that a template asks for.</summary>
internal sealed record CapvDevice(int? VendorId, int? DeviceId, string? Profile, string? Label, bool IsMalformed)
{
    public override string ToString() => (Profile ?? string.Create(CultureInfo.InvariantCulture, $"{VendorId:x4}:{DeviceId:x4}")) + (Label is null ? "" : $" labelled {Label}");
}

/// <summary>A host and the GPUs that machines could be given.</summary>
/// <param name="Name">The host's name.</param>
/// <param name="FailureDomain">Where it stands; null for anywhere.</param>
/// <param name="Devices">Its devices and vGPU profiles.</param>
public sealed record CapvHost(string Name, string? FailureDomain, IReadOnlyList<CapvHostDevice> Devices);

/// <summary>Devices of one kind on a host: whole ones by their ids, or shares by their profile.</summary>
public sealed record CapvHostDevice(int? VendorId, int? DeviceId, string? VGpuProfile, string? CustomLabel, int Free);

/// <summary>Looks for hosts that have all the devices of a machine at once.</summary>
internal static class CapvPlacement
{
    public static IEnumerable<ManifestFinding> Check(IReadOnlyList<CapvDevice> devices, IReadOnlyList<CapvHost> hosts, string? failureDomain)
    {
        var wanted = devices.GroupBy(d => d with { IsMalformed = false }).Select(g => (Device: g.Key, Count: g.Count())).ToList();
        var inDomain = hosts.Where(h => failureDomain is null || h.FailureDomain == failureDomain).ToList();
        if (inDomain.Count == 0)
        {
            yield return new ManifestFinding(FindingSeverity.Error, "", "failureDomain", $"no host of the inventory is in '{failureDomain}'; it has {string.Join(", ", hosts.Select(h => h.FailureDomain ?? "hosts of none").Distinct())}");
            yield break;
        }

        var fitting = 0;
        foreach (var host in inDomain)
        {
            var lacks = wanted.Where(w => FreeOf(host, w.Device) < w.Count)
                .Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Count} x {w.Device} wanted, {FreeOf(host, w.Device)} free")).ToList();
            fitting += lacks.Count == 0 ? 1 : 0;
            yield return lacks.Count == 0
                ? new ManifestFinding(FindingSeverity.Information, "", $"host {host.Name}", "has all devices of a machine")
                : new ManifestFinding(FindingSeverity.Information, "", $"host {host.Name}", $"does not fit: {string.Join("; ", lacks)}");
        }

        if (fitting == 0)
            yield return new ManifestFinding(FindingSeverity.Error, "", "spec.template.spec.pciDevices", "no host has all these devices free at once, so no machine would start");
    }

    private static int FreeOf(CapvHost host, CapvDevice device) => host.Devices
        .Where(d => device.Profile is not null
            ? string.Equals(d.VGpuProfile, device.Profile, StringComparison.Ordinal)
            : d.VGpuProfile is null && d.VendorId == device.VendorId && d.DeviceId == device.DeviceId)
        .Where(d => device.Label is null || d.CustomLabel == device.Label)
        .Sum(d => d.Free);
}
