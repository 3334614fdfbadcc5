using System.Globalization;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Resources;
using Nutanix.Prism.Simulator.Stats;
using static Nutanix.Prism.Simulator.V3.V3Context;

namespace Nutanix.Prism.Simulator.V3;

/// <summary>Statistics of VMs through <c>groups</c>: values are texts, times are microseconds.</summary>
internal sealed class V3GroupsResource(Simulation simulation)
{
    private static readonly Dictionary<string, string> Metrics = new()
    {
        ["gpu_usage_ppm"] = "gpuUsagePpm",
        ["framebuffer_usage_ppm"] = "frameBufferUsagePpm",
        ["memory_usage_ppm"] = "memoryUsagePpm",
    };

    public SimulatorResponse Query(V3Context context)
    {
        var body = context.Body();
        var type = (string?)body["entity_type"] ?? throw V3Exception.Invalid("'entity_type' is required.");
        if (type is not ("vm" or "mh_vm")) throw V3Exception.Invalid($"The entity type '{type}' is not known.");
        var vms = (body["entity_ids"] as JsonArray ?? []).Select(id => simulation.Estate.Vm((string)id!)).OfType<VirtualMachine>().ToList();
        var names = (body["group_member_attributes"] as JsonArray ?? []).Select(a => (string)a!["attribute"]!).ToList();
        var from = DateTimeOffset.FromUnixTimeMilliseconds(JsonBuild.Integer(body["interval_start_ms"]) ?? context.Now.AddHours(-1).ToUnixTimeMilliseconds());
        var to = DateTimeOffset.FromUnixTimeMilliseconds(JsonBuild.Integer(body["interval_end_ms"]) is { } end and > 0 ? end : context.Now.ToUnixTimeMilliseconds());
        var step = TimeSpan.FromSeconds(Math.Max(JsonBuild.Integer(body["downsampling_interval"]) ?? 30, 1));
        return Json(200, new JsonObject
        {
            ["entity_type"] = type,
            ["total_entity_count"] = vms.Count,
            ["filtered_entity_count"] = vms.Count,
            ["total_group_count"] = 1,
            ["filtered_group_count"] = 1,
            ["group_results"] = new JsonArray(new JsonObject
            {
                ["group_by_column_value"] = "",
                ["total_entity_count"] = vms.Count,
                ["entity_results"] = JsonBuild.Array(vms.Select(vm => new JsonObject
                {
                    ["entity_id"] = vm.ExtId,
                    ["data"] = JsonBuild.Array(names.Select(name => new JsonObject { ["name"] = name, ["values"] = Values(vm, name, from, to, step, context.Now) })),
                })),
            }),
        });
    }

    private JsonArray Values(VirtualMachine vm, string name, DateTimeOffset from, DateTimeOffset to, TimeSpan step, DateTimeOffset now)
    {
        if (!Metrics.TryGetValue(name, out var metric) || (VmMetrics.Gpu.Contains(metric) && vm.Gpus.Count == 0)) return [];
        var key = SeededRandom.Key(vm.ExtId) ^ simulation.Options.Seed;
        var last = now - simulation.Options.StatsDelay < to ? now - simulation.Options.StatsDelay : to;
        var values = new JsonArray();
        var first = new DateTimeOffset(((from.Ticks + step.Ticks - 1) / step.Ticks) * step.Ticks, TimeSpan.Zero);
        for (var at = first; at <= last && values.Count < 10_000; at += step)
        {
            if (at < vm.CreateTime) continue;
            var value = (long)VmMetrics.At(vm, metric, key, at);
            values.Add(new JsonObject { ["time"] = at.ToUnixTimeMilliseconds() * 1000, ["values"] = JsonBuild.Texts([value.ToString(CultureInfo.InvariantCulture)]) });
        }

        return values;
    }
}
