using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Gpus;
using Nutanix.Prism.Simulator.Schema;
using Nutanix.Prism.Simulator.Tasks;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>The <c>$actions</c> of a VM: power, migration, categories.</summary>
internal sealed class VmActionsResource(Simulation simulation)
{
    /// <param name="Verb">Last part of the path.</param>
    /// <param name="Operation">Operation name of the task.</param>
    /// <param name="Milliseconds">Time it takes.</param>
    /// <param name="NeedsOn">Power state it starts from.</param>
    /// <param name="NeedsGuestTools">True when the guest carries it out.</param>
    private sealed record PowerAction(string Verb, string Operation, int Milliseconds, bool NeedsOn, bool NeedsGuestTools = false);

    private static readonly PowerAction[] PowerActions =
    [
        new("power-on", "PowerOnVm", 900, NeedsOn: false),
        new("power-off", "PowerOffVm", 500, NeedsOn: true),
        new("shutdown", "AcpiShutdownVm", 2500, NeedsOn: true),
        new("guest-shutdown", "GuestShutdownVm", 2500, NeedsOn: true, NeedsGuestTools: true),
        new("reboot", "AcpiRebootVm", 2000, NeedsOn: true),
        new("guest-reboot", "GuestRebootVm", 2000, NeedsOn: true, NeedsGuestTools: true),
        new("reset", "ResetVm", 600, NeedsOn: true),
        new("power-cycle", "PowerCycleVm", 1000, NeedsOn: true),
    ];

    public void Register(RouteTable routes)
    {
        const string Actions = "ahv/config/vms/{extId}/$actions/";
        foreach (var action in PowerActions) routes.Add("POST", "vmm", Actions + action.Verb, c => simulation.RequestIds.Once(c, () => Power(c, action)));
        routes.Add("POST", "vmm", Actions + "migrate-to-host", c => simulation.RequestIds.Once(c, () => MigrateToHost(c)));
        routes.Add("POST", "vmm", Actions + "associate-categories", c => simulation.RequestIds.Once(c, () => ChangeCategories(c, add: true)));
        routes.Add("POST", "vmm", Actions + "disassociate-categories", c => simulation.RequestIds.Once(c, () => ChangeCategories(c, add: false)));
    }

    private SimulatorResponse Power(RequestContext context, PowerAction action)
    {
        context.AllowOptions();
        var vm = VmsResource.FindForWrite(simulation, context);
        return VmsResource.StartTask(
            simulation, context, action.Operation + "ApiResponse", vm, action.Operation, "kVmSetPowerState", $"{action.Verb} VM", action.Milliseconds, at => Change(vm, action, at));
    }

    /// <summary>The task of a power action by its verb, for the other API generation.</summary>
    public static SimulatedTask Queue(Simulation simulation, string userName, DateTimeOffset now, VirtualMachine vm, string verb)
    {
        var action = PowerActions.First(a => a.Verb == verb);
        return VmLife.Queue(simulation, userName, now, vm, action.Operation, "kVmSetPowerState", $"{action.Verb} VM", action.Milliseconds, at => Change(vm, action, at));
    }

    public static TaskFailure? Change(VirtualMachine vm, string verb, DateTimeOffset at) => Change(vm, PowerActions.First(a => a.Verb == verb), at);

    private static TaskFailure? Change(VirtualMachine vm, PowerAction action, DateTimeOffset at)
    {
        if (vm.IsOn != action.NeedsOn)
        {
            return new TaskFailure($"Cannot {action.Verb} the VM '{vm.Name}': it is powered {(vm.IsOn ? "on" : "off")}.", Group: "VM_INVALID_POWER_STATE");
        }

        if (action.NeedsGuestTools && vm.Config["guestTools"]?["isEnabled"]?.GetValueKind() != System.Text.Json.JsonValueKind.True)
        {
            return new TaskFailure($"Cannot {action.Verb} the VM '{vm.Name}': Nutanix Guest Tools are not enabled in it. Use the action without 'guest-'.", Group: "VM_GUEST_TOOLS_NOT_ENABLED");
        }

        switch (action.Verb)
        {
            case "power-on":
                var placement = Placement.Find(vm, vm.Cluster.Hosts);
                if (placement.Host is null) return new TaskFailure(placement.Failure!, Group: "RESOURCE_SHORTAGE");
                vm.PowerOn(placement.Host, placement.Devices, at);
                break;
            case "power-off" or "shutdown" or "guest-shutdown":
                vm.PowerOff(at);
                break;
            default:
                vm.Restart(at);
                break;
        }

        return null;
    }

    private SimulatorResponse MigrateToHost(RequestContext context)
    {
        context.AllowOptions();
        var vm = VmsResource.FindForWrite(simulation, context);
        Host? target = null;
        VmBody.Read(context, VmSchema.MigrateToHost, (body, violations) =>
        {
            var id = (string?)body["host"]?["extId"];
            target = id is null ? null : simulation.Estate.Host(id);
            if (id is not null && target?.Cluster != vm.Cluster) violations.Add(new("REQUEST_BODY", $"There is no host '{id}' in the cluster of the VM.", "/host/extId"));
        });
        return VmsResource.StartTask(simulation, context, "MigrateVmToHostApiResponse", vm, "MigrateVmToHost", "kVmMigrate", "Migrate VM", 3000, at => Migrate(vm, target!, at));
    }

    private static TaskFailure? Migrate(VirtualMachine vm, Host target, DateTimeOffset at)
    {
        if (!vm.IsOn) return new TaskFailure($"Cannot migrate the VM '{vm.Name}': it is powered off.", Group: "VM_INVALID_POWER_STATE");
        if (vm.Gpus.FirstOrDefault(g => !g.IsVirtual) is { } gpu) return new TaskFailure($"Cannot migrate the VM '{vm.Name}': its passthrough GPU '{gpu.Name}' ties it to its host.", Group: "VM_NOT_LIVE_MIGRATABLE");
        if (vm.Host == target) return null;
        var placement = Placement.Find(vm, [target]);
        if (placement.Host is null) return new TaskFailure($"Cannot migrate the VM '{vm.Name}' to the host '{target.Name}': it lacks free memory or GPUs.", Group: "RESOURCE_SHORTAGE");
        vm.MoveTo(target, placement.Devices, at);
        return null;
    }

    private SimulatorResponse ChangeCategories(RequestContext context, bool add)
    {
        context.AllowOptions();
        var vm = VmsResource.FindForWrite(simulation, context);
        var body = VmBody.Read(context, VmSchema.Categories);
        var ids = (body["categories"] as JsonArray ?? []).Select(c => (string)c!["extId"]!).ToList();
        var operation = add ? "AssociateVmCategories" : "DisassociateVmCategories";
        return VmsResource.StartTask(simulation, context, operation + "ApiResponse", vm, operation, "kVmUpdate", "Change categories", 300, at =>
        {
            if (ids.FirstOrDefault(id => simulation.Estate.Categories.All(c => !SameId(c.ExtId, id))) is { } missing) return new TaskFailure($"{operation} failed: could not find the category '{missing}'.", Group: "VM_REFERENCE_NOT_FOUND");
            var current = VmRenderer.CategoryIds(vm).ToList();
            var next = add ? current.Union(ids, StringComparer.OrdinalIgnoreCase) : current.Except(ids, StringComparer.OrdinalIgnoreCase);
            vm.Config["categories"] = JsonBuild.Array(next.Select(id => JsonBuild.Typed(VmsResource.Ns + "CategoryReference", ("extId", id))));
            vm.Touch(at);
            return null;
        });
    }

    private static bool SameId(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
