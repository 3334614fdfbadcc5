using System.Text.Json;

namespace CudaWasm.Host.Tests;

public class DevicesCommandTests
{
    [Fact]
    public async Task The_cpu_is_always_there()
    {
        using var run = new HostRun();

        Assert.Equal(0, await run.RunAsync("devices", "--json"));

        var cpu = JsonDocument.Parse(run.Output).RootElement.EnumerateArray().Single(d => d.GetProperty("name").GetString() == "cpu");
        Assert.Equal(Environment.ProcessorCount, cpu.GetProperty("computeUnits").GetInt32());
        Assert.True(cpu.GetProperty("memoryBytes").GetInt64() > 0);
    }

    [Fact]
    public async Task The_table_names_every_device()
    {
        using var run = new HostRun();

        Assert.Equal(0, await run.RunAsync("devices"));

        Assert.Contains("| cpu ", run.Output, StringComparison.Ordinal);
    }
}
