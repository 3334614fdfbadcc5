using System.Net;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Security;

public sealed class OAuthTests
{
    private const string Secret = "very-secret-client-secret";

    private static readonly OAuthCredential Credential = new(new Uri("https://login.example.test/token"), "module", Secret, "prism");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_token_serves_until_a_little_before_it_runs_out()
    {
        var server = Gateway(out List<string> bearers, expiresIn: 300);
        using PrismClient client = await server.ConnectAsync(o => o with { Credential = Credential });
        await client.GetImagesAsync(Stop).ToListAsync(Stop);
        Assert.Single(Tokens(server));

        // Not yet 270 s: nine tenths of its life.
        await Task.Delay(TimeSpan.FromSeconds(50), server.Time, Stop);
        await client.GetImagesAsync(Stop).ToListAsync(Stop);
        Assert.Single(Tokens(server));

        for (int i = 0; i < 5; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(50), server.Time, Stop);
        }

        await client.GetImagesAsync(Stop).ToListAsync(Stop);
        Assert.Equal(2, Tokens(server).Count);
        Assert.Equal(["Bearer token-1", "Bearer token-2"], bearers.Distinct());
    }

    [Fact]
    public async Task A_token_that_is_refused_early_is_replaced_once()
    {
        var server = Gateway(out _, expiresIn: 3600);
        using PrismClient client = await server.ConnectAsync(o => o with { Credential = Credential });
        Func<RecordedRequest, HttpResponseMessage?> usual = server.Intercept!;
        server.Intercept = r => r.Headers.GetValueOrDefault("Authorization") == "Bearer token-1" ? new HttpResponseMessage(HttpStatusCode.Unauthorized) : usual(r);

        await client.GetImagesAsync(Stop).ToListAsync(Stop);

        Assert.Equal(2, Tokens(server).Count);
    }

    [Fact]
    public async Task A_client_that_is_refused_is_told_without_its_secret()
    {
        var server = new ScriptedPrism { Intercept = r => IsToken(r) ? Replies.Json(HttpStatusCode.Unauthorized, """{"error":"invalid_client","error_description":"very-secret-client-secret"}""")() : null };

        var e = await Assert.ThrowsAsync<PrismAuthenticationException>(() => server.ConnectAsync(o => o with { Credential = Credential }));

        Assert.Contains("invalid_client", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_secret_goes_to_https_only() =>
        Assert.Throws<ArgumentException>(() => new OAuthCredential(new Uri("http://login.example.test/token"), "a", "b"));

    private static ScriptedPrism Gateway(out List<string> bearers, int expiresIn)
    {
        int tokens = 0;
        var seen = new List<string>();
        bearers = seen;
        return new ScriptedPrism
        {
            Intercept = r =>
            {
                if (IsToken(r))
                {
                    Assert.Equal("grant_type=client_credentials&scope=prism", r.Body);
                    return Replies.Json(HttpStatusCode.OK, $$"""{"access_token":"token-{{++tokens}}","token_type":"Bearer","expires_in":{{expiresIn}}}""")();
                }

                lock (seen)
                {
                    seen.Add(r.Headers.GetValueOrDefault("Authorization") ?? "none");
                }

                return null;
            },
        };
    }

    private static List<RecordedRequest> Tokens(ScriptedPrism server) => [.. server.Requests.Where(IsToken)];

    private static bool IsToken(RecordedRequest request) => request.Uri.Host == "login.example.test";
}
