using System.Globalization;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Resources;

namespace Nutanix.Prism.Simulator.Gpus;

/// <summary>Where a VM can start: a host with all its devices free and enough memory.</summary>
internal static class Placement
{
    /// <param name="Host">The chosen host; null where none fits.</param>
    /// <param name="Devices">A device for each GPU of the VM, in order.</param>
    /// <param name="Failure">Why none fits, naming the GPU; null on success.</param>
    public sealed record Result(Host? Host, IReadOnlyList<GpuDevice> Devices, string? Failure);

    /// <summary>Chooses the host with the fewest running VMs among those that fit, the first of its cluster on a tie.</summary>
    public static Result Find(VirtualMachine vm, IEnumerable<Host> candidates)
    {
        if (TooManyInstances(vm) is { } excess) return new(null, [], excess);

        var ids = VmRenderer.CategoryIds(vm).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var policies = vm.Cluster.Policies.Where(p => p.VmCategories.Any(ids.Contains)).ToList();
        var hosts = candidates.Where(h => policies.All(p => p.HostCategories.Intersect(h.Categories).Any())).ToList();
        if (hosts.Count == 0 && policies.Count > 0)
        {
            return new(null, [], $"Cannot power on VM '{vm.Name}': no host satisfies the VM-host affinity policies {string.Join(", ", policies.Select(p => $"'{p.Name}'"))}.");
        }

        Host? best = null;
        IReadOnlyList<GpuDevice> bestDevices = [];
        foreach (var host in hosts)
        {
            if (host.FreeMemoryBytes < vm.MemoryBytes || Devices(vm, host) is not { } devices) continue;
            if (best is not null && best.Running.Count <= host.Running.Count) continue;
            (best, bestDevices) = (host, devices);
        }

        return best is null ? new(null, [], Explain(vm, hosts)) : new(best, bestDevices, null);
    }

    /// <summary>Free devices for all GPUs of the VM on one host, or null.</summary>
    private static List<GpuDevice>? Devices(VirtualMachine vm, Host host)
    {
        var taken = new Dictionary<GpuDevice, (VgpuProfile? Profile, int Count)>();
        var chosen = new GpuDevice?[vm.Gpus.Count];
        // Pinned devices first: a GPU without an address must not take the one another GPU asks for by address.
        foreach (var index in Enumerable.Range(0, vm.Gpus.Count).OrderBy(i => vm.Gpus[i].PinnedAddress is null))
        {
            var gpu = vm.Gpus[index];
            var device = host.Gpus.FirstOrDefault(d => Fits(d, gpu, taken.GetValueOrDefault(d)));
            if (device is null) return null;

            chosen[index] = device;
            taken[device] = (gpu.Profile, taken.GetValueOrDefault(device).Count + 1);
        }

        return [.. chosen.Select(d => d!)];
    }

    private static bool Fits(GpuDevice device, VmGpu gpu, (VgpuProfile? Profile, int Count) taken)
    {
        if (device.Model != gpu.Model) return false;
        if (gpu.PinnedAddress is { } address && device.Address != address) return false;
        if (!gpu.IsVirtual) return device.IsFree && taken.Count == 0;
        if (gpu.Profile is null || (taken.Count > 0 && taken.Profile != gpu.Profile)) return false;
        return device.Available(gpu.Profile) > taken.Count;
    }

    private static string? TooManyInstances(VirtualMachine vm)
    {
        var excess = vm.Gpus.Where(g => g.Profile is not null).GroupBy(g => g.Profile!).FirstOrDefault(g => g.Count() > g.Key.MaxInstancesPerVm);
        return excess is null
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"VM '{vm.Name}' has {excess.Count()} vGPUs of profile '{excess.Key.Name}', which allows {excess.Key.MaxInstancesPerVm} per VM.");
    }

    private static string Explain(VirtualMachine vm, List<Host> hosts)
    {
        foreach (var group in vm.Gpus.GroupBy(g => (g.Vendor, g.DeviceId, g.Name, g.PinnedAddress)))
        {
            var gpu = group.First();
            var most = hosts.Select(h => Free(h, gpu)).DefaultIfEmpty(0).Max();
            if (most >= group.Count()) continue;
            var at = gpu.PinnedAddress is { } address ? $" at {address}" : "";
            return string.Create(CultureInfo.InvariantCulture,
                $"Cannot power on VM '{vm.Name}': it needs {group.Count()} free GPU(s) '{gpu.Name}' (vendor {gpu.Vendor}, device id {gpu.DeviceId}){at} on one host of cluster '{vm.Cluster.Name}', where a host has at most {most} free.");
        }

        var names = string.Join(", ", vm.Gpus.Select(g => $"'{g.Name}'"));
        return string.Create(CultureInfo.InvariantCulture,
            $"Cannot power on VM '{vm.Name}': no host of cluster '{vm.Cluster.Name}' has {vm.MemoryBytes >> 20} MiB of free memory{(names.Length > 0 ? $" together with free GPUs {names}" : "")}.");
    }

    private static int Free(Host host, VmGpu gpu) => gpu.IsVirtual
        ? host.Gpus.Where(d => d.Model == gpu.Model && gpu.Profile is not null).Sum(d => d.Available(gpu.Profile!))
        : host.Gpus.Count(d => d.Model == gpu.Model && d.IsFree && (gpu.PinnedAddress is null || d.Address == gpu.PinnedAddress));
}
