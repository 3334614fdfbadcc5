using System.Management.Automation;
using System.Security;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Hosting;

namespace CudaWasmNutanix.Session;

/// <summary>
/// A Prism Central simulator that runs in this process. Its members are named as Connect-NtnxPrismCentral's parameters, so
/// that it can be piped there.
/// </summary>
public sealed class SimulatorSession : IDisposable
{
    private readonly HttpListenerSimulatorHost _host;

    /// <exception cref="InvalidOperationException">The port could not be had.</exception>
    internal SimulatorSession(SimulatorOptions options, int port)
    {
        _host = new HttpListenerSimulatorHost(new PrismSimulator(options));
        try
        {
            Server = _host.Start(port).AbsoluteUri;
        }
        catch
        {
            _host.Dispose();
            throw;
        }

        Credential = new PSCredential(options.UserName, Secrets.Conceal(options.Password));
        ApiKey = Secrets.Conceal(options.ApiKey);
    }

    /// <summary>Address, on the loopback interface only.</summary>
    public string Server { get; }

    public PSCredential Credential { get; }

    public SecureString ApiKey { get; }

    public string UserName => Credential.UserName;

    public bool IsRunning => _host.IsRunning;

    /// <summary>What is simulated.</summary>
    public string Description => Simulator.Options.ToString();

    /// <summary>The simulator itself, for faults on demand.</summary>
    public PrismSimulator Simulator => _host.Simulator;

    public override string ToString() => Server;

    public void Dispose() => _host.Dispose();
}
