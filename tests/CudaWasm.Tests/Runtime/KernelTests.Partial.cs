using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

/// <summary>Conditions that hold for the first threads only: what devices may do for fewer registers than a value has.</summary>
public abstract partial class KernelTests
{
    private const string RowsOfAllLengths =
        """
        __global__ void k(const int *columns, const double *x, const short *small, const unsigned char *bytes, int *seen, double *sums, int *trees, int limit) {
            __shared__ int tile[72];
            __shared__ short narrow[72];
            int lane = threadIdx.x, row = blockIdx.x;
            for (int i = lane; i < 72; i += blockDim.x) { tile[i] = -1; narrow[i] = 3; }
            __syncthreads();
            double sum = 0;
            int found = 0;
            for (int i = lane; i < row; i += blockDim.x) {
                int c = columns[i];
                if (c < limit) found += small[i] + bytes[c];
                if (i < limit) found += 1000 * (c % 7);
                sum += x[c] / (i + 1);
                tile[i] = c + i;
                narrow[c] = (short)(i - 40);
            }
            __syncthreads();
            for (int s = blockDim.x / 2; s > 0; s /= 2) {
                if (lane < s) tile[lane] += tile[lane + s] + narrow[lane + s];
                __syncthreads();
            }
            seen[row * blockDim.x + lane] = found;
            sums[row * blockDim.x + lane] = sum;
            if (lane == 0) trees[row] = tile[0];
        }
        """;

    [Theory]
    [InlineData(32, 40)]
    [InlineData(64, 20)]
    [InlineData(16, 71)]
    public void Rows_of_all_lengths_are_summed_by_the_threads_that_they_reach(int threads, int limit)
    {
        const int Longest = 72;
        var columns = Enumerable.Range(0, Longest).Select(i => i * 37 % Longest).ToArray();
        var x = Enumerable.Range(0, Longest).Select(i => (i * 0.5) - 3).ToArray();
        var small = Enumerable.Range(0, Longest).Select(i => (short)((i * 3) - 50)).ToArray();
        var bytes = Enumerable.Range(0, Longest).Select(i => (byte)(255 - i)).ToArray();
        var (seen, sums, trees) = (new int[(Longest + 1) * threads], new double[(Longest + 1) * threads], new int[Longest + 1]);

        RunSource(RowsOfAllLengths, Longest + 1, threads, 0, columns, x, small, bytes, seen, sums, trees, limit);

        for (var row = 0; row <= Longest; row++)
        {
            var (tile, narrow) = (Enumerable.Repeat(-1, Longest).ToArray(), Enumerable.Repeat((short)3, Longest).ToArray());
            for (var lane = 0; lane < threads; lane++)
            {
                var (found, sum) = (0, 0.0);
                for (var i = lane; i < row; i += threads)
                {
                    var c = columns[i];
                    if (c < limit) found += small[i] + bytes[c];
                    if (i < limit) found += 1000 * (c % 7);
                    sum += x[c] / (i + 1);
                    tile[i] = c + i;
                    narrow[c] = (short)(i - 40);
                }

                Assert.Equal((row, lane, found, sum), (row, lane, seen[(row * threads) + lane], sums[(row * threads) + lane]));
            }

            for (var s = threads / 2; s > 0; s /= 2)
            {
                for (var lane = 0; lane < s; lane++) tile[lane] += tile[lane + s] + narrow[lane + s];
            }

            Assert.Equal((row, tile[0]), (row, trees[row]));
        }
    }

    [Theory]
    [InlineData(33)]
    [InlineData(41)]
    [InlineData(50)]
    [InlineData(63)]
    public void Rows_that_are_longer_than_their_buffer_fault_at_the_first_thread_outside(int length)
    {
        if (!IsChecked) return;
        const string Source = "__global__ void k(int *x, int n) { for (int i = threadIdx.x; i < n; i += 32) { int old = x[i]; x[i] = old + i; } }";
        var x = new int[length];

        RunSource(Source, 1, 32, 0, x, length);
        var fault = Assert.Throws<KernelFaultException>(() => RunSource(Source, 1, 32, 0, new int[length], 64));

        Assert.Equal(Enumerable.Range(0, length), x);
        Assert.Equal((length, new Dim3(length - 32, 0, 0)), ((int)fault.Index!, fault.ThreadIdx));
    }

