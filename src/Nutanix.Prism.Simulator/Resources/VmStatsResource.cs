using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using Nutanix.Prism.Simulator.Stats;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>
/// Statistics of VMs: rows of time and metrics. As in recorded replies the first row is older than the window and holds no
/// metric but the cluster and the hypervisor, and now and then a row lacks some metrics.
/// </summary>
internal sealed class VmStatsResource(Simulation simulation)
{
    private const string Ns = "vmm.v4.ahv.stats.";

    private static readonly string[] Options = ["$startTime", "$endTime", "$samplingInterval", "$statType", "$select"];

    private static readonly FieldSet Fields = new() { Filterable = FieldSet.Fields(text: "extId"), Orderable = ["extId"] };

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "vmm", "ahv/stats/vms", List);
        routes.Add("GET", "vmm", "ahv/stats/vms/{extId}", Get);
    }

    private SimulatorResponse Get(RequestContext context)
    {
        context.AllowOptions(Options);
        var vm = VmsResource.Find(simulation, context);
        return Reply.Entity(context, Ns + "GetVmStatsApiResponse", Render(vm, Query(context)));
    }

    private SimulatorResponse List(RequestContext context)
    {
        var query = Query(context);
        var visible = simulation.Estate.Vms.Where(vm => vm.VisibleFrom <= context.Now);
        // Only the VMs of the page are worth their rows.
        return Reply.List(
            context, Ns + "ListVmStatsApiResponse", visible, vm => new JsonObject { ["extId"] = vm.ExtId }, Fields,
            entity => Render(simulation.Estate.Vm((string)entity["extId"]!)!, query), Options);
    }

    private StatsQuery Query(RequestContext context) => StatsQuery.Parse(context, VmMetrics.Names, simulation.Options.StatsDelay);

    private JsonObject Render(VirtualMachine vm, StatsQuery query)
    {
        var key = SeededRandom.Key(vm.ExtId) ^ simulation.Options.Seed;
        var metrics = VmMetrics.Names.Where(m => query.Wants(m) && (vm.Gpus.Count > 0 || !VmMetrics.Gpu.Contains(m))).ToList();
        var rows = new List<JsonNode?>
        {
            Typed(Ns + "VmStatsTuple", ("timestamp", WireFormat.Time(vm.CreateTime)), ("cluster", vm.Cluster.ExtId), ("hypervisorType", "kKvm")),
        };
        if (metrics.Count > 0)
        {
            foreach (var time in query.Times(vm.CreateTime)) rows.Add(Row(vm, query, metrics, key, time));
        }

        return Typed(Ns + "VmStats", ("extId", vm.ExtId), ("stats", Array(rows)));
    }

    private static JsonObject Row(VirtualMachine vm, StatsQuery query, List<string> metrics, long key, DateTimeOffset time)
    {
        var isSparse = SeededRandom.Below(16, key, 21, time.ToUnixTimeSeconds()) == 0;
        var row = Typed(Ns + "VmStatsTuple", ("timestamp", WireFormat.Time(time)));
        foreach (var metric in metrics)
        {
            if (isSparse && VmMetrics.Gpu.Contains(metric)) continue;
            row[metric] = query.Aggregate(time, at => VmMetrics.At(vm, metric, key, at));
        }

        return row;
    }
}
