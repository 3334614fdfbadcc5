using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Gpus;
using Nutanix.Prism.Simulator.Resources;
using static Nutanix.Prism.Simulator.V3.V3Context;

namespace Nutanix.Prism.Simulator.V3;

/// <summary>Hosts with their GPUs. The list does not page, and holds an entry for the Prism Central that has no name.</summary>
internal sealed class V3HostsResource(Simulation simulation)
{
    private const int Mib = 20;

    public SimulatorResponse List(V3Context context)
    {
        var central = simulation.Estate.Clusters.First(c => c.IsPrismCentral);
        var nameless = new JsonObject
        {
            ["status"] = new JsonObject { ["state"] = "COMPLETE", ["cluster_reference"] = Reference("cluster", central.ExtId), ["resources"] = new JsonObject { ["gpu_list"] = new JsonArray() } },
            ["metadata"] = new JsonObject { ["kind"] = "host", ["uuid"] = central.StorageContainerExtId, ["spec_version"] = 0 },
        };
        return V3Lists.Whole(context, "host", simulation.Estate.Hosts.Select(Render).Append(nameless));
    }

    public SimulatorResponse Get(V3Context context) => Json(200, Render(simulation.Estate.Host(context.Path[1]) ?? throw V3Exception.NotFound("host", context.Path[1])));

    private JsonObject Render(Host host)
    {
        var hardware = host.Hardware;
        var resources = new JsonObject
        {
            ["gpu_list"] = JsonBuild.Array(host.Gpus.SelectMany(Gpus)),
            ["host_type"] = "HYPER_CONVERGED",
            ["cpu_model"] = hardware.CpuModel,
            ["cpu_capacity_hz"] = hardware.CpuFrequencyHz * host.CpuCores,
            ["num_cpu_cores"] = host.CpuCores,
            ["num_cpu_sockets"] = hardware.CpuSockets,
            ["memory_capacity_mib"] = hardware.MemoryBytes >> Mib,
            ["monitoring_state"] = "MONITORED",
            ["hypervisor"] = new JsonObject { ["ip"] = host.Address, ["hypervisor_full_name"] = "AHV 10.3", ["num_vms"] = host.Running.Count },
            ["controller_vm"] = new JsonObject { ["ip"] = host.ControllerVmAddress },
            ["block"] = new JsonObject { ["block_model"] = hardware.BlockModel },
        };
        if (host.GpuDriverVersion is not null) resources["gpu_driver_version"] = host.GpuDriverVersion;
        return new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["state"] = "COMPLETE",
                ["name"] = host.Name,
                ["cluster_reference"] = Reference("cluster", host.Cluster.ExtId),
                ["resources"] = resources,
            },
            ["spec"] = new JsonObject { ["name"] = host.Name, ["resources"] = new JsonObject() },
            ["metadata"] = new JsonObject { ["kind"] = "host", ["uuid"] = host.ExtId, ["spec_version"] = 0, ["creation_time"] = Time(host.BootTime), ["categories"] = new JsonObject() },
        };
    }

    private IEnumerable<JsonObject> Gpus(GpuDevice device)
    {
        var gpu = Gpu(device, device.ExtId, device.Model.DeviceName, device.Model.PassthroughType, device.Model.DeviceId, device.Model.MemoryBytes);
        gpu["status"] = device.Passthrough is not null ? "USED_FOR_PASSTHROUGH" : device.Instances.Count > 0 ? "USED_FOR_VIRTUAL" : "UNUSED";
        gpu["assignable"] = device.IsFree;
        if (device.Passthrough is { } holder) gpu["consumer_reference"] = Reference("vm", holder.ExtId, holder.Name);
        if (device.Shared) gpu["num_vgpus_allocated"] = device.Instances.Count;
        yield return gpu;
        if (!device.Shared) yield break;
        foreach (var profile in device.Model.VgpuProfiles)
        {
            var users = device.Profile == profile ? device.Instances : [];
            // One entry a vGPU that a machine holds, and one for those that can still be had.
            for (var i = 0; i < users.Count; i++)
            {
                var slot = Slot(device, profile);
                slot["index"] = i;
                slot["assignable"] = false;
                slot["consumer_reference"] = Reference("vm", users[i].ExtId, users[i].Name);
                yield return slot;
            }

            if (users.Count > 0 && device.Available(profile) == 0) continue;
            var free = Slot(device, profile);
            free["assignable"] = device.Available(profile) > 0;
            yield return free;
        }
    }

    private JsonObject Slot(GpuDevice device, VgpuProfile profile)
    {
        var slot = Gpu(device, SeededRandom.Uuid(simulation.Options.Seed, $"virtual/{device.ExtId}/{profile.Name}"), profile.Name, "VIRTUAL", profile.TypeId, profile.FrameBufferBytes);
        slot["status"] = device.Passthrough is not null ? "USED_FOR_PASSTHROUGH" : device.Instances.Count > 0 ? "USED_FOR_VIRTUAL" : "UNUSED";
        slot["fraction"] = profile.MaxInstances;
        slot["num_vgpus_allocated"] = device.Instances.Count;
        slot["max_instances_per_vm"] = profile.MaxInstancesPerVm;
        slot["guest_driver_version"] = device.Host.GpuDriverVersion;
        slot["max_resolution"] = profile.MaxResolution;
        slot["num_virtual_display_heads"] = profile.DisplayHeads;
        slot["license_list"] = JsonBuild.Texts(profile.License.Split(';'));
        return slot;
    }

    private static JsonObject Gpu(GpuDevice device, string uuid, string name, string mode, int deviceId, long memoryBytes) => new()
    {
        ["uuid"] = uuid,
        ["name"] = name,
        ["vendor"] = device.Model.Vendor,
        ["mode"] = mode,
        ["device_id"] = deviceId,
        ["pci_address"] = device.Address.ToString(),
        ["numa_node"] = device.NumaNode,
        ["frame_buffer_size_mib"] = memoryBytes >> Mib,
    };
}
