using System.Diagnostics;

namespace Nutanix.Prism.Benchmarks;

/// <summary>A simulator in a process of its own, so that its work and its memory are not the client's.</summary>
internal sealed class SimulatorProcess : IDisposable
{
    private static int _sent;

    private readonly Process _process;
    private readonly string _address;

    private SimulatorProcess(Process process, string address) => (_process, _address) = (process, address);

    /// <summary>Requests that clients have sent so far, to any simulator.</summary>
    public static int Sent => Volatile.Read(ref _sent);

    public int Requests => Sent;

    /// <summary>Processor time of the simulator so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static SimulatorProcess Start(string clusters, string vms)
    {
        var start = Itself("--simulator", clusters, vms);
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        Process process = Process.Start(start) ?? throw new InvalidOperationException("The simulator's process did not start.");
        return new SimulatorProcess(process, process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The simulator ended at once."));
    }

    public Task<PrismClient> ConnectAsync(int requestsAtOnce) => ConnectAsync(_address, requestsAtOnce);

    public static Task<PrismClient> ConnectAsync(string address, int requestsAtOnce) => PrismClient.ConnectAsync(new PrismConnectionOptions
    {
        Server = address,
        Credential = new BasicCredential("admin", "nutanix/4u"),
        MaxConcurrentRequests = requestsAtOnce,
        Log = line =>
        {
            if (line.Contains(" -> ", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _sent);
            }
        },
    });

    /// <summary>The estate is read a few times by a process that ends after it.</summary>
    public void ReadInAnotherProcess()
    {
        using Process reader = Process.Start(Itself("--read", _address)) ?? throw new InvalidOperationException("The reader's process did not start.");
        reader.WaitForExit();
    }

    private static ProcessStartInfo Itself(params string[] arguments) =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? new ProcessStartInfo(Environment.ProcessPath!, [typeof(SimulatorProcess).Assembly.Location, .. arguments])
            : new ProcessStartInfo(Environment.ProcessPath!, arguments);

    public void Dispose()
    {
        _process.StandardInput.WriteLine();
        Console.WriteLine($"most requests at once at the server: {_process.StandardOutput.ReadLine()}");
        _process.WaitForExit();
        _process.Dispose();
    }
}
