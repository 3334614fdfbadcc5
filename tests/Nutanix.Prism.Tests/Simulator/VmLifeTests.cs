using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Estates;

namespace Nutanix.Prism.Tests.Simulator;

public class VmLifeTests
{
    private const int A40 = 8757;

    private static SimulatorOptions TwoA40 => new()
    {
        Estate = new EstateDescription
        {
            Clusters = [new ClusterDescription { Name = "c", Hosts = [new HostDescription { Name = "h1", Gpus = [new() { Model = "A40" }, new() { Model = "A40" }] }] }],
        },
    };

    [Fact]
    public void A_vm_is_created_started_stopped_and_deleted()
    {
        var driver = new SimulatorDriver(TwoA40);
        var vm = driver.CreateVm("one", SimulatorDriver.Gpu(A40));
        Assert.Equal("OFF", (string?)driver.Vm(vm)["powerState"]);

        Assert.Equal("SUCCEEDED", (string?)driver.Act(vm, "power-on")["status"]);
        var running = driver.Vm(vm);
        Assert.Equal("ON", (string?)running["powerState"]);
        Assert.NotNull(running["host"]!["extId"]);
        Assert.Equal(0x3b, (int)running["gpus"]![0]!["pciAddress"]!["bus"]!);
        Assert.False((bool)running["isLiveMigrateCapable"]!);

        Assert.Equal("SUCCEEDED", (string?)driver.Act(vm, "power-off")["status"]);
        Assert.Null(driver.Vm(vm)["host"]);
        Assert.Equal("SUCCEEDED", (string?)driver.Finish(driver.Write("DELETE", $"{driver.Vms}/{vm}", etagOf: $"{driver.Vms}/{vm}"))["status"]);
        Assert.Equal(404, driver.Send("GET", $"{driver.Vms}/{vm}").StatusCode);
    }

    [Fact]
    public void Passthrough_capacity_is_enforced_at_power_on_and_the_gpu_is_named()
    {
        var driver = new SimulatorDriver(TwoA40);
        var first = driver.CreateVm("first", SimulatorDriver.Gpu(A40), SimulatorDriver.Gpu(A40));
        var second = driver.CreateVm("second", SimulatorDriver.Gpu(A40));
        driver.Act(first, "power-on");

        var refused = driver.Act(second, "power-on");
        Assert.Equal("FAILED", (string?)refused["status"]);
        Assert.Contains("Ampere 40", (string?)refused["errorMessages"]![0]!["message"], StringComparison.Ordinal);
        Assert.Equal("OFF", (string?)driver.Vm(second)["powerState"]);

        driver.Act(first, "power-off");
        Assert.Equal("SUCCEEDED", (string?)driver.Act(second, "power-on")["status"]);
    }

    [Fact]
    public void Profiles_and_pcie_devices_follow_the_state_of_the_vms()
    {
        var driver = new SimulatorDriver(TwoA40);
        var vm = driver.CreateVm("one", SimulatorDriver.Gpu(A40));
        driver.Act(vm, "power-on");

        var profiles = driver.List($"/api/clustermgmt/v4.0/config/clusters/{driver.ClusterId}/physical-gpu-profiles").Select(p => p["physicalGpuConfig"]!).ToList();
        Assert.Equal([0, 1], profiles.Select(p => (int)p["assignable"]!).Order());
        Assert.Single(profiles, p => (bool)p["isInUse"]! && (string?)p["mode"] == "USED_FOR_PASSTHROUGH");

        var owned = driver.List("/api/clustermgmt/v4.0/ahv/config/pcie-devices?$filter=" + Uri.EscapeDataString($"ownerVmExtId eq '{vm}'"));
        Assert.Equal("UVM_ASSIGNED", (string?)Assert.Single(owned)["state"]);
        Assert.Equal(1, (int)driver.List("/api/clustermgmt/v4.0/config/hosts")[0]["hypervisor"]!["numberOfVms"]!);
    }

    [Fact]
    public void A_write_repeated_with_its_request_id_gives_the_same_task_and_creates_nothing_twice()
    {
        var driver = new SimulatorDriver(TwoA40);
        var body = "{\"name\":\"once\",\"cluster\":{\"extId\":\"" + driver.ClusterId + "\"}}";
        var id = Guid.NewGuid().ToString();
        var first = SimulatorDriver.TaskId(driver.Write("POST", driver.Vms, body, requestId: id));
        driver.Clock.AdvanceSeconds(5);
        var again = SimulatorDriver.TaskId(driver.Write("POST", driver.Vms, body, requestId: id));

        Assert.Equal(first, again);
        Assert.Single(driver.List(driver.Vms));
        Assert.Equal(409, driver.Write("POST", driver.Vms, body.Replace("once", "other", StringComparison.Ordinal), requestId: id).StatusCode);
    }

    [Fact]
    public void Etags_missing_wild_or_stale_are_refused_each_in_its_way()
    {
        var driver = new SimulatorDriver(TwoA40);
        var vm = driver.CreateVm("one");
        var target = $"{driver.Vms}/{vm}";
        var old = driver.ETag(target);
        driver.Act(vm, "power-on");

        Assert.Equal((428, "PLAT-10004"), Refusal());
        Assert.Equal((412, "PLAT-10005"), Refusal("*"));
        Assert.Equal((412, "VMM-30303"), Refusal(old));

        (int, string?) Refusal(string? etag = null)
        {
            List<(string, string)> headers = [("NTNX-Request-Id", Guid.NewGuid().ToString())];
            if (etag is not null) headers.Add(("If-Match", etag));
            var response = driver.Send("DELETE", target, null, [.. headers]);
            return (response.StatusCode, (string?)JsonNode.Parse(response.Text)!["data"]!["error"]![0]!["code"]);
        }
    }
}
