using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

/// <summary>Blocks that devices may run as a row, a line of threads after the other.</summary>
public abstract partial class KernelTests
{
    private const string Numbers =
        """
        __global__ void k(const int* in, int* out, int width) {
            int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y, z = blockIdx.z * blockDim.z + threadIdx.z;
            int i = (z * gridDim.y * blockDim.y + y) * width + x;
            int half[2] = { in[i] / 2, in[i] - in[i] / 2 };
            if (threadIdx.x % 3 == 1) out[i] += 1000000 * blockIdx.x + half[1] + half[0];
            else out[i] += blockIdx.x + 7 * blockIdx.y + 31 * blockIdx.z + threadIdx.x + 100 * threadIdx.y + 1000 * threadIdx.z;
        }
        """;

    [Theory]
    [InlineData(256, 1, 1)]
    [InlineData(32, 8, 1)]
    [InlineData(8, 4, 2)]
    [InlineData(100, 1, 1)]
    [InlineData(24, 3, 2)]
    [InlineData(1, 1, 1)]
    [InlineData(6, 5, 1)]
    public void Blocks_side_by_side_have_each_its_threads(int x, int y, int z)
    {
        var (grid, block) = (new Dim3(337, 3, 2), new Dim3(x, y, z));
        var (width, height, depth) = (337 * x, 3 * y, 2 * z);
        var input = Enumerable.Range(0, width * height * depth).ToArray();
        var output = new int[input.Length];

        RunSource(Numbers, grid, block, 0, input, output, width);

        Assert.Equal(
            input.Select(i =>
            {
                var (ix, iy, iz) = (i % width, i / width % height, i / width / height);
                var (tx, ty, tz, bx, by, bz) = (ix % x, iy % y, iz % z, ix / x, iy / y, iz / z);
                return tx % 3 == 1 ? (1000000 * bx) + i : bx + (7 * by) + (31 * bz) + tx + (100 * ty) + (1000 * tz);
            }),
            output);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(3, 2000)]
    [InlineData(1100, 1)]
    [InlineData(1200, 1300)]
    public void A_part_of_a_grid_begins_and_ends_within_rows(int first, int count)
    {
        var (data, output) = (new int[2500 * 32], new int[2500 * 32]);

        RunSource(Numbers, new Dim3(50, 50), 32, 0, LaunchOptions.Default with { Blocks = new BlockRange(first, count) }, TestContext.Current.CancellationToken, data, output, 50 * 32);

        var touched = Enumerable.Range(0, 2500).Where(b => Enumerable.Range(b * 32, 32).Any(i => output[i] != 0)).ToArray();
        Assert.Equal(Enumerable.Range(first, count).Where(b => b > 0), touched.Where(b => b > 0));
    }

    [Fact]
    public void The_lowest_block_of_a_row_is_told_that_faults_though_another_came_first()
    {
        if (!IsChecked) return;
        // Row by row, thread (0,0) of block 27 comes before thread (0,5) of block 23. Two workers take ten of 640 blocks at a time.
        const string Source =
            """
            __global__ void k(int* out) {
                int far = (blockIdx.x == 27 && threadIdx.y == 0) || (blockIdx.x == 23 && threadIdx.y == 5) ? 1 << 28 : 0;
                out[far + blockIdx.x] = 1;
            }
            """;
        var fault = Assert.Throws<KernelFaultException>(() => RunSource(Source, 640, new Dim3(32, 8), 0, new int[640]));
        Assert.Equal((new Dim3(23, 0, 0), new Dim3(0, 5, 0)), (fault.BlockIdx, fault.ThreadIdx));
    }

    [Fact]
    public void A_fault_that_its_own_row_of_blocks_takes_away_is_told_nonetheless()
    {
        if (!IsChecked) return;
        // Each block makes its index a good one once it has used it: the second time nothing is wrong.
        const string Source =
            """
            __global__ void k(int* index, int* out) {
                int i = index[blockIdx.x];
                index[blockIdx.x] = 0;
                out[i] = 1;
            }
            """;
        var index = Enumerable.Range(0, 640).Select(i => i == 25 ? 1 << 28 : 0).ToArray();
        var fault = Assert.Throws<KernelFaultException>(() => RunSource(Source, 640, 1, 0, index, new int[640]));
        Assert.Equal(("CW4010", new Dim3(25, 0, 0)), (fault.Code, fault.BlockIdx));
    }

