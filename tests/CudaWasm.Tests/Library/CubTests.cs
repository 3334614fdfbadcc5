using CudaWasm.Runtime;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Library;

/// <summary>cub's block primitives, cooperative groups and Thrust's types, in blocks of 64 threads.</summary>
public sealed class CubTests
{
    private const int Threads = 64;

    private static int[] Run(string source, int count) => KernelHarness.Run<int>(source, count, new Dim3(1), new Dim3(Threads), new LoadOptions());

    private static int Mixed(int i) => (i * 7919 + 13) % 1009 - 500;

    private const string MixedSource = "__device__ int mixed(int i) { return (i * 7919 + 13) % 1009 - 500; }\n";

    [Fact]
    public void BlockRadixSort_sorts_signed_keys_with_their_values_both_ways()
    {
        var result = Run(
            "#include <cub/cub.cuh>\n" + MixedSource + """
            __global__ void k(int *out) {
                typedef cub::BlockRadixSort<int, 64, 2, int> Sort;
                __shared__ typename Sort::TempStorage temp;
                int keys[2], values[2];
                for (int i = 0; i < 2; ++i) { values[i] = threadIdx.x * 2 + i; keys[i] = mixed(values[i]); }
                Sort(temp).Sort(keys, values);
                for (int i = 0; i < 2; ++i) { out[threadIdx.x * 2 + i] = keys[i]; out[128 + threadIdx.x * 2 + i] = values[i]; }
                __syncthreads();
                Sort(temp).SortDescending(keys, values);
                for (int i = 0; i < 2; ++i) out[256 + threadIdx.x * 2 + i] = keys[i];
            }
            """,
            384);
        int[] sorted = [.. Enumerable.Range(0, 128).Select(Mixed).Order()];
        Assert.Equal(sorted, result[..128]);
        Assert.Equal(sorted, result[128..256].Select(Mixed));
        Assert.Equal(sorted.Reverse(), result[256..]);
    }

    [Fact]
    public void Loads_scans_and_stores_of_several_items_keep_their_order()
    {
        var result = Run(
            "#include <cub/cub.cuh>\n" + MixedSource + """
            struct Running { int total; __device__ int operator()(int tile) { int before = total; total += tile; return before; } };
            __global__ void k(int *out) {
                typedef cub::BlockLoad<int, 64, 4, cub::BLOCK_LOAD_TRANSPOSE> Load;
                typedef cub::BlockStore<int, 64, 4, cub::BLOCK_STORE_TRANSPOSE> Store;
                typedef cub::BlockScan<int, 64> Scan;
                typedef cub::BlockExchange<int, 64, 4> Exchange;
                typedef cub::BlockAdjacentDifference<int, 64> Differences;
                __shared__ union { typename Load::TempStorage load; typename Store::TempStorage store; typename Scan::TempStorage scan; typename Exchange::TempStorage exchange; typename Differences::TempStorage differences; } temp;
                for (int i = threadIdx.x; i < 250; i += 64) out[i] = mixed(i);
                __syncthreads();
                int items[4], sums[4];
                Load(temp.load).Load(out, items, 250, 0);
                __syncthreads();
                Scan(temp.scan).InclusiveScan(items, sums, cub::Max());
                Store(temp.store).Store(out + 256, sums, 250);
                Running running = {1000};
                __syncthreads();
                int mine = items[0] + items[1] + items[2] + items[3], first;
                Scan(temp.scan).ExclusiveSum(mine, first, running);
                out[512 + threadIdx.x] = first;
                Exchange(temp.exchange).BlockedToStriped(items, sums);
                __syncthreads();
                for (int i = 0; i < 4; ++i) out[576 + threadIdx.x + 64 * i] = sums[i];
                Differences(temp.differences).SubtractLeft(items, sums, cub::Difference());
                cub::StoreDirectBlocked(threadIdx.x, out + 832, sums);
            }
            """,
            1088);
        var input = Enumerable.Range(0, 256).Select(i => i < 250 ? Mixed(i) : 0).ToArray();
        Assert.Equal(Enumerable.Range(0, 250).Select(i => input[..(i + 1)].Max()), result[256..506]);
        Assert.Equal([0, 0], result[506..508]);
        Assert.Equal(Enumerable.Range(0, 64).Select(t => 1000 + input[..(4 * t)].Sum()), result[512..576]);
        Assert.Equal(input, result[576..832]);
        Assert.Equal(input.Select((x, i) => i == 0 ? x : x - input[i - 1]), result[832..]);
    }

