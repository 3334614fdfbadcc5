using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using CudaWasm.Compiler;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Remote;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Workers;

namespace CudaWasmNutanix.Commands;

// Launches on a worker in place of this machine.
public sealed partial class InvokeCudaWasmKernelCommand
{
    /// <summary>
    /// Address of a worker (cuda-wasm serve) that runs the kernel in place of this machine. Where there is no file -Path, a kernel that
    /// was published under that name is meant.
    /// </summary>
    [Parameter]
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

    /// <summary>Accepts any TLS certificate of the worker. For laboratories only: whoever sits on the path can then read the key.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        string? useless = Endpoint is not null
            ? (Unchecked ? nameof(Unchecked) : InPlace ? nameof(InPlace) : Device is not null ? nameof(Device) : null)
            : ApiKey is not null ? nameof(ApiKey) : ClientCertificate is not null ? nameof(ClientCertificate) : SkipCertificateCheck ? nameof(SkipCertificateCheck) : null;
        if (useless is not null)
        {
            string reason = Endpoint is null ? "is for -Endpoint, which is not given" : "is not for workers, which choose their device, check every access and get copies of arrays";
            ThrowTerminatingError(new ErrorRecord(new PSArgumentException($"-{useless} {reason}."), "ParametersDoNotFit", ErrorCategory.InvalidArgument, null));
        }
    }

    private async Task RunSourceRemotely(PipelineWriter writer, string file, string[] includes)
    {
        if (!File.Exists(file) && PublishedName().IsMatch(Path))
        {
            using RemoteWorker keeper = OpenWorker();
            RemoteLaunchResult launched = await keeper.LaunchAsync(Path, Kernel, Configuration, ArgumentList, Limit, Stop).ConfigureAwait(false);
            Write(writer, keeper, Path, launched, []);
            return;
        }

        PackagedSource source = KernelPackageReader.Read(file, includes, Macros.Of(Define), Kernel is null ? [] : [Kernel], Stop);
        CompiledKernel compiled = KernelCompiler.Find(source.Compilation, file, Kernel ?? OnlyKernel(source.Compilation, file));
        Warn(writer, compiled.Diagnostics);
        using RemoteWorker worker = OpenWorker();
        RemoteLaunchResult result = await worker.LaunchAsync(
            source, compiled, Configuration, ArgumentList, Limit, Stop).ConfigureAwait(false);
        Write(writer, worker, file, result, []);
    }

    private async Task RunLaunchFileRemotely(PipelineWriter writer, string file)
    {
        using RemoteWorker worker = OpenWorker();
        (RemoteLaunchResult result, IReadOnlyList<LaunchOutput> outputs) = await worker.LaunchAsync(CudaWasm.Runtime.LaunchFile.Load(file), Limit, Stop).ConfigureAwait(false);
        Write(writer, worker, file, result, outputs);
    }

    /// <summary>What a kernel can be published as.</summary>
    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex PublishedName();

    private RemoteWorker OpenWorker() => WorkerCmdlet.Open(Endpoint!, ApiKey, ClientCertificate, SkipCertificateCheck);

    private static void Write(PipelineWriter writer, RemoteWorker worker, string file, RemoteLaunchResult result, IReadOnlyList<LaunchOutput> outputs)
    {
        using var printed = new PrintfWriter(writer);
        printed.Write(result.Printed);
        printed.Flush();
        if (result.IsPrintedCut)
        {
            writer.Warning($"Kernel {result.Kernel} printed more than the worker keeps; the rest is lost.");
        }

        writer.Output(new KernelRun
        {
            Kernel = result.Kernel,
            Device = $"{result.Device} at {worker.Endpoint.Authority}",
            Path = file,
            CompileMilliseconds = result.CompileMs,
            LaunchMilliseconds = result.LaunchMs,
            Printed = printed.Text,
            OutputFiles = [.. outputs.Select(output => output.File)],
        });
    }
}
