using System.Net;
using System.Net.Sockets;
using System.Text;
using CudaWasm.Host.Worker;

namespace CudaWasm.Host.Tests.Worker;

/// <summary>Whatever is sent, the answer is a problem document of the 4xx kind and the worker goes on.</summary>
public class WorkerHostileRequestTests
{
    private const string OneBuffer = """{"grid": 1, "block": 1, "arguments": [{"int": 1}, {"float": 1}, {"buffer": "float", "count": 1, "input": "x"}, {"buffer": "float", "count": 1}]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<TestWorker> StartAsync(Func<WorkerLimits, WorkerLimits>? limits = null)
    {
        var worker = await TestWorker.StartAsync(o => o with { Limits = limits?.Invoke(o.Limits) ?? o.Limits });
        await worker.PublishAsync("saxpy", TestWorker.Saxpy);
        return worker;
    }

    public static TheoryData<string> HostileLaunches =>
    [
        "", "null", "[]", "{", "{}", "1e999", "\"a\"", "\u0000",
        """{"grid": 0, "block": 1}""",
        """{"grid": -1, "block": 1}""",
        """{"grid": 1, "block": 1e9}""",
        """{"grid": [1, 2, 3, 4], "block": 1}""",
        """{"grid": [2147483647, 65535, 65535], "block": 2048}""",
        """{"grid": 1, "block": 1, "unchecked": true}""",
        """{"grid": 1, "block": 1, "source": "/etc/passwd"}""",
        """{"grid": 1, "grid": 2, "block": 1}""",
        """{"grid": 1, "block": 1, "timeoutSeconds": -1}""",
        """{"grid": 1, "block": 1, "timeoutSeconds": 1e300}""",
        """{"grid": 1, "block": 1, "sharedBytes": 99999999999}""",
        """{"grid": 1, "block": 1, "kernel": "other"}""",
        """{"grid": 1, "block": 1, "kernel": "\ud800"}""",
        """{"grid": 1, "block": 1, "arguments": {}}""",
        """{"grid": 1, "block": 1, "arguments": [1, 2, 3, 4]}""",
        """{"grid": 1, "block": 1, "arguments": []}""",
        """{"grid": 1, "block": 1, "arguments": [{"buffer": "float", "count": -1}]}""",
        """{"grid": 1, "block": 1, "arguments": [{"buffer": "float"}]}""",
        """{"grid": 1, "block": 1, "arguments": [{"buffer": "void", "count": 1}]}""",
        """{"grid": 1, "block": 1, "arguments": [{"buffer": "float", "count": 1, "input": "../../etc/passwd"}]}""",
        """{"grid": 1, "block": 1, "arguments": [{"buffer": "float", "count": 1, "output": "a\r\nb"}]}""",
        """{"grid": 1, "block": 1, "arguments": [{"int": 1}, {"float": 1}, {"buffer": "double", "count": 1}, {"buffer": "float", "count": 1}]}""",
        """{"grid": 1, "block": 1, "arguments": [{"int": 1}, {"float": 1}, {"buffer": "float", "count": 1, "output": "x"}, {"buffer": "float", "count": 1, "output": "x"}]}""",
        """{"grid": 1, "block": 1, "arguments": [{"int": 1}, {"float": 1}, {"bytes": "AAAAAAAAAAA="}, {"ulonglong": 140737488355328}]}""",
        """{"grid": 1, "block": 1, "symbols": {"none": {"output": "x"}}}""",
    ];

    [Theory]
    [MemberData(nameof(HostileLaunches))]
    public async Task A_launch_that_is_none_is_refused(string launch)
    {
        await using var worker = await StartAsync();

        var (status, _) = await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/kernels/saxpy/launch", TestWorker.Json(launch), Cancellation));

        Assert.InRange((int)status, 400, 422);
        Assert.Equal(0, await worker.MetricAsync("cuda_wasm_device_memory_bytes"));
    }

    [Fact]
    public async Task Json_that_nests_without_end_is_refused()
    {
        await using var worker = await StartAsync();

        var (status, _) = await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/kernels/saxpy/launch", TestWorker.Json(string.Concat(Enumerable.Repeat("[", 100_000))), Cancellation));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
    }

    [Theory]
    [InlineData("9223372036854775807", 413, 422)]
    [InlineData("576460752303423487", 413, 413)]
    [InlineData("1099511627776", 413, 413)]
    public async Task Memory_that_there_is_not_is_refused_before_it_is_asked_for(string count, int least, int most)
    {
        await using var worker = await StartAsync();
        var launch = $$"""{"grid": 1, "block": 1, "arguments": [{"int": 1}, {"float": 1}, {"buffer": "float", "count": {{count}}}, {"buffer": "float", "count": {{count}}}]}""";

        var (status, _) = await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/kernels/saxpy/launch", TestWorker.Json(launch), Cancellation));

        Assert.InRange((int)status, least, most);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/octet-stream")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/mixed; boundary=a")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task Other_content_types_are_refused(string? type)
    {
        await using var worker = await StartAsync();
        var content = new ByteArrayContent("{}"u8.ToArray());
        if (type is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", type);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/kernels/saxpy/launch", content, Cancellation))).Status);
        if (type != "text/plain")
        {
            var source = new ByteArrayContent("{}"u8.ToArray());
            if (type is not null)
                source.Headers.TryAddWithoutValidation("Content-Type", type);
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await TestWorker.ProblemAsync(worker.Red.PutAsync("v1/kernels/k", source, Cancellation))).Status);
        }
    }

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=\"\"")]
    [InlineData("multipart/form-data; boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("multipart/form-data; boundary=other")]
    public async Task Messages_without_their_parts_are_refused(string type)
    {
        await using var worker = await StartAsync();
        var content = new ByteArrayContent("--b\r\nContent-Disposition: form-data; name=\"launch\"\r\n\r\n{}\r\n--b--"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        Assert.Equal(HttpStatusCode.BadRequest, (await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/kernels/saxpy/launch", content, Cancellation))).Status);
    }

    [Theory]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"launch\"\r\n\r\n{LAUNCH}")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"launch\"\r\n\r\n{LAUNCH}\r\n--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n12")]
    [InlineData("--b\r\n\r\n{LAUNCH}\r\n--b--")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1234\r\n--b--")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"launch\"\r\n\r\n{LAUNCH}\r\n--b\r\nno colon\r\n\r\n1234\r\n--b--")]
    public async Task Messages_that_are_cut_or_broken_are_refused(string body)
    {
        await using var worker = await StartAsync();
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.Replace("{LAUNCH}", OneBuffer, StringComparison.Ordinal)));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");

        Assert.Equal(HttpStatusCode.BadRequest, (await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/kernels/saxpy/launch", content, Cancellation))).Status);
        Assert.Equal(0, await worker.MetricAsync("cuda_wasm_device_memory_bytes"));
    }

    public static TheoryData<string, string[], int[]> WrongParts => new()
    {
        { "came with no part: x", [], [] },
        { "has 3 bytes", ["x"], [3] },
        { "more than the 4 bytes", ["x"], [5] },
        { "called 'y'", ["x", "y"], [4, 4] },
        { "or the part came twice", ["x", "x"], [4, 4] },
    };

    [Theory]
    [MemberData(nameof(WrongParts))]
    public async Task Parts_that_do_not_fit_the_launch_are_refused(string complaint, string[] names, int[] sizes)
    {
        await using var worker = await StartAsync();
        var message = TestWorker.Message(OneBuffer, [.. names.Zip(sizes, (name, size) => (name, new byte[size]))]);

        var (status, problem) = await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/kernels/saxpy/launch", message, Cancellation));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(complaint, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_over_the_limit_are_refused_announced_or_not()
    {
        await using var worker = await StartAsync(l => l with { MaxBodyBytes = 10_000, MaxSourceBytes = 5_000 });
        var large = TestWorker.Message(OneBuffer, ("x", new byte[20_000]));
        using var unannounced = new HttpRequestMessage(HttpMethod.Put, "v1/kernels/k") { Content = new StringContent(new string(' ', 50_000)) };
        unannounced.Headers.TransferEncodingChunked = true;

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/kernels/saxpy/launch", large, Cancellation))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await TestWorker.ProblemAsync(worker.Red.SendAsync(unannounced, Cancellation))).Status);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_gives_its_memory_back()
    {
        await using var worker = await StartAsync();
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(worker.Url.Host, worker.Url.Port, Cancellation);
            var launch = OneBuffer.Replace("\"count\": 1, \"input\"", "\"count\": 1000000, \"input\"", StringComparison.Ordinal);
            var body = $"--b\r\nContent-Disposition: form-data; name=\"launch\"\r\n\r\n{launch}\r\n--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nabcd";
            var head = $"POST /v1/kernels/saxpy/launch HTTP/1.1\r\nHost: a\r\nX-Api-Key: {TestWorker.RedKey}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 4000000\r\n\r\n";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + body), Cancellation);
            await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_device_memory_bytes") > 0);
        }

        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_device_memory_bytes") == 0);
    }

    [Theory]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/v1/kernels/none", 404)]
    [InlineData("DELETE", "/v1/kernels/none", 404)]
    [InlineData("POST", "/v1/kernels/none/launch", 404)]
    [InlineData("GET", "/v1/jobs/none", 404)]
    [InlineData("POST", "/v1/jobs?kernel=none", 404)]
    [InlineData("PATCH", "/v1/kernels", 405)]
    [InlineData("PUT", "/v1/kernels/Upper", 400)]
    [InlineData("PUT", "/v1/kernels/..%2f..%2fetc", 400)]
    [InlineData("PUT", "/v1/kernels/a%00b", 400)]
    public async Task Paths_that_lead_nowhere_are_told(string method, string path, int expected)
    {
        await using var worker = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = TestWorker.Json("{}") };

        using var response = await worker.Red.SendAsync(request, Cancellation);

        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("__global__ void k() { int }", null)]
    [InlineData("int main() {}", "CW1004")]
    [InlineData("", null)]
    public async Task Sources_that_do_not_compile_are_not_published(string source, string? code)
    {
        await using var worker = await StartAsync();

        var (status, problem) = await TestWorker.ProblemAsync(worker.Red.PutAsync("v1/kernels/k", new StringContent(source), Cancellation));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.NotEmpty(problem.GetProperty("diagnostics").EnumerateArray());
        if (code is not null)
            Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await worker.Red.GetAsync("v1/kernels/k", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Sources_read_no_file_of_the_machine()
    {
        using var folder = new WorkFolder();
        var header = folder.Write("secret.h", "#define SECRET 42");
        await using var worker = await StartAsync();
        foreach (var name in new[] { header, Path.GetRelativePath(Environment.CurrentDirectory, header) })
        {
            var source = $"#include \"{name.Replace('\\', '/')}\"\n__global__ void k(int *x) {{ x[0] = SECRET; }}";

            var (_, problem) = await TestWorker.ProblemAsync(worker.Red.PutAsync("v1/kernels/k", new StringContent(source), Cancellation));

            Assert.Contains("SECRET", problem.GetProperty("diagnostics").ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"source": 1}""")]
    [InlineData("""{"headers": {}}""")]
    [InlineData("""{"source": "__global__ void k() {}", "unchecked": true}""")]
    [InlineData("""{"source": "__global__ void k() {}", "headers": {"../x.h": ""}}""")]
    [InlineData("""{"source": "__global__ void k() {}", "headers": {"/x.h": ""}}""")]
    [InlineData("""{"source": "__global__ void k() {}", "includePaths": ["C:\\"]}""")]
    [InlineData("null")]
    [InlineData("{")]
    public async Task Publications_that_are_none_are_refused(string json)
    {
        await using var worker = await StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await TestWorker.ProblemAsync(worker.Red.PutAsync("v1/kernels/k", TestWorker.Json(json), Cancellation))).Status);
    }

    [Fact]
    public async Task Globals_that_would_fill_the_machine_are_refused()
    {
        await using var worker = await StartAsync();
        await worker.PublishAsync("vast", "__device__ double vast[1 << 27]; __global__ void k() { vast[0] = 1; }");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/kernels/vast/launch", TestWorker.Json("""{"grid": 1, "block": 1}"""), Cancellation))).Status);
    }
}
