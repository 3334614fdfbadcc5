using CudaWasm.Runtime;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Library;

/// <summary>Warp matrix functions against a plain product, whose small integers every format holds.</summary>
public sealed class WmmaTests
{
    [Theory]
    [InlineData("half", "half", "float", 16, 16, 16, "row_major", "col_major", "mem_row_major")]
    [InlineData("half", "half", "half", 16, 16, 16, "col_major", "row_major", "mem_col_major")]
    [InlineData("half", "half", "float", 32, 8, 16, "row_major", "row_major", "mem_row_major")]
    [InlineData("half", "half", "float", 8, 32, 16, "col_major", "col_major", "mem_col_major")]
    [InlineData("__nv_bfloat16", "__nv_bfloat16", "float", 16, 16, 16, "row_major", "col_major", "mem_row_major")]
    [InlineData("precision::tf32", "float", "float", 16, 16, 8, "row_major", "col_major", "mem_row_major")]
    [InlineData("double", "double", "double", 8, 8, 4, "row_major", "col_major", "mem_row_major")]
    [InlineData("signed char", "signed char", "int", 16, 16, 16, "row_major", "col_major", "mem_row_major")]
    [InlineData("unsigned char", "unsigned char", "int", 8, 32, 16, "row_major", "row_major", "mem_col_major")]
    public void A_product_is_that_of_the_matrices(string type, string element, string sum, int m, int n, int k, string layoutA, string layoutB, string layoutD)
    {
        var source = $$"""
            #include <mma.h>
            #include <cuda_fp16.h>
            #include <cuda_bf16.h>
            using namespace nvcuda::wmma;
            __global__ void k(float *out) {
                __shared__ {{element}} a[512], b[512];
                __shared__ {{sum}} d[256];
                const int M = {{m}}, N = {{n}}, K = {{k}};
                for (int i = threadIdx.x; i < 512; i += 32) { a[i] = ({{element}})(float)(i % 7); b[i] = ({{element}})(float)(i * 3 % 5); }
                for (int i = threadIdx.x; i < 256; i += 32) d[i] = ({{sum}})(float)(i % 3);
                __syncwarp();
                fragment<matrix_a, M, N, K, {{type}}, {{layoutA}}> fa;
                fragment<matrix_b, M, N, K, {{type}}, {{layoutB}}> fb;
                fragment<accumulator, M, N, K, {{sum}}> fc, fd;
                load_matrix_sync(fa, a, {{(layoutA == "row_major" ? k : m)}});
                load_matrix_sync(fb, b, {{(layoutB == "row_major" ? n : k)}});
                load_matrix_sync(fc, d, {{(layoutD == "mem_row_major" ? n : m)}}, {{layoutD}});
                fill_fragment(fd, ({{sum}})1.0f);
                mma_sync(fd, fa, fb, fd);
                for (int i = 0; i < fd.num_elements; i++) fd.x[i] = fd.x[i] * ({{sum}})2.0f + fc.x[i];
                store_matrix_sync(d, fd, {{(layoutD == "mem_row_major" ? n : m)}}, {{layoutD}});
                __syncwarp();
                for (int i = threadIdx.x; i < 256; i += 32) out[i] = (float)d[i];
            }
            """;
        float A(int row, int col) => (layoutA == "row_major" ? (row * k) + col : (col * m) + row) % 7;
        float B(int row, int col) => (layoutB == "row_major" ? (row * n) + col : (col * k) + row) * 3 % 5;
        var expected = new float[m * n];
        for (var r = 0; r < m; r++)
        {
            for (var c = 0; c < n; c++)
            {
                var at = layoutD == "mem_row_major" ? (r * n) + c : (c * m) + r;
                expected[at] = (2 * (1 + Enumerable.Range(0, k).Sum(i => A(r, i) * B(i, c)))) + (at % 3);
            }
        }

        Assert.Equal(expected, KernelHarness.Run<float>(source, 256, new Dim3(1), new Dim3(32), new LoadOptions())[..(m * n)]);
    }

    [Fact]
    public void Tf32_keeps_ten_bits()
    {
        var result = KernelHarness.Run<float>(
            "#include <mma.h>\n__global__ void k(float *out) { for (int i = 0; i < 4; i++) out[i] = nvcuda::wmma::__float_to_tf32(1 + i * 0x1p-12f); out[4] = nvcuda::wmma::__float_to_tf32(-1.0f / 3); }",
            5, new Dim3(1), new Dim3(1), new LoadOptions());
        Assert.Equal([1, 1, 1 + (1f / 1024), 1 + (1f / 1024), -0.33325195f], result);
    }
}
