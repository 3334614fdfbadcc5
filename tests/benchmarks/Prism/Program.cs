using System.Globalization;
using Nutanix.Prism;
using Nutanix.Prism.Benchmarks;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Hosting;

// Usage: dotnet run --project tests/benchmarks/Prism [clusters]
//
// A Prism Central of 1,000 hosts, 8,000 GPUs and 20,000 machines, each answer 20 ms late, runs in a process of its own. The same
// reads are timed one request at a time and with requests in parallel, in one run.
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

string clusters = args is [var given] ? given : "32";
using var central = SimulatorProcess.Start(clusters, "20000");
using PrismClient one = await central.ConnectAsync(1);
using PrismClient many = await central.ConnectAsync(16);

// Once, so that nothing is compiled while it is timed.
await Measure.HostsAsync(many, central);
Reading parallel = await Measure.HostsAsync(many, central);
Reading serial = await Measure.HostsAsync(one, central);
Print("Get-NtnxGpuHost", serial, parallel);
Reading parallelVms = await Measure.VmsAsync(many, central);
Reading serialVms = await Measure.VmsAsync(one, central);
Print("Get-NtnxGpuVm", serialVms, parallelVms);

int before = central.Requests;
await foreach (PrismVm vm in many.GetVmsAsync(new VmQuery { GpuOnly = true }).Take(10))
{
    GC.KeepAlive(vm);
}

Console.WriteLine($"first 10 machines: {central.Requests - before} requests of {parallelVms.Requests}");

using (var small = SimulatorProcess.Start(clusters, "2000"))
using (PrismClient few = await small.ConnectAsync(16))
{
    long less = await Measure.PeakBytesAsync(few);
    long more = await Measure.PeakBytesAsync(many);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory while 2,000 machines stream: {less / 1e6:0.0} MB, 20,000: {more / 1e6:0.0} MB"));
}

return;

static void Print(string what, Reading serial, Reading parallel) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{what}: {parallel.Records} records in {parallel.Requests} requests; one after the other {serial.All.TotalMilliseconds:0} ms, in parallel {parallel.All.TotalMilliseconds:0} ms ({parallel.All / serial.All:0.00}), first record after {parallel.First.TotalMilliseconds:0} ms, processor time of client and server {parallel.Cpu.TotalMilliseconds:0} ms"));
