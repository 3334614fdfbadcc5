using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using CudaWasm.Benchmarks.Cases;

namespace CudaWasm.Benchmarks.Runners;

/// <summary>Functions of a library that is compiled for this machine into a temporary folder: void f(void **arguments).</summary>
internal abstract unsafe class NativeContender : Contender
{
    private readonly string _folder;
    private readonly nint _library;

    protected NativeContender(string name, string folder, string library, string description)
        : base(name)
    {
        (_folder, _library) = (folder, NativeLibrary.Load(library));
        Description = description;
    }

    public override string Description { get; }

    public override PreparedCase Prepare(CaseDefinition definition, BenchmarkCase work) =>
        NativeLibrary.TryGetExport(_library, work.Function, out var function) ? new Prepared((delegate* unmanaged<void**, void>)function, work)
            : throw new BenchmarkException($"{Name} has no function {work.Function} for {definition.Name}.");

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

    protected static string NewFolder() => Directory.CreateTempSubdirectory("cuda-wasm-benchmark-").FullName;

    protected static string LibraryIn(string folder) => Path.Combine(folder, OperatingSystem.IsWindows() ? "kernels.dll" : "kernels.so");

    protected static string[] Sources(string folder, string pattern) => Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, folder), pattern);

    /// <param name="purpose">What the command is for, should it be missing.</param>
    /// <param name="command">On the PATH.</param>
    /// <param name="arguments">Of it.</param>
    /// <returns>What the command prints.</returns>
    /// <exception cref="BenchmarkException">It is missing, or it failed.</exception>
    protected static string Execute(string purpose, string command, params string[] arguments)
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
            throw new BenchmarkException($"There is no {command} on the PATH: install it {purpose}.", e);
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
