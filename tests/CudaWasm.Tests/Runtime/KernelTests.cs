using System.Runtime.InteropServices;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;
using CudaWasm.Runtime;
using static CudaWasm.Tests.Runtime.KernelWriter;

namespace CudaWasm.Tests.Runtime;

/// <summary>What every device must do alike. One class a device and mode derives from it.</summary>
public abstract partial class KernelTests : IDisposable
{
    private readonly Device _device;

    protected KernelTests(Device device) => _device = device;

    protected virtual LoadOptions Options => LoadOptions.Default;

    [Fact]
    public void Each_thread_scales_its_element()
    {
        var k = new KernelWriter("saxpy");
        var (n, a, x, y) = (k.Scalar("n", IrType.I32), k.Scalar("a", IrType.F32), k.Pointer("x", IrType.F32), k.Pointer("y", IrType.F32));
        var i = IrBuilder.Read(k.Slot("i", IrType.I32, GlobalX));
        k.If(Less(i, n), () => k.Store(y, i, Add(Mul(a, Load(x, i, IrType.F32)), Load(y, i, IrType.F32))));
        var xs = Enumerable.Range(0, 1000).Select(v => (float)v).ToArray();
        var ys = Enumerable.Repeat(1f, 1000).ToArray();

        Run(k, 4, 256, 1000, 2f, xs, ys);

        Assert.Equal(xs.Select(v => (2 * v) + 1), ys);
    }

    [Fact]
    public void Indices_run_over_three_dimensions()
    {
        var k = new KernelWriter("index");
        var output = k.Pointer("out", IrType.U32);
        IrExpression B(IrBuiltin builtin) => IrBuilder.Builtin(builtin);
        var block = Add(B(IrBuiltin.BlockIdxX), Mul(B(IrBuiltin.GridDimX), Add(B(IrBuiltin.BlockIdxY), Mul(B(IrBuiltin.GridDimY), B(IrBuiltin.BlockIdxZ)))));
        var threads = Mul(B(IrBuiltin.BlockDimX), Mul(B(IrBuiltin.BlockDimY), B(IrBuiltin.BlockDimZ)));
        var thread = Add(B(IrBuiltin.ThreadIdxX), Mul(B(IrBuiltin.BlockDimX), Add(B(IrBuiltin.ThreadIdxY), Mul(B(IrBuiltin.BlockDimY), B(IrBuiltin.ThreadIdxZ)))));
        k.Store(output, Add(thread, Mul(threads, block)), Add(Mul(B(IrBuiltin.LinearThread), IrBuilder.Integer(IrType.U32, 1000)), block));
        var result = new uint[2 * 3 * 4 * 24];

        Run(k, new Dim3(2, 3, 4), new Dim3(3, 4, 2), result);

        Assert.Equal(Enumerable.Range(0, result.Length).Select(i => (uint)((i % 24 * 1000) + (i / 24))), result);
    }

    /// <summary>As PTX has it, where C++ leaves the result open: kernels that pack bits rely on it.</summary>
    [Fact]
    public void Shifts_by_the_width_or_more_shift_everything_out()
    {
        const string Source = """
            __global__ void k(const int *counts, unsigned *left, unsigned *right, int *sign, unsigned long long *wide, long long *wideSign, int common)
            {
                int i = threadIdx.x, n = counts[i];
                unsigned u = 0xF00000F1u;
                left[i] = u << n; right[i] = u >> n; sign[i] = (int)u >> n;
                wide[i] = (0xF00000F1ull << n) ^ (0xF00000F100000000ull >> n); wideSign[i] = -77LL >> n;
                left[i + 80] = (u + i) << common; right[i + 80] = (u + i) >> common; sign[i + 80] = (int)(u + i) >> common;
                wide[i + 80] = ((unsigned long long)(u + i) << (common + 32)) + (u << 32) + (u >> 33); wideSign[i + 80] = (i - 77LL) >> (common + 32);
            }
            """;
        const int Threads = 80;
        var counts = Enumerable.Range(-8, Threads).ToArray();
        foreach (var common in new[] { 3, 31, 32, 70, -1 })
        {
            var (left, right, sign, wide, wideSign) = (new uint[160], new uint[160], new int[160], new ulong[160], new long[160]);

            RunSource(Source, 1, Threads, 0, counts, left, right, sign, wide, wideSign, common);

            const uint U = 0xF00000F1;
            static bool Fits(int n, int width) => (uint)n < width;
            for (var i = 0; i < Threads; i++)
            {
                var n = counts[i];
                Assert.Equal((Fits(n, 32) ? U << n : 0, Fits(n, 32) ? U >> n : 0, unchecked((int)U) >> (Fits(n, 32) ? n : 31)), (left[i], right[i], sign[i]));
                Assert.Equal((Fits(n, 64) ? ((ulong)U << n) ^ (((ulong)U << 32) >> n) : 0, -77L >> (Fits(n, 64) ? n : 63)), (wide[i], wideSign[i]));
                var u = U + (uint)i;
                Assert.Equal((Fits(common, 32) ? u << common : 0, Fits(common, 32) ? u >> common : 0, (int)u >> (Fits(common, 32) ? common : 31)), (left[i + 80], right[i + 80], sign[i + 80]));
                Assert.Equal((Fits(common + 32, 64) ? (ulong)u << (common + 32) : 0, (i - 77L) >> (Fits(common + 32, 64) ? common + 32 : 63)), (wide[i + 80], wideSign[i + 80]));
            }
        }
    }

