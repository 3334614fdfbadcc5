using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace CudaWasm.Host.Tests.Worker;

public sealed class WorkerAccessTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("wrong-0123456789abcdef")]
    [InlineData("")]
    public async Task Without_a_key_of_a_tenant_nothing_is_done(string? key)
    {
        await using var worker = await TestWorker.StartAsync();
        using var client = worker.Client(key);

        using var response = await client.GetAsync("v1/kernels", Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("healthz", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_key_may_come_as_a_bearer_token()
    {
        await using var worker = await TestWorker.StartAsync();
        using var client = worker.Client(null);
        client.DefaultRequestHeaders.Authorization = new("Bearer", TestWorker.BlueKey);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("v1/kernels", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Tenants_do_not_see_each_others_kernels()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("mine", TestWorker.Saxpy);

        Assert.Equal(HttpStatusCode.NotFound, (await worker.Blue.GetAsync("v1/kernels/mine", Cancellation)).StatusCode);
        Assert.Empty(JsonNode.Parse(await worker.Blue.GetStringAsync("v1/kernels", Cancellation))!["kernels"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await worker.Blue.DeleteAsync("v1/kernels/mine", Cancellation)).StatusCode);
        Assert.Equal("mine", (string?)JsonNode.Parse(await worker.Red.GetStringAsync("v1/kernels", Cancellation))!["kernels"]![0]!["name"]);
    }

    [Theory]
    [InlineData("red:short")]
    [InlineData("no key at all")]
    [InlineData("Red:0123456789abcdef")]
    [InlineData("../red:0123456789abcdef")]
    [InlineData("a:0123456789abcdef\nb:0123456789abcdef")]
    [InlineData("# nothing")]
    public async Task Key_files_that_are_wrong_keep_the_worker_from_starting(string keys)
    {
        var file = _folder.Write("wrong", keys);

        var error = await Assert.ThrowsAsync<HostException>(() => TestWorker.StartAsync(o => o with { ApiKeyFile = file }, _folder));

        Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_nobody_could_call_does_not_start()
    {
        var error = await Assert.ThrowsAsync<HostException>(() => TestWorker.StartAsync(o => o with { ApiKeyFile = null }, _folder));

        Assert.Contains("--allow-anonymous", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_tls_a_client_certificate_names_the_tenant_and_http_2_is_spoken()
    {
        using var authority = Certificate("CN=authority", issuer: null);
        using var stranger = Certificate("CN=stranger", issuer: null);
        using var green = Certificate("CN=green", authority);
        using var other = Certificate("CN=green", stranger);
        using var own = Certificate("CN=localhost", authority);
        var files = (
            Certificate: _folder.Write("own.pem", own.ExportCertificatePem()),
            Key: _folder.Write("own.key", own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
            Authority: _folder.Write("ca.pem", authority.ExportCertificatePem()));
        await using var worker = await TestWorker.StartAsync(
            o => o with { Urls = ["https://127.0.0.1:0"], ApiKeyFile = null, TlsCertificateFile = files.Certificate, TlsKeyFile = files.Key, ClientAuthorityFile = files.Authority },
            _folder);

        using (var client = Client(worker.Url, green))
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "v1/kernels/k") { Content = new StringContent(TestWorker.Saxpy), Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await client.SendAsync(request, Cancellation);
            Assert.Equal((HttpStatusCode.Created, HttpVersion.Version20), (response.StatusCode, response.Version));
            Assert.True(File.Exists(_folder.Path("cache/t-green/k-k.kernel")));
        }

        using var unknown = Client(worker.Url, other);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => unknown.GetAsync("v1/kernels", Cancellation));
        using var nobody = Client(worker.Url, null);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => nobody.GetAsync("v1/kernels", Cancellation));
    }

    private static HttpClient Client(Uri url, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, errors) => errors is SslPolicyErrors.RemoteCertificateChainErrors or SslPolicyErrors.RemoteCertificateNameMismatch or (SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch);
        if (certificate is not null)
            handler.SslOptions.ClientCertificates = [certificate];
        return new HttpClient(handler) { BaseAddress = url };
    }

    private static X509Certificate2 Certificate(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: issuer is null, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        var now = DateTimeOffset.UtcNow;
        if (issuer is null)
            return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));

        using var signed = request.Create(issuer, now.AddHours(-1), now.AddHours(1), Guid.NewGuid().ToByteArray());
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }
}
