using System.Runtime.InteropServices;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Cpu;

namespace CudaWasm.Tests.Launching;

public sealed class DeviceStreamTests : LaunchHarness
{
    /// <summary>Waits until the host sets gate[0].</summary>
    private const string Wait = "__global__ void hold(volatile int *gate) { while (gate[0] == 0) { } }";

    private const string Step = "__global__ void step(int *x, int factor) { int i = blockIdx.x * blockDim.x + threadIdx.x; x[i] = x[i] * factor + 1; }";

    private static readonly byte[] One = [1, 0, 0, 0];

    [Fact]
    public void Work_runs_in_order_without_holding_up_the_caller()
    {
        using var stream = Device.CreateStream();
        using var gate = BufferOf(0);
        using var x = BufferOf(new int[64]);
        var (hold, step) = (Load(Wait), Load(Step));
        var result = new int[64];

        stream.Launch(hold, new LaunchConfiguration(1, 1), [KernelArgument.Buffer(gate)]);
        stream.Fill(x, 1);
        foreach (var factor in new[] { 2, 3, 5 }) stream.Launch(step, new LaunchConfiguration(4, 16), [KernelArgument.Buffer(x), KernelArgument.FromInt32(factor)]);
        stream.Copy(x, MemoryOf(result));
        Assert.False(stream.IsCompleted);
        Assert.Equal(0, result[0]);
        gate.CopyFrom(One);
        stream.Synchronize(Token);

        Assert.True(stream.IsCompleted);
        Assert.All(result, v => Assert.Equal(unchecked((((((0x01010101 * 2) + 1) * 3) + 1) * 5) + 1), v));
    }

    [Fact]
    public void Copies_go_to_and_fro_and_within_the_device()
    {
        using var stream = Device.CreateStream();
        using var x = BufferOf(new byte[8]);
        using var y = BufferOf(new byte[8]);
        var result = new byte[6];

        stream.Copy(new byte[] { 1, 2, 3, 4 }, x, 2);
        stream.Copy(x, y, 5, 1, 3);
        stream.Fill(y, 9, 6, 1);
        stream.Copy(y, result, 2);
        stream.Synchronize(Token);

        Assert.Equal([0, 0, 1, 2, 9, 4], result);
        Assert.Throws<KernelArgumentException>(() => stream.Copy(new byte[9], x));
        Assert.Throws<KernelArgumentException>(() => stream.Copy(x, new byte[4], 5));
        Assert.Throws<KernelArgumentException>(() => stream.Copy(x, y, 8, 1));
        Assert.Throws<KernelArgumentException>(() => stream.Fill(x, 0, 9));
    }

    [Fact]
    public void A_fault_is_told_once_with_kernel_and_launch_and_what_follows_does_not_run()
    {
        using var stream = Device.CreateStream("main");
        using var x = BufferOf(1, 1);
        var step = Load(Step);
        using var good = step.Prepare(new LaunchConfiguration(1, 2), [KernelArgument.Buffer(x), KernelArgument.FromInt32(2)]);

        stream.Launch(good);
        stream.Launch(step, new LaunchConfiguration(1, 5), [KernelArgument.Buffer(x), KernelArgument.FromInt32(2)]);
        stream.Launch(good);
        var error = Assert.Throws<StreamException>(() => stream.Synchronize(Token));

        Assert.Equal(("main", "step", 2L, "CW4010"), (error.Stream, error.Kernel, error.Launch, error.Code));
        Assert.StartsWith("Stream main, launch 2: Kernel step: thread (2,0,0) of block (0,0,0) ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(" x[2], but x has 2 elements of type int.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Assert.IsType<KernelFaultException>(error.Cause).Index);
        var after = Read<int>(x);
        stream.Synchronize(Token);
        stream.Launch(good);
        stream.Synchronize(Token);
        Assert.Equal(after.Select(v => (v * 2) + 1), Read<int>(x));
    }

    [Fact]
    public void Cancelling_stops_the_kernel_and_drops_the_rest()
    {
        using var stream = Device.CreateStream();
        using var gate = BufferOf(0);
        using var x = BufferOf(1, 1);
        var (hold, step) = (Load(Wait), Load(Step));
        using var mark = new CancellationTokenSource();

        for (var round = 0; round < 2; round++)
        {
            stream.Launch(hold, new LaunchConfiguration(5, 1), [KernelArgument.Buffer(gate)]);
            stream.Launch(step, new LaunchConfiguration(1, 2), [KernelArgument.Buffer(x), KernelArgument.FromInt32(2)]);
            if (round == 0)
            {
                stream.Cancel();
                Assert.ThrowsAny<OperationCanceledException>(() => stream.Synchronize(Token));
            }
            else
            {
                mark.Cancel();
                Assert.ThrowsAny<OperationCanceledException>(() => stream.Synchronize(mark.Token));
            }
        }

        Assert.Equal([1, 1], Read<int>(x));
        stream.Cancel();
        stream.Launch(step, new LaunchConfiguration(1, 2), [KernelArgument.Buffer(x), KernelArgument.FromInt32(2)]);
        stream.Synchronize(Token);
        Assert.Equal([3, 3], Read<int>(x));
    }

