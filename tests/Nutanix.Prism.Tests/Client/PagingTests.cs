using System.Net;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class PagingTests
{
    private const string Route = "GET vmm/content/images";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lists_are_read_to_the_empty_page_whatever_the_total_says()
    {
        ScriptedPrism prism = Paged(total: 3, [["a", "b"], ["c"], ["d", "e"], []]);
        await using PrismClient client = await prism.ConnectAsync();

        List<PrismImage> images = await client.GetImagesAsync(Ct).ToListAsync(Ct);

        Assert.Equal(["a", "b", "c", "d", "e"], images.Select(i => i.ExtId));
        Assert.Equal(["0", "1", "2", "3"], prism.Of(Route).Select(r => r.Query["$page"]));
        Assert.All(prism.Of(Route), r => Assert.Equal("100", r.Query["$limit"]));
    }

    [Fact]
    public async Task An_entity_that_shows_on_two_pages_is_listed_once()
    {
        ScriptedPrism prism = Paged(total: 4, [["a", "b"], ["b", "c"], []]);
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal(["a", "b", "c"], await client.GetImagesAsync(Ct).Select(i => i.ExtId).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_list_without_data_is_empty()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Json(HttpStatusCode.OK, """{"metadata":{"totalAvailableResults":0}}"""));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Empty(await client.GetImagesAsync(Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_server_that_ignores_the_page_number_ends_the_list()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Json(HttpStatusCode.OK, """{"data":[{"extId":"a","name":"a"}]}"""));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Single(await client.GetImagesAsync(Ct).ToListAsync(Ct));
        Assert.Equal(2, prism.Of(Route).Count);
    }

    [Fact]
    public async Task Pages_are_asked_for_only_as_far_as_they_are_read()
    {
        ScriptedPrism prism = Paged(total: 4, [["a", "b"], ["c", "d"], []]);
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal("a", (await client.GetImagesAsync(Ct).FirstAsync(Ct)).ExtId);
        Assert.Single(prism.Of(Route));
    }

    [Theory]
    [InlineData(200, 200)]
    [InlineData(100, 100)]
    public async Task Rows_without_an_id_may_repeat_by_right_up_to_the_total(int total, int expected)
    {
        // Hosts with the same GPUs at the same addresses: page two equals page one.
        string page = string.Join(',', Enumerable.Range(0, 100).Select(i => $$$"""{"physicalGpuConfig":{"deviceId":8757,"sbdf":"0000:{{{i % 4:x2}}}:00.0"}}"""));
        ScriptedPrism prism = new ScriptedPrism().On(
            "GET clustermgmt/config/clusters/c1/physical-gpu-profiles",
            Replies.Json(HttpStatusCode.OK, $$$"""{"data":[{{{page}}}],"metadata":{"totalAvailableResults":{{{total}}}}}"""));
        await using PrismClient client = await prism.ConnectAsync();

        List<GpuPlatform.GpuHost> hosts = await client.GetGpuHostsAsync(null, Ct).ToListAsync(Ct);

        Assert.Equal(expected, hosts.Sum(h => h.GpuCount));
    }

    private static ScriptedPrism Paged(int total, string[][] pages) => new ScriptedPrism().On(Route, r =>
    {
        IEnumerable<string> items = pages[Math.Min(r.Page, pages.Length - 1)].Select(id => $$$"""{"extId":"{{{id}}}","name":"{{{id}}}"}""");
        return Replies.Json(HttpStatusCode.OK, $$$"""{"data":[{{{string.Join(',', items)}}}],"metadata":{"totalAvailableResults":{{{total}}}}}""")();
    });
}
