using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using Nutanix.Prism.Simulator.Schema;
using Nutanix.Prism.Simulator.Tasks;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>AHV virtual machines: list, get, create, update, delete, clone.</summary>
internal sealed class VmsResource(Simulation simulation)
{
    public const string Ns = "vmm.v4.ahv.config.";

    private static readonly FieldSet Fields = new()
    {
        Filterable = FieldSet.Fields(
            text: "extId name description biosUuid cluster/extId host/extId hardwareClockTimezone nics/extId nics/networkInfo/subnet/extId gpus/extId gpus/name categories/extId",
            number: "memorySizeBytes numCoresPerSocket numNumaNodes numSockets numThreadsPerCore gpus/deviceId",
            boolean: "isAgentVm isCpuPassthroughEnabled isGpuConsoleEnabled isLiveMigrateCapable isMemoryOvercommitEnabled isVcpuHardPinningEnabled isVgaConsoleEnabled",
            enumeration: "powerState machineType gpus/mode gpus/vendor"),
        Orderable = FieldSet.Names("memorySizeBytes name numCoresPerSocket numNumaNodes numSockets numThreadsPerCore"),
        Selectable = [.. VmSchema.Vm.Fields.Select(f => f.Name)],
    };

    public void Register(RouteTable routes)
    {
        const string One = "ahv/config/vms/{extId}";
        routes.Add("GET", "vmm", "ahv/config/vms", List);
        routes.Add("GET", "vmm", One, Get);
        routes.Add("POST", "vmm", "ahv/config/vms", c => simulation.RequestIds.Once(c, () => Create(c)));
        routes.Add("PUT", "vmm", One, c => simulation.RequestIds.Once(c, () => Update(c)));
        routes.Add("DELETE", "vmm", One, c => simulation.RequestIds.Once(c, () => Delete(c)));
        routes.Add("POST", "vmm", One + "/$actions/clone", c => simulation.RequestIds.Once(c, () => Clone(c)));
    }

    /// <summary>The VM of a route, if clients can see it yet.</summary>
    public static VirtualMachine Find(Simulation simulation, RequestContext context, string placeholder = "extId")
    {
        var extId = context.Value(placeholder);
        return simulation.Estate.Vm(extId) is { } vm && vm.VisibleFrom <= context.Now ? vm : throw ApiException.NotFound("VM", extId);
    }

    /// <summary>The VM of a route, with its ETag proved.</summary>
    public static VirtualMachine FindForWrite(Simulation simulation, RequestContext context, string placeholder = "extId")
    {
        var vm = Find(simulation, context, placeholder);
        if (context.LoseETagRace) vm.Touch(context.Now);
        ETags.Require(context, vm.Revision, "VMM-30303", "VM_ETAG_MISMATCH");
        return vm;
    }

    /// <summary>Queues work on a VM and answers with its task; work on a VM that is gone by then fails.</summary>
    public static SimulatorResponse StartTask(
        Simulation simulation, RequestContext context, string responseType, VirtualMachine vm, string operation, string inner, string description, int milliseconds, Func<DateTimeOffset, TaskFailure?> work)
    {
        var task = VmLife.Queue(simulation, context.UserName, context.Now, vm, operation, inner, description, milliseconds, work);
        return Reply.Task(context, Ns + responseType, task.ExtId);
    }

    private SimulatorResponse List(RequestContext context) => Reply.List(
        context, Ns + "ListVmsApiResponse", simulation.Estate.Vms.Where(vm => vm.VisibleFrom <= context.Now), VmRenderer.Render, Fields,
        clusterOf: vm => vm.Cluster.ExtId,
        // A machine that was just made appears with time alone.
        memo: simulation.Estate.Vms.Exists(vm => vm.VisibleFrom > context.Now) ? null : simulation.Lists);

    private SimulatorResponse Get(RequestContext context)
    {
        context.AllowOptions();
        var vm = Find(simulation, context);
        return Reply.Entity(context, Ns + "GetVmApiResponse", VmRenderer.Render(vm), ETags.Of(vm.Revision));
    }

