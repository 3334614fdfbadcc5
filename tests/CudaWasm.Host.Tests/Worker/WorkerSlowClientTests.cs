using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CudaWasm.Host.Tests.Worker;

/// <summary>Callers that hold memory of the worker and do not get on: Kestrel looks for them once a second.</summary>
public sealed class WorkerSlowClientTests
{
    private const int Mebibytes = 64;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_that_trickles_is_answered_with_408_and_its_memory_is_given_back()
    {
        await using var worker = await StartAsync();
        using var caller = await ConnectAsync(worker);
        var launch = $$"""{"grid": 1, "block": 1, "arguments": [{"int": 1}, {"float": 2}, {"buffer": "float", "count": {{Mebibytes << 18}}, "input": "x"}, {"buffer": "float", "count": 1}]}""";
        var part = $"--b\r\nContent-Disposition: form-data; name=\"launch\"\r\nContent-Type: application/json\r\n\r\n{launch}\r\n--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n0123";
        await SendAsync(caller, $"POST /v1/kernels/saxpy/launch HTTP/1.1\r\nHost: worker\r\nX-Api-Key: {TestWorker.RedKey}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {(Mebibytes << 20) + 1000}\r\n\r\n{part}");
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_device_memory_bytes") >= Mebibytes << 20);

        var answer = await ReadAsync(caller);

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_device_memory_bytes") == 0);
    }

    [Fact]
    public async Task A_head_that_trickles_is_cut_off()
    {
        await using var worker = await StartAsync();
        using var caller = await ConnectAsync(worker);
        await SendAsync(caller, "GET /healthz HTTP/1.1\r\nHost: wor");

        Assert.StartsWith("HTTP/1.1 408 ", await ReadAsync(caller), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_stops_is_cut_off_and_its_memory_is_given_back()
    {
        await using var worker = await StartAsync();
        using var caller = await ConnectAsync(worker);
        var launch = $$"""{"grid": 1, "block": 1, "arguments": [{"int": 1}, {"float": 2}, {"buffer": "float", "count": 1}, {"buffer": "float", "count": {{Mebibytes << 18}}, "output": "y"}]}""";
        await SendAsync(caller, $"POST /v1/kernels/saxpy/launch HTTP/1.1\r\nHost: worker\r\nX-Api-Key: {TestWorker.RedKey}\r\nContent-Type: application/json\r\nContent-Length: {launch.Length}\r\n\r\n{launch}");
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_launches_total{tenant=\"red\",result=\"succeeded\"}") == 1);

        // The connection stays open here, and nothing is read.
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_device_memory_bytes") == 0);

        Assert.Equal(0, await worker.MetricAsync("cuda_wasm_sent_bytes_total"));
        Assert.Equal(HttpStatusCode.OK, (await worker.Red.GetAsync("v1/kernels/saxpy", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Many_that_trickle_do_not_keep_others_waiting()
    {
        await using var worker = await StartAsync();
        var callers = new List<Socket>();
        for (var i = 0; i < 200; i++)
        {
            callers.Add(await ConnectAsync(worker));
            await SendAsync(callers[i], "PUT /v1/kernels/k HTTP/1.1\r\nHost: worker\r\nX-Api-Key: " + TestWorker.BlueKey + "\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n_");
        }

        await worker.PublishAsync("other", TestWorker.Saxpy);

        var answers = await Task.WhenAll(callers.Select(ReadAsync));
        // As many as a tenant may have were read, the others turned away at once.
        Assert.All(answers, a => Assert.True(a.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal) || a.StartsWith("HTTP/1.1 429 ", StringComparison.Ordinal), a));
        Assert.Equal(64, answers.Count(a => a.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal)));
        callers.ForEach(c => c.Dispose());
    }

    private static async Task<TestWorker> StartAsync()
    {
        var worker = await TestWorker.StartAsync(o => o with
        {
            Limits = o.Limits with { LeastBytesPerSecond = 1 << 20, LeastRateGrace = TimeSpan.FromSeconds(1.1), MaxHeadTime = TimeSpan.FromSeconds(1.1) },
        });
        await worker.PublishAsync("saxpy", TestWorker.Saxpy);
        return worker;
    }

    private static async Task<Socket> ConnectAsync(TestWorker worker)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(IPAddress.Loopback, worker.Url.Port, Cancellation);
        return socket;
    }

    private static async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text), Cancellation);

    /// <summary>All that comes until the worker closes the connection.</summary>
    private static async Task<string> ReadAsync(Socket socket)
    {
        var text = new StringBuilder();
        var chunk = new byte[4096];
        try
        {
            for (int read; (read = await socket.ReceiveAsync(chunk, Cancellation)) > 0;)
                text.Append(Encoding.ASCII.GetString(chunk, 0, read));
        }
        catch (SocketException)
        {
            // Cut off with bytes of ours unread.
        }

        return text.ToString();
    }
}
