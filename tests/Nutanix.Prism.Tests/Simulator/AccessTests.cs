using System.Text;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator;

namespace Nutanix.Prism.Tests.Simulator;

public class AccessTests
{
    private const string Clusters = "/api/clustermgmt/v4.0/config/clusters";

    private static SimulatorResponse Send(SimulatorDriver driver, params (string Name, string Value)[] headers) => driver.Simulator.Handle(new SimulatorRequest
    {
        Method = "GET",
        Path = Clusters,
        Headers = headers.ToDictionary(h => h.Name, h => h.Value),
    });

    [Fact]
    public void Nobody_and_wrong_credentials_get_401_without_a_body()
    {
        var driver = new SimulatorDriver();
        (string, string)[][] attempts =
        [
            [],
            [("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:wrong")))],
            [("Authorization", "Basic not base64!")],
            [("Authorization", "Bearer " + driver.Simulator.Options.ApiKey)],
            [("X-ntnx-api-key", "wrong")],
            [("Cookie", "NTNX_IGW_SESSION=61646d696e.1.forged")],
        ];
        Assert.All(attempts, headers =>
        {
            var response = Send(driver, headers);
            Assert.Equal((401, 0), (response.StatusCode, response.Body.Length));
        });
    }

    [Fact]
    public void An_api_key_opens_too() =>
        Assert.Equal(200, Send(new SimulatorDriver(), ("X-ntnx-api-key", new SimulatorOptions().ApiKey)).StatusCode);

    [Fact]
    public void A_session_cookie_stands_for_the_credentials_until_it_expires()
    {
        var driver = new SimulatorDriver();
        var cookie = driver.Send("GET", Clusters).Header("Set-Cookie")!.Split(';')[0];
        Assert.StartsWith("NTNX_IGW_SESSION=", cookie, StringComparison.Ordinal);

        driver.Clock.Advance(TimeSpan.FromMinutes(14));
        var known = Send(driver, ("Cookie", "other=1; " + cookie));
        Assert.Equal(200, known.StatusCode);
        Assert.Null(known.Header("Set-Cookie"));
        driver.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(401, Send(driver, ("Cookie", cookie)).StatusCode);
    }

    [Theory]
    [InlineData("v4.0.a1")]
    [InlineData("v4.0.b2")]
    [InlineData("v4.0")]
    [InlineData("v4.1.b1")]
    [InlineData("v4.3")]
    public void Every_path_version_from_the_first_alpha_on_is_served(string version)
    {
        var driver = new SimulatorDriver();
        Assert.Equal(200, driver.Send("GET", $"/api/clustermgmt/{version}/config/hosts").StatusCode);
        Assert.Equal(200, driver.Send("GET", $"/api/vmm/{version}/ahv/config/vms").StatusCode);
    }

    [Fact]
    public void A_version_above_the_highest_served_gives_404_in_plain_text()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { ApiVersions = new Dictionary<string, string> { ["vmm"] = "v4.0" } });
        var response = driver.Send("GET", "/api/vmm/v4.1/ahv/config/vms");

        Assert.Equal(404, response.StatusCode);
        Assert.StartsWith("text/plain", response.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Equal(200, driver.Send("GET", "/api/vmm/v4.0/ahv/config/vms").StatusCode);
        Assert.Equal(200, driver.Send("GET", "/api/prism/v4.4/config/tasks").StatusCode);
        Assert.Equal(404, driver.Send("GET", "/api/clustermgmt/v4.2/ahv/config/physical-gpu-profiles").StatusCode);
        Assert.Equal(404, driver.Send("GET", "/api/nutanix/v3/hosts/list").StatusCode);
    }

    [Fact]
    public void Version_negotiation_answers_with_the_newest_version_of_the_namespace()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { ApiVersions = new Dictionary<string, string> { ["vmm"] = "v4.2" } });
        Assert.Equal("v4.2", (string?)JsonNode.Parse(driver.Send("OPTIONS", "/api/vmm/unversioned/info").Text)!["data"]);
        Assert.Equal("v4.4", (string?)JsonNode.Parse(driver.Send("OPTIONS", "/api/prism/unversioned/info").Text)!["data"]);
    }

    [Theory]
    [InlineData("vmm", "v4.9")]
    [InlineData("vmm", "v3.0")]
    [InlineData("iam", "v4.0")]
    public void A_version_limit_that_makes_no_sense_is_refused_at_once(string name, string version) =>
        Assert.Throws<ArgumentException>(() => new PrismSimulator(new SimulatorOptions { ApiVersions = new Dictionary<string, string> { [name] = version } }));

    [Fact]
    public void A_known_path_with_another_method_gives_405_and_the_methods_there_are()
    {
        var response = new SimulatorDriver().Send("PATCH", "/api/vmm/v4.0/ahv/config/vms");
        Assert.Equal((405, "GET, POST"), (response.StatusCode, response.Header("Allow")));
    }

    [Fact]
    public void Options_do_not_show_their_secrets()
    {
        var text = new SimulatorOptions { Password = "hunter2", ApiKey = "key-1" }.ToString();
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.DoesNotContain("key-1", text, StringComparison.Ordinal);
    }
}
