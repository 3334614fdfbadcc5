using System.Net;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class SecretsTests
{
    private static readonly string Encoded = Convert.ToBase64String("admin:S3cret-Passw0rd!"u8.ToArray());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Credentials_and_options_do_not_print_their_secret()
    {
        var options = new PrismConnectionOptions { Server = "pc", Credential = new BasicCredential("admin", ScriptedPrism.Password) };

        AssertClean(options.ToString());
        AssertClean(new BasicCredential("admin", ScriptedPrism.Password).ToString());
        Assert.DoesNotContain("key-123456", new ApiKeyCredential("key-123456").ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(typeof(BasicCredential).GetProperties(), p => p.GetValue(options.Credential) as string == ScriptedPrism.Password);
    }

    [Fact]
    public async Task A_server_that_echoes_the_request_does_not_spill_it()
    {
        string echo = $"Denied: Authorization: Basic {Encoded} (password {ScriptedPrism.Password}, session sess-987654)";
        var prism = new ScriptedPrism();
        prism.Intercept = r =>
        {
            if (r.Version != "unversioned")
            {
                return Replies.Error(HttpStatusCode.BadRequest, "X", "Y", echo)();
            }

            HttpResponseMessage hello = Replies.Json(HttpStatusCode.OK, """{"data":"v4.2"}""")();
            hello.Headers.Add("Set-Cookie", "NTNX_IGW_SESSION=sess-987654; Path=/");
            return hello;
        };

        var e = await Assert.ThrowsAsync<PrismException>(() => prism.ConnectAsync());

        Assert.Contains("Denied", e.Message, StringComparison.Ordinal);
        AssertClean(e.ToString());
        Assert.DoesNotContain("sess-987654", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_has_a_line_for_each_request_and_no_secret()
    {
        var prism = new ScriptedPrism().On("GET vmm/ahv/config/vms/v1", Replies.Lost, Replies.Entity("""{"extId":"v1","name":"one"}"""));
        await using PrismClient client = await prism.ConnectAsync();
        await client.GetVmAsync("v1", Ct);

        string log = string.Join('\n', prism.Log);
        Assert.Contains("GET api/vmm/v4.2/ahv/config/vms/v1 -> 200", log, StringComparison.Ordinal);
        Assert.Contains("Retry 1 of 5", log, StringComparison.Ordinal);
        AssertClean(log);
        AssertClean(client.ToString());
    }

    [Fact]
    public async Task User_data_shows_in_no_message()
    {
        ScriptedPrism prism = new ScriptedPrism().On(
            "POST vmm/ahv/config/vms", Replies.Error(HttpStatusCode.BadRequest, "VMM-40000", "VM_INVALID", "The body is wrong."));
        await using PrismClient client = await prism.ConnectAsync();
        var request = new GpuVmRequest { Name = "one", Cluster = "c1", Image = "i1", UserData = "#cloud-config\npassword: hunter2hunter2\n" };

        var e = await Assert.ThrowsAsync<PrismException>(() => client.CreateGpuVmAsync(request, null, Ct));

        Assert.DoesNotContain("hunter2", e.ToString() + request + string.Join('\n', prism.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_connection_does_not_spill_the_headers()
    {
        var prism = new ScriptedPrism { Intercept = _ => Replies.Lost() };

        var e = await Assert.ThrowsAsync<PrismConnectionException>(() => prism.ConnectAsync());

        AssertClean(e.ToString());
    }

    [Theory]
    [InlineData("bad:name", "x")]
    [InlineData("", "x")]
    public void A_user_name_that_cannot_be_sent_is_refused(string name, string password) =>
        Assert.Throws<ArgumentException>(() => new BasicCredential(name, password));

    private static void AssertClean(string text)
    {
        Assert.DoesNotContain(ScriptedPrism.Password, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Encoded, text, StringComparison.Ordinal);
    }
}
