using System.Diagnostics;
using CudaWasm.Host.Worker;

namespace CudaWasm.Host.Tests.Worker;

public sealed class WorkerGpuMetricsTests : IDisposable
{
    /// <summary>Two GPUs by the signatures of nvml.h: the first tells all, the second is in MIG mode; a third is lost.</summary>
    private const string Library = """
        #include <string.h>
        typedef struct { int index; } *device;
        static struct { int index; } gpus[2] = {{0}, {1}};
        static int is_open;
        int nvmlInit_v2(void) { is_open = 1; return 0; }
        int nvmlShutdown(void) { is_open = 0; return 0; }
        int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 3; return is_open ? 0 : 1; }
        int nvmlDeviceGetHandleByIndex_v2(unsigned int i, device *d) { if (i > 1) return 15; *d = (device)&gpus[i]; return 0; }
        int nvmlDeviceGetName(device d, char *name, unsigned int n) { strncpy(name, d->index ? "NVIDIA A30" : "NVIDIA \"H100\" 80GB", n); return 0; }
        int nvmlDeviceGetUUID(device d, char *uuid, unsigned int n) { strncpy(uuid, d->index ? "GPU-b" : "GPU-a", n); return 0; }
        int nvmlDeviceGetUtilizationRates(device d, unsigned int *rates) { if (d->index) return 3; rates[0] = 37; rates[1] = 5; return 0; }
        int nvmlDeviceGetMemoryInfo(device d, unsigned long long *m) { m[0] = 85520809984ull; m[1] = 85520809984ull - 1048576; m[2] = 1048576; return 0; }
        int nvmlDeviceGetTemperature(device d, int sensor, unsigned int *t) { *t = 41 + d->index; return sensor; }
        int nvmlDeviceGetPowerUsage(device d, unsigned int *p) { *p = 71250; return d->index ? 3 : 0; }
        """;

    private readonly WorkFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_machine_without_a_driver_has_no_families_of_GPUs()
    {
        await using var worker = await TestWorker.StartAsync(o => o with { GpuLibrary = _folder.Path("none.so") });
        Assert.DoesNotContain("_gpu_", await worker.Red.GetStringAsync("metrics", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_library_that_is_another_one_is_passed_over()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Libraries are made with gcc here.");
        Assert.Null(NvidiaGpus.Open(await CompileAsync("int nvmlInit(void) { return 0; }")));
        Assert.Null(NvidiaGpus.Open(await CompileAsync(Library.Replace("is_open = 1; return 0;", "return 9;", StringComparison.Ordinal))));
        Assert.Null(NvidiaGpus.Open(await CompileAsync(Library.Replace("nvmlDeviceGetUUID", "nvmlDeviceGetId", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Each_GPU_tells_what_it_knows()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The library is made with gcc here.");
        var library = await CompileAsync(Library);
        await using var worker = await TestWorker.StartAsync(o => o with { GpuLibrary = library });

        var lines = (await worker.Red.GetStringAsync("metrics", Cancellation)).Split('\n').Where(l => l.Contains("_gpu_", StringComparison.Ordinal) && l[0] != '#');

        const string first = """{gpu="0",uuid="GPU-a",model="NVIDIA \"H100\" 80GB"}""", second = """{gpu="1",uuid="GPU-b",model="NVIDIA A30"}""";
        Assert.Equal(
            [
                $"cuda_wasm_gpu_utilization_ratio{first} 0.37",
                $"cuda_wasm_gpu_memory_bytes{first} 85520809984",
                $"cuda_wasm_gpu_memory_bytes{second} 85520809984",
                $"cuda_wasm_gpu_memory_used_bytes{first} 1048576",
                $"cuda_wasm_gpu_memory_used_bytes{second} 1048576",
                $"cuda_wasm_gpu_temperature_celsius{first} 41",
                $"cuda_wasm_gpu_temperature_celsius{second} 42",
                $"cuda_wasm_gpu_power_watts{first} 71.25",
            ],
            lines);
    }

    private async Task<string> CompileAsync(string source)
    {
        var library = _folder.Path($"{Guid.NewGuid():n}.so");
        try
        {
            using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-w", "-o", library, _folder.Write("library.c", source)]) { RedirectStandardError = true })!;
            var errors = await gcc.StandardError.ReadToEndAsync(Cancellation);
            await gcc.WaitForExitAsync(Cancellation);
            Assert.True(gcc.ExitCode == 0, errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no gcc on the PATH to make a library with.");
        }

        return library;
    }
}
