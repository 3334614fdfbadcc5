using CudaWasm.Benchmarks.Cases;
using CudaWasm.Runtime;

namespace CudaWasm.Benchmarks.Runners;

/// <summary>This project's CPU device.</summary>
internal sealed class CudaWasmContender(string name, LoadOptions options) : Contender(name)
{
    private readonly Device _device = Devices.Open("cpu");

    public override string Description => _device.Description;

    public override PreparedCase Prepare(CaseDefinition definition, BenchmarkCase work)
    {
        try
        {
            return new Prepared(_device, options, Source(definition, ".cu"), work);
        }
        catch (CudaWasmException e)
        {
            throw new BenchmarkException(e.Message, e);
        }
    }

    public override void Dispose() => _device.Dispose();

    private sealed class Prepared : PreparedCase
    {
        private readonly Dictionary<string, Kernel> _kernels = [];
        private readonly Dictionary<HostBuffer, DeviceBuffer> _buffers = [];
        private readonly List<(Kernel Kernel, LaunchConfiguration Configuration, KernelArgument[] Arguments)> _launches = [];

        private readonly LoadOptions _options;

        public Prepared(Device device, LoadOptions options, string path, BenchmarkCase work)
        {
            _options = options;
            var compilation = KernelCompiler.CompileFile(path);
            foreach (var buffer in work.Buffers)
            {
                _buffers.Add(buffer, device.Allocate(buffer.ByteLength));
                Write(buffer);
            }

            foreach (var launch in work.Launches)
            {
                if (!_kernels.TryGetValue(launch.Kernel, out var kernel))
                {
                    _kernels.Add(launch.Kernel, kernel = device.Load(KernelCompiler.Find(compilation, path, launch.Kernel), options));
                }

                _launches.Add((kernel, new LaunchConfiguration(launch.Grid, launch.Block, launch.SharedBytes), [.. launch.Arguments.Select(Argument)]));
            }
        }

        public override string? Remark => _options.VectorBits == 0 ? null
            : _kernels.Values.FirstOrDefault(k => k.ScalarReason is not null) is { } kernel ? $"{kernel.Source.Name} runs without vectors: {kernel.ScalarReason}" : null;

        public override void Write(HostBuffer buffer) => _buffers[buffer].CopyFrom(buffer.Bytes);

        public override void Read(HostBuffer buffer, Span<byte> target) => _buffers[buffer].CopyTo(target);

        public override void Run()
        {
            foreach (var (kernel, configuration, arguments) in _launches) kernel.Launch(configuration, arguments);
        }

        public override void Dispose()
        {
            foreach (var kernel in _kernels.Values) kernel.Dispose();
            foreach (var buffer in _buffers.Values) buffer.Dispose();
        }

        private KernelArgument Argument(object argument) => argument switch
        {
            HostBuffer buffer => KernelArgument.Buffer(_buffers[buffer]),
            int value => KernelArgument.FromInt32(value),
            uint value => KernelArgument.FromUInt32(value),
            float value => KernelArgument.FromSingle(value),
            _ => throw new NotSupportedException($"An argument of type {argument.GetType().Name}."),
        };
    }
}
