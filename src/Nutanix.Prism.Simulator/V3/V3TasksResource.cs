using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Resources;
using Nutanix.Prism.Simulator.Tasks;
using static Nutanix.Prism.Simulator.V3.V3Context;

namespace Nutanix.Prism.Simulator.V3;

/// <summary>Tasks in v3's words: uuids without a prefix, ABORTED for a cancelled one.</summary>
internal sealed class V3TasksResource(Simulation simulation)
{
    public SimulatorResponse List(V3Context context) => V3Lists.Page(
        context, "task", simulation.Tasks.Tasks.Where(t => t.Created <= context.Now), t => Render(t, context.Now), ("status", t => Status(t, context.Now)));

    public SimulatorResponse Get(V3Context context) => Json(200, Render(Find(context), context.Now));

    public SimulatorResponse Abort(V3Context context)
    {
        var task = Find(context);
        return simulation.Tasks.Cancel(task, context.Now)
            ? Json(200, new JsonObject { ["task_uuid"] = task.Uuid })
            : throw new V3Exception(422, "ACTION_NOT_SUPPORTED", $"The task {task.Uuid} cannot be aborted.");
    }

    private SimulatedTask Find(V3Context context) => simulation.Tasks.Find(SimulatedTask.Prefix + context.Path[1]) ?? throw V3Exception.NotFound("task", context.Path[1]);

    private static string Status(SimulatedTask task, DateTimeOffset now) => task.Status(now) switch
    {
        "CANCELED" => "ABORTED",
        "CANCELING" => "RUNNING",
        var same => same,
    };

    private static JsonObject Render(SimulatedTask task, DateTimeOffset now)
    {
        var status = Status(task, now);
        var result = new JsonObject
        {
            ["api_version"] = "3.1",
            ["uuid"] = task.Uuid,
            ["logical_timestamp"] = 3,
            ["operation_type"] = task.Operation,
            ["progress_message"] = task.Description,
            ["percentage_complete"] = task.Progress(now),
            ["status"] = status,
            ["creation_time"] = Time(task.Created),
            ["creation_time_usecs"] = task.Created.ToUnixTimeMilliseconds() * 1000,
            ["last_update_time"] = Time(now),
            ["subtask_reference_list"] = JsonBuild.Array(task.SubTasks.Select(t => Reference("task", t.Uuid))),
            ["entity_reference_list"] = JsonBuild.Array(task.Entities.Select(e => Reference(e.Rel.Split(':')[^1], e.ExtId))),
        };
        if (task.ClusterExtId is not null) result["cluster_reference"] = Reference("cluster", task.ClusterExtId);
        if (now >= task.Starts || task.IsFinished) result["start_time"] = Time(task.Starts);
        if (task.IsFinished) result["completion_time"] = Time(task.Completed);
        // Newer releases say "0" on success, which is no error.
        if (status == "SUCCEEDED") result["error_code"] = "0";
        if (task.Failure is { } failure)
        {
            result["error_code"] = failure.Code;
            if (failure.LegacyOnly) result["progress_message"] = failure.Message;
            else result["error_detail"] = failure.Message;
        }

        return result;
    }
}