    [Fact]
    public void Disposing_stops_what_runs()
    {
        using var gate = BufferOf(0);
        var stream = Device.CreateStream();
        stream.Launch(Load(Wait), new LaunchConfiguration(1, 1), [KernelArgument.Buffer(gate)]);

        stream.Dispose();

        Assert.Throws<ObjectDisposedException>(() => stream.Fill(gate, 0));
        Assert.Throws<ObjectDisposedException>(() => stream.Synchronize(Token));
    }

    [Fact]
    public void Events_order_streams_and_measure_time()
    {
        using var first = Device.CreateStream();
        using var second = Device.CreateStream();
        using var gate = BufferOf(0);
        using var x = BufferOf(0, 0);
        var (start, end, unused) = (new DeviceEvent(), new DeviceEvent(), new DeviceEvent());
        var result = new int[2];

        first.Record(start);
        first.Launch(Load(Wait), new LaunchConfiguration(1, 1), [KernelArgument.Buffer(gate)]);
        first.Copy(MemoryOf(new[] { 7, 8 }), x);
        first.Record(end);
        second.Wait(unused);
        second.Wait(end);
        second.Copy(x, MemoryOf(result));
        start.Synchronize(Token);
        Assert.False(end.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => end.ElapsedSince(start));
        Assert.Throws<InvalidOperationException>(() => start.ElapsedSince(unused));
        gate.CopyFrom(One);
        second.Synchronize(Token);

        Assert.Equal([7, 8], result);
        Assert.True(end.IsCompleted);
        Assert.True(end.ElapsedSince(start) > TimeSpan.Zero);
    }

    [Fact]
    public void An_event_behind_a_fault_lets_those_go_that_wait_for_it()
    {
        using var first = Device.CreateStream();
        using var second = Device.CreateStream();
        using var x = BufferOf(0);
        var end = new DeviceEvent();

        first.Launch(Load(Step), new LaunchConfiguration(1, 2), [KernelArgument.Buffer(x), KernelArgument.FromInt32(2)]);
        first.Record(end);
        second.Wait(end);
        second.Fill(x, 1);

        second.Synchronize(Token);
        end.Synchronize(Token);
        Assert.Throws<StreamException>(() => first.Synchronize(Token));
    }

    [Fact]
    public void A_stream_that_waits_for_an_event_can_be_cancelled()
    {
        using var first = Device.CreateStream();
        using var second = Device.CreateStream();
        using var gate = BufferOf(0);
        var end = new DeviceEvent();
        first.Launch(Load(Wait), new LaunchConfiguration(1, 1), [KernelArgument.Buffer(gate)]);
        first.Record(end);
        second.Wait(end);

        second.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => second.Synchronize(Token));

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => end.Synchronize(cancelled.Token));
        gate.CopyFrom(One);
        end.Synchronize(Token);
    }

    [Fact]
    public void Launches_from_several_streams_and_callers_come_one_after_the_other()
    {
        const int Rounds = 50;
        using var x = BufferOf(0);
        var kernel = Load("__global__ void k(int *x) { if (threadIdx.x == 0) x[0] += 1; }");
        using var launch = kernel.Prepare(new LaunchConfiguration(1, 8), [KernelArgument.Buffer(x)]);
        var streams = Enumerable.Range(0, 3).Select(i => Device.CreateStream()).ToList();

        for (var i = 0; i < Rounds; i++)
        {
            foreach (var stream in streams) stream.Launch(launch);
            launch.Run(Token);
        }

        foreach (var stream in streams) stream.Synchronize(Token);
        streams.ForEach(s => s.Dispose());
        Assert.Equal([4 * Rounds], Read<int>(x));
    }

    [Fact]
    public void A_launch_may_be_disposed_while_it_is_queued()
    {
        using var stream = Device.CreateStream();
        using var gate = BufferOf(0);
        using var x = BufferOf(0, 0);
        stream.Launch(Load(Wait), new LaunchConfiguration(1, 1), [KernelArgument.Buffer(gate)]);
        using (var launch = Load(Step).Prepare(new LaunchConfiguration(1, 2), [KernelArgument.Buffer(x), KernelArgument.FromInt32(1)])) stream.Launch(launch);

        gate.CopyFrom(One);
        stream.Synchronize(Token);

        Assert.Equal([1, 1], Read<int>(x));
    }

    [Fact]
    public void A_launch_of_another_device_is_refused()
    {
        using var other = new CpuDevice(1);
        using var stream = other.CreateStream();
        using var x = BufferOf(0, 0);

        Assert.Throws<KernelArgumentException>(() => stream.Launch(Load(Step), new LaunchConfiguration(1, 2), [KernelArgument.Buffer(x), KernelArgument.FromInt32(1)]));
    }

    private static Memory<byte> MemoryOf(int[] values) => new IntegerMemory(values).Memory;

    /// <summary>The bytes of integers.</summary>
    private sealed class IntegerMemory(int[] values) : System.Buffers.MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(values.AsSpan());

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            // The garbage collector's.
        }
    }
}
