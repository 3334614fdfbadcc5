using System.Net;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class RetryTests
{
    private const string Route = "GET vmm/ahv/config/vms/v1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Func<HttpResponseMessage> Vm => Replies.Entity("""{"extId":"v1","name":"one"}""");

    [Theory]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.GatewayTimeout)]
    public async Task Retries_reuse_the_request_id(HttpStatusCode passing)
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Text(passing, "text/plain", "busy"), Vm);
        await using PrismClient client = await prism.ConnectAsync();

        PrismVm vm = await client.GetVmAsync("v1", Ct);

        Assert.Equal("one", vm.Name);
        IReadOnlyList<RecordedRequest> sent = prism.Of(Route);
        Assert.Equal(2, sent.Count);
        Assert.Equal(sent[0].RequestId, sent[1].RequestId);
    }

    [Fact]
    public async Task A_broken_connection_is_tried_again_with_the_same_request_id()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Lost, Replies.Lost, Vm);
        await using PrismClient client = await prism.ConnectAsync();

        await client.GetVmAsync("v1", Ct);

        Assert.Equal(3, prism.Of(Route).Count);
        Assert.Single(prism.Of(Route).Select(r => r.RequestId).Distinct());
    }

    [Fact]
    public async Task Every_intent_has_its_own_version_4_uuid()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Vm);
        await using PrismClient client = await prism.ConnectAsync();

        await client.GetVmAsync("v1", Ct);
        await client.GetVmAsync("v1", Ct);

        string[] ids = [.. prism.Requests.Select(r => r.RequestId!)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(4, Guid.Parse(id).Version));
    }

    [Fact]
    public async Task Retries_end_after_as_many_as_allowed()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Text(HttpStatusCode.ServiceUnavailable, "text/html", "<h1>503</h1>"));
        await using PrismClient client = await prism.ConnectAsync(o => o with { MaxRetries = 3 });

        var e = await Assert.ThrowsAsync<PrismException>(() => client.GetVmAsync("v1", Ct));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, e.StatusCode);
        Assert.Equal(4, prism.Of(Route).Count);
    }

    [Fact]
    public async Task An_internal_error_is_tried_three_times_at_most()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Error(HttpStatusCode.InternalServerError, "VMM-40000", "VM_SERVICE_ERROR", "Boom."));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismException>(() => client.GetVmAsync("v1", Ct));

        Assert.Contains("Boom.", e.Message, StringComparison.Ordinal);
        Assert.Equal("VMM-40000", e.Code);
        Assert.Equal(3, prism.Of(Route).Count);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.Conflict)]
    public async Task What_will_not_pass_is_not_tried_again(HttpStatusCode status)
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Error(status, "X-1", "GROUP", "No."));
        await using PrismClient client = await prism.ConnectAsync();

        await Assert.ThrowsAnyAsync<PrismException>(() => client.GetVmAsync("v1", Ct));

        Assert.Single(prism.Of(Route));
    }

    [Fact]
    public async Task A_retry_after_is_obeyed()
    {
        ScriptedPrism prism = new ScriptedPrism().On(
            Route,
            () =>
            {
                HttpResponseMessage busy = Replies.Text(HttpStatusCode.TooManyRequests, "text/plain", "busy")();
                busy.Headers.Add("Retry-After", "17");
                return busy;
            },
            Vm);
        await using PrismClient client = await prism.ConnectAsync();

        await client.GetVmAsync("v1", Ct);

        Assert.Contains(TimeSpan.FromSeconds(17), prism.Time.Waits);
    }

    [Fact]
    public async Task Waits_have_jitter_and_grow()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Text(HttpStatusCode.ServiceUnavailable, "text/plain", "busy"));
        await using PrismClient client = await prism.ConnectAsync(o => o with { MaxRetries = 6 });

        await Assert.ThrowsAsync<PrismException>(() => client.GetVmAsync("v1", Ct));

        Assert.Equal(6, prism.Time.Waits.Count);
        Assert.Equal(6, prism.Time.Waits.Distinct().Count());
        Assert.All(prism.Time.Waits, w => Assert.InRange(w, TimeSpan.Zero, TimeSpan.FromSeconds(45)));
        Assert.True(prism.Time.Waits[^1] > prism.Time.Waits[0]);
    }

    [Fact]
    public async Task No_retries_means_one_attempt()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Text(HttpStatusCode.ServiceUnavailable, "text/plain", "busy"));
        await using PrismClient client = await prism.ConnectAsync(o => o with { MaxRetries = 0 });

        await Assert.ThrowsAsync<PrismException>(() => client.GetVmAsync("v1", Ct));

        Assert.Single(prism.Of(Route));
    }

    [Fact]
    public async Task No_more_requests_are_in_flight_than_allowed()
    {
        int now = 0;
        int most = 0;
        var prism = new ScriptedPrism().On(Route, Vm);
        await using PrismClient client = await prism.ConnectAsync(o => o with { MaxConcurrentRequests = 3 });
        prism.Delay = async (_, ct) =>
        {
            int inFlight = Interlocked.Increment(ref now);
            InterlockedMax(ref most, inFlight);
            await Task.Yield();
            await Task.Delay(5, ct);
            Interlocked.Decrement(ref now);
        };

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetVmAsync("v1", Ct)));

        Assert.InRange(most, 1, 3);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
