using System.Management.Automation;
using CudaWasm.Compiler;
using CudaWasm.Runtime;
using CudaWasmNutanix.Pipeline;

namespace CudaWasmNutanix.Commands;

/// <summary>Measures how fast a CUDA kernel runs on this machine, and how near that is to what the machine can do.</summary>
/// <remarks>
/// <para>The kernel is launched several times and timed. Bytes and floating-point operations are not guessed: the compiler makes a
/// version of the kernel that counts them, which runs once on the same inputs. GB/s takes of each buffer no more than it holds, once for
/// reading and once for writing, since what is read again comes from caches. An addition, a multiplication or a math function counts as
/// one operation, a fused multiply-add as two.</para>
/// <para>The percentages compare with what two small loops reach on this machine: the one goes through memory, the other multiplies and
/// adds in registers. A kernel near 100 % of either cannot become much faster.</para>
/// <para>On the CPU the threads of a block are lanes of vectors. Where that cannot be, ScalarReason says why. ActiveLanesPercent tells how
/// many threads of a warp take part in its steps; branches and loops that part them lower it.</para>
/// <para>Every launch gets the same inputs. Arrays among the arguments are copied and stay as they are, and files that a launch file names
/// for results are not written.</para>
/// </remarks>
/// <example>
/// <code>Measure-CudaWasmKernel ./saxpy.cu -Grid 4096 -Block 256 -ArgumentList 1048576, 2.0, ([float[]]::new(1MB)), ([float[]]::new(1MB))</code>
/// <para>Measures a kernel.</para>
/// </example>
/// <example>
/// <code>Get-ChildItem ./jobs/*.json | Measure-CudaWasmKernel | Sort-Object MedianMilliseconds -Descending | Format-Table</code>
/// <para>Shows which of many launches takes longest, and whether memory or arithmetic holds it back.</para>
/// </example>
/// <example>
/// <code>128, 256, 512 | ForEach-Object { Measure-CudaWasmKernel ./filter.cu -Grid (1MB / $_) -Block $_ -ArgumentList $x, $y -Repeat 30 }</code>
/// <para>Tries block sizes.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Measure, "CudaWasmKernel", DefaultParameterSetName = "Source")]
[OutputType(typeof(KernelPerformance))]
public sealed class MeasureCudaWasmKernelCommand : KernelLaunchCmdlet
{
    /// <summary>Launches that are timed.</summary>
    [Parameter]
    [ValidateRange(1, 100_000)]
    public int Repeat { get; set; } = MeasureOptions.Default.Repeat;

    /// <summary>Launches before those.</summary>
    [Parameter]
    [ValidateRange(0, 100_000)]
    public int Warmup { get; set; } = MeasureOptions.Default.Warmup;

    /// <summary>Leaves out the checks of memory accesses. A stray access may then end the session.</summary>
    [Parameter]
    public SwitchParameter Unchecked { get; set; }

    /// <summary>On the CPU: the size of vectors to use, where not the widest that it has; 0 runs one thread after the other.</summary>
    [Parameter]
    [ValidateSet("0", "128", "256", "512")]
    public int? VectorBits { get; set; }

    protected override Task RunSource(PipelineWriter writer, string file, string[] includes, string deviceName)
    {
        CompiledKernel compiled = Compile(writer, file, includes);
        using Device device = Devices.Open(deviceName);
        using var printed = new PrintfWriter(writer);
        KernelMeasurement measurement = KernelMeasurer.Measure(device, compiled, Configuration, ArgumentList, Options(printed), Stop);
        printed.Flush();
        writer.Output(KernelPerformance.Of(measurement, file));
        return Task.CompletedTask;
    }

    protected override Task RunLaunchFile(PipelineWriter writer, string file, string device)
    {
        using var printed = new PrintfWriter(writer);
        LaunchMeasureResult result = LaunchRunner.Measure(CudaWasm.Runtime.LaunchFile.Load(file), new LaunchRunOptions { Device = device }, Options(printed), Stop);
        printed.Flush();
        Warn(writer, result.Diagnostics);
        writer.Output(KernelPerformance.Of(result.Measurement, file));
        return Task.CompletedTask;
    }

    private MeasureOptions Options(PrintfWriter printed) => new()
    {
        Repeat = Repeat,
        Warmup = Warmup,
        Unchecked = Unchecked,
        VectorBits = VectorBits,
        Timeout = Limit,
        Output = printed,
    };
}