    /// <summary>A constant in an index may be taken out of it, but not out of arithmetic that wraps.</summary>
    [Theory]
    [InlineData("int i = threadIdx.x;", "i - 1 + 1", 0)]
    [InlineData("int i = threadIdx.x;", "i + 4 - 2", 2)]
    [InlineData("unsigned i = threadIdx.x;", "i + 3u - 3u", 0)]
    [InlineData("unsigned i = threadIdx.x;", "i - 5u + 6u", 1)]
    [InlineData("unsigned i = threadIdx.x + first[0];", "i + 4294967295u", 6)]
    [InlineData("unsigned i = threadIdx.x + first[0] - 8u;", "i + 1u", 0)]
    [InlineData("long long i = threadIdx.x;", "i - 7 + 9", 2)]
    [InlineData("size_t i = threadIdx.x;", "i - 3 + 3", 0)]
    [InlineData("unsigned char i = threadIdx.x + 250;", "(unsigned char)(i + 7)", 1)]
    public void Constants_in_indices_count(string declaration, string index, int shift)
    {
        var source = $"__global__ void k(const int *x, int *y, const int *first) {{ {declaration} y[threadIdx.x] = x[{index}]; __syncthreads(); if (threadIdx.x < 3) y[threadIdx.x + 1 - 1] += 1000 * x[{index}]; }}";
        var (x, y) = (Enumerable.Range(100, 64).ToArray(), new int[32]);

        RunSource(source, 1, 32, 0, x, y, new[] { 7 });

        Assert.Equal(Enumerable.Range(0, 32).Select(i => x[i + shift] * (i < 3 ? 1001 : 1)), y);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Offsets_follow_what_changes_between_accesses(int n)
    {
        const string Source =
            """
            __global__ void k(const int *x, int *y, int n) {
                int i = threadIdx.x, j = n, sum = 0;
                for (int k = 0; k < n; k++) { sum += x[i + j]; j += k + 1; sum += 10 * x[i + j]; }
                if (n > 1) { j = 2; sum += 7 * x[i + j]; } else { j = 4; sum -= x[i + j]; }
                y[threadIdx.x] = sum + 1000 * x[i + j];
            }
            """;
        var (x, y) = (Enumerable.Range(0, 64).Select(i => i * i % 9).ToArray(), new int[32]);

        RunSource(Source, 1, 32, 0, x, y, n);

        for (var t = 0; t < 32; t++)
        {
            var (j, sum) = (n, 0);
            for (var k = 0; k < n; k++)
            {
                sum += x[t + j];
                j += k + 1;
                sum += 10 * x[t + j];
            }

            j = n > 1 ? 2 : 4;
            sum += (n > 1 ? 7 : -1) * x[t + j];
            Assert.Equal((t, sum + (1000 * x[t + j])), (t, y[t]));
        }
    }

    /// <summary>Loops that begin at a thread's index and step by the block's size: two trips, three for some threads, or too many to write out.</summary>
    [Theory]
    [InlineData(32, 8)]
    [InlineData(16, 4)]
    [InlineData(64, 1)]
    [InlineData(40, 3)]
    [InlineData(5, 7)]
    [InlineData(1, 1)]
    public void Loops_over_a_tile_touch_each_element_once(int width, int height)
    {
        const string Source =
            """
            __global__ void k(int *out, int *last, int steps) {
                __shared__ int tile[24][72];
                int tx = threadIdx.x, ty = threadIdx.y;
                unsigned t = ty * blockDim.x + tx;
                for (unsigned i = t; i < 24 * 72; i += blockDim.x * blockDim.y) tile[i / 72][i % 72] = 1;
                __syncthreads();
                for (int y = ty; y < 24; y += blockDim.y) {
                    for (int x = tx; x <= 69; x += blockDim.x) {
                        if ((x + y) % 5 == 3) continue;
                        tile[y][x] += 1000 * y + 10 * x;
                    }
                }
                for (size_t y = ty + 2; y < 20; y += 1 * blockDim.y) {
                    for (unsigned x = tx; x < 33u; x += blockDim.x) tile[y][x + 3 - 1] += y > 11 ? 3 : 5;
                }
                __syncthreads();
                int x = tx;
                for (; x < 72; x += blockDim.x) for (int y = ty; y < 24; y += blockDim.y) out[y * 72 + x] = tile[y][x];
                last[t] = x;
            }
            """;
        var (output, last) = (new int[24 * 72], new int[width * height]);

        RunSource(Source, 1, new Dim3(width, height), 0, output, last, 0);

        Assert.Equal(
            Enumerable.Range(0, 24 * 72).Select(i =>
            {
                var (x, y) = (i % 72, i / 72);
                var value = 1 + (x <= 69 && (x + y) % 5 != 3 ? (1000 * y) + (10 * x) : 0);
                return value + (y is >= 2 and < 20 && x is >= 2 and < 35 ? y > 11 ? 3 : 5 : 0);
            }),
            output);
        Assert.Equal(Enumerable.Range(0, width * height).Select(t => (t % width) + ((71 - (t % width) + width) / width * width)), last);
    }

    /// <summary>Written out, a loop still ends where its counter says.</summary>
    [Theory]
    [InlineData("for (int i = threadIdx.x; i < 40; i += 32) x[i] += i;", 0, 40)]
    [InlineData("for (int i = threadIdx.x + 8; i <= 39; i += 32) x[i] += i;", 8, 40)]
    [InlineData("for (unsigned i = 2 * threadIdx.x; i < 16; i += 64) { x[i] += i; x[i + 1] += i + 1; }", 0, 16)]
    [InlineData("for (int i = threadIdx.x; i < 0; i += 32) x[i] += i;", 0, 0)]
    [InlineData("for (int i = threadIdx.x; i < 64; i += 32) { if (i >= 40) return; x[i] += i; }", 0, 40)]
    [InlineData("for (int i = threadIdx.x; i < 64; i += 32) { if (i >= 40) break; x[i] += i; }", 0, 40)]
    [InlineData("for (int i = threadIdx.x; i < 64; i += 32) { if (i >= 40) continue; x[i] += i; }", 0, 40)]
    public void Loops_of_few_trips_end_where_they_say(string loop, int begin, int end)
    {
        var x = new int[40];

        RunSource($"__global__ void k(int *x) {{ {loop} }}", 1, 32, 0, x);

        Assert.Equal(Enumerable.Range(0, 40).Select(i => i >= begin && i < end ? i : 0), x);
    }

    [Fact]
    public void A_loop_of_few_trips_names_the_thread_that_leaves_its_buffer()
    {
        if (!IsChecked) return;

        var fault = Assert.Throws<KernelFaultException>(() => RunSource("__global__ void k(int *x) { for (int i = threadIdx.x; i < 40; i += 32) x[i] += i; }", 1, 32, 0, new int[35]));

        Assert.Equal((35, new Dim3(3, 0, 0)), ((int)fault.Index!, fault.ThreadIdx));
    }
}
