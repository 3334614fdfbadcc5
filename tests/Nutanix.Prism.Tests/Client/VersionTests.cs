using System.Net;
using Nutanix.Prism.Tests.Client.Support;
using Nutanix.Prism.V4;

namespace Nutanix.Prism.Tests.Client;

public class VersionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v4.2", "v4.2")]
    [InlineData("v4.1", "v4.1")]
    [InlineData("v4.9", "v4.3")]
    [InlineData("v4.0.b1", "v4.0.b1")]
    public async Task The_lower_of_both_versions_is_used(string theirs, string expected)
    {
        var prism = new ScriptedPrism { Info = _ => theirs };
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal(expected, client.ApiVersions["vmm"]);
        await client.GetImagesAsync(Ct).ToListAsync(Ct);
        Assert.All(prism.Of("GET vmm/content/images"), r => Assert.Equal(expected, r.Version));
    }

    [Fact]
    public async Task Namespaces_have_versions_of_their_own()
    {
        var prism = new ScriptedPrism { Info = ns => ns == "prism" ? "v4.4" : "v4.3" };
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal("v4.4", client.ApiVersions["prism"]);
        Assert.Equal("v4.3", client.ApiVersions["clustermgmt"]);
    }

    [Fact]
    public async Task An_older_server_that_cannot_be_asked_is_stepped_down_to()
    {
        var prism = new ScriptedPrism { Info = _ => null, Serves = (_, version) => version is "v4.0" };
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal("v4.0", client.ApiVersions["clustermgmt"]);
        Assert.Equal(["v4.3", "v4.2", "v4.1", "v4.0"], prism.Of("GET clustermgmt/config/clusters").Select(r => r.Version).Distinct());
    }

    [Fact]
    public async Task A_server_that_promises_more_than_it_serves_is_stepped_down_to()
    {
        var prism = new ScriptedPrism { Info = _ => "v4.3", Serves = (ns, version) => ns != "vmm" || version is "v4.1" or "v4.0" };
        await using PrismClient client = await prism.ConnectAsync();

        await client.GetImagesAsync(Ct).ToListAsync(Ct);

        Assert.Equal("v4.1", client.ApiVersions["vmm"]);
    }

    [Fact]
    public async Task A_server_that_was_replaced_by_an_older_one_is_found_out()
    {
        var prism = new ScriptedPrism { Info = _ => "v4.3" };
        await using PrismClient client = await prism.ConnectAsync();
        await client.GetImagesAsync(Ct).ToListAsync(Ct);
        prism.Serves = (_, version) => version == "v4.0";

        await client.GetImagesAsync(Ct).ToListAsync(Ct);

        Assert.Equal("v4.0", client.ApiVersions["vmm"]);
    }

    [Fact]
    public async Task An_entity_that_is_not_there_is_no_reason_to_change_the_version()
    {
        var prism = new ScriptedPrism();
        await using PrismClient client = await prism.ConnectAsync();
        int before = prism.Requests.Count;

        var e = await Assert.ThrowsAsync<PrismNotFoundException>(() => client.GetVmAsync("nope", Ct));

        Assert.Equal("ENTITY_NOT_FOUND", e.ErrorGroup);
        Assert.Equal(before + 1, prism.Requests.Count);
    }

    [Fact]
    public async Task A_prism_element_is_told_as_such()
    {
        var prism = new ScriptedPrism { Intercept = _ => Replies.PlainNotFound() };

        var e = await Assert.ThrowsAsync<PrismVersionException>(() => prism.ConnectAsync());

        Assert.Contains("Prism Element", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_generation_is_told_as_such()
    {
        var prism = new ScriptedPrism { Info = _ => "v5.0" };

        var e = await Assert.ThrowsAsync<PrismVersionException>(() => prism.ConnectAsync());

        Assert.Contains("v5.0", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_the_user_fixed_is_used_and_not_negotiated()
    {
        var prism = new ScriptedPrism { Info = _ => "v4.3" };
        await using PrismClient client = await prism.ConnectAsync(
            o => o with { ApiVersions = new Dictionary<string, string> { ["VMM"] = "v4.0.b1" } });

        await client.GetImagesAsync(Ct).ToListAsync(Ct);

        Assert.All(prism.Of("GET vmm/content/images"), r => Assert.Equal("v4.0.b1", r.Version));
        Assert.DoesNotContain(prism.Requests, r => r is { Namespace: "vmm", Version: "unversioned" });
    }

    [Theory]
    [InlineData("vmm", "4.0")]
    [InlineData("vmm", "latest")]
    [InlineData("storage", "v4.0")]
    public async Task A_version_that_cannot_be_is_refused(string ns, string version)
    {
        var prism = new ScriptedPrism();

        await Assert.ThrowsAsync<ArgumentException>(
            () => prism.ConnectAsync(o => o with { ApiVersions = new Dictionary<string, string> { [ns] = version } }));
        Assert.Empty(prism.Requests);
    }

    [Fact]
    public void Versions_are_in_the_order_of_their_release()
    {
        string[] order = ["v4.0.a1", "v4.0.a2", "v4.0.b1", "v4.0.b2", "v4.0", "v4.1.b3", "v4.1", "v4.10", "v5.0"];
        ApiVersion[] versions = [.. order.Select(t => ApiVersion.TryParse(t, out ApiVersion v) ? v : throw new InvalidOperationException(t))];

        Assert.Equal(order, versions.Reverse().Order().Select(v => v.ToString()));
    }

    [Fact]
    public async Task A_namespace_the_server_lacks_fails_only_those_who_need_it()
    {
        var prism = new ScriptedPrism { Info = ns => ns == "networking" ? null : "v4.2", Serves = (ns, _) => ns != "networking" };
        await using PrismClient client = await prism.ConnectAsync();

        await client.GetImagesAsync(Ct).ToListAsync(Ct);
        var e = await Assert.ThrowsAsync<PrismVersionException>(async () => await client.GetSubnetsAsync(Ct).ToListAsync(Ct));
        Assert.Equal(HttpStatusCode.NotFound, e.StatusCode);
    }
}
