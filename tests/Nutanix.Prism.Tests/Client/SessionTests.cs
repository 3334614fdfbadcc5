using System.Net;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class SessionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_session_cookie_replaces_the_password_once_the_server_has_given_one()
    {
        var prism = new ScriptedPrism();
        prism.Intercept = r => r.Headers.ContainsKey("Authorization") ? WithCookie("one") : null;
        await using PrismClient client = await prism.ConnectAsync();

        await client.GetClustersAsync(Ct).ToListAsync(Ct);

        Assert.Contains("Authorization", prism.Requests[0].Headers.Keys);
        RecordedRequest last = prism.Requests[^1];
        Assert.Equal("NTNX_IGW_SESSION=one", last.Headers["Cookie"]);
        Assert.DoesNotContain("Authorization", last.Headers.Keys);
    }

    [Fact]
    public async Task An_expired_session_signs_in_again_once()
    {
        string valid = "one";
        var prism = new ScriptedPrism();
        prism.Intercept = r =>
            r.Headers.ContainsKey("Authorization") ? WithCookie(valid, r)
            : r.Headers.GetValueOrDefault("Cookie") != $"NTNX_IGW_SESSION={valid}" ? Replies.Text(HttpStatusCode.Unauthorized, "text/plain", "expired")()
            : null;
        await using PrismClient client = await prism.ConnectAsync();
        valid = "two";
        int before = prism.Requests.Count;

        await client.GetClustersAsync(Ct).ToListAsync(Ct);

        RecordedRequest[] now = [.. prism.Requests.Skip(before)];
        Assert.Equal("NTNX_IGW_SESSION=one", now[0].Headers["Cookie"]);
        Assert.Contains("Authorization", now[1].Headers.Keys);
        Assert.DoesNotContain("Cookie", now[1].Headers.Keys);
        Assert.Equal(now[0].RequestId, now[1].RequestId);
    }

    [Fact]
    public async Task A_password_that_was_changed_meanwhile_is_tried_once_and_told()
    {
        bool revoked = false;
        var prism = new ScriptedPrism();
        prism.Intercept = r => revoked ? Replies.Text(HttpStatusCode.Unauthorized, "text/plain", "no")()
            : r.Headers.ContainsKey("Authorization") ? WithCookie("one")
            : null;
        await using PrismClient client = await prism.ConnectAsync();
        revoked = true;
        int before = prism.Requests.Count;

        await Assert.ThrowsAsync<PrismAuthenticationException>(() => client.GetVmAsync("v1", Ct));

        Assert.Equal(before + 2, prism.Requests.Count);
    }

    [Fact]
    public async Task An_api_key_travels_in_its_own_header_and_needs_no_session()
    {
        var prism = new ScriptedPrism { Intercept = r => r.Version == "unversioned" ? WithCookie("one") : null };
        await using PrismClient client = await prism.ConnectAsync(o => o with { Credential = new ApiKeyCredential("key-123456") });

        Assert.Equal("api key", client.UserName);
        Assert.All(prism.Requests, r => Assert.Equal("key-123456", r.Headers["X-ntnx-api-key"]));
        Assert.All(prism.Requests, r => Assert.DoesNotContain("Authorization", r.Headers.Keys));
        Assert.All(prism.Requests, r => Assert.DoesNotContain("Cookie", r.Headers.Keys));
    }

    private static HttpResponseMessage WithCookie(string value, RecordedRequest? request = null)
    {
        string data = request is null or { Version: "unversioned" } ? "\"v4.2\"" : "[]";
        HttpResponseMessage response = Replies.Json(HttpStatusCode.OK, $$$"""{"data":{{{data}}}}""")();
        response.Headers.Add("Set-Cookie", $"NTNX_IGW_SESSION={value};Path=/;Max-Age=900;Secure;HttpOnly;SameSite=Lax");
        return response;
    }
}
