using System.Collections;
using System.Management.Automation;
using System.Text.Json;
using GpuPlatform;
using GpuPlatform.Manifests.ClusterApi;

namespace CudaWasmNutanix.Manifests;

/// <summary>Reads an inventory of hosts: objects with names and devices, or a JSON file of them.</summary>
internal static class HostInventory
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <exception cref="FormatException">It is none.</exception>
    public static IReadOnlyList<CapvHost> Read(object[] inventory, Func<string, string> resolvePath) =>
        [.. inventory.SelectMany(item => item is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? Read(wrapped.BaseObject, resolvePath) : Read(item, resolvePath))];

    private static IEnumerable<CapvHost> Read(object item, Func<string, string> resolvePath) => item switch
    {
        CapvHost host => [host],
        GpuHost host => [Of(host)],
        string path => ReadFile(resolvePath(path)),
        FileInfo file => ReadFile(file.FullName),
        _ => [Of(item)],
    };

    private static IReadOnlyList<CapvHost> ReadFile(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<CapvHost[]>(File.ReadAllText(path), Json) ?? [];
        }
        catch (JsonException e)
        {
            throw new FormatException($"{path} is no inventory: a JSON array of hosts with name, failureDomain and devices (vendorId, deviceId or vGpuProfile, customLabel, free) is expected. {e.Message}", e);
        }
    }

    private static CapvHost Of(GpuHost host) => new(host.Name, host.ClusterName, [.. host.Gpus.Select(g => new CapvHostDevice(
        PciIds.VendorIdOf(g.Vendor),
        (int?)g.DeviceId,
        g.Mode == GpuMode.Virtual ? g.DeviceName : null,
        null,
        g.IsFree ? 1 : 0))]);

    private static CapvHost Of(object item)
    {
        string name = Get<string>(item, "Name") ?? throw new FormatException("A host of the inventory has no Name.");
        IEnumerable devices = Get<IEnumerable>(item, "Devices") ?? throw new FormatException($"Host {name} of the inventory has no Devices.");
        return new CapvHost(name, Get<string>(item, "FailureDomain"), [.. devices.Cast<object>().Select(d => new CapvHostDevice(
            Get<int?>(d, "VendorId"), Get<int?>(d, "DeviceId"), Get<string>(d, "VGpuProfile"), Get<string>(d, "CustomLabel"), Get<int?>(d, "Free") ?? 1))]);
    }

    private static T? Get<T>(object item, string property)
    {
        object? value = (item is PSObject wrapped ? wrapped.BaseObject : item) is IDictionary table ? table[property] : PSObject.AsPSObject(item).Properties[property]?.Value;
        return value is null ? default : LanguagePrimitives.ConvertTo<T>(value);
    }
}
