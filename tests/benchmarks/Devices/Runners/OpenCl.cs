using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace CudaWasm.Benchmarks.Runners;

/// <summary>The functions of OpenCL 1.2 that are needed here, from the system's loader.</summary>
internal static unsafe partial class OpenCl
{
    public const uint PlatformName = 0x0902;
    public const uint PlatformVersion = 0x0901;
    public const uint DeviceTypeCpu = 1 << 1;
    public const uint DeviceName = 0x102B;
    public const uint ProgramBuildLog = 0x1183;
    public const ulong MemReadWrite = 1 << 0;
    public const ulong MemCopyHostPointer = 1 << 5;

    private const string Library = "OpenCL";

    private static readonly string[] Names = OperatingSystem.IsWindows() ? ["OpenCL.dll"]
        : OperatingSystem.IsMacOS() ? ["/System/Library/Frameworks/OpenCL.framework/OpenCL"]
        : ["libOpenCL.so.1", "libOpenCL.so"];

    [ModuleInitializer]
    internal static void UseSystemNames() => NativeLibrary.SetDllImportResolver(typeof(OpenCl).Assembly, Resolve);

    /// <summary>Whether there is a loader.</summary>
    public static bool IsPresent => Names.Any(name => NativeLibrary.TryLoad(name, out _));

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? paths)
    {
        if (library != Library) return 0;
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, out var handle)) return handle;
        }

        return 0;
    }

    /// <exception cref="BenchmarkException">The code is not that of success.</exception>
    public static void Check(int code, string function)
    {
        if (code != 0) throw new BenchmarkException($"{function} gave OpenCL error {code}.");
    }

    public static string PlatformInfo(nint platform, uint name) => Text((size, value, needed) => clGetPlatformInfo(platform, name, size, value, needed));

    public static string DeviceInfo(nint device, uint name) => Text((size, value, needed) => clGetDeviceInfo(device, name, size, value, needed));

    public static string BuildLog(nint program, nint device) => Text((size, value, needed) => clGetProgramBuildInfo(program, device, ProgramBuildLog, size, value, needed));

    private delegate int InfoQuery(nuint size, byte* value, nuint* needed);

    private static string Text(InfoQuery query)
    {
        nuint needed;
        Check(query(0, null, &needed), "clGet*Info");
        var bytes = new byte[needed];
        fixed (byte* target = bytes) Check(query(needed, target, null), "clGet*Info");
        return Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim();
    }

    [LibraryImport(Library)]
    public static partial int clGetPlatformIDs(uint count, nint* platforms, uint* found);

    [LibraryImport(Library)]
    public static partial int clGetPlatformInfo(nint platform, uint name, nuint size, byte* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial int clGetDeviceIDs(nint platform, ulong type, uint count, nint* devices, uint* found);

    [LibraryImport(Library)]
    public static partial int clGetDeviceInfo(nint device, uint name, nuint size, byte* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial nint clCreateContext(nint* properties, uint count, nint* devices, nint notify, nint data, int* error);

    [LibraryImport(Library)]
    public static partial nint clCreateCommandQueue(nint context, nint device, ulong properties, int* error);

    [LibraryImport(Library)]
    public static partial nint clCreateProgramWithSource(nint context, uint count, byte** texts, nuint* lengths, int* error);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int clBuildProgram(nint program, uint count, nint* devices, string options, nint notify, nint data);

    [LibraryImport(Library)]
    public static partial int clGetProgramBuildInfo(nint program, nint device, uint name, nuint size, byte* value, nuint* needed);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint clCreateKernel(nint program, string name, int* error);

    [LibraryImport(Library)]
    public static partial int clSetKernelArg(nint kernel, uint index, nuint size, void* value);

    [LibraryImport(Library)]
    public static partial nint clCreateBuffer(nint context, ulong flags, nuint size, void* host, int* error);

    [LibraryImport(Library)]
    public static partial int clEnqueueWriteBuffer(nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* source, uint waits, nint* wait, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueReadBuffer(nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* target, uint waits, nint* wait, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueNDRangeKernel(nint queue, nint kernel, uint dimensions, nuint* offset, nuint* global, nuint* local, uint waits, nint* wait, nint* done);

    [LibraryImport(Library)]
    public static partial int clFinish(nint queue);

    [LibraryImport(Library)]
    public static partial int clReleaseMemObject(nint buffer);

    [LibraryImport(Library)]
    public static partial int clReleaseKernel(nint kernel);

    [LibraryImport(Library)]
    public static partial int clReleaseProgram(nint program);
}
