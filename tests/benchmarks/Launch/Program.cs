using CudaWasm.Benchmarks.Launch;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;

// launch-benchmark [--write FILE.md] [--quick]
const string Source = """
    __global__ void empty() { }
    __global__ void add(float *x) { x[blockIdx.x * blockDim.x + threadIdx.x] += 1; }
    """;
const int Launches = 1000;
const int Threads = 1 << 25;

var rounds = args.Contains("--quick") ? 3 : 51;
var compilation = CudaCompiler.Compile(new SourceText("launch.cu", Source), new CompileOptions());
using var device = Devices.Open("cpu");
using var empty = device.Load(compilation.Kernels.Single(k => k.Name == "empty"));
using var add = device.Load(compilation.Kernels.Single(k => k.Name == "add"));
using var x = device.Allocate(Threads * sizeof(float));
using var stream = device.CreateStream();

var one = new LaunchConfiguration(1, 32);
using var single = empty.Prepare(one, []);
using var several = empty.Prepare(new LaunchConfiguration(64, 32), []);
using var tiny = add.Prepare(new LaunchConfiguration(Threads / 32, 32), [KernelArgument.Buffer(x)]);
using var large = add.Prepare(new LaunchConfiguration(Threads / 1024, 1024), [KernelArgument.Buffer(x)]);

var measurements = Measurement.Of(
    [
        new("empty kernel, 1 block: `Kernel.Launch`", Launches, () => Repeat(() => empty.Launch(one, []))),
        new("empty kernel, 1 block: `PreparedLaunch.Run`", Launches, () => Repeat(() => single.Run())),
        new("empty kernel, 64 blocks: `PreparedLaunch.Run`", Launches, () => Repeat(() => several.Run())),
        new("empty kernel, 1 block: 1000 queued in a `DeviceStream`, until all have run", Launches, () => Queue(single)),
        new("empty kernel, 64 blocks: the same", Launches, () => Queue(several)),
        new("1 Mi blocks of 32 threads, 32 Mi floats incremented: a block", Threads / 32, () => tiny.Run()),
        new("32 Ki blocks of 1024 threads, the same: a block", Threads / 1024, () => large.Run()),
    ],
    rounds);

var table = Report.Table(measurements);
Console.Write(table);
if (Array.IndexOf(args, "--write") is var at and >= 0 && at + 1 < args.Length) Report.Write(args[at + 1], table);

static void Repeat(Action launch)
{
    for (var i = 0; i < Launches; i++) launch();
}

void Queue(PreparedLaunch launch)
{
    for (var i = 0; i < Launches; i++) stream.Launch(launch);
    stream.Synchronize();
}
