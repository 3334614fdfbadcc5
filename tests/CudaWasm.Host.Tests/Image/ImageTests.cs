using System.Net;
using System.Text.Json;
using CudaWasm.Host.Tests.Worker;

namespace CudaWasm.Host.Tests.Image;

/// <summary>The Dockerfile, built on bases made of this machine's files, and the worker in it, as a cluster would run it.</summary>
public sealed class ImageTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    /// <summary>What the restricted Pod Security standard asks for, and no memory to write to beside the volume. Limits that any caller may set.</summary>
    private static readonly string[] Restricted =
    [
        "--read-only", "--read-only-tmpfs=false", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "host", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_image_serves_as_nobody_on_a_read_only_root_without_capabilities()
    {
        var obstacle = await Podman.ObstacleAsync();
        Assert.SkipWhen(obstacle is not null, $"The image was not built: {obstacle}");

        var tag = $"localhost/cuda-wasm-test-{Guid.NewGuid():n}";
        try
        {
            await BuildAsync(tag);
            var (runtime, why) = await Podman.FindRuntimeAsync([.. Restricted, tag, "--version"]);
            Assert.SkipWhen(runtime is null, $"The image was built, but no container runs here: {why}");
            var image = JsonDocument.Parse(await Podman.RunAsync("image", "inspect", tag)).RootElement[0].GetProperty("Config");
            Assert.Equal("10001:10001", image.GetProperty("User").GetString());

            var refusal = await RunAsync(runtime!, tag, ["--allow-anonymous"], async url =>
            {
                using var client = new HttpClient { BaseAddress = url };
                Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("healthz", Cancellation)).StatusCode);
                using var published = await client.PutAsync("v1/kernels/saxpy", new StringContent(TestWorker.Saxpy), Cancellation);
                Assert.Equal(HttpStatusCode.Created, published.StatusCode);
                Assert.Equal(10f, await LaunchAsync(client));
            });
            Assert.Equal("", refusal);

            // The volume has it still.
            await RunAsync(runtime!, tag, ["--allow-anonymous"], async url =>
            {
                using var client = new HttpClient { BaseAddress = url };
                Assert.Equal(10f, await LaunchAsync(client));
                Assert.Contains("\ncuda_wasm_compile_cache_misses_total 0\n", await client.GetStringAsync("metrics", Cancellation), StringComparison.Ordinal);
            });
        }
        finally
        {
            await Podman.TryAsync("volume", "rm", "--force", VolumeOf(tag));
            foreach (var name in new[] { tag, tag + "-base", tag + "-build" }) await Podman.TryAsync("rmi", "--force", name);
        }
    }

    private async Task BuildAsync(string tag)
    {
        await LocalBases.MakeRuntimeAsync(_folder.Path("base"));
        await LocalBases.MakeBuildAsync(_folder.Path("build"));
        var scratch = _folder.Write("Scratch", "FROM scratch\nCOPY . /\n");
        foreach (var name in new[] { "base", "build" }) await Podman.RunAsync("build", "--isolation", "chroot", "--layers=false", "--tag", $"{tag}-{name}", "--file", scratch, _folder.Path(name));
        await Podman.RunAsync(
            "build", "--isolation", "chroot", "--layers=false", "--tag", tag, "--build-arg", $"BASE_IMAGE={tag}-base", "--build-arg", $"BUILD_IMAGE={tag}-build", "--file", Path.Combine(WorkFolder.Repository, "Dockerfile"), WorkFolder.Repository);
    }

    /// <summary>Runs the worker as restricted pods are, lets the test talk to it, and stops it as a cluster does. Gives what it told on standard error.</summary>
    private static async Task<string> RunAsync(string[] runtime, string tag, string[] options, Func<Uri, Task> talk)
    {
        var id = await Podman.RunAsync([
            .. runtime, "run", "--detach", .. Restricted, "--volume", $"{VolumeOf(tag)}:/var/cache/cuda-wasm", tag, "serve", "--urls", "http://127.0.0.1:0", .. options]);
        try
        {
            var line = "";
            await TestWorker.UntilAsync(async () =>
            {
                var (_, output, error) = await Podman.TryAsync("logs", id);
                Assert.Equal("", error);
                return (line = output.Split('\n')[0]).EndsWith('}');
            });
            await talk(new Uri(JsonDocument.Parse(line).RootElement.GetProperty("urls")[0].GetString()!));
            await Podman.RunAsync("stop", "--time", "20", id);
            var state = JsonDocument.Parse(await Podman.RunAsync("inspect", id)).RootElement[0];
            Assert.Equal(0, state.GetProperty("State").GetProperty("ExitCode").GetInt32());
            Assert.True(state.GetProperty("HostConfig").GetProperty("ReadonlyRootfs").GetBoolean());
            return (await Podman.TryAsync("logs", id)).Error;
        }
        finally
        {
            await Podman.TryAsync("rm", "--force", id);
        }
    }

    private static string VolumeOf(string tag) => tag.Split('/')[1];

    private static async Task<float> LaunchAsync(HttpClient client)
    {
        var (_, outputs) = await TestWorker.ResultAsync(client.PostAsync(
            "v1/kernels/saxpy/launch",
            TestWorker.Json("""{"grid": 1, "block": 1, "arguments": [{"int": 1}, {"float": 2}, {"buffer": "float", "count": 1, "fill": 3}, {"buffer": "float", "count": 1, "fill": 4, "output": "y"}]}"""),
            Cancellation));
        return BitConverter.ToSingle(outputs["y"]);
    }
}