    [Fact]
    public void Shared_memory_is_seen_by_all_threads_after_a_barrier()
    {
        var k = new KernelWriter("reverse");
        var data = k.Pointer("data", IrType.I32);
        var tile = k.Variable("tile", IrSpace.Shared, 256);
        k.Store(tile, ThreadX, Load(data, ThreadX, IrType.I32));
        k.Barrier();
        k.Store(data, ThreadX, Load(tile, Op(IrBinaryOp.Subtract, Int(63), ThreadX), IrType.I32));
        var values = Enumerable.Range(0, 64).ToArray();

        Run(k, 1, 64, values);

        Assert.Equal(Enumerable.Range(0, 64).Reverse(), values);
    }

    [Fact]
    public void A_uniform_loop_around_barriers_sums_a_block()
    {
        var k = new KernelWriter("reduce");
        var (data, output) = (k.Pointer("data", IrType.I32), k.Pointer("out", IrType.I32));
        var shared = k.Variable("s", IrSpace.DynamicShared, 0);
        var t = IrBuilder.Read(k.Slot("t", IrType.I32, ThreadX));
        k.Store(shared, t, Load(data, GlobalX, IrType.I32));
        k.Barrier();
        var s = k.Slot("s", IrType.I32, Op(IrBinaryOp.Divide, BlockDimX, Int(2)));
        k.While(Op(IrBinaryOp.Greater, IrBuilder.Read(s), Int(0)), _ =>
        {
            k.If(Less(t, IrBuilder.Read(s)), () => k.Store(shared, t, Add(Load(shared, t, IrType.I32), Load(shared, Add(t, IrBuilder.Read(s)), IrType.I32))));
            k.Barrier();
        }, () => k.Assign(s, Op(IrBinaryOp.ShiftRight, IrBuilder.Read(s), Int(1))));
        k.If(Equal(t, Int(0)), () => k.Store(output, BlockX, Load(shared, Int(0), IrType.I32)));
        var sums = new int[8];

        Run(k, 8, 128, 512, Enumerable.Range(0, 1024).ToArray(), sums);

        Assert.Equal(Enumerable.Range(0, 8).Select(b => Enumerable.Range(b * 128, 128).Sum()), sums);
        Assert.Contains(Split(k).Slots, slot => slot is { Name: "s", Storage: IrSlotStorage.Uniform });
    }

