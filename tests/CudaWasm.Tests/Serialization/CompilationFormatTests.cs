using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Serialization;
using CudaWasm.Compiler.Text;
using CudaWasm.Tests.Support;

namespace CudaWasm.Tests.Serialization;

public sealed class CompilationFormatTests
{
    /// <summary>Uses every kind of node that the binder makes; a test below says so.</summary>
    internal const string Everything = """
        #include <cooperative_groups.h>
        #include <cuda_fp16.h>
        #define TWICE(x) ((x) + (x))
        #define SCALED(x) (TWICE(x) * 3)
        struct Box { float lo[80]; int n; };
        __constant__ float table[4] = {1, 2, 3, 4};
        __device__ int counter = 7;
        __device__ int depth(int n) { return n < 2 ? 1 : n * depth(n - 1); }
        __device__ void climb(int *p, int n) { if (n > 0) { p[n] = n; climb(p, n - 1); } }
        template <typename T, int N> __global__ void __launch_bounds__(128, 2) everything(T *out, const double *in, Box box, int n, unsigned char flag)
        {
            __shared__ T tile[N];
            extern __shared__ int extra[];
            int local[8];
            for (int i = 0; i < 8; i++) local[i] = i * n;
            local[n & 7] += 1;
            Box copy = box;
            copy.lo[n & 3] = 2;
            #pragma unroll 4
            for (int i = 0; i < n; i++) {
                if (i == 3) continue;
                if (in[i] < 0.5) break;
                switch (i & 3) { case 0: out[i] = 1; case 1: out[i] += 2; break; default: out[i] = TWICE(n); }
                do { n--; if (n == 77) out[5] = 1; } while (n > 100);
            }
            tile[threadIdx.x % N] = (T)(sqrtf((float)in[n]) + table[n & 3]) ;
            out[0] = SCALED(local[0]) / (n - 1) + tile[0];
            __syncthreads();
            extra[0] = __syncthreads_count(n) + __shfl_down_sync(~0u, n, 1) + __ballot_sync(~0u, flag) + depth(n);
            climb(extra, n);
            atomicAdd(&counter, 1);
            int old = atomicCAS(extra, 1, 2);
            __threadfence();
            *(volatile int *)extra = ~old;
            out[1] = __int_as_float(old) + (n > 2 && out[3] > 0 ? -out[2] : out[4]) + copy.lo[1] + __float2half(1.5f);
            int *heap = (int *)malloc(8);
            heap[0] = (int)clock64() + __any(n);
            free(heap);
            if (!flag) printf("%d %s %f\n", n, "text", out[0]);
            assert(n != 5);
            if (n == 6) __trap();
            out[blockIdx.x * blockDim.x + threadIdx.x] += (long long)out & 1;
        }
        __global__ void broken(int *x) { x[0] = nope + SCALED(nope); }
        void run(float *f, double *d) { everything<float, 32><<<dim3(2, 2), 64, 128>>>(f, d, Box(), 3, 4); }
        """;

    public static TheoryData<string> Sources => [Everything, .. Repository.ExampleSources()];

    [Theory]
    [MemberData(nameof(Sources))]
    public void What_is_read_is_what_was_written(string text)
    {
        var (source, compilation) = Compile(text);
        ObjectGraph.AssertEqual(compilation, RoundTrip(source, compilation));
    }

    [Fact]
    public void A_place_comes_back_in_the_source_that_the_reader_has()
    {
        var (source, compilation) = Compile(Everything);
        var read = RoundTrip(source, compilation);
        Assert.Same(source, read.Kernels[0].Span.Source);
        Assert.Equal(compilation.Kernels[1].Diagnostics.Select(d => d.Render()), read.Kernels[1].Diagnostics.Select(d => d.Render()));
    }

    [Fact]
    public void Every_kind_of_node_that_the_binder_makes_can_be_written()
    {
        Type[] madeByPasses = [typeof(IrThreadLoop), typeof(IrWarpExchange), typeof(IrDivergence), typeof(IrArrival), typeof(IrTrackedRead)];
        var kinds = typeof(IrModule).Assembly.GetTypes().Where(t => !t.IsAbstract && (t.IsSubclassOf(typeof(IrStatement)) || t.IsSubclassOf(typeof(IrExpression))));
        Assert.Equal(kinds.Except(madeByPasses).Select(t => t.Name).Order(StringComparer.Ordinal), IrNodeTags.Of.Keys.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.Equal(Enum.GetValues<IrNodeTag>().Except([IrNodeTag.None]), IrNodeTags.Of.Values.Order());
    }

    [Fact]
    public void The_sample_of_these_tests_has_every_kind_of_node()
    {
        var module = Compile(Everything).Compilation.Kernels[0].Module!;
        var bodies = module.Functions.Append(module.Kernel).Select(f => f.Body).ToList();
        var used = bodies.SelectMany(IrTree.All).Select(s => s.GetType()).Concat(bodies.SelectMany(IrTree.AllExpressions).Select(e => e.GetType())).ToHashSet();
        Assert.Empty(IrNodeTags.Of.Keys.Except(used).Select(t => t.Name));
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_read_and_nothing_else()
    {
        var (source, compilation) = Compile(Everything);
        var bytes = Write(source, compilation);
        var random = new Random(5);
        for (var round = 0; round < 400; round++)
        {
            var damaged = bytes.ToArray();
            for (var edits = random.Next(1, 4); edits > 0; edits--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            if (round % 4 == 0) damaged = damaged[..random.Next(damaged.Length)];
            if (Record.Exception(() => Read(damaged, source)) is { } failure) Assert.IsType<InvalidDataException>(failure);
        }
    }

    [Fact]
    public void A_text_of_less_than_no_length_is_refused()
    {
        var (source, _) = Compile(Everything);
        // One kernel, whose name is a new text of -1 characters.
        Assert.Throws<InvalidDataException>(() => Read([(byte)CompilationFormat.Version, 1, 1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], source));
    }

    [Fact]
    public void Another_version_is_refused()
    {
        var (source, compilation) = Compile(Everything);
        var bytes = Write(source, compilation);
        bytes[0]++;
        Assert.Throws<InvalidDataException>(() => Read(bytes, source));
    }

    [Fact]
    public void What_follows_the_end_is_refused()
    {
        var (source, compilation) = Compile(Everything);
        Assert.Throws<InvalidDataException>(() => Read([.. Write(source, compilation), 0], source));
    }

    private static (SourceText Source, CudaCompilation Compilation) Compile(string text)
    {
        var source = new SourceText("test.cu", text);
        return (source, CudaCompiler.Compile(source, new CompileOptions { CancellationToken = TestContext.Current.CancellationToken }));
    }

    private static CudaCompilation RoundTrip(SourceText source, CudaCompilation compilation) => Read(Write(source, compilation), source);

    private static byte[] Write(SourceText source, CudaCompilation compilation)
    {
        using var stream = new MemoryStream();
        CompilationFormat.Write(stream, compilation, [source]);
        return stream.ToArray();
    }

    private static CudaCompilation Read(byte[] bytes, SourceText source) => CompilationFormat.Read(new MemoryStream(bytes), [source]);
}
