using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nutanix.Prism.Http;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Faults;
using Nutanix.Prism.Tests.Client.Support;
using Nutanix.Prism.Tests.EndToEnd;

namespace Nutanix.Prism.Tests.Security;

public sealed class SecurityTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_secret_is_in_any_log_error_or_trace()
    {
        string trace = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.trace");
        const string Password = "S3cret/Pass+word=";
        var server = new SimulatedPrism(new SimulatorOptions { Password = Password, TaskDurationScale = 0, Vms = 0, GpuModels = ["MI210"] });
        var told = new List<string>();
        try
        {
            PrismConnectionOptions Change(PrismConnectionOptions o) => o with
            {
                Credential = new BasicCredential("admin", Password),
                TracePath = trace,
                Log = line =>
                {
                    lock (told)
                    {
                        told.Add(line);
                    }
                },
            };
            using PrismClient client = await server.ConnectAsync(Change);
            told.Add(client.ToString());
            string cluster = (await client.GetClustersAsync(Stop).FirstAsync(Stop)).ExtId;
            const string UserData = "#cloud-config\nchpasswd: { list: 'root:TopSecretRootPassword' }\n";
            var request = new GpuVmRequest { Name = "m", Cluster = cluster, DiskBytes = 1 << 20, UserData = UserData };
            told.Add(request.ToString());
            await client.CreateGpuVmAsync(request, cancellationToken: Stop);
            server.Core.Inject(SimulatorFault.Status(500, 50));
            told.Add((await Assert.ThrowsAnyAsync<PrismException>(() => client.GetImagesAsync(Stop).ToListAsync(Stop).AsTask())).ToString());
            server.Core.ClearFaults();
            told.Add((await Assert.ThrowsAnyAsync<PrismException>(() => server.ConnectAsync(o => Change(o) with { Credential = new BasicCredential("admin", "Wr0ng-Pass-word") }))).ToString());
            told.Add(await File.ReadAllTextAsync(trace, Stop));

            string all = string.Join('\n', told);
            string[] secrets =
            [
                Password, "Wr0ng-Pass-word", "TopSecretRootPassword",
                Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"admin:{Password}")),
                Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(UserData)),
                "NTNX_IGW_SESSION=",
            ];
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
            Assert.Contains("POST", told[^1], StringComparison.Ordinal);
            Assert.Contains("***", told[^1], StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(trace));
            }
        }
        finally
        {
            File.Delete(trace);
        }
    }

    [Theory]
    [InlineData("""{"password":"hunter2 \" and more"}""")]
    [InlineData("""{"user_data" : "I2Nsb3VkLWNvbmZpZw=="}""")]
    [InlineData("""{"value":"I2Nsb3VkLWNvbmZpZwpjaHBhc3N3ZDogcm9vdDpzZWNyZXQK"}""")]
    public void Bodies_lose_their_secrets(string body) => Assert.Contains("\"***\"}", WireTrace.Mask(body), StringComparison.Ordinal);

    [Fact]
    public async Task A_redirect_is_an_error_and_takes_the_credential_nowhere()
    {
        var server = new ScriptedPrism();
        server.Intercept = r => r.Path.Contains("clusters", StringComparison.Ordinal)
            ? new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri("https://evil.example.test/login") } }
            : null;

        await Assert.ThrowsAsync<PrismProtocolException>(() => server.ConnectAsync());

        Assert.DoesNotContain(server.Requests, r => r.Uri.Host != "pc.example.test");
    }

    [Theory]
    [InlineData("x' or '1' eq '1", "name eq 'x'' or ''1'' eq ''1'")]
    [InlineData("it's", "name eq 'it''s'")]
    [InlineData("a&$filter=b#c%20", "name eq 'a&$filter=b#c%20'")]
    public async Task A_name_cannot_leave_its_quotes_in_a_filter(string name, string filter)
    {
        var server = new ScriptedPrism();
        using PrismClient client = await server.ConnectAsync();

        await client.GetVmsAsync(new VmQuery { Names = [name] }, Stop).ToListAsync(Stop);

        RecordedRequest request = server.Of("GET vmm/ahv/config/vms").Last();
        Assert.Equal(filter, request.Query["$filter"]);
        Assert.Equal(3, request.Query.Count);
    }

    [Fact]
    public void Tls_is_1_2_or_newer()
    {
        using var handler = (SocketsHttpHandler)FlurlTransport.CreateHandler(new PrismConnectionOptions { Server = "x", Credential = new ApiKeyCredential("k") });
        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, handler.SslOptions.EnabledSslProtocols);
        Assert.False(handler.AllowAutoRedirect);
    }

    [Fact]
    public void A_pinned_certificate_is_trusted_and_no_other()
    {
        using X509Certificate2 ours = Certificate("CN=pc.example.test", null);
        using X509Certificate2 other = Certificate("CN=pc.example.test", null);
        string pin = string.Join(':', Convert.ToHexString(SHA256.HashData(ours.RawData)).Chunk(2).Select(c => new string(c)));
        RemoteCertificateValidationCallback check = CertificateCheck.Create(Options with { CertificateThumbprint = pin })!;

        Assert.True(check(this, ours, null, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.False(check(this, other, null, SslPolicyErrors.None));
        Assert.Throws<ArgumentException>(() => CertificateCheck.Create(Options with { CertificateThumbprint = "abc" }));
    }

    [Fact]
    public void An_authority_of_ones_own_is_trusted_for_the_name_it_signed()
    {
        using X509Certificate2 authority = Certificate("CN=Lab CA", null);
        using X509Certificate2 server = Certificate("CN=pc.example.test", authority);
        using X509Certificate2 stranger = Certificate("CN=pc.example.test", null);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, authority.ExportCertificatePem());
            RemoteCertificateValidationCallback check = CertificateCheck.Create(Options with { CaCertificatePath = path })!;

            Assert.True(check(this, server, null, SslPolicyErrors.RemoteCertificateChainErrors));
            Assert.False(check(this, server, null, SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors));
            Assert.False(check(this, stranger, null, SslPolicyErrors.RemoteCertificateChainErrors));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static PrismConnectionOptions Options => new() { Server = "pc.example.test", Credential = new ApiKeyCredential("key") };

    private static X509Certificate2 Certificate(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, true));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return issuer is null
            ? request.CreateSelfSigned(now.AddDays(-1), now.AddDays(10))
            : request.Create(issuer, now.AddHours(-1), now.AddDays(1), [1, 2, 3, 4]);
    }
}
