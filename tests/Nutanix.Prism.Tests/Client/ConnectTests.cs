using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class ConnectTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connecting_proves_the_credential_and_tells_the_versions()
    {
        var prism = new ScriptedPrism();
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal("https://pc.example.test:9440/", client.Address.AbsoluteUri);
        Assert.Equal(ScriptedPrism.UserName, client.UserName);
        Assert.Equal("v4.2", client.ApiVersions["vmm"]);
        Assert.Equal(["clustermgmt", "networking", "prism", "vmm"], client.ApiVersions.Keys.Order());
        Assert.NotEmpty(prism.Of("GET clustermgmt/config/clusters"));
    }

    [Theory]
    [InlineData("application/json", """{"data":{"error":[{"message":"Authentication required.","errorGroup":"AUTHENTICATION_REQUIRED"}]}}""")]
    [InlineData("text/html", "<html><body>401 Unauthorized</body></html>")]
    [InlineData("text/plain", "")]
    public async Task A_wrong_password_is_told_whatever_the_body_is(string contentType, string body)
    {
        var prism = new ScriptedPrism { Intercept = _ => Replies.Text(HttpStatusCode.Unauthorized, contentType, body)() };

        var e = await Assert.ThrowsAsync<PrismAuthenticationException>(() => prism.ConnectAsync());

        Assert.Equal(HttpStatusCode.Unauthorized, e.StatusCode);
        Assert.Contains("'admin'", e.Message, StringComparison.Ordinal);
        Assert.Single(prism.Requests);
    }

    [Fact]
    public async Task A_wrong_password_is_told_also_where_versions_are_not_negotiated()
    {
        var prism = new ScriptedPrism
        {
            Info = _ => null,
            Intercept = r => r.Method == "GET" ? Replies.Text(HttpStatusCode.Unauthorized, "text/plain", "no")() : null,
        };

        await Assert.ThrowsAsync<PrismAuthenticationException>(() => prism.ConnectAsync());
    }

    [Fact]
    public async Task A_user_without_the_right_is_told_so()
    {
        var prism = new ScriptedPrism().On(
            "GET clustermgmt/config/clusters", Replies.Error(HttpStatusCode.Forbidden, "RBA-10001", "RBAC_AUTHORIZATION_ERROR", "Denied."));

        var e = await Assert.ThrowsAsync<PrismAuthenticationException>(() => prism.ConnectAsync());

        Assert.Equal(HttpStatusCode.Forbidden, e.StatusCode);
        Assert.Equal("RBA-10001", e.Code);
        Assert.Contains("role", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_its_query_not_shown()
    {
        var prism = new ScriptedPrism
        {
            Intercept = _ =>
            {
                HttpResponseMessage response = Replies.Text(HttpStatusCode.Found, "text/html", "<html>moved</html>")();
                response.Headers.Location = new Uri("https://sso.example.test/login?state=topsecrettoken");
                return response;
            },
        };

        var e = await Assert.ThrowsAsync<PrismProtocolException>(() => prism.ConnectAsync());

        Assert.Contains("https://sso.example.test/login", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecrettoken", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_page_with_status_200_is_not_taken_for_an_answer()
    {
        var prism = new ScriptedPrism { Intercept = _ => Replies.Text(HttpStatusCode.OK, "text/html", "<!DOCTYPE html><title>Welcome</title>")() };

        var e = await Assert.ThrowsAsync<PrismProtocolException>(() => prism.ConnectAsync());

        Assert.Contains("text/html", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_cut_in_the_middle_is_told_as_such()
    {
        var prism = new ScriptedPrism();
        await using PrismClient client = await prism.ConnectAsync();
        prism.On("GET clustermgmt/config/clusters", Replies.Json(HttpStatusCode.OK, """{"data":[{"extId":"c1","na"""));

        var e = await Assert.ThrowsAsync<PrismProtocolException>(async () => await client.GetClustersAsync(Ct).ToListAsync(Ct));

        Assert.Contains("cut off", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_of_another_shape_is_told_as_such()
    {
        var prism = new ScriptedPrism();
        await using PrismClient client = await prism.ConnectAsync();
        prism.On("GET clustermgmt/config/clusters", Replies.Json(HttpStatusCode.OK, """{"data":"hello"}"""));

        await Assert.ThrowsAsync<PrismProtocolException>(async () => await client.GetClustersAsync(Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_server_that_does_not_listen_is_told_at_once()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        int port = ((IPEndPoint)socket.LocalEndpoint).Port;
        socket.Stop();
        var options = new PrismConnectionOptions { Server = $"127.0.0.1:{port}", Credential = new BasicCredential("admin", "x1x2x3x4") };

        var e = await Assert.ThrowsAsync<PrismConnectionException>(() => PrismClient.ConnectAsync(options, Ct));

        Assert.Equal(ConnectionFailure.Unreachable, e.Failure);
        Assert.Contains($"127.0.0.1:{port}", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, ConnectionFailure.NameNotFound)]
    [InlineData(HttpRequestError.SecureConnectionError, ConnectionFailure.Tls)]
    [InlineData(HttpRequestError.ConnectionError, ConnectionFailure.Unreachable)]
    public async Task The_kind_of_failure_is_told(HttpRequestError error, ConnectionFailure expected)
    {
        var prism = new ScriptedPrism { Intercept = _ => throw new HttpRequestException(error, "no") };

        var e = await Assert.ThrowsAsync<PrismConnectionException>(() => prism.ConnectAsync());

        Assert.Equal(expected, e.Failure);
        Assert.Single(prism.Requests);
    }

    [Fact]
    public async Task A_server_that_never_answers_runs_into_the_timeout()
    {
        var prism = new ScriptedPrism { Delay = (_, ct) => Task.Delay(Timeout.Infinite, ct) };

        var e = await Assert.ThrowsAsync<PrismConnectionException>(() => prism.ConnectAsync(o => o with { Timeout = TimeSpan.FromMilliseconds(50) }));

        Assert.Equal(ConnectionFailure.TimedOut, e.Failure);
    }

    [Fact]
    public async Task A_certificate_nobody_signed_is_refused_unless_asked_otherwise()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 selfSigned = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(selfSigned.Export(X509ContentType.Pfx), null);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task server = ServeTlsAsync(listener, certificate, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        var options = new PrismConnectionOptions
        {
            Server = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}",
            Credential = new BasicCredential("admin", "x1x2x3x4"),
        };

        var refused = await Assert.ThrowsAsync<PrismConnectionException>(() => PrismClient.ConnectAsync(options, Ct));
        Assert.Equal(ConnectionFailure.Certificate, refused.Failure);

        // Now the connection stands, and the server gets to refuse the password.
        await Assert.ThrowsAsync<PrismAuthenticationException>(() => PrismClient.ConnectAsync(options with { SkipCertificateCheck = true }, Ct));
        listener.Stop();
        await server;
    }

    [Fact]
    public async Task Cancelling_ends_a_request_at_once()
    {
        var prism = new ScriptedPrism();
        await using PrismClient client = await prism.ConnectAsync();
        using var stop = new CancellationTokenSource();
        prism.Delay = async (_, ct) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, ct);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetVmAsync("v1", stop.Token));
    }

    private static async Task ServeTlsAsync(TcpListener listener, X509Certificate2 certificate, byte[] answer)
    {
        for (int connection = 0; connection < 2; connection++)
        {
            try
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(Ct);
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(certificate);
                byte[] buffer = new byte[4096];
                _ = await tls.ReadAsync(buffer, Ct);
                await tls.WriteAsync(answer, Ct);
            }
            catch (Exception e) when (e is IOException or AuthenticationException or SocketException)
            {
                // The client hung up on the certificate.
            }
        }
    }
}
