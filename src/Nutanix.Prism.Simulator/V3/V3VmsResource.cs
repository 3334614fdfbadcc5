using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Resources;
using Nutanix.Prism.Simulator.Tasks;
using static Nutanix.Prism.Simulator.V3.V3Context;

namespace Nutanix.Prism.Simulator.V3;

/// <summary>VMs as intents: list, get, create, update, delete, power actions, and the identifiers that make a create idempotent.</summary>
internal sealed class V3VmsResource(Simulation simulation)
{
    private readonly HashSet<string> _used = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, SimulatedTask> _actions = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, JsonArray> _reserved = new(StringComparer.Ordinal);

    public SimulatorResponse List(V3Context context) => V3Lists.Page(
        context, "vm", simulation.Estate.Vms.Where(vm => vm.VisibleFrom <= context.Now), vm => V3VmRenderer.Render(vm, simulation.Estate, []),
        ("vm_name", vm => vm.Name), ("power_state", vm => vm.IsOn ? "on" : "off"), ("uuid", vm => vm.ExtId));

    public SimulatorResponse Get(V3Context context)
    {
        var vm = Find(context);
        var tasks = simulation.Tasks.Tasks.Where(t => t.Parent is null && t.Entities.Any(e => e.ExtId == vm.ExtId)).Select(t => t.Uuid).Take(1);
        return Json(200, V3VmRenderer.Render(vm, simulation.Estate, tasks));
    }

    public SimulatorResponse Create(V3Context context)
    {
        var body = context.Body();
        var config = V3VmSpec.Read(body, simulation.Estate, out var gpus, out var cluster);
        var uuid = (string?)body["metadata"]!["uuid"] ?? simulation.Estate.NewUuid();
        if (!Guid.TryParse(uuid, out _)) throw new V3Exception(422, "INVALID_UUID", $"'{uuid}' is not a UUID.");
        if (!_used.Add(uuid)) throw new V3Exception(409, "ENTITY_ALREADY_EXISTS", $"vm : {uuid} was created already.");
        var task = VmLife.QueueCreation(simulation, context.UserName, context.Now, uuid, "CreateVm", "kVmCreate", "Create VM", config, cluster, gpus);
        var reply = new JsonObject
        {
            ["api_version"] = "3.1",
            ["metadata"] = new JsonObject { ["kind"] = "vm", ["uuid"] = uuid, ["spec_version"] = 0 },
            ["spec"] = body["spec"]!.DeepClone(),
        };
        return Accepted(reply, task, "PENDING");
    }

    public SimulatorResponse Update(V3Context context)
    {
        var body = context.Body();
        var vm = FindForWrite(context, body);
        var config = V3VmSpec.Read(body, simulation.Estate, out var gpus, out var cluster);
        if (cluster != vm.Cluster) throw V3Exception.Invalid("The cluster of a VM cannot be changed.");
        var wantsOn = (string?)body["spec"]!["resources"]!["power_state"] switch
        {
            null => vm.IsOn,
            "ON" => true,
            "OFF" => false,
            var other => throw V3Exception.Invalid($"'{other}' is no power_state."),
        };
        var milliseconds = wantsOn == vm.IsOn ? 600 : wantsOn ? 900 : 500;
        var operation = wantsOn == vm.IsOn ? "UpdateVm" : wantsOn ? "PowerOnVm" : "PowerOffVm";
        var task = VmLife.Queue(simulation, context.UserName, context.Now, vm, operation, "kVmUpdate", "Update VM", milliseconds, at =>
        {
            // Power off first and on last, so that what needs a machine that is off can change with it.
            if (!wantsOn && vm.IsOn && VmActionsResource.Change(vm, "power-off", at) is { } offFailure) return offFailure;
            if (VmLife.Update(simulation, vm, config, gpus, at) is { } failure) return failure;
            return wantsOn && !vm.IsOn ? VmActionsResource.Change(vm, "power-on", at) : null;
        });
        return Accepted(V3VmRenderer.Render(vm, simulation.Estate, []), task, "PENDING");
    }

    public SimulatorResponse Delete(V3Context context)
    {
        var vm = Find(context);
        var task = VmLife.Queue(simulation, context.UserName, context.Now, vm, "DeleteVm", "kVmDelete", "Delete VM", 500, at => VmLife.Remove(simulation, vm, at));
        // A recorded DELETE answers with an empty text for the specification.
        var reply = new JsonObject { ["api_version"] = "3.1", ["spec"] = "", ["metadata"] = new JsonObject { ["kind"] = "vm", ["uuid"] = vm.ExtId } };
        return Accepted(reply, task, "DELETE_PENDING");
    }

    public SimulatorResponse Act(V3Context context)
    {
        var vm = Find(context);
        var id = (string?)context.Body()["task_uuid"];
        if (id is null || !_actions.TryGetValue(id, out var task))
        {
            var verb = context.Path[2] switch
            {
                "acpi_shutdown" => "shutdown",
                "acpi_reboot" => "reboot",
                var same => same.Replace('_', '-'),
            };
            task = VmActionsResource.Queue(simulation, context.UserName, context.Now, vm, verb);
            if (id is not null) _actions[id] = task;
        }

        return Json(202, new JsonObject { ["task_uuid"] = task.Uuid });
    }

    public SimulatorResponse Reserve(V3Context context)
    {
        var body = context.Body();
        var client = (string?)body["client_identifier"] ?? throw V3Exception.Invalid("'client_identifier' is required.");
        var count = JsonBuild.Integer(body["count"]) is >= 1 and <= 4096 and { } n ? (int)n : throw V3Exception.Invalid("'count' must be 1 to 4096.");
        var minutes = JsonBuild.Integer(body["valid_duration_in_minutes"]) is >= 1 and <= 527_040 and { } m ? m : throw V3Exception.Invalid("'valid_duration_in_minutes' must be 1 to 527040.");
        if (!_reserved.TryGetValue(client, out var uuids))
        {
            _reserved[client] = uuids = JsonBuild.Texts(Enumerable.Range(0, count).Select(_ => simulation.Estate.NewUuid()));
        }

        return Json(200, new JsonObject
        {
            ["client_identifier"] = client,
            ["count"] = uuids.Count,
            ["uuid_list"] = uuids.DeepClone(),
            ["expiration_time"] = Time(context.Now.AddMinutes(minutes)),
        });
    }

    private VirtualMachine Find(V3Context context) =>
        simulation.Estate.Vm(context.Path[1]) is { } vm && vm.VisibleFrom <= context.Now ? vm : throw V3Exception.NotFound("vm", context.Path[1]);

    private VirtualMachine FindForWrite(V3Context context, JsonObject body)
    {
        var vm = Find(context);
        if (context.LoseRace) vm.Touch(context.Now);
        return JsonBuild.Integer(body["metadata"]?["spec_version"]) == vm.Revision
            ? vm
            : throw new V3Exception(409, "CONCURRENT_REQUESTS_NOT_ALLOWED", "Edit conflict: please retry change. The spec_version is not the current one.");
    }

    private static SimulatorResponse Accepted(JsonObject reply, SimulatedTask task, string state)
    {
        reply["status"] = new JsonObject { ["state"] = state, ["execution_context"] = new JsonObject { ["task_uuid"] = task.Uuid } };
        return Json(202, reply);
    }
}
