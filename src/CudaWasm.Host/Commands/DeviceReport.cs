using CudaWasm.Runtime;

namespace CudaWasm.Host.Commands;

/// <summary>One device of <c>devices --json</c>.</summary>
internal sealed record DeviceReport(string Name, string Kind, string Description, int ComputeUnits, long MemoryBytes)
{
    public static DeviceReport Of(DeviceInfo device) =>
        new(device.Name, device.Kind.ToString(), device.Description, device.ComputeUnits, device.MemoryBytes);
}
