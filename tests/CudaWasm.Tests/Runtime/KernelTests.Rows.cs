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
}
