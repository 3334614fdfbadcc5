using System.Net;
using System.Text;
using System.Text.Json;
using GpuPlatform;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class CreateVmTests
{
    private const string Vms = "GET vmm/ahv/config/vms";
    private const string Create = "POST vmm/ahv/config/vms";
    private const string Vm = "GET vmm/ahv/config/vms/v1";
    private const string PowerOn = "POST vmm/ahv/config/vms/v1/$actions/power-on";
    private const string Remove = "DELETE vmm/ahv/config/vms/v1";
    private const string Tasks = "GET prism/config/tasks";
    private const string Made = """,  "entitiesAffected":[{"extId":"v1","rel":"vmm:ahv:config:vm"},{"extId":"v1","rel":"vmm:ahv:config:vm"},{"extId":"c1","rel":"clustermgmt:config:cluster"}]""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static GpuVmRequest Request => new()
    {
        Name = "trainer",
        Cluster = "c1",
        Image = "i1",
        Subnets = ["s1", "s2"],
        Gpus = [new VmGpuRequest { Name = "Ampere 40" }],
        UserData = "#cloud-config\r\npackages: [cuda]\r\n",
    };

    [Fact]
    public async Task The_body_carries_what_prism_asks_for_and_the_user_data_encoded_once()
    {
        ScriptedPrism prism = Scripted();
        await using PrismClient client = await prism.ConnectAsync();

        PrismVm vm = await client.CreateGpuVmAsync(Request with { Categories = ["k1"], DiskBytes = 1L << 37 }, null, Ct);

        Assert.Equal("v1", vm.ExtId);
        RecordedRequest sent = Assert.Single(prism.Of(Create));
        Assert.Equal("application/json", sent.Headers["Content-Type"]);
        JsonElement body = sent.Json;
        Assert.Equal("c1", body.GetProperty("cluster").GetProperty("extId").GetString());
        JsonElement gpu = Assert.Single(body.GetProperty("gpus").EnumerateArray().ToArray());
        Assert.Equal(8757, gpu.GetProperty("deviceId").GetInt32());
        Assert.Equal("PASSTHROUGH_COMPUTE", gpu.GetProperty("mode").GetString());
        Assert.Equal("NVIDIA", gpu.GetProperty("vendor").GetString());
        Assert.Equal(["s1", "s2"], body.GetProperty("nics").EnumerateArray().Select(n => n.GetProperty("networkInfo").GetProperty("subnet").GetProperty("extId").GetString()));
        JsonElement disk = body.GetProperty("disks")[0].GetProperty("backingInfo");
        Assert.Equal("vmm.v4.ahv.config.VmDisk", disk.GetProperty("$objectType").GetString());
        Assert.Equal("i1", disk.GetProperty("dataSource").GetProperty("reference").GetProperty("imageExtId").GetString());
        Assert.Equal("vmm.v4.ahv.config.UefiBoot", body.GetProperty("bootConfig").GetProperty("$objectType").GetString());
        string value = body.GetProperty("guestCustomization").GetProperty("config").GetProperty("cloudInitScript").GetProperty("value").GetString()!;
        Assert.Equal("#cloud-config\npackages: [cuda]\n", Encoding.UTF8.GetString(Convert.FromBase64String(value)));
        Assert.DoesNotContain("Discriminator", sent.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("null", sent.Body, StringComparison.Ordinal);
        Assert.False(body.TryGetProperty("powerState", out _));
    }

    [Fact]
    public async Task A_machine_is_powered_on_when_asked_and_progress_told()
    {
        ScriptedPrism prism = Scripted().On(PowerOn, Replies.Accepted("ZXJnb24=:p1")).On(
            "GET prism/config/tasks/ZXJnb24=:p1", Replies.Task("SUCCEEDED", id: "ZXJnb24=:p1", operation: "PowerOnVm"));
        await using PrismClient client = await prism.ConnectAsync();
        var operations = new List<string?>();

        await client.CreateGpuVmAsync(Request with { PowerOn = true }, new Reporter(t => operations.Add(t.Operation)), Ct);

        Assert.Single(prism.Of(PowerOn));
        Assert.Equal(["CreateVm", "PowerOnVm"], operations);
    }

    [Fact]
    public async Task A_machine_that_cannot_be_found_yet_gets_a_moment()
    {
        ScriptedPrism prism = Scripted().On(
            Vm, Replies.Error(HttpStatusCode.NotFound, "VMM-20005", "ENTITY_NOT_FOUND", "Not yet."), Replies.Entity("""{"extId":"v1","name":"trainer"}"""));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal("trainer", (await client.CreateGpuVmAsync(Request, null, Ct)).Name);
    }

    [Fact]
    public async Task No_free_gpu_is_told_before_anything_is_made()
    {
        ScriptedPrism prism = Scripted();
        await using PrismClient client = await prism.ConnectAsync();
        VmGpuRequest a40 = new() { Name = "A40" };

        var e = await Assert.ThrowsAsync<NoFreeGpuException>(() => client.CreateGpuVmAsync(Request with { Gpus = [a40, a40, a40] }, null, Ct));

        Assert.Equal((3, 2), (e.Requested, e.Free));
        Assert.Contains("alpha", e.Message, StringComparison.Ordinal);
        Assert.Contains("v9", e.Message, StringComparison.Ordinal);
        Assert.Empty(prism.Of(Create));
    }

    [Fact]
    public async Task An_unknown_gpu_is_told_with_those_there_are()
    {
        ScriptedPrism prism = Scripted();
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismNotFoundException>(
            () => client.CreateGpuVmAsync(Request with { Gpus = [new VmGpuRequest { Name = "H100" }] }, null, Ct));

        Assert.Contains("Ampere 40", e.Message, StringComparison.Ordinal);
        Assert.Contains("NVIDIA A40-1Q", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gpu_name_of_several_kinds_is_ambiguous_until_the_mode_is_named()
    {
        ScriptedPrism prism = Scripted().On(
            "GET clustermgmt/config/clusters/c1/physical-gpu-profiles",
            Replies.List(Physical("0000:3b:00.0", type: "PASSTHROUGH_COMPUTE"), Physical("0000:86:00.0", type: "PASSTHROUGH_GRAPHICS")));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismAmbiguousNameException>(() => client.CreateGpuVmAsync(Request, null, Ct));
        Assert.Equal(2, e.Candidates.Count);

        var named = new VmGpuRequest { Name = "Ampere 40", Mode = GpuMode.PassthroughGraphics };
        await client.CreateGpuVmAsync(Request with { Gpus = [named] }, null, Ct);
        Assert.Equal("PASSTHROUGH_GRAPHICS", Assert.Single(prism.Of(Create)).Json.GetProperty("gpus")[0].GetProperty("mode").GetString());
    }

    [Fact]
    public async Task A_vgpu_profile_is_found_by_its_name()
    {
        ScriptedPrism prism = Scripted();
        await using PrismClient client = await prism.ConnectAsync();

        await client.CreateGpuVmAsync(Request with { Gpus = [new VmGpuRequest { Name = "nvidia a40-1q" }] }, null, Ct);

        JsonElement gpu = Assert.Single(prism.Of(Create)).Json.GetProperty("gpus")[0];
        Assert.Equal(("VIRTUAL", 557), (gpu.GetProperty("mode").GetString(), gpu.GetProperty("deviceId").GetInt32()));
    }

    [Fact]
    public async Task A_server_without_profile_lists_takes_gpus_that_are_fully_named()
    {
        ScriptedPrism prism = Scripted()
            .On("GET clustermgmt/config/clusters/c1/physical-gpu-profiles", Replies.Error(HttpStatusCode.NotFound, "CLU-1", "NOT_FOUND", "Removed."));
        await using PrismClient client = await prism.ConnectAsync();
        var named = new VmGpuRequest { DeviceId = 8757, Vendor = GpuVendor.Nvidia, Mode = GpuMode.PassthroughCompute, PciAddress = "3b:00.0" };

        var e = await Assert.ThrowsAsync<PrismException>(() => client.CreateGpuVmAsync(Request, null, Ct));
        Assert.Contains("device id, vendor and mode", e.Message, StringComparison.Ordinal);
        await client.CreateGpuVmAsync(Request with { Gpus = [named] }, null, Ct);

        Assert.Equal(0x3b, Assert.Single(prism.Of(Create)).Json.GetProperty("gpus")[0].GetProperty("pciAddress").GetProperty("bus").GetInt32());
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_unless_allowed()
    {
        ScriptedPrism prism = Scripted().On(Vms, Replies.List("""{"extId":"old","name":"trainer","cluster":{"extId":"c1"}}"""));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismAmbiguousNameException>(() => client.CreateGpuVmAsync(Request, null, Ct));
        Assert.Equal(["old"], e.Candidates);
        Assert.Empty(prism.Of(Create));

        await client.CreateGpuVmAsync(Request with { AllowDuplicateName = true }, null, Ct);
        Assert.Single(prism.Of(Create));
    }

    [Fact]
    public async Task No_gpu_at_power_on_removes_the_machine_again()
    {
        ScriptedPrism prism = Scripted().On(PowerOn, Replies.Accepted("ZXJnb24=:p1")).On(Remove, Replies.Accepted("ZXJnb24=:d1"))
            .On("GET prism/config/tasks/ZXJnb24=:p1", Replies.Task("FAILED", ""","legacyErrorMessage":"No host has enough GPU resources for the VM" """))
            .On("GET prism/config/tasks/ZXJnb24=:d1", Replies.Task("SUCCEEDED"));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<NoFreeGpuException>(() => client.CreateGpuVmAsync(Request with { PowerOn = true }, null, Ct));

        Assert.Contains("removed again", e.Message, StringComparison.Ordinal);
        Assert.Single(prism.Of(Remove));
    }

    [Fact]
    public async Task A_failed_power_on_says_what_remains_when_the_removal_fails_too()
    {
        ScriptedPrism prism = Scripted().On(PowerOn, Replies.Accepted("ZXJnb24=:p1"))
            .On(Remove, Replies.Error(HttpStatusCode.Forbidden, "RBA-10001", "RBAC_AUTHORIZATION_ERROR", "Denied."))
            .On("GET prism/config/tasks/ZXJnb24=:p1", Replies.Task("FAILED", ""","legacyErrorMessage":"Storage is full" """));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismTaskFailedException>(() => client.CreateGpuVmAsync(Request with { PowerOn = true }, null, Ct));

        Assert.Contains("Storage is full", e.Message, StringComparison.Ordinal);
        Assert.Contains("remains as v1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_is_kept_on_failure_when_asked()
    {
        ScriptedPrism prism = Scripted().On(PowerOn, Replies.Accepted("ZXJnb24=:p1"))
            .On("GET prism/config/tasks/ZXJnb24=:p1", Replies.Task("FAILED"));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismTaskFailedException>(
            () => client.CreateGpuVmAsync(Request with { PowerOn = true, KeepOnFailure = true }, null, Ct));

        Assert.Contains("kept", e.Message, StringComparison.Ordinal);
        Assert.Empty(prism.Of(Remove));
    }

    [Fact]
    public async Task A_lost_answer_finds_the_task_and_makes_nothing_twice()
    {
        ScriptedPrism prism = Scripted().On(Create, Replies.Lost).On(Tasks, Replies.List(
            """{"extId":"ZXJnb24=:other","operation":"CreateVm","status":"RUNNING","entitiesAffected":[{"extId":"v7","name":"somebody-else","rel":"vmm:ahv:config:vm"}]}""",
            """{"extId":"ZXJnb24=:t1","operation":"CreateVm","status":"RUNNING","entitiesAffected":[{"extId":"v1","name":"trainer","rel":"vmm:ahv:config:vm"}]}"""));
        await using PrismClient client = await prism.ConnectAsync();

        PrismVm vm = await client.CreateGpuVmAsync(Request, null, Ct);

        Assert.Equal("v1", vm.ExtId);
        Assert.Single(prism.Of(Create));
    }

    [Fact]
    public async Task A_lost_answer_finds_the_machine_even_if_the_search_lags()
    {
        ScriptedPrism prism = Scripted()
            .On(Create, Replies.Text(HttpStatusCode.GatewayTimeout, "text/html", "<h1>504</h1>"))
            .On(Vms, Replies.List(), Replies.List(), Replies.List("""{"extId":"v1","name":"trainer","cluster":{"extId":"c1"}}"""));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal("v1", (await client.CreateGpuVmAsync(Request, null, Ct)).ExtId);
        Assert.Single(prism.Of(Create));
    }

    [Fact]
    public async Task A_request_that_was_never_taken_goes_out_again_under_its_id()
    {
        ScriptedPrism prism = Scripted().On(Create, Replies.Lost, Replies.Accepted());
        await using PrismClient client = await prism.ConnectAsync();

        await client.CreateGpuVmAsync(Request, null, Ct);

        Assert.Equal(2, prism.Of(Create).Count);
        Assert.Single(prism.Of(Create).Select(r => r.RequestId).Distinct());
    }

    [Fact]
    public async Task A_server_that_never_answers_a_creation_is_told_with_the_next_step()
    {
        ScriptedPrism prism = Scripted().On(Create, Replies.Lost);
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismException>(() => client.CreateGpuVmAsync(Request, null, Ct));

        Assert.Contains("before asking again", e.Message, StringComparison.Ordinal);
        Assert.Single(prism.Of(Create).Select(r => r.RequestId).Distinct());
    }

    [Fact]
    public async Task A_refused_creation_is_not_repeated()
    {
        ScriptedPrism prism = Scripted().On(Create, Replies.Error(HttpStatusCode.BadRequest, "VMM-40000", "VM_INVALID", "numSockets is too large."));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismException>(() => client.CreateGpuVmAsync(Request, null, Ct));

        Assert.Contains("numSockets", e.Message, StringComparison.Ordinal);
        Assert.Single(prism.Of(Create));
    }

    [Fact]
    public async Task Cancelling_a_creation_says_what_goes_on()
    {
        using var stop = new CancellationTokenSource();
        ScriptedPrism prism = Scripted();
        prism.On("GET prism/config/tasks/ZXJnb24=:t1", _ =>
        {
            stop.Cancel();
            return Replies.Task("RUNNING")();
        });
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<VmCreationInterruptedException>(() => client.CreateGpuVmAsync(Request, null, stop.Token));

        Assert.Equal("ZXJnb24=:t1", e.TaskExtId);
        Assert.Contains("goes on", e.Message, StringComparison.Ordinal);
        Assert.Equal(stop.Token, e.CancellationToken);
    }

    [Fact]
    public async Task Cancelling_while_a_failed_creation_is_undone_says_what_may_remain()
    {
        using var stop = new CancellationTokenSource();
        ScriptedPrism prism = Scripted().On(PowerOn, Replies.Accepted("ZXJnb24=:p1"))
            .On("GET prism/config/tasks/ZXJnb24=:p1", Replies.Task("FAILED"))
            .On(Remove, _ =>
            {
                stop.Cancel();
                return Replies.Accepted("ZXJnb24=:d1")();
            });
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismTaskFailedException>(
            () => client.CreateGpuVmAsync(Request with { PowerOn = true }, null, stop.Token));

        Assert.Contains("look for machine v1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_before_anything_was_asked_for_is_plain_cancelling()
    {
        using var stop = new CancellationTokenSource();
        ScriptedPrism prism = Scripted();
        await using PrismClient client = await prism.ConnectAsync();
        await stop.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.CreateGpuVmAsync(Request, null, stop.Token));

        Assert.IsNotType<VmCreationInterruptedException>(e);
        Assert.Empty(prism.Of(Create));
    }

    [Theory]
    [InlineData("")]
    [InlineData("                                                                                 x")]
    public async Task A_name_that_cannot_be_is_refused_before_any_request(string name)
    {
        ScriptedPrism prism = Scripted();
        await using PrismClient client = await prism.ConnectAsync();
        int before = prism.Requests.Count;

        await Assert.ThrowsAsync<ArgumentException>(() => client.CreateGpuVmAsync(Request with { Name = name }, null, Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => client.CreateGpuVmAsync(Request with { NumSockets = 0 }, null, Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => client.CreateGpuVmAsync(Request with { MemoryBytes = 16 }, null, Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => client.CreateGpuVmAsync(Request with { Image = null }, null, Ct));
        Assert.Equal(before, prism.Requests.Count);
    }

    [Fact]
    public async Task A_machine_on_another_host_than_wished_is_moved_if_it_can_be()
    {
        ScriptedPrism prism = Scripted()
            .On(Vm, Replies.Entity("""{"extId":"v1","name":"trainer","powerState":"ON","host":{"extId":"h2"},"isLiveMigrateCapable":true}"""))
            .On("POST vmm/ahv/config/vms/v1/$actions/migrate-to-host", Replies.Accepted("ZXJnb24=:m1"))
            .On("GET prism/config/tasks/ZXJnb24=:m1", Replies.Task("SUCCEEDED"));
        await using PrismClient client = await prism.ConnectAsync();

        await client.CreateGpuVmAsync(Request with { PowerOn = true, Host = "h1" }, null, Ct);

        RecordedRequest move = Assert.Single(prism.Of("POST vmm/ahv/config/vms/v1/$actions/migrate-to-host"));
        Assert.Equal("h1", move.Json.GetProperty("host").GetProperty("extId").GetString());
    }

    private static ScriptedPrism Scripted() => new ScriptedPrism()
        .On("GET clustermgmt/config/clusters/c1/physical-gpu-profiles", Replies.List(
            Physical("0000:3b:00.0"), Physical("0000:86:00.0"), Physical("0000:af:00.0", vm: "v9")))
        .On("GET clustermgmt/config/clusters/c1/virtual-gpu-profiles", Replies.List(
            """{"virtualGpuConfig":{"deviceId":557,"deviceName":"NVIDIA A40-1Q","vendorName":"NVIDIA","type":"VIRTUAL","assignable":4,"isInUse":false}}"""))
        .On(Create, Replies.Accepted())
        .On("GET prism/config/tasks/ZXJnb24=:t1", Replies.Task("SUCCEEDED", Made))
        .On(Vm, Replies.Entity("""{"extId":"v1","name":"trainer","powerState":"OFF","cluster":{"extId":"c1"}}"""));

    private static string Physical(string sbdf, string? vm = null, string type = "PASSTHROUGH_COMPUTE") =>
        $$$"""{"allocatedVmExtIds":[{{{(vm is null ? string.Empty : $"\"{vm}\"")}}}],"physicalGpuConfig":{"deviceId":8757,"deviceName":"Ampere 40","vendorName":"kNvidia","type":"{{{type}}}","assignable":1,"isInUse":{{{(vm is null ? "false" : "true")}}},"sbdf":"{{{sbdf}}}"}}""";

    private sealed class Reporter(Action<PrismTask> report) : IProgress<PrismTask>
    {
        public void Report(PrismTask value) => report(value);
    }
}
