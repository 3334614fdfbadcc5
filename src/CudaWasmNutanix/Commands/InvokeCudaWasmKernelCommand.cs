using System.Diagnostics;
using System.Management.Automation;
using CudaWasm.Compiler;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Caching;
using CudaWasmNutanix.Pipeline;

namespace CudaWasmNutanix.Commands;

/// <summary>Compiles a CUDA kernel and runs it on this machine.</summary>
/// <remarks>
/// <para>The source is CUDA C++ as it is; host code in the file is skipped. Arrays that the kernel writes are copied to the device
/// and, when the kernel has run, back into the same arrays. If the kernel fails or is stopped they keep what they held. Arrays
/// that it only reads are used where they are, and with -InPlace all are.</para>
/// <para>Every memory access is checked: one out of bounds is an error that names the source line, the thread, the buffer and
/// the index. What is wrong with the source is shown at its line. A kernel that does not end is stopped with Ctrl+C, or by
/// -TimeoutSeconds.</para>
/// </remarks>
/// <example>
/// <code>[float[]] $x = 1..1024
/// [float[]] $y = ,1 * 1024
/// Invoke-CudaWasmKernel ./saxpy.cu -Kernel saxpy -Grid 4 -Block 256 -ArgumentList 2.0, $x, $y, 1024
/// $y[0..3]</code>
/// <para>Runs saxpy; $y holds the result.</para>
/// </example>
/// <example>
/// <code>Invoke-CudaWasmKernel ./reduce.cu -Kernel 'reduce&lt;float,256&gt;' -Grid 64 -Block 256 -SharedBytes 1KB -Define @{ STEPS = 8 } -ArgumentList $in, $out -TimeoutSeconds 10</code>
/// <para>Runs one instance of a template with dynamic shared memory and a macro, for ten seconds at most.</para>
/// </example>
/// <example>
/// <code>Get-ChildItem ./jobs/*.json | Invoke-CudaWasmKernel</code>
/// <para>Runs launch files, which name source, sizes, arguments and result files.</para>
/// </example>
/// <example>
/// <code>Invoke-CudaWasmKernel ./saxpy.cu -Kernel saxpy -Grid 4 -Block 256 -ArgumentList 2.0, $x, $y, 1024 -Endpoint https://worker.example:8443 -ApiKey $key</code>
/// <para>Runs saxpy on a worker: the source, its headers and the arrays travel there, and what it wrote comes back into $y.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "CudaWasmKernel", DefaultParameterSetName = "Source", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(KernelRun))]
public sealed partial class InvokeCudaWasmKernelCommand : KernelLaunchCmdlet
{
    /// <summary>Leaves out the checks of memory accesses, for measuring. A stray access may then end the session.</summary>
    [Parameter]
    public SwitchParameter Unchecked { get; set; }

    /// <summary>The kernel writes into the arrays themselves, without copies of them. If it fails they hold what it wrote up to then.</summary>
    [Parameter(ParameterSetName = "Source")]
    public SwitchParameter InPlace { get; set; }

    protected override bool IsWanted(string target, string device) => ShouldProcess(target, $"Run on {device}");

    protected override Task RunSource(PipelineWriter writer, string file, string[] includes, string deviceName)
    {
        if (Endpoint is not null)
        {
            return RunSourceRemotely(writer, file, includes);
        }

        var watch = Stopwatch.StartNew();
        CompiledKernel compiled = Compile(writer, file, includes);
        using Device device = Devices.Open(deviceName);
        using Kernel kernel = device.Load(compiled, new LoadOptions { Unchecked = Unchecked });
        double compileTime = watch.Elapsed.TotalMilliseconds;

        using ArgumentBinder binder = ArgumentBinder.Bind(device, compiled, ArgumentList, InPlace);
        using var printed = new PrintfWriter(writer);
        LaunchStatistics statistics = kernel.Launch(
            Configuration,
            binder.Arguments,
            new LaunchOptions { Output = printed, Timeout = Limit },
            Stop);
        binder.CopyBack();
        printed.Flush();
        writer.Output(new KernelRun
        {
            Kernel = compiled.Name,
            Device = device.Name,
            Path = file,
            CompileMilliseconds = compileTime,
            LaunchMilliseconds = statistics.Elapsed.TotalMilliseconds,
            Printed = printed.Text,
        });
        return Task.CompletedTask;
    }

    protected override Task RunLaunchFile(PipelineWriter writer, string file, string device)
    {
        if (Endpoint is not null)
        {
            return RunLaunchFileRemotely(writer, file);
        }

        using var printed = new PrintfWriter(writer);
        LaunchResult result = LaunchRunner.Run(CudaWasm.Runtime.LaunchFile.Load(file), new LaunchRunOptions
        {
            Device = device,
            Unchecked = Unchecked,
            Cache = CompileCache.OfUser,
            Timeout = Limit,
            Output = printed,
        }, Stop);
        printed.Flush();
        SayCache(writer, file, result.Cache);
        Warn(writer, result.Diagnostics);
        writer.Output(new KernelRun
        {
            Kernel = result.Kernel,
            Device = result.Device,
            Path = file,
            CompileMilliseconds = result.CompileMs,
            LaunchMilliseconds = result.LaunchMs[0],
            Printed = printed.Text,
            OutputFiles = [.. result.Outputs.Select(output => output.File)],
        });
        return Task.CompletedTask;
    }
}
