using CudaWasm.Runtime;

namespace CudaWasm.Tests.Launching;

public sealed class PreparedLaunchTests : LaunchHarness
{
    private const string Add = "__global__ void add(int *x, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < 4) x[i] += n; }";

    [Fact]
    public void Runs_as_often_as_it_is_asked_to()
    {
        using var x = BufferOf(1, 2, 3, 4);
        using var launch = Load(Add).Prepare(new LaunchConfiguration(3, 2), [KernelArgument.Buffer(x), KernelArgument.FromInt32(10)]);

        for (var i = 0; i < 5; i++) Assert.Equal((3L, 6L), launch.Run(Token) is var s ? (s.Blocks, s.Threads) : default);

        Assert.Equal([51, 52, 53, 54], Read<int>(x));
    }

    [Fact]
    public void Launches_with_different_arguments_do_not_mix()
    {
        using var x = BufferOf(0, 0, 0, 0);
        using var y = BufferOf(0, 0, 0, 0);
        var kernel = Load(Add);
        using var first = kernel.Prepare(new LaunchConfiguration(1, 4), [KernelArgument.Buffer(x), KernelArgument.FromInt32(1)]);
        using var second = kernel.Prepare(new LaunchConfiguration(1, 2), [KernelArgument.Buffer(y), KernelArgument.FromInt32(7)]);

        for (var i = 0; i < 3; i++)
        {
            first.Run(Token);
            second.Run(Token);
        }

        Assert.Equal([3, 3, 3, 3], Read<int>(x));
        Assert.Equal([21, 21, 0, 0], Read<int>(y));
    }

    [Fact]
    public void Goes_on_after_a_fault_a_timeout_and_a_cancellation()
    {
        var kernel = Load("__global__ void k(volatile int *mode, int *out) { if (mode[0] == 1) out[9] = 1; while (mode[0] == 2) { } out[0]++; }");
        using var mode = BufferOf(1);
        using var output = BufferOf(0);
        using var launch = kernel.Prepare(new LaunchConfiguration(1, 1), [KernelArgument.Buffer(mode), KernelArgument.Buffer(output)], new LaunchOptions { Timeout = TimeSpan.FromMilliseconds(200) });

        Assert.Equal(9, Assert.Throws<KernelFaultException>(() => launch.Run(Token)).Index);
        mode.CopyFrom([2, 0, 0, 0]);
        Assert.Throws<KernelTimeoutException>(() => launch.Run(Token));
        using var cancel = new CancellationTokenSource();
        cancel.CancelAfter(20);
        Assert.ThrowsAny<OperationCanceledException>(() => launch.Run(cancel.Token));
        mode.CopyFrom([0, 0, 0, 0]);
        launch.Run(Token);
        launch.Run(Token);

        Assert.Equal([2], Read<int>(output));
    }

    [Fact]
    public void Keeps_its_buffers_and_cannot_run_once_disposed()
    {
        var x = BufferOf(0, 0, 0, 0);
        var launch = Load(Add).Prepare(new LaunchConfiguration(1, 4), [KernelArgument.Buffer(x), KernelArgument.FromInt32(1)]);
        x.Dispose();

        launch.Run(Token);
        launch.Dispose();

        Assert.Throws<ObjectDisposedException>(() => launch.Run(Token));
        Assert.Throws<ObjectDisposedException>(() => x.CopyFrom([1]));
    }

    [Fact]
    public void Is_refused_where_arguments_do_not_fit()
    {
        using var x = BufferOf(0);
        var kernel = Load(Add);

        Assert.Throws<KernelArgumentException>(() => kernel.Prepare(new LaunchConfiguration(1, 4), [KernelArgument.Buffer(x)]));
        Assert.Throws<KernelArgumentException>(() => kernel.Prepare(new LaunchConfiguration(1, 4096), [KernelArgument.Buffer(x), KernelArgument.FromInt32(1)]));
    }

    [Fact]
    public void Globals_are_read_when_it_runs()
    {
        var kernel = Load("__constant__ int c; __global__ void k(int *x) { x[threadIdx.x] += c; }");
        using var x = BufferOf(0, 0);
        using var launch = kernel.Prepare(new LaunchConfiguration(1, 2), [KernelArgument.Buffer(x)]);

        kernel.GetSymbol("c").CopyFrom([5, 0, 0, 0]);
        launch.Run(Token);
        kernel.GetSymbol("c").CopyFrom([2, 0, 0, 0]);
        launch.Run(Token);

        Assert.Equal([7, 7], Read<int>(x));
    }

    [Fact]
    public void A_closed_device_refuses()
    {
        using var x = BufferOf(0, 0, 0, 0);
        using var launch = Load(Add).Prepare(new LaunchConfiguration(1, 4), [KernelArgument.Buffer(x), KernelArgument.FromInt32(1)]);
        Device.Dispose();

        Assert.Throws<ObjectDisposedException>(() => launch.Run(Token));
    }
}
