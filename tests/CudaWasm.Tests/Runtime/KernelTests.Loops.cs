using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

/// <summary>Loops that go over rows and columns: what they compute, and which round is named when one leaves its buffer.</summary>
public abstract partial class KernelTests
{
    /// <summary>Each adds up to the sum over k of a[y * n + k] * b[k * 64 + x], or does the same in another way.</summary>
    [Theory]
    [InlineData("for (int k = 0; k < n; k++) sum += a[y * n + k] * b[k * 64 + x];")]
    [InlineData("for (int k = 0; k <= n - 1; k++) sum += a[y * n + k] * b[k * 64 + x];")]
    [InlineData("const int *row = a + y * n; const int *column = b + x; for (int k = 0; k < n; k++) sum += row[k] * column[k * 64];")]
    [InlineData("const int *row = a + y * n; for (int k = 0; k < n; k++) { sum += *row * b[k * 64 + x]; row++; }")]
    [InlineData("for (long long k = 0; k < n; k++) sum += a[y * n + k] * b[k * 64 + x];")]
    [InlineData("for (int k = 0; k < n; k++) sum += a[y * n + n - 1 - k] * b[(n - 1 - k) * 64 + x];")]
    [InlineData("for (unsigned k = 0; k < n; k++) sum += a[y * n + k] * b[k * 64 + x];")]
    [InlineData("for (int k = 0; k < n - 1; k += 2) sum += a[y * n + k] * b[k * 64 + x] + a[y * n + k + 1] * b[(k + 1) * 64 + x]; if (n % 2) sum += a[y * n + n - 1] * b[(n - 1) * 64 + x];")]
    [InlineData("c[y * 64 + x] = 0; for (int k = 0; k < n; k++) c[y * 64 + x] += a[y * n + k] * b[k * 64 + x]; sum = c[y * 64 + x];")]
    [InlineData("for (int k = 0; k < n; k++) { int i = y * n + k; int j = k * 64 + x; sum += a[i] * b[j]; }")]
    [InlineData("for (int k = 0; k < n; k++) if (a[y * n + k] != 0) sum += a[y * n + k] * b[k * 64 + x];")]
    public void Products_of_matrices_are_the_same_however_they_are_written(string loop)
    {
        var source = $"__global__ void k(const int *a, const int *b, int *c, int n) {{ int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y; int sum = 0; {loop} c[y * 64 + x] = sum; }}";
        foreach (var n in new[] { 0, 9, 40 })
        {
            var a = Enumerable.Range(0, 8 * n).Select(i => (i * 7 % 11) - 5).Append(0).ToArray();
            var b = Enumerable.Range(0, 64 * n).Select(i => (i * 5 % 13) - 6).Append(0).ToArray();
            foreach (var block in new[] { new Dim3(16, 4), new Dim3(64, 1) })
            {
                var c = new int[8 * 64];
                RunSource(source, new Dim3(64 / block.X, 8 / block.Y), block, 0, a, b, c, n);
                Assert.Equal(Enumerable.Range(0, 8 * 64).Select(i => Enumerable.Range(0, n).Sum(k => a[(i / 64 * n) + k] * b[(k * 64) + (i % 64)])), c);
            }
        }
    }

    /// <summary>A round that goes wrong does so after those before it.</summary>
    [Theory]
    [InlineData("for (int i = 0; i < n; i++) y[i * 32 + t] = i;", 20, 640, 0)]
    [InlineData("for (int i = 0; i < n; i++) y[i * 32 + t] = x[0];", 20, 640, 0)]
    [InlineData("for (int i = 0; i < n; i++) { int old = y[t]; y[t] = old + x[15 - i]; }", 16, -1, 0)]
    [InlineData("for (int i = 0; i < n; i++) y[t] = x[i] + i;", 16, 16, 0)]
    [InlineData("for (int i = 3; i < n; i++) y[t] = x[i * i] + i;", 4, 16, 0)]
    [InlineData("for (int i = 0; i < n; i++) y[i * 31 + t] = i;", 20, 640, 20)]
    public void A_round_that_leaves_its_buffer_is_named(string loop, int round, int index, int thread)
    {
        if (!IsChecked) return;
        var source = $"__global__ void k(int *x, int *y, int n) {{ int t = threadIdx.x; {loop} }}";
        var whole = new int[32 * 20];
        RunSource(source, 1, 32, 0, new int[16], whole, round);

        var fault = Assert.Throws<KernelFaultException>(() => RunSource(source, 1, 32, 0, new int[16], new int[32 * 20], 100));

        Assert.Equal((index, new Dim3(thread, 0, 0)), ((int)fault.Index!, fault.ThreadIdx));
    }

    [Fact]
    public void Rounds_that_write_what_later_rounds_read_come_one_after_the_other()
    {
        var y = new int[41 * 32];
        for (var t = 0; t < 32; t++) y[t] = t;

        RunSource("__global__ void k(int *y, int n) { int t = threadIdx.x; for (int i = 0; i < n; i++) y[(i + 1) * 32 + t] = 3 * y[i * 32 + t] + i; }", 1, 32, 0, y, 40);

        for (var i = 0; i < 40; i++)
        {
            for (var t = 0; t < 32; t++) Assert.Equal(unchecked((3 * y[(i * 32) + t]) + i), y[((i + 1) * 32) + t]);
        }
    }

    /// <summary>Unsigned indices may wrap around between rounds that do not.</summary>
    [Fact]
    public void Unsigned_indices_wrap_between_rounds()
    {
        var (x, y) = (Enumerable.Range(0, 64).ToArray(), new int[32]);

        RunSource("__global__ void k(const int *x, int *y, int n, unsigned big) { unsigned t = threadIdx.x; int sum = 0; for (int i = 0; i < n; i++) sum += x[(i * big + t) % 64u] + x[t + (unsigned)i * big]; y[t] = sum; }", 1, 32, 0, x, y, 10, 0x80000000u + 2u - 0x80000000u);
        Assert.Equal(Enumerable.Range(0, 32).Select(t => Enumerable.Range(0, 10).Sum(i => x[((i * 2) + t) % 64] + x[t + (2 * i)])), y);

        // Two rounds of 2^31 elements go once around.
        RunSource("__global__ void k(const int *x, int *y, int n, unsigned big) { unsigned t = threadIdx.x; int sum = 0; for (int i = 0; i < n; i++) sum += x[t + (unsigned)(2 * i) * big]; y[t] = sum; }", 1, 32, 0, x, y, 10, 0x80000000u);
        Assert.Equal(Enumerable.Range(0, 32).Select(t => 10 * x[t]), y);
    }
}
