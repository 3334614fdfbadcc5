using CudaWasm.Runtime;
using CudaWasm.Runtime.Cpu;

namespace CudaWasm.Tests.Launching;

public sealed class BlockScheduleTests : LaunchHarness
{
    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(0, 63, 2)]
    [InlineData(17, 1_000_000, 2)]
    [InlineData(3, 100_001, 7)]
    public void Every_block_is_handed_out_once(long first, long count, int workers)
    {
        var schedule = new BlockSchedule(new BlockRange(first, count), workers, false);
        long next = first, chunks = 0;

        while (schedule.TryTake(out var from, out var end))
        {
            Assert.Equal(next, from);
            next = end;
            chunks++;
        }

        Assert.Equal(first + count, next);
        Assert.Equal(schedule.Chunks, chunks);
        // Enough for blocks that take different times, but not one for each of very many.
        Assert.InRange(chunks, Math.Min(count, 32 * workers), Math.Max(64L * workers, count / 4096 * 2));
    }

    [Fact]
    public void A_long_block_holds_up_no_other()
    {
        // Block 0 waits for all others, so that the other worker has to run them.
        var kernel = Load("__global__ void k(int *done, int blocks) { if (blockIdx.x == 0) { while (atomicAdd(done, 0) < blocks - 1) { } } else atomicAdd(done, 1); }");
        using var done = BufferOf(0);

        kernel.Launch(new LaunchConfiguration(40, 1), [KernelArgument.Buffer(done), KernelArgument.FromInt32(40)], null, Token);

        Assert.Equal([39], Read<int>(done));
    }

    [Fact]
    public void The_caller_goes_on_while_all_workers_are_busy()
    {
        var kernel = Load("__global__ void k(volatile int *gate, int *started) { if (gate[0] == 0) atomicAdd(started, 1); while (gate[0] == 0) { } }");
        using var gate = BufferOf(0);
        using var started = BufferOf(0);
        using var stream = Device.CreateStream();

        stream.Launch(kernel, new LaunchConfiguration(8, 1), [KernelArgument.Buffer(gate), KernelArgument.Buffer(started)]);
        while (Read<int>(started)[0] < 2) Thread.Yield();
        gate.CopyFrom([1, 0, 0, 0]);
        stream.Synchronize(Token);

        Assert.True(stream.IsCompleted);
    }

    [Fact]
    public void No_block_begins_after_a_cancellation()
    {
        // The first block to run says so and waits to be stopped.
        var kernel = Load("__global__ void k(volatile int *x) { x[0] = 1; while (x[1] == 0) { } }");
        using var x = BufferOf(0, 0);
        using var cancel = new CancellationTokenSource();
        using var stream = Device.CreateStream();

        stream.Launch(kernel, new LaunchConfiguration(2_000_000_000, 1), [KernelArgument.Buffer(x)]);
        while (Read<int>(x)[0] == 0) Thread.Yield();
        cancel.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => stream.Synchronize(cancel.Token));
    }

    [Fact]
    public void Blocks_far_up_in_a_large_grid_know_their_index()
    {
        var kernel = Load("__global__ void k(unsigned *x) { x[0] = blockIdx.x; x[1] = blockIdx.y; x[2] = blockIdx.z; }");
        using var x = BufferOf(new uint[3]);
        var grid = new Dim3(70_001, 60_001, 3);
        var last = new LaunchOptions { Blocks = new BlockRange(grid.Count - 1, 1) };

        kernel.Launch(new LaunchConfiguration(grid, 1), [KernelArgument.Buffer(x)], last, Token);

        Assert.Equal([70_000u, 60_000u, 2u], Read<uint>(x));
    }
}
