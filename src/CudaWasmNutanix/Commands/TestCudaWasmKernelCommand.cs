using System.Globalization;
using System.Management.Automation;
using CudaWasm.Compiler;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Caching;
using CudaWasmNutanix.Pipeline;

namespace CudaWasmNutanix.Commands;

/// <summary>Runs a CUDA kernel under watch and tells what is wrong with it.</summary>
/// <remarks>
/// <para>Finds what compute-sanitizer finds on an NVIDIA GPU, on any machine: accesses out of bounds or misaligned, reads of what was
/// never written, races between threads and between blocks, and barriers and warp operations that some threads do not reach. The kernel
/// goes on after each: a wrong read gives zero, a wrong write is dropped. Nothing is written where nothing is found.</para>
/// <para>Each finding says where in the source it is, which threads take part, and which element of which buffer is meant. It is written
/// once for each place, however often it happens; Count tells how often. Errors are wrong on every device, warnings depend on the device
/// or on the order of threads, notes (such as threads that all write the same value) are harmless.</para>
/// <para>Arrays among the arguments are copied and stay as they are. Files that a launch file names for results are not written; its
/// buffers without input and fill count as never written.</para>
/// </remarks>
/// <example>
/// <code>Test-CudaWasmKernel ./reduce.cu -Kernel reduce -Grid 8 -Block 256 -SharedBytes 1KB -ArgumentList ([float[]] (1..2048)), ([float[]]::new(8))</code>
/// <para>Shows what is wrong with a kernel, if anything is.</para>
/// </example>
/// <example>
/// <code>Get-ChildItem ./jobs/*.json | Test-CudaWasmKernel | Where-Object Severity -eq Error | Group-Object Kernel, Kind</code>
/// <para>Counts the kinds of errors of many launches.</para>
/// </example>
/// <example>
/// <code>if (-not (Test-CudaWasmKernel -LaunchFile ./job.json -Quiet)) { throw 'The kernel is not clean.' }</code>
/// <para>Lets a pipeline fail if a check finds errors or warnings.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "CudaWasmKernel", DefaultParameterSetName = "Source")]
[OutputType(typeof(KernelFinding), typeof(bool))]
public sealed class TestCudaWasmKernelCommand : KernelLaunchCmdlet
{
    /// <summary>Writes only whether all is well: $false where there are errors or warnings. Notes do not count.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    protected override Task RunSource(PipelineWriter writer, string file, string[] includes, string deviceName)
    {
        CompiledKernel compiled = Compile(writer, file, includes);
        using Device device = Devices.Open(deviceName);
        using Kernel kernel = device.Load(compiled, new LoadOptions { Check = true });
        using ArgumentBinder binder = ArgumentBinder.Bind(device, compiled, ArgumentList);
        using var printed = new PrintfWriter(writer);
        CheckReport report = kernel.Check(Configuration, binder.Arguments, new CheckOptions { Output = printed, Timeout = Limit }, Stop);
        printed.Flush();
        Tell(writer, report);
        return Task.CompletedTask;
    }

    protected override Task RunLaunchFile(PipelineWriter writer, string file, string device)
    {
        using var printed = new PrintfWriter(writer);
        LaunchCheckResult result = LaunchRunner.Check(
            CudaWasm.Runtime.LaunchFile.Load(file), new LaunchRunOptions { Device = device, Cache = CompileCache.OfUser, Timeout = Limit, Output = printed }, Stop);
        printed.Flush();
        SayCache(writer, file, result.Cache);
        Warn(writer, result.Diagnostics);
        Tell(writer, result.Report);
        return Task.CompletedTask;
    }

    private void Tell(PipelineWriter writer, CheckReport report)
    {
        if (report.Undecided > 0)
        {
            writer.Verbose(string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Kernel}: {report.Undecided} pairs of accesses are ordered by atomics or flags, if at all; they do not count as races."));
        }

        if (Quiet)
        {
            writer.Output(report.IsClean);
            return;
        }

        foreach (CheckFinding finding in report.Findings)
        {
            writer.Output(KernelFinding.Of(finding));
        }

        if (report.Omitted > 0)
        {
            writer.Warning(string.Create(CultureInfo.InvariantCulture, $"{report.Kernel}: {report.Omitted} further findings are not shown."));
        }
    }
}
