using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CudaWasm.Runtime;

/// <summary>What this machine's processor can do at best, measured by two small loops when first asked for and then kept.</summary>
/// <param name="GigabytesPerSecond">From and to memory: a[i] = b[i] + s * c[i] over arrays beyond the caches, 12 bytes an element.</param>
/// <param name="GigaflopsPerSecond">
/// Of floats: fused multiply-adds in registers, two operations each, in the widest vectors there are. Doubles make half of it.
/// </param>
/// <param name="Cores">That took part.</param>
public sealed record MachinePeaks(double GigabytesPerSecond, double GigaflopsPerSecond, int Cores)
{
    /// <summary>Elements of each array: 64 MiB.</summary>
    private const int Elements = 16 << 20;

    private const int Attempts = 5;
    private const int FmaRounds = 2_000_000;

    /// <summary>Independent sums: enough to keep two units of four cycles' latency busy, few enough for 16 registers.</summary>
    private const int Accumulators = 10;

    private static readonly Lazy<MachinePeaks> Measured = new(() => Measure(Environment.ProcessorCount));

    /// <summary>Of this process's machine.</summary>
    public static MachinePeaks Current => Measured.Value;

    private interface IFma<TVector>
    {
        /// <summary>Elements of a vector.</summary>
        static abstract int Count { get; }

        static abstract TVector Create(float value);

        static abstract TVector Fma(TVector a, TVector b, TVector c);

        static abstract float Sum(TVector value);
    }

    private readonly struct Fma512 : IFma<Vector512<float>>
    {
        public static int Count => Vector512<float>.Count;

        public static Vector512<float> Create(float value) => Vector512.Create(value);

        public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

        public static float Sum(Vector512<float> value) => Vector512.Sum(value);
    }

    private readonly struct Fma256 : IFma<Vector256<float>>
    {
        public static int Count => Vector256<float>.Count;

        public static Vector256<float> Create(float value) => Vector256.Create(value);

        public static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.FusedMultiplyAdd(a, b, c);

        public static float Sum(Vector256<float> value) => Vector256.Sum(value);
    }

    private readonly struct Fma128 : IFma<Vector128<float>>
    {
        public static int Count => Vector128<float>.Count;

        public static Vector128<float> Create(float value) => Vector128.Create(value);

        public static Vector128<float> Fma(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.FusedMultiplyAdd(a, b, c);

        public static float Sum(Vector128<float> value) => Vector128.Sum(value);
    }

    private static MachinePeaks Measure(int cores)
    {
        var (sum, lanes) = Vector512.IsHardwareAccelerated ? (Sums<Vector512<float>, Fma512>, Fma512.Count)
            : Vector256.IsHardwareAccelerated ? (Sums<Vector256<float>, Fma256>, Fma256.Count)
            : ((Func<int, float>)Sums<Vector128<float>, Fma128>, Fma128.Count);
        var fmaSeconds = Best(cores, _ => GC.KeepAlive(sum(FmaRounds)));
        return new MachinePeaks(Bandwidth(cores), 2.0 * FmaRounds * Accumulators * lanes * cores / fmaSeconds / 1e9, cores);
    }

    private static unsafe double Bandwidth(int cores)
    {
        const nuint Bytes = Elements * sizeof(float);
        var memory = (float*)NativeMemory.AlignedAlloc(3 * Bytes, 64);
        try
        {
            var share = Elements / cores / 64 * 64;
            new Span<float>(memory, Elements).Fill(0);
            new Span<float>(memory + Elements, Elements).Fill(1);
            new Span<float>(memory + (2 * Elements), Elements).Fill(2);
            var seconds = Best(cores, core => Triad(memory + (core * share), memory + Elements + (core * share), memory + (2 * Elements) + (core * share), share));
            return 3.0 * sizeof(float) * share * cores / seconds / 1e9;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>Shortest of a few times that all cores took together, in seconds: from the first one's start to the last one's end.</summary>
    private static double Best(int cores, Action<int> work)
    {
        using var together = new Barrier(cores);
        var spans = new (long Begin, long End)[Attempts, cores];
        var threads = Enumerable.Range(0, cores).Select(core => new Thread(() =>
        {
            for (var i = 0; i < Attempts; i++)
            {
                together.SignalAndWait();
                var begin = Stopwatch.GetTimestamp();
                work(core);
                spans[i, core] = (begin, Stopwatch.GetTimestamp());
            }
        })
        {
            IsBackground = true,
            Name = "cuda-wasm peak",
        }).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return Enumerable.Range(0, Attempts).Min(i =>
        {
            var attempt = Enumerable.Range(0, cores).Select(core => spans[i, core]).ToList();
            return Stopwatch.GetElapsedTime(attempt.Min(s => s.Begin), attempt.Max(s => s.End)).TotalSeconds;
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Triad(float* a, float* b, float* c, int count)
    {
        var scale = Vector256.Create(3f);
        for (var i = 0; i < count; i += 2 * Vector256<float>.Count)
        {
            (Vector256.Load(b + i) + (scale * Vector256.Load(c + i))).Store(a + i);
            (Vector256.Load(b + i + 8) + (scale * Vector256.Load(c + i + 8))).Store(a + i + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sums<TVector, TFma>(int rounds)
        where TFma : IFma<TVector>
    {
        var (x, y) = (TFma.Create(0.999f), TFma.Create(0.001f));
        var (a, b, c, d, e) = (x, x, x, x, x);
        var (f, g, h, i, j) = (y, y, y, y, y);
        for (var round = 0; round < rounds; round++)
        {
            a = TFma.Fma(a, x, y);
            b = TFma.Fma(b, x, y);
            c = TFma.Fma(c, x, y);
            d = TFma.Fma(d, x, y);
            e = TFma.Fma(e, x, y);
            f = TFma.Fma(f, x, y);
            g = TFma.Fma(g, x, y);
            h = TFma.Fma(h, x, y);
            i = TFma.Fma(i, x, y);
            j = TFma.Fma(j, x, y);
        }

        return TFma.Sum(a) + TFma.Sum(b) + TFma.Sum(c) + TFma.Sum(d) + TFma.Sum(e) + TFma.Sum(f) + TFma.Sum(g) + TFma.Sum(h) + TFma.Sum(i) + TFma.Sum(j);
    }
}
