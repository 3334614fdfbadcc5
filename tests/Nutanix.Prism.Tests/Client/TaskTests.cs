using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class TaskTests
{
    private const string Id = "ZXJnb24=:0b6c7a52-8d51-4a4e-9b0a-0c6d6c1a7f10";
    private const string Route = $"GET prism/config/tasks/{Id}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_task_is_followed_to_its_end_and_its_id_travels_encoded()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Task("QUEUED"), Replies.Task("RUNNING"), Replies.Task("SUSPENDED"), Replies.Task("SUCCEEDED"));
        await using PrismClient client = await prism.ConnectAsync();
        var seen = new Seen();

        PrismTask task = await client.WaitTaskAsync(Id, seen, Ct);

        Assert.True(task.IsSucceeded);
        Assert.Equal(["QUEUED", "RUNNING", "SUSPENDED", "SUCCEEDED"], seen.Statuses);
        Assert.Contains("/tasks/ZXJnb24%3D%3A0b6c7a52-", prism.Of(Route)[0].Uri.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_task_that_has_only_the_legacy_message_tells_it()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Task("FAILED", ""","errorMessages":[],"legacyErrorMessage":"InternalException: no host has it"  """));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismTaskFailedException>(() => client.WaitTaskAsync(Id, null, Ct));

        Assert.Contains("InternalException: no host has it", e.Message, StringComparison.Ordinal);
        Assert.Equal("InternalException: no host has it", e.Task.ErrorMessage);
        Assert.Null(e.Code);
    }

    [Fact]
    public async Task A_failed_task_without_any_message_is_still_a_clear_error()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Task("FAILED"));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismTaskFailedException>(() => client.WaitTaskAsync(Id, null, Ct));

        Assert.Contains("does not say why", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_task_is_an_end()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Task("CANCELING"), Replies.Task("CANCELED"));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismTaskFailedException>(() => client.WaitTaskAsync(Id, null, Ct));

        Assert.Equal("CANCELED", e.Task.Status);
        Assert.Contains("cancelled", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Structured_messages_give_code_and_group()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Task(
            "FAILED", ""","errorMessages":[{"message":"No capacity.","code":"VMM-30100","errorGroup":"VM_NO_CAPACITY","severity":"ERROR"}],"legacyErrorMessage":"old text" """));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismTaskFailedException>(() => client.WaitTaskAsync(Id, null, Ct));

        Assert.Equal(("VMM-30100", "VM_NO_CAPACITY"), (e.Code, e.ErrorGroup));
        Assert.DoesNotContain("old text", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_is_not_there_yet_gets_a_moment()
    {
        ScriptedPrism prism = new ScriptedPrism().On(
            Route, Replies.Error(System.Net.HttpStatusCode.NotFound, "TSKS-1", "ENTITY_NOT_FOUND", "No task."), Replies.Task("SUCCEEDED"));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.True((await client.WaitTaskAsync(Id, null, Ct)).IsSucceeded);
    }

    [Fact]
    public async Task A_task_that_never_shows_up_is_told()
    {
        await using PrismClient client = await new ScriptedPrism().ConnectAsync();

        await Assert.ThrowsAsync<PrismNotFoundException>(() => client.WaitTaskAsync(Id, null, Ct));
    }

    [Fact]
    public async Task Entities_are_told_once_and_machines_known_in_both_spellings()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Task(
            "SUCCEEDED",
            ""","entitiesAffected":[{"extId":"v1","rel":"vmm:ahv:config:vm"},{"extId":"v1","rel":"vmm:ahv:config:vm"},{"extId":"v2","rel":"vmm:ahv:vm"},{"extId":"i1","rel":"vmm:content:image"},{"extId":""}]"""));
        await using PrismClient client = await prism.ConnectAsync();

        PrismTask task = await client.GetTaskAsync(Id, Ct);

        Assert.Equal(["v1", "v2", "i1"], task.EntitiesAffected.Select(e => e.ExtId));
        Assert.Equal(["v1", "v2"], task.EntitiesAffected.Where(e => e.IsVm).Select(e => e.ExtId));
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        ScriptedPrism prism = new ScriptedPrism();
        await using PrismClient client = await prism.ConnectAsync();
        int polls = 0;
        prism.On(Route, _ =>
        {
            if (++polls == 3)
            {
                stop.Cancel();
            }

            return Replies.Task("RUNNING")();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.WaitTaskAsync(Id, null, stop.Token));
        Assert.Equal(3, polls);
    }

    [Fact]
    public async Task Tasks_are_filtered_by_the_server_and_newest_first()
    {
        ScriptedPrism prism = new ScriptedPrism().On("GET prism/config/tasks", Replies.List(
            """{"extId":"a","status":"RUNNING","entitiesAffected":[{"extId":"v1"}]}""",
            """{"extId":"b","status":"SUCCEEDED","entitiesAffected":[{"extId":"v1"}]}"""));
        await using PrismClient client = await prism.ConnectAsync();

        List<PrismTask> tasks = await client.GetTasksAsync(new TaskQuery { Status = "RUNNING", EntityId = "v1" }, Ct).ToListAsync(Ct);

        Assert.Equal("a", Assert.Single(tasks).ExtId);
        IReadOnlyDictionary<string, string> query = prism.Of("GET prism/config/tasks")[0].Query;
        Assert.Equal("entitiesAffected/any(a:a/extId eq 'v1') and status eq Prism.Config.TaskStatus'RUNNING'", query["$filter"]);
        Assert.Equal("createdTime desc", query["$orderby"]);
    }

    private sealed class Seen : IProgress<PrismTask>
    {
        public List<string> Statuses { get; } = [];

        public void Report(PrismTask value) => Statuses.Add(value.Status);
    }
}
