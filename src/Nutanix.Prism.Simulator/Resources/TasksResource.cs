using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Query;
using Nutanix.Prism.Simulator.Tasks;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>Tasks: list (the newest first), one, what it touched, and cancel.</summary>
internal sealed class TasksResource(Simulation simulation)
{
    private const string Ns = "prism.v4.config.";

    private static readonly FieldSet Fields = new()
    {
        Filterable = FieldSet.Fields(
            text: "extId operation operationDescription clusterExtIds entitiesAffected/extId entitiesAffected/rel entitiesAffected/name parentTask/extId rootTask/extId ownedBy/extId ownedBy/name",
            number: "progressPercentage numberOfSubtasks numberOfEntitiesAffected",
            boolean: "isBackgroundTask isCancelable",
            enumeration: "status",
            time: "createdTime startedTime completedTime lastUpdatedTime"),
        Orderable = FieldSet.Names("createdTime startedTime completedTime lastUpdatedTime status operation progressPercentage"),
        Selectable = FieldSet.Names(
            "extId operation operationDescription createdTime startedTime completedTime lastUpdatedTime progressPercentage status entitiesAffected numberOfEntitiesAffected isCancelable isBackgroundTask clusterExtIds subTasks numberOfSubtasks parentTask rootTask errorMessages legacyErrorMessage appName ownedBy warnings completionDetails subSteps resourceLinks"),
    };

    private static readonly FieldSet EntityFields = new()
    {
        Filterable = FieldSet.Fields(text: "extId rel name"),
        Selectable = FieldSet.Names("extId rel name"),
    };

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "prism", "config/tasks", List);
        routes.Add("GET", "prism", "config/tasks/{extId}", Get);
        routes.Add("GET", "prism", "config/tasks/{extId}/affected-entities", ListEntities, new ApiVersion(4, 2));
        routes.Add("POST", "prism", "config/tasks/{extId}/$actions/cancel", Cancel);
    }

    private SimulatorResponse List(RequestContext context)
    {
        var url = Url(context);
        // A subtask is made a moment after its parent; before that nobody can see it.
        var tasks = simulation.Tasks.Tasks.Where(t => t.Created <= context.Now);
        return Reply.List(context, Ns + "ListTasksApiResponse", tasks, t => t.Render(context.Now, url), Fields);
    }

    private SimulatorResponse Get(RequestContext context)
    {
        context.AllowOptions("$select");
        var select = context.Options.TryGetValue("$select", out var text) ? ListQuery.Selection(text, Fields.Selectable) : null;
        return Reply.Entity(context, Ns + "GetTaskApiResponse", Find(context).Render(context.Now, Url(context)), select: select);
    }

    private SimulatorResponse ListEntities(RequestContext context) =>
        Reply.List(context, Ns + "ListTaskEntitiesApiResponse", Find(context).RenderEntities(), entity => entity, EntityFields);

    private SimulatorResponse Cancel(RequestContext context)
    {
        context.AllowOptions();
        var task = Find(context);
        if (!simulation.Tasks.Cancel(task, context.Now))
        {
            throw new ApiException(400, null, "TASK_NOT_CANCELABLE", $"The task '{task.ExtId}' ({task.Operation}, {task.Status(context.Now)}) cannot be cancelled.");
        }

        JsonObject message = JsonBuild.Typed("prism.v4.error.AppMessage",
            ("message", $"Cancellation of the task '{task.ExtId}' was requested."), ("severity", "INFO"), ("code", "PRI-10000"), ("locale", "en_US"));
        return Reply.Entity(context, Ns + "CancelTaskApiResponse", message);
    }

    private SimulatedTask Find(RequestContext context)
    {
        var extId = context.Value("extId");
        return simulation.Tasks.Find(extId) ?? throw ApiException.NotFound("task", extId);
    }

    private static string Url(RequestContext context) =>
        $"{context.Request.BaseAddress.GetLeftPart(UriPartial.Authority)}/api/prism/{context.Version}/config/tasks";
}
