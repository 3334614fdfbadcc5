using CudaWasm.Compiler.Text;
using CudaWasm.Runtime.Cpu;

namespace CudaWasm.Runtime;

/// <summary>The devices of this machine.</summary>
public static class Devices
{
    private static readonly (string Name, Func<Device> Open)[] Known = [("cpu", () => new CpuDevice())];

    /// <summary>The devices that work here, the one to prefer first.</summary>
    public static IReadOnlyList<DeviceInfo> List()
    {
        var result = new List<DeviceInfo>();
        foreach (var (_, open) in Known)
        {
            using var device = open();
            result.Add(new DeviceInfo(device.Name, device.Kind, device.Description, device.ComputeUnits, device.MemoryBytes));
        }

        return result;
    }

    /// <exception cref="KernelArgumentException">No device has that name.</exception>
    public static Device Open(string name)
    {
        foreach (var (known, open) in Known)
        {
            if (string.Equals(known, name, StringComparison.OrdinalIgnoreCase)) return open();
        }

        throw new KernelArgumentException(DiagnosticCodes.BadLaunch, $"There is no device '{name}'. This machine has: {string.Join(", ", Known.Select(k => k.Name))}.");
    }
}
