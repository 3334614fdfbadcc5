using System.Runtime.InteropServices;
using System.Text;

namespace CudaWasm.Host.Worker;

/// <summary>One GPU at one moment. What it does not tell is null.</summary>
/// <param name="Index">As the driver counts them.</param>
/// <param name="Uuid">GPU-..., the same over restarts.</param>
/// <param name="Name">Its model.</param>
/// <param name="Utilization">Share of the time, 0 to 1, in which a kernel ran, of the driver's last sample period. Not told in MIG mode.</param>
/// <param name="MemoryTotal">In bytes.</param>
/// <param name="MemoryUsed">In bytes.</param>
/// <param name="Temperature">In degrees Celsius.</param>
/// <param name="Power">In watts.</param>
internal sealed record GpuReading(int Index, string Uuid, string Name, double? Utilization, ulong? MemoryTotal, ulong? MemoryUsed, uint? Temperature, double? Power);

/// <summary>
/// The GPUs of this machine through the driver's management library (NVML), which is loaded where there is one: it is a part of the driver, and
/// container runtimes mount it into pods that have a GPU. Signatures and structures are those of nvml.h.
/// </summary>
internal sealed class NvidiaGpus : IDisposable
{
    private const int Success = 0;
    private const int TextBytes = 96;

    private readonly nint _library;
    private readonly Count _count;
    private readonly ByIndex _byIndex;
    private readonly Text _name;
    private readonly Text _uuid;
    private readonly GetRates _rates;
    private readonly GetMemory _memory;
    private readonly GetTemperature _temperature;
    private readonly GetPower _power;

    private NvidiaGpus(nint library)
    {
        _library = library;
        _count = Function<Count>("nvmlDeviceGetCount_v2");
        _byIndex = Function<ByIndex>("nvmlDeviceGetHandleByIndex_v2");
        _name = Function<Text>("nvmlDeviceGetName");
        _uuid = Function<Text>("nvmlDeviceGetUUID");
        _rates = Function<GetRates>("nvmlDeviceGetUtilizationRates");
        _memory = Function<GetMemory>("nvmlDeviceGetMemoryInfo");
        _temperature = Function<GetTemperature>("nvmlDeviceGetTemperature");
        _power = Function<GetPower>("nvmlDeviceGetPowerUsage");
    }

    private delegate int Plain();

    private delegate int Count(out uint count);

    private delegate int ByIndex(uint index, out nint device);

    private delegate int Text(nint device, byte[] text, uint length);

    private delegate int GetRates(nint device, out Rates rates);

    private delegate int GetMemory(nint device, out Memory memory);

    /// <param name="device">The GPU.</param>
    /// <param name="sensor">0: the chip's own.</param>
    /// <param name="degrees">Celsius.</param>
    private delegate int GetTemperature(nint device, int sensor, out uint degrees);

    private delegate int GetPower(nint device, out uint milliwatts);

    [StructLayout(LayoutKind.Sequential)]
    private struct Rates
    {
        public uint Gpu;
        public uint Memory;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Memory
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }

    private static string SystemLibrary => OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1";

    /// <summary>Null where there is no such library, or no driver that answers it.</summary>
    /// <param name="path">Another library than the system's.</param>
    public static NvidiaGpus? Open(string? path = null)
    {
        if (!NativeLibrary.TryLoad(path ?? SystemLibrary, out var library)) return null;
        try
        {
            var start = Marshal.GetDelegateForFunctionPointer<Plain>(NativeLibrary.GetExport(library, "nvmlInit_v2"));
            if (start() == Success) return new NvidiaGpus(library);
        }
        catch (EntryPointNotFoundException)
        {
            // A library of that name from before the functions that are asked for.
        }

        NativeLibrary.Free(library);
        return null;
    }

    /// <summary>What the GPUs tell now; those that are lost are left out.</summary>
    public IReadOnlyList<GpuReading> Read()
    {
        var readings = new List<GpuReading>();
        if (_count(out var count) != Success) return readings;
        for (uint i = 0; i < count; i++)
        {
            if (_byIndex(i, out var gpu) != Success || TextOf(_uuid, gpu) is not { } uuid) continue;
            var hasMemory = _memory(gpu, out var memory) == Success;
            readings.Add(new GpuReading(
                (int)i,
                uuid,
                TextOf(_name, gpu) ?? "",
                _rates(gpu, out var rates) == Success ? rates.Gpu / 100.0 : null,
                hasMemory ? memory.Total : null,
                hasMemory ? memory.Used : null,
                _temperature(gpu, 0, out var degrees) == Success ? degrees : null,
                _power(gpu, out var milliwatts) == Success ? milliwatts / 1000.0 : null));
        }

        return readings;
    }

    public void Dispose()
    {
        Function<Plain>("nvmlShutdown")();
        NativeLibrary.Free(_library);
    }

    private static string? TextOf(Text read, nint gpu)
    {
        var text = new byte[TextBytes];
        return read(gpu, text, TextBytes) == Success ? Encoding.UTF8.GetString(text).Split('\0')[0] : null;
    }

    private T Function<T>(string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(_library, name));
}
