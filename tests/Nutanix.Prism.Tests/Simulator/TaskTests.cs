using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Faults;

namespace Nutanix.Prism.Tests.Simulator;

public class TaskTests
{
    private static string Body(SimulatorDriver driver, string name = "one") =>
        new JsonObject { ["name"] = name, ["cluster"] = new JsonObject { ["extId"] = driver.ClusterId } }.ToJsonString();

    private static string Create(SimulatorDriver driver) => SimulatorDriver.TaskId(driver.Write("POST", driver.Vms, Body(driver)));

    [Fact]
    public void A_task_waits_runs_and_succeeds_as_time_goes_on()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Vms = 0 });
        var id = Create(driver);
        Assert.StartsWith("ZXJnb24=:", id, StringComparison.Ordinal);
        Assert.Equal(("QUEUED", 0), State());
        driver.Clock.AdvanceSeconds(0.3);
        var (status, progress) = State();
        Assert.Equal("RUNNING", status);
        Assert.InRange(progress, 1, 99);
        driver.Clock.AdvanceSeconds(0.1);
        Assert.True(State().Progress > progress);
        Assert.Empty(driver.List(driver.Vms));
        driver.Clock.AdvanceSeconds(2);
        Assert.Equal(("SUCCEEDED", 100), State());

        var task = driver.Task(id);
        Assert.Equal("vmm:ahv:config:vm", (string?)task["entitiesAffected"]![0]!["rel"]);
        Assert.Equal((string?)driver.List(driver.Vms)[0]["extId"], (string?)task["entitiesAffected"]![0]!["extId"]);
        var child = driver.Task((string)task["subTasks"]![0]!["extId"]!);
        Assert.Equal(("kVmCreate", id), ((string?)child["operation"], (string?)child["parentTask"]!["extId"]));

        (string?, int Progress) State() => ((string?)driver.Task(id)["status"], (int)driver.Task(id)["progressPercentage"]!);
    }

    [Fact]
    public void A_cancelled_creation_leaves_no_vm()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Vms = 0 });
        var id = Create(driver);
        driver.Clock.AdvanceSeconds(0.2);
        Assert.True((bool)driver.Task(id)["isCancelable"]!);
        Assert.Equal(200, driver.Send("POST", $"/api/prism/v4.0/config/tasks/{Uri.EscapeDataString(id)}/$actions/cancel").StatusCode);
        Assert.Equal("CANCELING", (string?)driver.Task(id)["status"]);
        driver.Clock.AdvanceSeconds(5);

        Assert.Equal("CANCELED", (string?)driver.Task(id)["status"]);
        Assert.Empty(driver.List(driver.Vms));
        Assert.Equal(400, driver.Send("POST", $"/api/prism/v4.0/config/tasks/{Uri.EscapeDataString(id)}/$actions/cancel").StatusCode);
    }

    [Fact]
    public void A_scripted_failure_can_tell_its_reason_in_the_legacy_field_alone()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Vms = 0, Faults = [SimulatorFault.TaskFailsWithLegacyMessage("CreateVm", "InternalException: no space")] });
        var failed = driver.Finish(driver.Write("POST", driver.Vms, Body(driver)));

        Assert.Equal("FAILED", (string?)failed["status"]);
        Assert.Null(failed["errorMessages"]);
        Assert.Equal("InternalException: no space", (string?)failed["legacyErrorMessage"]);
        Assert.Empty(driver.List(driver.Vms));
        Assert.Equal("SUCCEEDED", (string?)driver.Finish(driver.Write("POST", driver.Vms, Body(driver)))["status"]);
    }

    [Fact]
    public void A_stale_etag_can_be_found_at_once_or_only_by_the_task()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Vms = 0 });
        var vm = driver.CreateVm("one");
        var target = $"{driver.Vms}/{vm}";
        driver.Simulator.Inject(SimulatorFault.StaleETag());
        Assert.Equal(412, driver.Write("POST", target + "/$actions/power-on", etagOf: target).StatusCode);

        driver.Simulator.Inject(SimulatorFault.TaskFindsStaleETag("PowerOnVm"));
        var failed = driver.Act(vm, "power-on");
        Assert.Equal(("FAILED", "VMM-30303"), ((string?)failed["status"], (string?)failed["errorMessages"]![0]!["code"]));
        Assert.Equal("SUCCEEDED", (string?)driver.Act(vm, "power-on")["status"]);
    }

    [Fact]
    public void Tasks_are_found_by_status_operation_and_entity()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Vms = 0 });
        var vm = driver.CreateVm("one");
        driver.Act(vm, "power-on");

        Assert.Equal(2, Count($"entitiesAffected/any(a:a/extId eq '{vm}') and isBackgroundTask eq false"));
        Assert.Equal(1, Count("operation eq 'kVmCreate'"));
        Assert.Equal(4, Count("status eq Prism.Config.TaskStatus'SUCCEEDED'"));
        Assert.Equal(0, Count("createdTime gt 2030-01-01T00:00:00Z"));

        int Count(string filter) => driver.List("/api/prism/v4.0/config/tasks?$filter=" + Uri.EscapeDataString(filter)).Count;
    }

    [Fact]
    public void Work_on_a_vm_that_is_gone_by_then_fails()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Vms = 0 });
        var vm = driver.CreateVm("one");
        var target = $"{driver.Vms}/{vm}";
        var etag = driver.ETag(target);
        var delete = driver.Write("DELETE", target, etagOf: target);
        var powerOn = SimulatorDriver.TaskId(driver.Send("POST", target + "/$actions/power-on", null, ("If-Match", etag), ("NTNX-Request-Id", Guid.NewGuid().ToString())));

        Assert.Equal("SUCCEEDED", (string?)driver.Finish(delete)["status"]);
        Assert.Equal("FAILED", (string?)driver.Task(powerOn)["status"]);
    }

    [Fact]
    public void A_new_vm_can_answer_404_for_a_while_after_its_task()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Vms = 0, VmVisibilityDelay = TimeSpan.FromSeconds(30) });
        var task = driver.Finish(driver.Write("POST", driver.Vms, Body(driver)));
        var target = $"{driver.Vms}/{task["entitiesAffected"]![0]!["extId"]}";

        Assert.Equal(404, driver.Send("GET", target).StatusCode);
        driver.Clock.AdvanceSeconds(30);
        Assert.Equal(200, driver.Send("GET", target).StatusCode);
    }
}
