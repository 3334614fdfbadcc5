using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using Nutanix.Prism.Simulator.Schema;
using Nutanix.Prism.Simulator.Tasks;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>The GPUs of one VM: list, get, attach, detach. There is no update.</summary>
internal sealed class VmGpusResource(Simulation simulation)
{
    private static readonly FieldSet Fields = new() { Filterable = FieldSet.Fields(enumeration: "mode vendor") };

    public void Register(RouteTable routes)
    {
        const string All = "ahv/config/vms/{vmExtId}/gpus";
        const string One = "ahv/config/vms/{vmExtId}/gpus/{extId}";
        routes.Add("GET", "vmm", All, List);
        routes.Add("GET", "vmm", One, Get);
        routes.Add("POST", "vmm", All, c => simulation.RequestIds.Once(c, () => Attach(c)));
        routes.Add("DELETE", "vmm", One, c => simulation.RequestIds.Once(c, () => Detach(c)));
    }

    private SimulatorResponse List(RequestContext context) =>
        Reply.List(context, VmsResource.Ns + "ListGpusApiResponse", VmsResource.Find(simulation, context, "vmExtId").Gpus, VmRenderer.Gpu, Fields);

    private SimulatorResponse Get(RequestContext context)
    {
        context.AllowOptions();
        var vm = VmsResource.Find(simulation, context, "vmExtId");
        return Reply.Entity(context, VmsResource.Ns + "GetGpuApiResponse", VmRenderer.Gpu(Find(vm, context)), ETags.Of(vm.Revision));
    }

    private SimulatorResponse Attach(RequestContext context)
    {
        context.AllowOptions();
        var vm = VmsResource.FindForWrite(simulation, context, "vmExtId");
        VmGpu? gpu = null;
        VmBody.Read(context, VmSchema.Gpu, (body, violations) => gpu = VmBody.Gpu(body, simulation.Estate, "", violations));
        return VmsResource.StartTask(simulation, context, "CreateGpuApiResponse", vm, "CreateGpu", "kVmUpdate", "Attach GPU", 400, at =>
        {
            if (Refusal(vm, "attach", gpu!.Name) is { } refusal) return refusal;
            vm.Gpus.Add(gpu);
            vm.Touch(at);
            return null;
        });
    }

    private SimulatorResponse Detach(RequestContext context)
    {
        context.AllowOptions();
        var vm = VmsResource.FindForWrite(simulation, context, "vmExtId");
        var gpu = Find(vm, context);
        return VmsResource.StartTask(simulation, context, "DeleteGpuApiResponse", vm, "DeleteGpu", "kVmUpdate", "Detach GPU", 400, at =>
        {
            if (Refusal(vm, "detach", gpu.Name) is { } refusal) return refusal;
            vm.Gpus.Remove(gpu);
            vm.Touch(at);
            return null;
        });
    }

    private static TaskFailure? Refusal(VirtualMachine vm, string verb, string gpu) => vm.IsOn
        ? new TaskFailure($"Cannot {verb} the GPU '{gpu}': the VM '{vm.Name}' is powered on. Power it off first.", Group: "VM_INVALID_POWER_STATE")
        : null;

    private static VmGpu Find(VirtualMachine vm, RequestContext context)
    {
        var extId = context.Value("extId");
        return vm.Gpus.FirstOrDefault(g => string.Equals(g.ExtId, extId, StringComparison.OrdinalIgnoreCase)) ?? throw ApiException.NotFound("GPU", extId);
    }
}