    [Fact]
    public void Groups_are_divided_by_label_and_exchange_structures()
    {
        var result = Run(
            """
            #include <cooperative_groups.h>
            #include <cooperative_groups/reduce.h>
            namespace cg = cooperative_groups;
            struct Best { float value; int at; };
            __device__ int sum(cg::thread_group g, int *shared, int x) {
                int lane = g.thread_rank();
                for (int i = g.size() / 2; i > 0; i /= 2) { shared[lane] = x; g.sync(); if (lane < i) x += shared[lane + i]; g.sync(); }
                return x;
            }
            __global__ void k(int *out) {
                __shared__ int shared[64];
                auto block = cg::this_thread_block();
                auto tile = cg::tiled_partition<32>(block);
                int t = threadIdx.x;
                out[t] = cg::reduce(cg::binary_partition(tile, t % 3 == 0), t, cg::plus<int>());
                out[64 + t] = cg::labeled_partition(tile, t / 5).size();
                Best best = cg::reduce(tile, Best{(float)((t * 37) % 32), t}, [](Best a, Best b) { return a.value > b.value ? a : b; });
                out[128 + t] = best.at;
                int all = sum(block, shared, t);
                if (t == 0) out[192] = all;
                int part = sum(cg::tiled_partition<16>(block), shared + t / 16 * 16, t);
                if (t % 16 == 0) out[193 + t / 16] = part;
                out[200 + t] = cg::reduce(cg::tiled_partition<64>(block), t, cg::plus<int>());
            }
            """,
            264);
        for (var t = 0; t < Threads; t++)
        {
            var warp = Enumerable.Range(t / 32 * 32, 32).ToArray();
            Assert.Equal(warp.Where(x => (x % 3 == 0) == (t % 3 == 0)).Sum(), result[t]);
            Assert.Equal(warp.Count(x => x / 5 == t / 5), result[64 + t]);
            Assert.Equal(warp.MaxBy(x => x * 37 % 32), result[128 + t]);
        }

        Assert.Equal([2016, 120, 376, 632, 888], result[192..197]);
        Assert.All(result[200..], x => Assert.Equal(2016, x));
    }

    [Fact]
    public void Complex_numbers_pairs_and_tuples_work_in_kernels()
    {
        var result = Run(
            """
            #include <thrust/complex.h>
            #include <thrust/pair.h>
            #include <tuple>
            #include <array>
            __global__ void k(int *out) {
                if (threadIdx.x > 0) return;
                thrust::complex<float> a(1.0f, 2.0f), b(3.0f), c = a * b + thrust::complex<float>(0.0f, 1.0f);
                c += 2.0f * conj(a);
                out[0] = c.real(); out[1] = (int)c.imag(); out[2] = (int)thrust::abs(thrust::complex<double>(3, 4)); out[3] = (a / a).real() * 10;
                thrust::pair<int, float> p = thrust::make_pair(7, 2.5f); out[4] = p.first * p.second;
                auto t = std::make_tuple(4, 0.5f, (short)3); std::get<0>(t) += 1; out[5] = std::get<0>(t) * 100 + std::get<2>(t);
                std::array<int, 3> s = {{1, 2, 3}}; out[6] = s[0] + s.back() * s.size(); thrust::swap(out[6], out[4]);
            }
            """,
            7);
        Assert.Equal([5, 3, 5, 10, 10, 503, 17], result);
    }
}
