using CudaWasm.Runtime;

namespace CudaWasm.Tests.Launching;

/// <summary>What launches leave to the garbage collector, on all threads together.</summary>
[Collection(AloneCollection.Name)]
public sealed class AllocationTests : LaunchHarness
{
    private const int Launches = 1000;

    /// <summary>What a test host may allocate beside: far below one object a launch.</summary>
    private const int Noise = 8 * Launches;

    private const string Source = "__global__ void k(int *x) { __shared__ int s[32]; s[threadIdx.x] = x[threadIdx.x]; __syncthreads(); if (x[0] == 12345) x[1] = s[31 - threadIdx.x]; }";

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public void A_prepared_launch_makes_no_garbage(int blocks)
    {
        using var x = BufferOf(new int[32]);
        using var cancel = new CancellationTokenSource();
        using var launch = Load(Source).Prepare(new LaunchConfiguration(blocks, 32), [KernelArgument.Buffer(x)], new LaunchOptions { Timeout = TimeSpan.FromMinutes(1) });

        var bytes = Allocated(() =>
        {
            for (var i = 0; i < Launches; i++) launch.Run(cancel.Token);
        });

        Assert.True(bytes < Noise, $"{Launches} launches allocated {bytes} bytes.");
    }

    [Fact]
    public void A_thousand_launches_in_a_stream_make_no_garbage()
    {
        using var x = BufferOf(new int[32]);
        using var launch = Load(Source).Prepare(new LaunchConfiguration(4, 32), [KernelArgument.Buffer(x)]);
        using var stream = Device.CreateStream();
        var mark = new DeviceEvent();

        var bytes = Allocated(() =>
        {
            for (var i = 0; i < Launches; i++)
            {
                stream.Launch(launch);
                stream.Fill(x, 0);
                stream.Record(mark);
            }

            stream.Synchronize(Token);
        });

        Assert.True(bytes < Noise, $"{Launches} launches allocated {bytes} bytes.");
    }

    [Fact]
    public void Blocks_make_no_garbage()
    {
        using var x = BufferOf(new int[32]);
        using var launch = Load(Source).Prepare(new LaunchConfiguration(200_000, 32), [KernelArgument.Buffer(x)]);

        var bytes = Allocated(() => launch.Run(Token));

        Assert.True(bytes < Noise, $"200,000 blocks allocated {bytes} bytes.");
    }
}
