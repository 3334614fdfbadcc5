using System.Management.Automation;
using CudaWasm.Runtime;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists the devices of this machine that can run CUDA kernels.</summary>
/// <remarks>
/// <para>Only devices that work here are listed, the one that Invoke-CudaWasmKernel uses first at the top. The CPU is always
/// among them.</para>
/// </remarks>
/// <example>
/// <code>Get-CudaWasmDevice</code>
/// <para>Lists the devices.</para>
/// </example>
/// <example>
/// <code>Get-CudaWasmDevice | ForEach-Object { Invoke-CudaWasmKernel -LaunchFile ./saxpy.json -Device $_.Name }</code>
/// <para>Runs a launch file on every device in turn.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "CudaWasmDevice")]
[OutputType(typeof(DeviceInfo))]
public sealed class GetCudaWasmDeviceCommand : AsyncCmdlet
{
    /// <summary>Names of devices; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    protected override void ProcessRecord()
    {
        var names = new NameFilter(Name);
        Run(writer => TryAsync(writer, null, () =>
        {
            foreach (DeviceInfo device in Devices.List().Where(device => names.IsMatch(device.Name)))
            {
                writer.Output(device);
            }

            foreach (string missing in names.Missing)
            {
                writer.Error(ErrorRecords.NotFound("DeviceNotFound", "device", missing, "Get-CudaWasmDevice"));
            }

            return Task.CompletedTask;
        }));
    }
}
