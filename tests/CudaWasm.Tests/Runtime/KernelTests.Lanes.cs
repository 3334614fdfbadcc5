using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

public abstract partial class KernelTests
{
    [Theory]
    [InlineData(32, 4)]
    [InlineData(16, 8)]
    [InlineData(20, 3)]
    public void One_thread_of_many_runs_what_only_it_may(int x, int y)
    {
        var threads = x * y;
        var output = new int[6 * threads];
        RunSource(
            """
            __global__ void k(int* out, int chosen) {
                int tx = threadIdx.x, t = tx + blockDim.x * threadIdx.y, n = blockDim.x * blockDim.y, kept = -1, seen = 0;
                if (tx == 0) out[t] = 1;
                if (t == chosen) { int squares[4]; for (int i = 0; i < 4; i++) squares[i] = i * i + t; for (int i = 0; i < t % 5; i++) kept += squares[i & 3]; }
                out[n + t] = kept;
                for (int round = 0; round < 3; round++) { if (tx == round && threadIdx.y == 1) { seen = round + 10; if (round == 2) continue; seen++; } }
                out[2 * n + t] = seen;
                if ((unsigned)tx - 3u == 0xfffffffeu) out[3 * n + t] = 7;
                if ((long long)t + 1 == 2) out[4 * n + t] = 8;
                if (tx % 2) { if (tx == 3) kept = 100; else kept = 50; if (tx == 5) return; }
                out[5 * n + t] = kept;
            }
            """, 1, new Dim3(x, y), 0, output, threads - 2);

        for (var t = 0; t < threads; t++)
        {
            var tx = t % x;
            var kept = t == threads - 2 ? Enumerable.Range(0, t % 5).Sum(i => ((i & 3) * (i & 3)) + t) - 1 : -1;
            int[] expected =
            [
                tx == 0 ? 1 : 0, kept, t / x != 1 ? 0 : tx switch { 0 => 11, 1 => 12, 2 => 12, _ => 0 }, tx == 1 ? 7 : 0, t == 1 ? 8 : 0,
                tx % 2 == 0 ? kept : tx == 3 ? 100 : tx == 5 ? 0 : 50,
            ];
            Assert.Equal(expected, Enumerable.Range(0, 6).Select(i => output[(i * threads) + t]));
        }
    }

    [Theory]
    [InlineData(128, 100)]
    [InlineData(64, 33)]
    [InlineData(40, 7)]
    public void Conditions_over_rows_of_threads_hold_where_they_do(int threads, int limit)
    {
        var (ints, unsigneds) = (new int[4 * threads], new uint[4 * threads]);
        RunSource(
            """
            __global__ void k(int* out, unsigned* outu, int limit) {
                int t = threadIdx.x, n = blockDim.x;
                unsigned u = threadIdx.x;
                if (t < limit) out[t] = 1;
                if (t > limit / 2 && t <= limit) out[n + t] = 2;
                if (n - 1 - t >= limit) out[2 * n + t] = 3;
                for (int i = t - limit; i < limit; i += n / 2) out[3 * n + t] += 1;
                // Wraps: lanes below 5 count from the other end.
                if (u - 5u < (unsigned)limit) outu[t] = 1;
                if (u - 5u > 0xfffffff0u) outu[n + t] = 2;
                if (5u - u < (unsigned)limit) outu[2 * n + t] = 3;
                for (unsigned i = u; i < (unsigned)limit; i += 16u) outu[3 * n + t] += i;
            }
            """, 1, threads, 0, ints, unsigneds, limit);

        for (var t = 0; t < threads; t++)
        {
            var rounds = 0;
            for (var i = t - limit; i < limit; i += threads / 2) rounds++;
            Assert.Equal([t < limit ? 1 : 0, t > limit / 2 && t <= limit ? 2 : 0, threads - 1 - t >= limit ? 3 : 0, rounds], Enumerable.Range(0, 4).Select(i => ints[(i * threads) + t]));
            uint sum = 0;
            for (var i = (uint)t; i < limit; i += 16) sum += i;
            Assert.Equal(
                [unchecked((uint)t - 5) < limit ? 1u : 0, unchecked((uint)t - 5) > 0xfffffff0 ? 2u : 0, unchecked(5 - (uint)t) < limit ? 3u : 0, sum],
                Enumerable.Range(0, 4).Select(i => unsigneds[(i * threads) + t]));
        }
    }

    [Theory]
    [InlineData(128, 1)]
    [InlineData(16, 8)]
    public void Indices_held_at_borders_read_rows_and_repeat_the_ends(int x, int y)
    {
        const string Source =
            """
            __global__ void k(const int* in, int* out, int n, int shift) {
                int t = threadIdx.x + blockDim.x * threadIdx.y, i = blockIdx.x * blockDim.x * blockDim.y + t;
                int low = max(i - shift, 0), high = min(i + shift, n - 1), around = (i + shift) % n, other = i < shift ? 7 : i;
                int last = -1;
                if (i % 5 != 2) last = in[min(i + 1, n - 1)];
                if (i < n) out[i] = in[low] + 3 * in[high] + 5 * in[around] + 7 * in[other] + 11 * last;
            }
            """;
        const int N = 1000;
        var input = Enumerable.Range(0, N).Select(i => i * i % 1009).ToArray();
        foreach (var shift in new[] { 0, 1, 9, 40 })
        {
            var output = new int[N];
            RunSource(Source, 8, new Dim3(x, y), 0, input, output, N, shift);
            Assert.Equal(
                Enumerable.Range(0, N).Select(i => input[Math.Max(i - shift, 0)] + (3 * input[Math.Min(i + shift, N - 1)]) + (5 * input[(i + shift) % N])
                    + (7 * input[i < shift ? 7 : i]) + (11 * (i % 5 != 2 ? input[Math.Min(i + 1, N - 1)] : -1))),
                output);
        }
    }
}
