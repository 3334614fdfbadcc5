using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using CudaWasm.Runtime.Remote;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;

namespace CudaWasmNutanix.Workers;

/// <summary>A cmdlet that talks to a worker (cuda-wasm serve).</summary>
public abstract class WorkerCmdlet : AsyncCmdlet
{
    /// <summary>Address of the worker: https://worker.example:8443.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public Uri? Endpoint { get; set; }

    /// <summary>API key of a tenant of the worker.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? ApiKey { get; set; }

    /// <summary>Certificate with its key, for workers that know their callers by it.</summary>
    [Parameter]
    [ValidateNotNull]
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>Accepts any TLS certificate. For laboratories only: whoever sits on the path can then read the key.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Does something with the worker; what goes wrong becomes error records.</summary>
    private protected void Run(object? target, Func<PipelineWriter, RemoteWorker, Task> work) => Run(writer => TryAsync(writer, target, async () =>
    {
        using RemoteWorker worker = Open(Endpoint!, ApiKey, ClientCertificate, SkipCertificateCheck);
        await work(writer, worker).ConfigureAwait(false);
    }));

    internal static RemoteWorker Open(Uri endpoint, SecureString? apiKey, X509Certificate2? certificate, bool skipCertificateCheck) => new(endpoint, new RemoteWorkerOptions
    {
        ApiKey = apiKey is null ? null : Secrets.Reveal(apiKey),
        ClientCertificate = certificate,
        SkipCertificateCheck = skipCertificateCheck,
    });
}
