using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Tasks;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>What happens to VMs, whichever API generation asks for it.</summary>
internal static class VmLife
{
    /// <summary>Relation of a VM in a task's affected entities.</summary>
    private const string VmRel = "vmm:ahv:config:vm";

    private static readonly string[] NeedPowerOff = ["machineType", "bootConfig", "numCoresPerSocket", "numThreadsPerCore", "isCpuPassthroughEnabled", "isVcpuHardPinningEnabled"];

    /// <summary>Queues the task that makes a VM under an identifier chosen before.</summary>
    public static SimulatedTask QueueCreation(
        Simulation simulation, string userName, DateTimeOffset now, string extId, string operation, string inner, string description, JsonObject config, Cluster cluster, List<VmGpu> gpus)
    {
        var order = new TaskEngine.Order(operation, inner, description, cluster, [new(extId, VmRel, (string?)config["name"])], 500, at =>
        {
            var vm = new VirtualMachine { ExtId = extId, Cluster = cluster, CreateTime = at, VisibleFrom = at + simulation.Options.VmVisibilityDelay + simulation.Chaos.NextInvisibility(), Config = config };
            if (VmBody.Unresolved(vm, simulation.Estate) is { } missing) return new TaskFailure($"{operation} failed: could not find {missing}.", Group: "VM_REFERENCE_NOT_FOUND");
            VmBody.Complete(vm, simulation.Estate);
            vm.Gpus.AddRange(gpus);
            vm.Touch(at);
            simulation.Estate.Add(vm);
            simulation.Ledger.Made(extId, vm.Name, at);
            return null;
        })
        {
            IsCancelable = true,
        };
        simulation.Ledger.Accepted();
        return simulation.Tasks.Start(order, userName, now);
    }

    /// <summary>Queues work on a VM; work on a VM that is gone by then fails.</summary>
    public static SimulatedTask Queue(
        Simulation simulation, string userName, DateTimeOffset now, VirtualMachine vm, string operation, string inner, string description, int milliseconds, Func<DateTimeOffset, TaskFailure?> work)
    {
        var order = new TaskEngine.Order(operation, inner, description, vm.Cluster, [new(vm.ExtId, VmRel, vm.Name)], milliseconds, at =>
            simulation.Estate.Vm(vm.ExtId) == vm ? work(at) : new TaskFailure($"The VM '{vm.ExtId}' does not exist any more.", Group: "VM_NOT_FOUND"));
        return simulation.Tasks.Start(order, userName, now);
    }

    public static TaskFailure? Remove(Simulation simulation, VirtualMachine vm, DateTimeOffset at)
    {
        if (vm.IsOn) vm.PowerOff(at);
        simulation.Estate.Remove(vm);
        simulation.Ledger.Removed(vm.ExtId, vm.Name, at);
        return null;
    }

    public static TaskFailure? Update(Simulation simulation, VirtualMachine vm, JsonObject config, List<VmGpu> gpus, DateTimeOffset at)
    {
        var gpusDiffer = !Signature(gpus).SequenceEqual(Signature(vm.Gpus));
        if (vm.IsOn)
        {
            var changed = NeedPowerOff.FirstOrDefault(n => config[n] is { } value && !JsonNode.DeepEquals(value, vm.Config[n])) ?? (gpusDiffer ? "gpus" : null);
            if (changed is not null) return new TaskFailure($"Cannot change '{changed}' of the VM '{vm.Name}' while it is powered on. Power it off first.", Group: "VM_INVALID_POWER_STATE");
        }

        // What GET does not show cannot come back in a PUT, and what was never asked for keeps its value.
        foreach (var name in new[] { "guestCustomization", "biosUuid", "generationUuid" })
        {
            if (config[name] is null && vm.Config[name] is { } kept) config[name] = kept.DeepClone();
        }

        var before = vm.Config;
        vm.Config = config;
        if (VmBody.Unresolved(vm, simulation.Estate) is { } missing)
        {
            vm.Config = before;
            return new TaskFailure($"UpdateVm failed: could not find {missing}.", Group: "VM_REFERENCE_NOT_FOUND");
        }

        VmBody.Complete(vm, simulation.Estate);
        if (gpusDiffer)
        {
            vm.Gpus.Clear();
            vm.Gpus.AddRange(gpus);
        }

        vm.Touch(at);
        return null;
    }

    private static IEnumerable<(string Mode, string Vendor, int DeviceId)> Signature(IEnumerable<VmGpu> gpus) => gpus.Select(g => (g.Mode, g.Vendor, g.DeviceId)).Order();
}