    [Theory]
    [InlineData("int", "n")]
    [InlineData("unsigned", "n")]
    [InlineData("size_t", "n")]
    [InlineData("long long", "n - 1 + 1")]
    public void Loops_over_the_stride_of_the_grid_visit_each_element_once(string type, string bound)
    {
        var source =
            $$"""
            __global__ void k(const int* in, int* out, int n) {
                int twice = 2;
                for ({{type}} i = blockIdx.x * blockDim.x + threadIdx.x; i < {{bound}}; i += blockDim.x * gridDim.x) {
                    int v = in[i];
                    if (v % 7 == 3) continue;
                    if (v % 2) { out[i] += twice * v; continue; }
                    out[i] += v + blockIdx.x - i / (blockDim.x * gridDim.x) + 1;
                }
            }
            """;
        foreach (var (grid, block, n) in new[] { (5, 64, 5000), (640, 32, 50_000), (3, 100, 299), (2, 48, 1), (4, 32, 0) })
        {
            var (input, output) = (Enumerable.Range(0, n).Select(i => i * 31 % 1000).ToArray(), new int[n]);
            RunSource(source, grid, block, 0, input, output, n);
            Assert.Equal(input.Select((v, i) => v % 7 == 3 ? 0 : v % 2 != 0 ? 2 * v : v + (i / block % grid) - (i / (block * grid)) + 1), output);
        }
    }

    [Theory]
    [InlineData("unsigned i = blockIdx.x * blockDim.x + threadIdx.x - 5u")]
    [InlineData("unsigned i = blockIdx.x * blockDim.x + threadIdx.x + offset")]
    [InlineData("long long i = blockIdx.x * blockDim.x + threadIdx.x + (unsigned)offset")]
    [InlineData("int i = (unsigned char)(blockIdx.x * blockDim.x + threadIdx.x + 251)")]
    [InlineData("int i = (signed char)(blockIdx.x * blockDim.x + threadIdx.x - 5)")]
    public void A_loop_whose_first_thread_begins_behind_the_others_visits_what_they_do(string start)
    {
        var source =
            $$"""
            __global__ void k(int* out, int* other, int n, int offset) {
                for ({{start}}; i < n; i += blockDim.x * gridDim.x) if (i >= 0) out[i] = i + 1;
            }
            """;
        var output = new int[32];
        RunSource(source, 1, 64, 0, output, new int[1], 32, -5);
        Assert.Equal(Enumerable.Range(1, 32), output);
    }

    [Fact]
    public void A_loop_over_the_stride_of_the_grid_that_carries_values_or_ends_early_does_so()
    {
        const string Source =
            """
            __global__ void k(const int* in, int* sums, int* firsts, int n) {
                int t = blockIdx.x * blockDim.x + threadIdx.x, sum = 0;
                for (int i = t; i < n; i += blockDim.x * gridDim.x) sum += in[i];
                sums[t] = sum;
                for (int i = t; i < n; i += blockDim.x * gridDim.x) {
                    if (in[i] % 3 == 0) { firsts[t] = i; break; }
                    firsts[t] = -1;
                }
            }
            """;
        var (input, sums, firsts) = (Enumerable.Range(0, 3001).Select(i => i * 17 % 101).ToArray(), new int[256], new int[256]);
        RunSource(Source, 4, 64, 0, input, sums, firsts, input.Length);
        var own = Enumerable.Range(0, 256).Select(t => Enumerable.Range(0, 3001).Where(i => i % 256 == t).ToArray()).ToArray();
        Assert.Equal(own.Select(o => o.Sum(i => input[i])), sums);
        Assert.Equal(own.Select(o => o.FirstOrDefault(i => input[i] % 3 == 0, -1)), firsts);
    }