    private SimulatorResponse Create(RequestContext context)
    {
        context.AllowOptions();
        List<VmGpu> gpus = [];
        Cluster? cluster = null;
        var config = VmBody.Read(context, VmSchema.Vm, (body, violations) =>
        {
            cluster = TargetCluster(body, violations);
            gpus = VmBody.TakeGpus(body, simulation.Estate, violations);
        });
        return StartCreation(context, "CreateVmApiResponse", "CreateVm", "kVmCreate", "Create VM", config, cluster!, gpus);
    }

    private SimulatorResponse Clone(RequestContext context)
    {
        context.AllowOptions();
        var original = FindForWrite(simulation, context);
        var changes = VmBody.Read(context, VmSchema.Clone);
        var config = (JsonObject)original.Config.DeepClone();
        foreach (var name in new[] { "biosUuid", "generationUuid" }) config.Remove(name);
        foreach (var part in new[] { "disks", "nics", "cdRoms" })
        {
            foreach (var item in (config[part] as JsonArray ?? []).OfType<JsonObject>()) Renew(item);
        }

        foreach (var (name, value) in changes)
        {
            if (name != "$objectType") config[name] = value?.DeepClone();
        }

        if (changes["name"] is null) config["name"] = original.Name + "-clone";
        var gpus = original.Gpus.Select(g => new VmGpu
        {
            ExtId = simulation.Estate.NewUuid(),
            Mode = g.Mode,
            Vendor = g.Vendor,
            DeviceId = g.DeviceId,
            Model = g.Model,
            Profile = g.Profile,
            PinnedAddress = g.PinnedAddress,
            RequestedName = g.RequestedName,
        });
        return StartCreation(context, "CloneVmApiResponse", "CloneVm", "kVmClone", "Clone VM", config, original.Cluster, [.. gpus]);
    }

    /// <summary>Takes away what a copy must not share with its original.</summary>
    private static void Renew(JsonObject item)
    {
        item.Remove("extId");
        (item["backingInfo"] as JsonObject)?.Remove("diskExtId");
        (item["backingInfo"] as JsonObject)?.Remove("macAddress");
        (item["networkInfo"] as JsonObject)?.Remove("ipv4Config");
    }

    private SimulatorResponse StartCreation(
        RequestContext context, string responseType, string operation, string inner, string description, JsonObject config, Cluster cluster, List<VmGpu> gpus)
    {
        var extId = simulation.Estate.NewUuid();
        var task = VmLife.QueueCreation(simulation, context.UserName, context.Now, extId, operation, inner, description, config, cluster, gpus);
        return Reply.Task(context, Ns + responseType, task.ExtId);
    }

    private SimulatorResponse Update(RequestContext context)
    {
        context.AllowOptions();
        var vm = FindForWrite(simulation, context);
        List<VmGpu> gpus = [];
        var config = VmBody.Read(context, VmSchema.Vm, (body, violations) =>
        {
            if ((string?)body["cluster"]?["extId"] is { } cluster && cluster != vm.Cluster.ExtId) violations.Add(new("REQUEST_BODY", "The cluster of a VM cannot be changed by an update.", "/cluster/extId"));
            gpus = VmBody.TakeGpus(body, simulation.Estate, violations);
        });
        return StartTask(simulation, context, "UpdateVmApiResponse", vm, "UpdateVm", "kVmUpdate", "Update VM", 600, at => VmLife.Update(simulation, vm, config, gpus, at));
    }

    private SimulatorResponse Delete(RequestContext context)
    {
        context.AllowOptions();
        var vm = FindForWrite(simulation, context);
        return StartTask(simulation, context, "DeleteVmApiResponse", vm, "DeleteVm", "kVmDelete", "Delete VM", 500, at => VmLife.Remove(simulation, vm, at));
    }

    private Cluster? TargetCluster(JsonObject body, List<SchemaException.Violation> violations)
    {
        if ((string?)body["cluster"]?["extId"] is not { } id)
        {
            if (violations.All(v => !v.AttributePath.StartsWith("/cluster", StringComparison.Ordinal))) violations.Add(new("REQUEST_BODY", "The field 'cluster' is required.", "/cluster"));
            return null;
        }

        if (simulation.Estate.Cluster(id) is { IsPrismCentral: false } cluster) return cluster;
        violations.Add(new("REQUEST_BODY", $"There is no AHV cluster with the extId '{id}'.", "/cluster/extId"));
        return null;
    }
}
