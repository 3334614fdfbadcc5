using System.Globalization;
using Nutanix.Prism;
using Nutanix.Prism.Benchmarks;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Hosting;

// Usage: dotnet run --project tests/benchmarks/Prism [clusters]
//
// A Prism Central of 1,000 hosts, 8,000 GPUs and 20,000 machines, each answer 20 ms late, runs in a process of its own. The same
// reads are timed one request at a time and with requests in parallel, in one run: the first of this process by itself, as it
// compiles the client's code while it reads, then the median of five. Another process reads before, as a Prism Central has not
// just been started when one asks it.
if (args is ["--simulator", .. var count])
{
    using var host = new HttpListenerSimulatorHost(new PrismSimulator(new SimulatorOptions
    {
        Clusters = int.Parse(count[0], CultureInfo.InvariantCulture),
        Hosts = 1000,
        GpusPerHost = 8,
        Vms = int.Parse(count[1], CultureInfo.InvariantCulture),
        Latency = TimeSpan.FromMilliseconds(20),
    }));
    Console.WriteLine(host.Start());
    Console.ReadLine();
    Console.WriteLine(host.Simulator.Ledger.MostInFlight);
    return;
}

if (args is ["--read", var address])
{
    using PrismClient reader = await SimulatorProcess.ConnectAsync(address, 16);
    for (int i = 0; i < 3; i++)
    {
        await Measure.HostsAsync(reader);
        await Measure.VmsAsync(reader);
    }

    return;
}

string clusters = args is [var given] ? given : "32";
using var central = SimulatorProcess.Start(clusters, "20000");
central.ReadInAnotherProcess();
using PrismClient one = await central.ConnectAsync(1);
using PrismClient many = await central.ConnectAsync(16);
Print("Get-NtnxGpuHost, first in its process", await Measure.HostsAsync(many, central));
Reading[] parallel = await RepeatAsync(() => Measure.HostsAsync(many, central));
Reading serial = await Measure.HostsAsync(one, central);
PrintShare("Get-NtnxGpuHost", serial, parallel);
Reading[] parallelVms = await RepeatAsync(() => Measure.VmsAsync(many, central));
Reading serialVms = await Measure.VmsAsync(one, central);
PrintShare("Get-NtnxGpuVm", serialVms, parallelVms);

int before = central.Requests;
await foreach (PrismVm vm in many.GetVmsAsync(new VmQuery { GpuOnly = true }).Take(10))
{
    GC.KeepAlive(vm);
}

Console.WriteLine($"first 10 machines: {central.Requests - before} requests of {serialVms.Requests}");

using (var small = SimulatorProcess.Start(clusters, "2000"))
using (PrismClient few = await small.ConnectAsync(16))
{
    long less = await Measure.PeakBytesAsync(few);
    long more = await Measure.PeakBytesAsync(many);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory while 2,000 machines stream: {less / 1e6:0.0} MB, 20,000: {more / 1e6:0.0} MB"));
}

return;

static async Task<Reading[]> RepeatAsync(Func<Task<Reading>> read)
{
    var readings = new Reading[5];
    for (int i = 0; i < readings.Length; i++)
    {
        readings[i] = await read();
    }

    return readings;
}

static double Median(Reading[] readings, Func<Reading, TimeSpan> time) => readings.Select(r => time(r).TotalMilliseconds).Order().ElementAt(readings.Length / 2);

static void Print(string what, Reading reading) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{what}: {reading.Records} records in {reading.Requests} requests, {reading.All.TotalMilliseconds:0} ms, first record after {reading.First.TotalMilliseconds:0} ms"));

static void PrintShare(string what, Reading serial, Reading[] parallel) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{what}: {serial.Records} records in {serial.Requests} requests; one after the other {serial.All.TotalMilliseconds:0} ms, in parallel {Median(parallel, r => r.All):0} ms ({Median(parallel, r => r.All) / serial.All.TotalMilliseconds:0.00}), first record after {Median(parallel, r => r.First):0} ms ({string.Join(", ", parallel.Select(r => r.First.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)))}), processor time of client and server {Median(parallel, r => r.Cpu):0} ms"));