    [Fact]
    public void Values_that_live_over_a_barrier_are_kept_for_each_thread()
    {
        var k = new KernelWriter("live");
        var (input, output) = (k.Pointer("in", IrType.I32), k.Pointer("out", IrType.F64));
        var read = k.Slot("read", IrType.I32, Load(input, ThreadX, IrType.I32));
        var value = k.Slot("value", IrType.F64, IrBuilder.Convert(IrType.F64, IrBuilder.Read(read)));
        var half = k.Slot("half", IrType.F16, IrBuilder.Convert(IrType.F16, IrBuilder.Read(read)));
        var small = k.Slot("small", IrType.U8, IrBuilder.Convert(IrType.U8, IrBuilder.Read(read)));
        var temporary = k.Slot("temporary", IrType.I32, Add(IrBuilder.Read(read), Int(1)));
        k.Store(output, ThreadX, IrBuilder.Convert(IrType.F64, IrBuilder.Read(temporary)));
        k.Barrier();
        k.Store(output, ThreadX, Add(Add(IrBuilder.Read(value), IrBuilder.Convert(IrType.F64, IrBuilder.Read(half))), IrBuilder.Convert(IrType.F64, IrBuilder.Read(small))));
        var result = new double[200];

        Run(k, 1, 200, Enumerable.Range(0, 200).ToArray(), result);

        Assert.Equal(Enumerable.Range(0, 200).Select(i => 3.0 * i), result);
        Assert.Equal(["half", "small", "value"], Split(k).Slots.Where(s => s.Storage == IrSlotStorage.PerThread).Select(s => s.Name).Order());
    }

    [Fact]
    public void Values_that_indices_and_parameters_give_are_computed_again_behind_a_barrier()
    {
        var k = new KernelWriter("again");
        var output = k.Pointer("out", IrType.I32);
        var x = k.Slot("x", IrType.I32, IrBuilder.Convert(IrType.I32, ThreadX));
        var place = k.Slot("place", IrType.I32, Op(IrBinaryOp.Subtract, Int(199), IrBuilder.Read(x)));
        var isEven = k.Slot("isEven", IrType.Bool, Equal(Op(IrBinaryOp.And, IrBuilder.Read(x), Int(1)), Int(0)));
        var changed = k.Slot("changed", IrType.I32, Add(IrBuilder.Read(x), Int(1)));
        k.If(IrBuilder.Read(isEven), () => k.Assign(changed, Int(7)));
        k.Barrier();
        k.If(IrBuilder.Read(isEven), () => k.Store(output, IrBuilder.Read(place), IrBuilder.Read(x)), () => k.Store(output, IrBuilder.Read(place), IrBuilder.Read(changed)));
        var result = new int[200];

        Run(k, 1, 200, result);

        Assert.Equal(Enumerable.Range(0, 200).Select(i => 199 - i).Select(x => x % 2 == 0 ? x : x + 1), result);
        Assert.Equal("changed", Assert.Single(Split(k).Slots, s => s.Storage == IrSlotStorage.PerThread).Name);
    }

    [Fact]
    public void Threads_that_returned_are_not_waited_for()
    {
        var k = new KernelWriter("early");
        var (n, output) = (k.Scalar("n", IrType.I32), k.Pointer("out", IrType.I32));
        var tile = k.Variable("tile", IrSpace.Shared, 256);
        k.If(Op(IrBinaryOp.GreaterOrEqual, ThreadX, n), () => k.Return());
        k.Store(tile, ThreadX, ThreadX);
        k.Barrier();
        k.Store(output, ThreadX, Load(tile, Op(IrBinaryOp.Subtract, Op(IrBinaryOp.Subtract, n, Int(1)), ThreadX), IrType.I32));
        var result = Enumerable.Repeat(-1, 64).ToArray();

        Run(k, 1, 64, 10, result);

        Assert.Equal(Enumerable.Range(0, 10).Reverse().Concat(Enumerable.Repeat(-1, 54)), result);
    }

    [Fact]
    public void A_block_ends_when_all_its_threads_returned()
    {
        var k = new KernelWriter("gone");
        var (n, d, output) = (k.Scalar("n", IrType.I32), k.Scalar("d", IrType.I32), k.Pointer("out", IrType.I32));
        k.If(Op(IrBinaryOp.GreaterOrEqual, ThreadX, n), () => k.Return());
        k.Barrier();
        // Nobody is left to divide by zero.
        var i = k.Slot("i", IrType.I32);
        k.For(i, Int(0), Op(IrBinaryOp.Divide, Int(10), d), _ => k.Barrier());
        k.Store(output, ThreadX, Int(1));
        var result = new int[4];

        Run(k, 1, 4, 0, 0, result);

        Assert.Equal(new int[4], result);
    }

