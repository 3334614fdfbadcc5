using CudaWasm.Benchmarks.Cases;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace CudaWasm.Benchmarks.Runners.Ilgpu;

/// <summary>
/// ILGPU's CPU accelerator, which has a thread of the system for each thread of a block; its device is made for the blocks of the cases. It has some
/// of the cases, and takes seconds for them.
/// </summary>
internal sealed class IlgpuContender : Contender
{
    private const int WarpThreads = 32;
    private const int BlockThreads = 256;

    private readonly Context _context;
    private readonly CPUAccelerator _accelerator;

    public IlgpuContender()
        : base("ILGPU")
    {
        var device = new CPUDevice(WarpThreads, BlockThreads / WarpThreads, 1);
        _context = Context.Create(builder => builder.CPU(device).Optimize(OptimizationLevel.O2));
        _accelerator = device.CreateCPUAccelerator(_context, CPUAcceleratorMode.Parallel);
        MaxRuns = 1;
    }

    public override string Description => $"{typeof(Context).Assembly.GetName().Version}, CPU accelerator, {WarpThreads} x {BlockThreads / WarpThreads} threads";

    public override bool Has(CaseDefinition definition) => IlgpuKernels.Loaders.ContainsKey(definition.Name);

    public override PreparedCase Prepare(CaseDefinition definition, BenchmarkCase work) => new Prepared(_accelerator, IlgpuKernels.Loaders[definition.Name](_accelerator), work);

    public override void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    private sealed class Prepared : PreparedCase
    {
        private readonly Accelerator _accelerator;
        private readonly Dictionary<HostBuffer, MemoryBuffer> _buffers = [];
        private readonly List<Action> _launches = [];

        public Prepared(Accelerator accelerator, IlgpuKernels.Launch kernel, BenchmarkCase work)
        {
            _accelerator = accelerator;
            foreach (var buffer in work.Buffers)
            {
                _buffers.Add(buffer, buffer.Data is float[] floats ? accelerator.Allocate1D(floats) : accelerator.Allocate1D((int[])buffer.Data));
            }

            foreach (var launch in work.Launches)
            {
                var configuration = new KernelConfig(Index(launch.Grid), Index(launch.Block));
                object[] arguments = [.. launch.Arguments.Select(View)];
                _launches.Add(() => kernel(configuration, arguments));
            }
        }

        public override void Write(HostBuffer buffer)
        {
            if (_buffers[buffer] is MemoryBuffer1D<float, Stride1D.Dense> floats) floats.CopyFromCPU((float[])buffer.Data);
            else ((MemoryBuffer1D<int, Stride1D.Dense>)_buffers[buffer]).CopyFromCPU((int[])buffer.Data);
        }

        public override void Read(HostBuffer buffer, Span<byte> target)
        {
            Array data = _buffers[buffer] is MemoryBuffer1D<float, Stride1D.Dense> floats ? floats.GetAsArray1D() : ((MemoryBuffer1D<int, Stride1D.Dense>)_buffers[buffer]).GetAsArray1D();
            new HostBuffer(data).Bytes.CopyTo(target);
        }

        public override void Run()
        {
            foreach (var launch in _launches) launch();
            _accelerator.Synchronize();
        }

        public override void Dispose()
        {
            foreach (var buffer in _buffers.Values) buffer.Dispose();
        }

        private object View(object argument) => argument is not HostBuffer buffer ? argument
            : _buffers[buffer] is MemoryBuffer1D<float, Stride1D.Dense> floats ? (ArrayView<float>)floats.View : (object)(ArrayView<int>)((MemoryBuffer1D<int, Stride1D.Dense>)_buffers[buffer]).View;

        private static Index3D Index(Runtime.Dim3 size) => new((int)size.X, (int)size.Y, (int)size.Z);
    }
}
