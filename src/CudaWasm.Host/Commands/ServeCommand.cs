using System.CommandLine;
using System.CommandLine.Parsing;
using CudaWasm.Host.Terminal;
using CudaWasm.Host.Worker;
using CudaWasm.Runtime.Caching;

namespace CudaWasm.Host.Commands;

/// <summary><c>serve</c>: kernels for other programs, over HTTP. What an option does not say, an environment variable may.</summary>
internal static class ServeCommand
{
    private const long Mebibyte = 1 << 20;

    public static Command Create(HostConsole console)
    {
        var defaults = new WorkerLimits();
        var urls = new Option<string[]>("--urls") { Description = "Addresses to listen on, http or https; port 0 takes a free one. [CUDA_WASM_URLS]", HelpName = "URL", DefaultValueFactory = _ => Text("CUDA_WASM_URLS")?.Split(';') ?? ["http://127.0.0.1:8080"] };
        urls.Validators.Add(CheckUrls);
        var cache = new Option<string>("--cache") { Description = "Folder for published kernels and what was compiled from them; it survives restarts. [CUDA_WASM_KERNEL_STORE]", HelpName = "DIR", DefaultValueFactory = _ => Text("CUDA_WASM_KERNEL_STORE") ?? (Text(CompileCache.Variable) is { } folder && !CompileCache.IsOff(folder) ? folder : DefaultCache) };
        var keys = FileOption("--api-keys", "File with one 'tenant:key' a line.", "CUDA_WASM_API_KEY_FILE");
        var certificate = FileOption("--tls-certificate", "Certificate in PEM, for https addresses.", "CUDA_WASM_TLS_CERTIFICATE");
        var key = FileOption("--tls-key", "Its key in PEM; where not given, it is in the same file.", "CUDA_WASM_TLS_KEY");
        var authority = FileOption("--client-ca", "Authorities in PEM whose certificates clients must have; the tenant is the common name.", "CUDA_WASM_CLIENT_CA");
        var anonymous = new Option<bool>("--allow-anonymous") { Description = "Let callers in without key. [CUDA_WASM_ALLOW_ANONYMOUS=true]", DefaultValueFactory = _ => Text("CUDA_WASM_ALLOW_ANONYMOUS") == "true" };
        var memory = NumberOption.Integer("--memory", (int)Math.Min(int.MaxValue, defaults.MaxMemoryBytes / Mebibyte), 1, int.MaxValue, "MiB that buffers of all callers may have.");
        var tenantMemory = NumberOption.Integer("--tenant-memory", (int)Math.Min(int.MaxValue, defaults.MaxTenantMemoryBytes / Mebibyte), 1, int.MaxValue, "MiB that one tenant's buffers may have.");
        var body = NumberOption.Integer("--body", (int)(defaults.MaxBodyBytes / Mebibyte), 1, int.MaxValue, "MiB that the body of a launch may have.");
        var requests = NumberOption.Integer("--tenant-requests", defaults.MaxTenantRequests, 1, 100_000, "Requests of one tenant at the same time.");
        var queue = NumberOption.Integer("--queue", defaults.MaxQueueLength, 1, 100_000, "Launches that may wait for the device.");
        var launchTime = NumberOption.Integer("--launch-seconds", (int)defaults.MaxLaunchTime.TotalSeconds, 1, 86_400, "Seconds one launch may take.");
        var jobTime = NumberOption.Integer("--job-seconds", (int)defaults.MaxJobTime.TotalSeconds, 1, 864_000, "Seconds one job may take.");
        var drainDelay = NumberOption.Integer("--drain-delay", Number("CUDA_WASM_DRAIN_DELAY", 0), 0, 600, "Seconds to go on after SIGTERM, telling not to be ready. [CUDA_WASM_DRAIN_DELAY]");
        var drain = NumberOption.Integer("--drain-seconds", 30, 1, 3600, "Seconds that what runs may take to end then.");

        var command = new Command("serve", "Serves kernels over HTTP until it is stopped (Ctrl+C, SIGTERM).")
        {
            urls, cache, keys, certificate, key, authority, anonymous, memory, tenantMemory, body, requests, queue, launchTime, jobTime, drainDelay, drain,
        };
        command.SetAction((parsed, cancellationToken) => ServeAsync(
            console,
            new WorkerOptions
            {
                Urls = parsed.GetRequiredValue(urls),
                CacheFolder = parsed.GetRequiredValue(cache),
                ApiKeyFile = parsed.GetValue(keys),
                TlsCertificateFile = parsed.GetValue(certificate),
                TlsKeyFile = parsed.GetValue(key),
                ClientAuthorityFile = parsed.GetValue(authority),
                AllowAnonymous = parsed.GetValue(anonymous),
                DrainDelay = TimeSpan.FromSeconds(parsed.GetValue(drainDelay)),
                DrainTime = TimeSpan.FromSeconds(parsed.GetValue(drain)),
                Limits = defaults with
                {
                    MaxMemoryBytes = parsed.GetValue(memory) * Mebibyte,
                    MaxTenantMemoryBytes = parsed.GetValue(tenantMemory) * Mebibyte,
                    MaxBodyBytes = parsed.GetValue(body) * Mebibyte,
                    MaxTenantRequests = parsed.GetValue(requests),
                    MaxQueueLength = parsed.GetValue(queue),
                    MaxLaunchTime = TimeSpan.FromSeconds(parsed.GetValue(launchTime)),
                    MaxJobTime = TimeSpan.FromSeconds(parsed.GetValue(jobTime)),
                },
            },
            cancellationToken));
        return command;
    }

    private static string DefaultCache => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "cuda-wasm", "kernels");

    private static async Task<int> ServeAsync(HostConsole console, WorkerOptions options, CancellationToken cancellationToken)
    {
        TerminationSignals.TidyUpTime = options.DrainDelay + options.DrainTime + TimeSpan.FromSeconds(5);
        await using var server = await WorkerServer.StartAsync(options, cancellationToken);
        HostJson.Write(console.Output, new WorkerAddress(server.Urls, Path.GetFullPath(options.CacheFolder)), HostJson.Default.WorkerAddress);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Being stopped is how this command ends well.
        }

        await server.DrainAsync();
        return ExitCode.Success;
    }

    private static Option<string?> FileOption(string name, string description, string variable) =>
        new(name) { Description = $"{description} [{variable}]", HelpName = "FILE", DefaultValueFactory = _ => Text(variable) };

    private static void CheckUrls(OptionResult result)
    {
        foreach (var url in result.GetValueOrDefault<string[]>())
        {
            // Kestrel's own wildcards are no hosts of a URI.
            var text = url.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal);
            if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/")
                result.AddError($"--urls must be addresses such as http://*:8080 or https://127.0.0.1:8443, not '{url}'.");
        }
    }

    private static string? Text(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? text : null;

    private static int Number(string variable, int value) => int.TryParse(Text(variable), System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= 0 ? number : value;
}