    [Theory]
    [InlineData("int", "gridDim.x * blockDim.x", "n")]
    [InlineData("unsigned", "blockDim.x * gridDim.x", "n")]
    [InlineData("size_t", "(size_t)blockDim.x * gridDim.x", "n")]
    [InlineData("int", "stride", "n")]
    [InlineData("long long", "gridDim.x * blockDim.x", "(long long)n - 1 + 1")]
    public void Loops_over_the_stride_of_the_grid_carry_values_from_round_to_round(string type, string stride, string bound)
    {
        var source =
            $$"""
            __global__ void k(const int* in, int* sums, int* odd, int* total, int* tally, int n, int stride) {
                __shared__ int part[128];
                __shared__ unsigned bins[8];
                if (threadIdx.x < 8) bins[threadIdx.x] = 0;
                int sum = 1, last = -1;
                __syncthreads();
                for ({{type}} i = blockIdx.x * blockDim.x + threadIdx.x; i < {{bound}}; i += {{stride}}) {
                    sum += in[i];
                    if (in[i] % 2 == 0) continue;
                    last = in[i];
                    atomicAdd(&bins[in[i] % 8], 1u);
                }
                part[threadIdx.x] = sum;
                odd[blockIdx.x * blockDim.x + threadIdx.x] = last;
                __syncthreads();
                int all = 0;
                for ({{type}} j = blockIdx.x * blockDim.x + threadIdx.x; j < {{bound}}; j += {{stride}}) all ^= in[j] + (int)j;
                sums[blockIdx.x * blockDim.x + threadIdx.x] = part[threadIdx.x];
                atomicXor(total, all);
                if (threadIdx.x < 8) atomicAdd(&tally[threadIdx.x], (int)bins[threadIdx.x]);
            }
            """;
        foreach (var (grid, block, n) in new[] { (2, 64, 9000), (3, 100, 20_000), (5, 32, 33), (1, 8, 40), (4, 128, 0) })
        {
            var (input, threads) = (Enumerable.Range(0, n).Select(i => i * 31 % 1009).ToArray(), grid * block);
            var (sums, odd, total, tally) = (new int[threads], new int[threads], new int[1], new int[8]);
            RunSource(source, grid, block, 0, input.Length == 0 ? new int[1] : input, sums, odd, total, tally, n, threads);
            var own = Enumerable.Range(0, threads).Select(t => input.Where((_, i) => i % threads == t).ToArray()).ToArray();
            Assert.Equal(own.Select(o => 1 + o.Sum()), sums);
            Assert.Equal(own.Select(o => o.LastOrDefault(v => v % 2 != 0, -1)), odd);
            Assert.Equal(input.Select((v, i) => v + i).Aggregate(0, (a, b) => a ^ b), total[0]);
            Assert.Equal(Enumerable.Range(0, 8).Select(b => input.Count(v => v % 2 != 0 && v % 8 == b)), tally);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("if (i % 5 == 4) break;")]
    [InlineData("if (i > n - 100) return;")]
    [InlineData("for (int j = 0; j < i % 3; j++) { if (j == 1) continue; last += j; }")]
    public void Loops_over_the_stride_of_the_grid_end_where_they_should(string body)
    {
        var source =
            $$"""
            __global__ void k(int* sums, int* lasts, int* counters, int n, int first) {
                int sum = 0, last = 0, z = blockIdx.x * 64 + threadIdx.x;
                for (int i = first + z; i < n; i += gridDim.x * 64) { {{body}} sum += i & 7; last += i; }
                int i = first + z;
                for (; i < n; i += gridDim.x * 64) sum += i & 7;
                sums[z] = sum;
                lasts[z] = last;
                counters[z] = i;
            }
            """;
        foreach (var n in new[] { int.MaxValue - 200, int.MaxValue - 5000, 700, 100_000 })
        {
            var first = n - 20_000;
            var (sums, lasts, counters) = (new int[128], new int[128], new int[128]);
            RunSource(source, 2, 64, 0, sums, lasts, counters, n, first);
            for (var z = 0; z < 128; z++)
            {
                var (sum, last, i, isDone) = (0, 0, first + z, false);
                for (; i < n && !isDone; i += 128)
                {
                    if (body.Contains("break") && i % 5 == 4) break;
                    isDone = body.Contains("return") && i > n - 100;
                    if (isDone) break;
                    for (var j = 0; body.Contains("for") && j < i % 3; j++) last += j == 1 ? 0 : j;
                    (sum, last) = (sum + (i & 7), unchecked(last + i));
                }

                for (i = first + z; i < n; i += 128) sum += i & 7;
                Assert.Equal(isDone ? (0, 0, 0) : (sum, last, i), (sums[z], lasts[z], counters[z]));
            }
        }
    }

    [Theory]
    [InlineData("t ^ stride")]
    [InlineData("(t + stride) % 128")]
    [InlineData("2 * t - (t & (stride - 1))")]
    [InlineData("t / stride * 2 * stride + t % stride")]
    [InlineData("127 - (t ^ stride)")]
    public void Computed_indices_are_right_whether_they_follow_each_other_or_not(string index)
    {
        var source =
            $$"""
            __global__ void k(const int* in, int* out, int* halves, float* shuffled, int stride) {
                __shared__ int tile[256];
                int t = threadIdx.x, at = {{index}}, base = blockIdx.x * 256;
                tile[t] = -1;
                tile[t + 128] = -1;
                __syncthreads();
                int v = in[base + at];
                tile[at] = v;
                out[base + at] = v + 1;
                if (v % 3 == 0) halves[base + at] = v;
                __syncthreads();
                if (tile[at] % 2 == 0) tile[at] = tile[at] + 1000;
                __syncthreads();
                shuffled[base + t] = tile[t];
                shuffled[base + t + 128] = tile[t + 128];
            }
            """;
        foreach (var stride in new[] { 1, 2, 4, 8, 16, 32, 64 })
        {
            var input = Enumerable.Range(0, 1024).Select(i => i * 37 % 1021).ToArray();
            var (output, halves, shuffled) = (new int[1024], new int[1024], new float[1024]);
            RunSource(source, 4, 128, 0, input, output, halves, shuffled, stride);
            var places = Enumerable.Range(0, 128).Select(Place).ToHashSet();
            Assert.Equal(128, places.Count);
            for (var i = 0; i < 1024; i++)
            {
                var isHit = places.Contains(i % 256);
                Assert.Equal(isHit ? input[i] + 1 : 0, output[i]);
                Assert.Equal(isHit && input[i] % 3 == 0 ? input[i] : 0, halves[i]);
                Assert.Equal(!isHit ? -1 : input[i] % 2 == 0 ? input[i] + 1000 : input[i], shuffled[i]);
            }

            int Place(int t) => index switch
            {
                "t ^ stride" => t ^ stride,
                "127 - (t ^ stride)" => 127 - (t ^ stride),
                "(t + stride) % 128" => (t + stride) % 128,
                _ => (t / stride * 2 * stride) + (t % stride),
            };
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(1000)]
    public void Structures_are_read_and_written_up_to_the_last(int n)
    {
        const string Source =
            """
            __global__ void k(const float4* in, float4* out, const float2* pairs, float2* swapped, float* every, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i >= n) return;
                float4 v = in[i];
                float2 p = pairs[i];
                out[i] = make_float4(v.w, v.z, v.y, v.x + p.x);
                swapped[i] = make_float2(p.y, p.x);
                every[4 * i + 2] = v.y;
                if (i % 3) every[4 * i] = p.y;
            }
            """;
        var (values, pairs) = (Enumerable.Range(0, 4 * n).Select(i => (float)i).ToArray(), Enumerable.Range(0, 2 * n).Select(i => i + 0.5f).ToArray());
        var (output, swapped, every) = (new float[4 * n], new float[2 * n], new float[4 * n]);
        RunSource(Source, (n + 63) / 64, 64, 0, values, output, pairs, swapped, every, n);
        Assert.Equal(Enumerable.Range(0, n).SelectMany(i => new[] { values[(4 * i) + 3], values[(4 * i) + 2], values[(4 * i) + 1], values[4 * i] + pairs[2 * i] }), output);
        Assert.Equal(Enumerable.Range(0, n).SelectMany(i => new[] { pairs[(2 * i) + 1], pairs[2 * i] }), swapped);
        Assert.Equal(Enumerable.Range(0, n).SelectMany(i => new[] { i % 3 != 0 ? pairs[(2 * i) + 1] : 0, 0, values[(4 * i) + 1], 0 }), every);
    }
}