    [Fact]
    public void A_divergent_condition_around_a_barrier_that_all_take_is_no_fault()
    {
        var k = new KernelWriter("all");
        var (flag, output) = (k.Pointer("flag", IrType.I32), k.Pointer("out", IrType.I32));
        var shared = k.Variable("s", IrSpace.Shared, 4);
        k.If(Op(IrBinaryOp.NotEqual, Load(flag, Int(0), IrType.I32), Int(0)), () =>
        {
            k.If(Equal(ThreadX, Int(5)), () => k.Store(shared, Int(0), Int(42)));
            k.Barrier();
            k.Store(output, ThreadX, Load(shared, Int(0), IrType.I32));
        }, () => k.Store(output, ThreadX, Int(7)));
        var result = new int[32];

        Run(k, 1, 32, new[] { 1 }, result);
        Assert.All(result, v => Assert.Equal(42, v));
        Run(k, 1, 32, new[] { 0 }, result);
        Assert.All(result, v => Assert.Equal(7, v));
    }

    [Fact]
    public void A_barrier_that_some_threads_miss_names_both_sides()
    {
        var k = new KernelWriter("divergent");
        var output = k.Pointer("out", IrType.I32);
        k.If(Less(ThreadX, Int(5)), () => k.Barrier(12));
        k.Store(output, ThreadX, Int(1));

        var fault = Assert.Throws<KernelFaultException>(() => Run(k, 1, 32, new int[32]));

        Assert.Equal("CW4013", fault.Code);
        Assert.Equal(12, fault.Diagnostic.Span.Line);
        Assert.Contains("thread (0,0,0) of block (0,0,0) waits here, but thread (5,0,0) runs elsewhere", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Breaks_and_continues_of_single_threads_wait_for_the_loop_to_end()
    {
        // for (i = 0; i < 8; i++) { if (i == t) continue; if (i > t + 2) break; sum += shuffle(i); }
        var k = new KernelWriter("exits");
        var output = k.Pointer("out", IrType.I32);
        var (i, sum) = (k.Slot("i", IrType.I32), k.Slot("sum", IrType.I32, Int(0)));
        k.For(i, Int(0), Int(8), loop =>
        {
            k.If(Equal(IrBuilder.Read(i), ThreadX), () => k.Continue(loop));
            k.If(Op(IrBinaryOp.Greater, IrBuilder.Read(i), Add(ThreadX, Int(2))), () => k.Leave(loop));
            var active = k.Warp(IrWarpOp.ActiveMask, IrType.U32);
            var count = IrBuilder.Intrinsic(IrIntrinsic.PopCount, IrType.I32, IrBuilder.Read(active));
            k.Assign(sum, Add(IrBuilder.Read(sum), Add(Mul(IrBuilder.Read(i), Int(100)), count)));
        });
        k.Store(output, ThreadX, IrBuilder.Read(sum));
        var result = new int[8];

        Run(k, 1, 8, result);

        var expected = new int[8];
        for (var round = 0; round < 8; round++)
        {
            var here = Enumerable.Range(0, 8).Where(t => t != round && round <= t + 2).ToList();
            foreach (var t in here) expected[t] += (round * 100) + here.Count;
        }

        Assert.Equal(expected, result);
    }

    [Fact]
    public void Loops_with_barriers_may_turn_by_thread_if_all_turn_alike()
    {
        // The trip count comes from memory: not provably uniform, but equal.
        var k = new KernelWriter("trips");
        var (trips, output) = (k.Pointer("trips", IrType.I32), k.Pointer("out", IrType.I32));
        var (i, sum) = (k.Slot("i", IrType.I32), k.Slot("sum", IrType.I32, Int(0)));
        var shared = k.Variable("s", IrSpace.Shared, 4);
        k.For(i, Int(0), Load(trips, ThreadX, IrType.I32), _ =>
        {
            k.If(Equal(ThreadX, IrBuilder.Read(i)), () => k.Store(shared, Int(0), ThreadX));
            k.Barrier();
            k.Assign(sum, Add(IrBuilder.Read(sum), Load(shared, Int(0), IrType.I32)));
            k.Barrier();
        });
        k.Store(output, ThreadX, IrBuilder.Read(sum));
        var result = new int[16];

        Run(k, 1, 16, Enumerable.Repeat(6, 16).ToArray(), result);
        Assert.All(result, v => Assert.Equal(15, v));

        var fault = Assert.Throws<KernelFaultException>(() => Run(k, 1, 16, Enumerable.Range(1, 16).ToArray(), result));
        Assert.Equal("CW4013", fault.Code);
    }

    [Fact]
    public void A_switch_around_barriers_falls_through_and_breaks()
    {
        foreach (var uniform in new[] { true, false })
        {
            var k = new KernelWriter("switch");
            var (which, output) = (k.Pointer("which", IrType.I32), k.Pointer("out", IrType.I32));
            var selector = k.Scalar("selector", IrType.I32);
            var value = uniform ? selector : Load(which, ThreadX, IrType.I32);
            var result = k.Slot("r", IrType.I32, Int(0));
            void AddTo(int amount) => k.Assign(result, Add(IrBuilder.Read(result), Int(amount)));
            void Sync() => k.Add(new IrWarp(null, IrWarpOp.Sync, [FullMask], Line(3)));
            k.Region(end => k.Switch(
                value,
                ([1], false, () =>
                {
                    AddTo(1);
                    Sync();
                }
            ),
                ([2, 5], false, () =>
                {
                    AddTo(10);
                    Sync();
                    k.Leave(end);
                }
            ),
                ([], true, () =>
                {
                    Sync();
                    AddTo(100);
                }
            ),
                ([7], false, () => AddTo(1000))));
            k.Store(output, ThreadX, IrBuilder.Read(result));
            int[] inputs = [0, 1, 2, 5, 7, 9];
            int[] expected = [1100, 11, 10, 10, 1000, 1100];
            var outputs = new int[inputs.Length];
            if (uniform)
            {
                for (var i = 0; i < inputs.Length; i++)
                {
                    Run(k, 1, 6, new int[6], outputs, inputs[i]);
                    Assert.All(outputs, v => Assert.Equal(expected[i], v));
                }
            }
            else
            {
                Run(k, 1, 6, inputs, outputs, 0);
                Assert.Equal(expected, outputs);
            }
        }
    }

    [Fact]
    public void Nested_regions_can_be_left_from_between_barriers()
    {
        var k = new KernelWriter("nested");
        var output = k.Pointer("out", IrType.I32);
        var r = k.Slot("r", IrType.I32, Int(0));
        void AddTo(int amount) => k.Assign(r, Add(IrBuilder.Read(r), Int(amount)));
        void Sync() => k.Add(new IrWarp(null, IrWarpOp.Sync, [FullMask], Line(3)));
        k.Region(outer =>
        {
            k.Region(inner =>
            {
                Sync();
                k.If(Equal(ThreadX, Int(1)), () => k.Leave(inner));
                k.If(Equal(ThreadX, Int(2)), () => k.Leave(outer));
                k.If(Equal(ThreadX, Int(3)), () => k.Return());
                Sync();
                AddTo(1);
            });
            Sync();
            AddTo(10);
        });
        Sync();
        AddTo(100);
        k.Store(output, ThreadX, IrBuilder.Read(r));
        var result = new int[5];

        Run(k, 1, 5, result);

        Assert.Equal([111, 110, 100, 0, 111], result);
    }

    [Fact]
    public void Barriers_count_and_combine_predicates()
    {
        var k = new KernelWriter("predicates");
        var output = k.Pointer("out", IrType.I32);
        var isOdd = Op(IrBinaryOp.And, ThreadX, Int(1));
        var sum = k.Slot("sum", IrType.I32, Int(0));
        foreach (var (kind, factor) in new[] { (IrBarrierKind.Count, 1), (IrBarrierKind.And, 100), (IrBarrierKind.Or, 1000) })
        {
            var result = k.Slot("r", IrType.I32);
            k.Add(new IrBarrier(kind, result, isOdd, Line(1)));
            k.Assign(sum, Add(IrBuilder.Read(sum), Mul(IrBuilder.Read(result), Int(factor))));
        }

        k.Store(output, ThreadX, IrBuilder.Read(sum));
        var totals = new int[10];

        Run(k, 1, 10, totals);

        Assert.All(totals, v => Assert.Equal(5 + 0 + 1000, v));
    }

    [Fact]
    public void Local_arrays_keep_their_content_over_barriers()
    {
        var k = new KernelWriter("local");
        var output = k.Pointer("out", IrType.I32);
        var array = k.Variable("array", IrSpace.Local, 16);
        var i = k.Slot("i", IrType.I32);
        k.For(i, Int(0), Int(4), _ => k.Store(array, IrBuilder.Read(i), Mul(ThreadX, IrBuilder.Read(i))));
        k.Barrier();
        // Through a pointer that may point to either of two objects.
        var pointer = k.Slot("p", IrType.Pointer, IrBuilder.Conditional(Less(ThreadX, Int(8)), array, output));
        k.If(Less(ThreadX, Int(8)), () => k.Store(output, ThreadX, Load(IrBuilder.Read(pointer), Int(3), IrType.I32)));
        var result = new int[16];

        Run(k, 3, 16, result);

        Assert.Equal(Enumerable.Range(0, 16).Select(t => t < 8 ? 3 * t : 0), result);
    }

    [Fact]
    public void Aggregates_globals_and_pointers_in_memory_work()
    {
        var k = new KernelWriter("memory");
        var output = k.Pointer("out", IrType.F32);
        var settings = k.Aggregate("settings", 16);
        var table = k.Variable("table", IrSpace.Constant, 16, MemoryMarshal.AsBytes<float>([1f, 2f, 3f, 4f]).ToArray());
        var counter = k.Variable("counter", IrSpace.Global, 4);
        var holder = k.Variable("holder", IrSpace.Local, 8);
        k.Store(holder, Int(0), IrBuilder.Address(table, Int(1), 4));
        var stored = IrBuilder.Load(IrType.Pointer, holder, false, Line(1));
        var factor = IrBuilder.Load(IrType.F32, IrBuilder.Address(settings, null, 1, 8), false, Line(1));
        k.Store(output, ThreadX, Mul(factor, Load(stored, ThreadX, IrType.F32)));
        k.Atomic(IrAtomicOp.Add, counter, Int(2));
        using var kernel = _device.Load(k.Compile(), Options);
        using var buffer = _device.Allocate(12, "out");
        var bytes = new byte[16];
        MemoryMarshal.Write(bytes.AsSpan(8), 10f);

        kernel.Launch(new LaunchConfiguration(1, 3), [KernelArgument.Buffer(buffer), KernelArgument.Bytes(bytes)], null, TestContext.Current.CancellationToken);
        kernel.Launch(new LaunchConfiguration(1, 3), [KernelArgument.Buffer(buffer), KernelArgument.Bytes(bytes)], null, TestContext.Current.CancellationToken);

        var result = new float[3];
        buffer.CopyTo(MemoryMarshal.AsBytes(result.AsSpan()));
        Assert.Equal([20f, 30f, 40f], result);
        var count = new int[1];
        kernel.GetSymbol("counter").CopyTo(MemoryMarshal.AsBytes(count.AsSpan()));
        Assert.Equal(12, count[0]);
    }

    public void Dispose()
    {
        _device.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs a kernel; arrays become buffers and get their content back, numbers are values. After a DynamicShared kernel's block comes its size.</summary>
    private protected void Run(KernelWriter writer, Dim3 grid, Dim3 block, params object[] arguments)
    {
        var sharedBytes = 0;
        if (writer.Function.Variables.Any(v => v.Space == IrSpace.DynamicShared))
        {
            sharedBytes = (int)arguments[0];
            arguments = arguments[1..];
        }

        Assert.Empty(IrVerifier.Verify(writer.Module()));
        using var kernel = _device.Load(writer.Compile(), Options);
        using var binding = ArgumentBinder.Bind(_device, kernel.Source, arguments);
        kernel.Launch(new LaunchConfiguration(grid, block, sharedBytes), binding.Arguments, null, TestContext.Current.CancellationToken);
        binding.CopyBack();
    }

    private static IrFunction Split(KernelWriter writer)
    {
        var program = TargetPasses.ForCpu(writer.Module());
        Assert.Empty(IrVerifier.Verify(program.Module, isBlockProgram: true));
        return program.Module.Kernel;
    }
}
