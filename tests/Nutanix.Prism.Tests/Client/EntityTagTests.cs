using System.Net;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class EntityTagTests
{
    private const string Vm = "GET vmm/ahv/config/vms/v1";
    private const string PowerOn = "POST vmm/ahv/config/vms/v1/$actions/power-on";
    private const string Remove = "DELETE vmm/ahv/config/vms/v1";
    private const string Task1 = "GET prism/config/tasks/ZXJnb24=:t1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_names_the_tag_it_has_just_seen()
    {
        ScriptedPrism prism = Scripted(["\"tag/1=\""]).On(PowerOn, Replies.Accepted()).On(Task1, Replies.Task("SUCCEEDED"));
        await using PrismClient client = await prism.ConnectAsync();

        await client.SetPowerStateAsync("v1", PowerAction.On, null, Ct);

        RecordedRequest write = Assert.Single(prism.Of(PowerOn));
        Assert.Equal("\"tag/1=\"", write.IfMatch);
        Assert.Contains("/$actions/power-on", write.Uri.AbsoluteUri, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.PreconditionFailed, "PLAT-10005")]
    [InlineData(HttpStatusCode.PreconditionRequired, "PLAT-10004")]
    [InlineData(HttpStatusCode.BadRequest, "PLAT-10004")]
    [InlineData(HttpStatusCode.Conflict, "VMM-30303")]
    public async Task A_refused_tag_is_read_again_and_the_write_repeated_as_a_new_intent(HttpStatusCode status, string code)
    {
        ScriptedPrism prism = Scripted(["one", "two"])
            .On(PowerOn, Replies.Error(status, code, "ETAG", "Stale."), Replies.Accepted())
            .On(Task1, Replies.Task("SUCCEEDED"));
        await using PrismClient client = await prism.ConnectAsync();

        await client.SetPowerStateAsync("v1", PowerAction.On, null, Ct);

        Assert.Equal(["one", "two"], prism.Of(PowerOn).Select(r => r.IfMatch));
        Assert.Equal(2, prism.Of(PowerOn).Select(r => r.RequestId).Distinct().Count());
    }

    [Theory]
    [InlineData(""","errorMessages":[{"message":"Stale.","code":"VMM-30303","errorGroup":"VM_ETAG_MISMATCH"}]""")]
    [InlineData(""","legacyErrorMessage":"VM_ETAG_MISMATCH: the vm has changed" """)]
    public async Task A_mismatch_that_only_the_task_tells_is_repeated_too(string failure)
    {
        ScriptedPrism prism = Scripted(["one", "two"])
            .On(PowerOn, Replies.Accepted("ZXJnb24=:t1"), Replies.Accepted("ZXJnb24=:t2"))
            .On(Task1, Replies.Task("FAILED", failure))
            .On("GET prism/config/tasks/ZXJnb24=:t2", Replies.Task("SUCCEEDED", id: "ZXJnb24=:t2"));
        await using PrismClient client = await prism.ConnectAsync();

        PrismTask task = await client.SetPowerStateAsync("v1", PowerAction.On, null, Ct);

        Assert.Equal("ZXJnb24=:t2", task.ExtId);
        Assert.Equal(["one", "two"], prism.Of(PowerOn).Select(r => r.IfMatch));
    }

    [Fact]
    public async Task A_power_on_whose_answer_got_lost_is_recognised_by_the_machine_being_on()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Vm, Replies.Entity("""{"extId":"v1","name":"one","powerState":"OFF"}""", "one"), Replies.Entity("""{"extId":"v1","name":"one","powerState":"ON"}""", "two"))
            .On(PowerOn, Replies.Text(HttpStatusCode.ServiceUnavailable, "text/plain", "lost"), Replies.Error(HttpStatusCode.PreconditionFailed, "PLAT-10005", "ETAG", "Stale."))
            .On("GET prism/config/tasks", Replies.List("""{"extId":"ZXJnb24=:t1","operation":"PowerOnVm","status":"SUCCEEDED","entitiesAffected":[{"extId":"v1"}]}"""))
            .On(Task1, Replies.Task("SUCCEEDED", operation: "PowerOnVm"));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal("PowerOnVm", (await client.SetPowerStateAsync("v1", PowerAction.On, null, Ct)).Operation);
        Assert.Equal(2, prism.Of(PowerOn).Count);
    }

    [Fact]
    public async Task A_machine_that_keeps_changing_ends_in_a_conflict()
    {
        ScriptedPrism prism = Scripted(["one"]).On(PowerOn, Replies.Error(HttpStatusCode.PreconditionFailed, "PLAT-10005", "ETAG", "Stale."));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismConflictException>(() => client.SetPowerStateAsync("v1", PowerAction.On, null, Ct));

        Assert.Equal("PLAT-10005", e.Code);
        Assert.Equal(10, prism.Of(PowerOn).Count);
        Assert.DoesNotContain(prism.Requests, r => r.IfMatch == "*");
    }

    [Fact]
    public async Task Without_a_tag_none_is_made_up()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Vm, Replies.Entity("""{"extId":"v1","name":"one"}""", etag: null))
            .On(PowerOn, Replies.Accepted())
            .On(Task1, Replies.Task("SUCCEEDED"));
        await using PrismClient client = await prism.ConnectAsync();

        await client.SetPowerStateAsync("v1", PowerAction.On, null, Ct);

        Assert.Null(Assert.Single(prism.Of(PowerOn)).IfMatch);
    }

    [Fact]
    public async Task Writes_to_one_machine_go_one_after_the_other()
    {
        int now = 0;
        int most = 0;
        ScriptedPrism prism = Scripted(["one"])
            .On(PowerOn, _ =>
            {
                most = Math.Max(most, Interlocked.Increment(ref now));
                return Replies.Accepted()();
            })
            .On(Task1, _ =>
            {
                Interlocked.Decrement(ref now);
                return Replies.Task("SUCCEEDED")();
            });
        await using PrismClient client = await prism.ConnectAsync();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.SetPowerStateAsync("v1", PowerAction.On, null, Ct)));

        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_machine_that_is_on_is_removed_only_by_force()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Vm, Replies.Entity("""{"extId":"v1","name":"one","powerState":"ON"}"""))
            .On("POST vmm/ahv/config/vms/v1/$actions/power-off", Replies.Accepted())
            .On(Remove, Replies.Accepted())
            .On(Task1, Replies.Task("SUCCEEDED"));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismConflictException>(() => client.RemoveVmAsync("v1", force: false, null, Ct));
        Assert.Contains("'one'", e.Message, StringComparison.Ordinal);
        Assert.Empty(prism.Of(Remove));

        await client.RemoveVmAsync("v1", force: true, null, Ct);
        Assert.Single(prism.Of("POST vmm/ahv/config/vms/v1/$actions/power-off"));
        Assert.Single(prism.Of(Remove));
    }

    [Fact]
    public async Task A_removal_whose_answer_got_lost_is_not_an_error()
    {
        ScriptedPrism prism = Scripted(["one"]).On(
            Remove, Replies.Lost, Replies.Error(HttpStatusCode.NotFound, "VMM-20005", "ENTITY_NOT_FOUND", "Gone."));
        await using PrismClient client = await prism.ConnectAsync();

        await client.RemoveVmAsync("v1", force: false, null, Ct);

        Assert.Equal(2, prism.Of(Remove).Count);
    }

    [Theory]
    [InlineData(PowerAction.Off, "power-off", "")]
    [InlineData(PowerAction.Shutdown, "shutdown", "")]
    [InlineData(PowerAction.GuestShutdown, "guest-shutdown", "{}")]
    [InlineData(PowerAction.Reboot, "reboot", "")]
    [InlineData(PowerAction.GuestReboot, "guest-reboot", "{}")]
    [InlineData(PowerAction.Reset, "reset", "")]
    [InlineData(PowerAction.PowerCycle, "power-cycle", "")]
    public async Task Power_actions_have_their_paths_and_bodies(PowerAction action, string verb, string body)
    {
        string route = $"POST vmm/ahv/config/vms/v1/$actions/{verb}";
        ScriptedPrism prism = Scripted(["one"]).On(route, Replies.Accepted()).On(Task1, Replies.Task("SUCCEEDED"));
        await using PrismClient client = await prism.ConnectAsync();

        await client.SetPowerStateAsync("v1", action, null, Ct);

        Assert.Equal(body, Assert.Single(prism.Of(route)).Body);
    }

    private static ScriptedPrism Scripted(string[] tags) => new ScriptedPrism().On(
        Vm, [.. tags.Select(tag => Replies.Entity("""{"extId":"v1","name":"one","powerState":"OFF"}""", tag))]);
}
