using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using CudaWasm.Benchmarks.Cases;

namespace CudaWasm.Benchmarks.Runners;

/// <summary>Plain C loops with OpenMP, compiled by gcc for this machine into a library in a temporary folder.</summary>
internal sealed unsafe class CContender : Contender
{
    /// <summary>No fast-math: the same rules of arithmetic as a kernel has.</summary>
    private const string Options = "-O3 -march=native -fopenmp";

    private readonly string _folder;
    private readonly nint _library;

    private CContender(string folder, nint library, string version)
        : base("C")
    {
        (_folder, _library) = (folder, library);
        Description = $"{version}, {Options}";
    }

    public override string Description { get; }

    /// <param name="compiler">The compiler's command.</param>
    /// <exception cref="BenchmarkException">There is no gcc, or it cannot compile the functions.</exception>
    public static CContender Create(string compiler = "gcc")
    {
        var version = Execute(compiler, "--version").Split('\n')[0].Trim();
        var folder = Directory.CreateTempSubdirectory("cuda-wasm-benchmark-").FullName;
        var library = Path.Combine(folder, OperatingSystem.IsWindows() ? "kernels.dll" : "kernels.so");
        var sources = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "kernels"), "*.c");
        Execute(compiler, [.. Options.Split(' '), "-shared", "-fPIC", "-o", library, .. sources, "-lm"]);
        return new CContender(folder, NativeLibrary.Load(library), version);
    }

    public override PreparedCase Prepare(CaseDefinition definition, BenchmarkCase work) =>
        NativeLibrary.TryGetExport(_library, work.Function, out var function) ? new Prepared((delegate* unmanaged<void**, void>)function, work)
            : throw new BenchmarkException($"{definition.Name}.c has no function {work.Function}.");

    public override void Dispose()
    {
        // The library stays loaded, as OpenMP's threads still run in it; where that locks the file it stays as well.
        try
        {
            Directory.Delete(_folder, true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static string Execute(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new BenchmarkException($"{command} failed: {errors.Result.Trim()}");
        }
        catch (Win32Exception e)
        {
            throw new BenchmarkException($"There is no {command} on the PATH: install gcc to compare with plain C.", e);
        }
    }

    private sealed class Prepared : PreparedCase
    {
        private readonly delegate* unmanaged<void**, void> _function;
        private readonly Dictionary<HostBuffer, nint> _buffers = [];
        private readonly List<nint> _values = [];
        private readonly void** _arguments;

        public Prepared(delegate* unmanaged<void**, void> function, BenchmarkCase work)
        {
            _function = function;
            _arguments = (void**)NativeMemory.AllocZeroed((nuint)work.FunctionArguments.Count, (nuint)sizeof(void*));
            for (var i = 0; i < work.FunctionArguments.Count; i++)
            {
                if (work.FunctionArguments[i] is HostBuffer buffer)
                {
                    if (!_buffers.TryGetValue(buffer, out var address)) _buffers.Add(buffer, address = (nint)NativeArguments.Allocate(buffer));
                    _arguments[i] = (void*)address;
                }
                else
                {
                    _arguments[i] = NativeArguments.Copy(work.FunctionArguments[i]);
                    _values.Add((nint)_arguments[i]);
                }
            }
        }

        public override void Write(HostBuffer buffer) => buffer.Bytes.CopyTo(new Span<byte>((void*)_buffers[buffer], buffer.ByteLength));

        public override void Read(HostBuffer buffer, Span<byte> target) => new Span<byte>((void*)_buffers[buffer], target.Length).CopyTo(target);

        public override void Run() => _function(_arguments);

        public override void Dispose()
        {
            foreach (var address in _buffers.Values) NativeMemory.AlignedFree((void*)address);
            foreach (var address in _values) NativeMemory.Free((void*)address);
            NativeMemory.Free(_arguments);
        }
    }
}
