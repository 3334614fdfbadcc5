using System.Diagnostics;
using System.Management.Automation;
using System.Text;
using CudaWasmNutanix.Pipeline;
using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Kubernetes;

namespace CudaWasmNutanix.Commands;

/// <summary>Checks Kubernetes manifests: what a cluster would refuse, and what would never run.</summary>
/// <remarks>
/// <para>Without a cluster it checks fields (misspelled ones with the nearest that is known, values of another type, what is missing),
/// names, labels, quantities, values that YAML takes for something else, selectors, references among the documents, GPU resources and
/// node labels (of one vendor only), Jobs, ports, and the Restricted Pod Security Standard; custom resources against their definitions
/// with -CrdPath. With -Context, kubectl asks the cluster itself as well (a dry run on the server,
/// which changes nothing).</para>
/// <para>Documents that belong together are checked together: they refer to each other.</para>
/// </remarks>
/// <example>
/// <code>Test-CudaWasmManifest ./infer.yaml</code>
/// <para>Lists what is wrong with a file.</para>
/// </example>
/// <example>
/// <code>New-CudaWasmNkeManifest -Name infer -Image registry.local/cuda-wasm:1.0 | Test-CudaWasmManifest -Context nke-prod</code>
/// <para>Checks a manifest here, and asks the cluster of a kubeconfig context.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "CudaWasmManifest", DefaultParameterSetName = "Path")]
[OutputType(typeof(ManifestFinding), typeof(bool))]
public sealed class TestCudaWasmManifestCommand : AsyncCmdlet
{
    private readonly StringBuilder _documents = new();

    /// <summary>Files with manifests.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Documents in YAML, as New-CudaWasmNkeManifest writes them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Yaml", ValueFromPipeline = true)]
    [AllowEmptyString]
    public string Yaml { get; set; } = "";

    /// <summary>Files with CustomResourceDefinitions, for custom resources.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] CrdPath { get; set; } = [];

    /// <summary>Context of the kubeconfig whose cluster kubectl asks too.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Context { get; set; }

    /// <summary>Writes only whether there are no errors.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Yaml")
        {
            Add(Yaml);
        }
    }

    protected override void EndProcessing()
    {
        try
        {
            foreach (string path in Path)
            {
                Add(File.ReadAllText(ResolvePath(path)));
            }

            string yaml = _documents.ToString();
            string[] definitions = Array.ConvertAll(CrdPath, path => File.ReadAllText(ResolvePath(path)));
            Run(async writer =>
            {
                List<ManifestFinding> findings = [.. ManifestCheck.Check(yaml, definitions)];
                if (Context is not null)
                {
                    findings.AddRange(await AskClusterAsync(yaml).ConfigureAwait(false));
                }

                if (Quiet)
                {
                    writer.Output(findings.All(finding => finding.Severity != FindingSeverity.Error));
                    return;
                }

                foreach (ManifestFinding finding in findings)
                {
                    writer.Output(finding);
                }
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            WriteError(ErrorRecords.From(exception, Path.FirstOrDefault()));
        }
    }

    /// <summary>Documents of several texts in one; a document may begin with its line already.</summary>
    private void Add(string yaml)
    {
        if (!yaml.StartsWith("---", StringComparison.Ordinal))
        {
            _documents.Append("---\n");
        }

        _documents.Append(yaml);
        if (!yaml.EndsWith('\n'))
        {
            _documents.Append('\n');
        }
    }

    private async Task<IEnumerable<ManifestFinding>> AskClusterAsync(string yaml)
    {
        var start = new ProcessStartInfo("kubectl", ["--context", Context!, "apply", "--dry-run=server", "--filename", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException("-Context needs kubectl on the PATH, which is not there.", e);
        }

        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(Stop);
            Task<string> errors = process.StandardError.ReadToEndAsync(Stop);
            await process.StandardInput.WriteAsync(yaml.AsMemory(), Stop).ConfigureAwait(false);
            process.StandardInput.Close();
            await process.WaitForExitAsync(Stop).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            string[] lines = (await errors.ConfigureAwait(false)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            FindingSeverity severity = process.ExitCode == 0 ? FindingSeverity.Warning : FindingSeverity.Error;
            return lines.Select(line => new ManifestFinding(severity, $"cluster of {Context}", "", line));
        }
    }
}
