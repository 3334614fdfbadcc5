using System.Runtime.InteropServices;
using CudaWasm.Benchmarks.Cases;

namespace CudaWasm.Benchmarks.Runners;

/// <summary>PoCL, or another implementation of OpenCL for processors.</summary>
internal sealed unsafe class OpenClContender : Contender
{
    private const string Pocl = "Portable Computing Language";

    private readonly nint _device;
    private readonly nint _context;
    private readonly nint _queue;

    private OpenClContender(nint platform, nint device, string name)
        : base(name)
    {
        _device = device;
        Description = $"{OpenCl.PlatformInfo(platform, OpenCl.PlatformVersion)}, {OpenCl.DeviceInfo(device, OpenCl.DeviceName)}";
        int error;
        _context = OpenCl.clCreateContext(null, 1, &device, 0, 0, &error);
        OpenCl.Check(error, nameof(OpenCl.clCreateContext));
        _queue = OpenCl.clCreateCommandQueue(_context, device, 0, &error);
        OpenCl.Check(error, nameof(OpenCl.clCreateCommandQueue));
    }

    public override string Description { get; }

    /// <exception cref="BenchmarkException">There is no OpenCL for processors; the message says what to install.</exception>
    public static OpenClContender Create()
    {
        const string Advice = "install PoCL to compare with it (Debian: pocl-opencl-icd)";
        if (!OpenCl.IsPresent) throw new BenchmarkException($"There is no OpenCL library: {Advice}.");
        var found = Platforms().Select(platform => (Platform: platform, Device: Processor(platform))).Where(p => p.Device != 0)
            .OrderByDescending(p => OpenCl.PlatformInfo(p.Platform, OpenCl.PlatformName) == Pocl).ToList();
        if (found is not [var (platform, device), ..]) throw new BenchmarkException($"OpenCL has no device that is a processor: {Advice}.");
        var name = OpenCl.PlatformInfo(platform, OpenCl.PlatformName);
        return new OpenClContender(platform, device, name == Pocl ? "PoCL" : name);
    }

    public override PreparedCase Prepare(CaseDefinition definition, BenchmarkCase work) => new Prepared(this, File.ReadAllBytes(Source(definition, ".cl")), work);

    private static nint[] Platforms()
    {
        uint count;
        // Without any platform the loader gives an error, and a count of zero.
        if (OpenCl.clGetPlatformIDs(0, null, &count) != 0 || count == 0) return [];
        var platforms = new nint[count];
        fixed (nint* target = platforms) OpenCl.Check(OpenCl.clGetPlatformIDs(count, target, null), nameof(OpenCl.clGetPlatformIDs));
        return platforms;
    }

    private static nint Processor(nint platform)
    {
        nint device;
        return OpenCl.clGetDeviceIDs(platform, OpenCl.DeviceTypeCpu, 1, &device, null) == 0 ? device : 0;
    }

    private sealed class Prepared : PreparedCase
    {
        private readonly OpenClContender _owner;
        private readonly nint _program;
        private readonly Dictionary<HostBuffer, nint> _buffers = [];
        private readonly List<(nint Kernel, nuint[] Global, nuint[] Local)> _launches = [];

        public Prepared(OpenClContender owner, byte[] source, BenchmarkCase work)
        {
            _owner = owner;
            _program = Build(source);
            foreach (var buffer in work.Buffers)
            {
                int error;
                fixed (byte* bytes = buffer.Bytes)
                {
                    _buffers.Add(buffer, OpenCl.clCreateBuffer(owner._context, OpenCl.MemReadWrite | OpenCl.MemCopyHostPointer, (nuint)buffer.ByteLength, bytes, &error));
                }

                OpenCl.Check(error, nameof(OpenCl.clCreateBuffer));
            }

            // A kernel object for each launch: its arguments are set once.
            foreach (var launch in work.Launches) _launches.Add((CreateKernel(launch), Product(launch), [(nuint)launch.Block.X, (nuint)launch.Block.Y, (nuint)launch.Block.Z]));
        }

        public override void Write(HostBuffer buffer)
        {
            fixed (byte* source = buffer.Bytes)
            {
                OpenCl.Check(OpenCl.clEnqueueWriteBuffer(_owner._queue, _buffers[buffer], 1, 0, (nuint)buffer.ByteLength, source, 0, null, null), nameof(OpenCl.clEnqueueWriteBuffer));
            }
        }

        public override void Read(HostBuffer buffer, Span<byte> target)
        {
            fixed (byte* bytes = target)
            {
                OpenCl.Check(OpenCl.clEnqueueReadBuffer(_owner._queue, _buffers[buffer], 1, 0, (nuint)target.Length, bytes, 0, null, null), nameof(OpenCl.clEnqueueReadBuffer));
            }
        }

        public override void Run()
        {
            foreach (var (kernel, global, local) in _launches)
            {
                fixed (nuint* globalSizes = global, localSizes = local)
                {
                    OpenCl.Check(OpenCl.clEnqueueNDRangeKernel(_owner._queue, kernel, 3, null, globalSizes, localSizes, 0, null, null), nameof(OpenCl.clEnqueueNDRangeKernel));
                }
            }

            OpenCl.Check(OpenCl.clFinish(_owner._queue), nameof(OpenCl.clFinish));
        }

        public override void Dispose()
        {
            foreach (var (kernel, _, _) in _launches) _ = OpenCl.clReleaseKernel(kernel);
            foreach (var buffer in _buffers.Values) _ = OpenCl.clReleaseMemObject(buffer);
            _ = OpenCl.clReleaseProgram(_program);
        }

        private static nuint[] Product(CaseLaunch launch) =>
            [(nuint)(launch.Grid.X * launch.Block.X), (nuint)(launch.Grid.Y * launch.Block.Y), (nuint)(launch.Grid.Z * launch.Block.Z)];

        private nint Build(byte[] source)
        {
            int error;
            nint program;
            var length = (nuint)source.Length;
            fixed (byte* text = source)
            {
                var texts = text;
                program = OpenCl.clCreateProgramWithSource(_owner._context, 1, &texts, &length, &error);
            }

            OpenCl.Check(error, nameof(OpenCl.clCreateProgramWithSource));
            var device = _owner._device;
            if (OpenCl.clBuildProgram(program, 1, &device, "", 0, 0) == 0) return program;
            throw new BenchmarkException($"OpenCL does not compile it: {OpenCl.BuildLog(program, device)}");
        }

        private nint CreateKernel(CaseLaunch launch)
        {
            int error;
            var kernel = OpenCl.clCreateKernel(_program, launch.Kernel, &error);
            OpenCl.Check(error, $"{nameof(OpenCl.clCreateKernel)}({launch.Kernel})");
            for (var i = 0; i < launch.Arguments.Count; i++)
            {
                if (launch.Arguments[i] is HostBuffer buffer)
                {
                    var handle = _buffers[buffer];
                    error = OpenCl.clSetKernelArg(kernel, (uint)i, (nuint)sizeof(nint), &handle);
                }
                else
                {
                    var value = NativeArguments.Copy(launch.Arguments[i]);
                    error = OpenCl.clSetKernelArg(kernel, (uint)i, sizeof(uint), value);
                    NativeMemory.Free(value);
                }

                OpenCl.Check(error, nameof(OpenCl.clSetKernelArg));
            }

            return kernel;
        }
    }
}
