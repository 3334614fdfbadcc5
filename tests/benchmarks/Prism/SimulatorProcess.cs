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
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(SimulatorProcess).Assembly.Location);
        }

        foreach (string argument in new[] { "--simulator", clusters, vms })
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException("The simulator's process did not start.");
        return new SimulatorProcess(process, process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The simulator ended at once."));
    }

    public Task<PrismClient> ConnectAsync(int requestsAtOnce) => PrismClient.ConnectAsync(new PrismConnectionOptions
    {
        Server = _address,
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

    public void Dispose()
    {
        _process.StandardInput.WriteLine();
        Console.WriteLine($"most requests at once at the server: {_process.StandardOutput.ReadLine()}");
        _process.WaitForExit();
        _process.Dispose();
    }
}
