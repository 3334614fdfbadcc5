using CudaWasm.Compiler.Inspection;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Inspection;

public sealed class KernelDescriptionTests
{
    [Theory]
    [InlineData("__shared__ int s[4]; s[0] = 1; p[0] = s[0];", "StaticShared")]
    [InlineData("extern __shared__ int s[]; s[0] = 1; p[0] = s[0];", "DynamicShared")]
    [InlineData("int a[8]; a[p[0]] = 1; p[1] = a[p[2]];", "LocalMemory(a: 32 bytes)")]
    [InlineData("p[0] = table[p[1]];", "ConstantMemory(table)")]
    [InlineData("counter += 1;", "DeviceGlobals(counter)")]
    [InlineData("__syncthreads();", "Barriers")]
    [InlineData("p[0] = __syncthreads_count(p[1]);", "BarrierReductions(count)")]
    [InlineData("__syncwarp();", "WarpSync")]
    [InlineData("p[0] = __shfl_xor_sync(~0u, p[1], 1) + __shfl_down_sync(~0u, p[1], 1);", "WarpShuffle(shuffleDown, shuffleXor)")]
    [InlineData("p[0] = __ballot_sync(~0u, p[1]);", "WarpVote(ballot)")]
    [InlineData("p[0] = __match_any_sync(~0u, p[1]);", "WarpMatch(matchAny)")]
    [InlineData("p[0] = __reduce_add_sync(~0u, p[1]);", "WarpReduce(reduceAdd)")]
    [InlineData("atomicAdd(p, 1); atomicCAS(p, 1, 2);", "Atomics32(add i32, compareExchange i32)")]
    [InlineData("atomicMax((unsigned long long *)p, 1ull);", "Atomics64(max u64)")]
    [InlineData("atomicAdd((float *)p, 1.0f);", "FloatAtomics(add f32)")]
    [InlineData("__threadfence();", "Fences")]
    [InlineData("*(volatile int *)p = 1;", "VolatileAccess")]
    [InlineData("p[0] = 2.0 * p[1];", "Fp64")]
    [InlineData("p[0] = 3ll * p[1] / p[2];", "Int64")]
    [InlineData("printf(\"%f\", 1.0f * p[0]);", "Printf")]
    [InlineData("p[0] = clock();", "Clock")]
    [InlineData("delete new int;", "Heap")]
    [InlineData("assert(p[0]);", "Assert")]
    [InlineData("if (p[0]) __trap();", "Trap")]
    [InlineData("p[0] = factorial(p[1]);", "Recursion(factorial)")]
    public void A_feature_is_found_where_it_is_used(string body, string feature)
    {
        var features = Describe($"__constant__ int table[4];\n__device__ int counter;\n__device__ int factorial(int n) {{ return n < 2 ? 1 : n * factorial(n - 1); }}\n__global__ void k(int *p)\n{{\n{body}\n}}\n").Features;
        Assert.Contains(feature, features.Select(f => f.ToString()));
        if (feature is not ("ConstantMemory(table)" or "DeviceGlobals(counter)" or "Recursion(factorial)")) Assert.Equal(6, features.Single(f => f.ToString() == feature).Span.Line);
    }

    [Fact]
    public void Grid_barriers_are_found_in_cooperative_groups() =>
        Assert.Contains(KernelFeature.GridSync, Describe("#include <cooperative_groups.h>\n__global__ void k(int *p) { cooperative_groups::this_grid().sync(); p[0] = 1; }").Features.Select(f => f.Feature));

    [Theory]
    [InlineData("__global__ void k(cudaTextureObject_t t, float *p) { p[0] = tex2D<float>(t, 1, 2); }", "Textures(t)")]
    [InlineData("__global__ void k(cudaSurfaceObject_t s) { surf2Dwrite(1.0f, s, 4, 2); }", "Surfaces(s)")]
    [InlineData("texture<float, 2> image;\n__global__ void k(float *p) { p[0] = tex2D(image, 1, 2); }", "Textures(image)")]
    public void Textures_are_found_in_parameters_and_references(string source, string feature)
    {
        var features = Describe(source).Features;
        Assert.Contains(feature, features.Select(f => f.ToString()));
        Assert.DoesNotContain(KernelFeature.DeviceGlobals, features.Select(f => f.Feature));
    }

    [Fact]
    public void Plain_arithmetic_needs_no_feature() =>
        Assert.Empty(Describe("__global__ void k(float *y, const float *x, float a, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) y[i] = a * x[i] + y[i]; }").Features);

    [Theory]
    [InlineData("b[0] = a[0];", "In, Out")]
    [InlineData("a[0] += 1;", "InOut, Unused")]
    [InlineData("int *p = a; for (int i = 0; i < 3; i++) b[i] = *p++;", "In, Out")]
    [InlineData("int *p = b[0] ? a : b; *p = 1;", "Unknown, Unknown")]
    [InlineData("*(int **)a = b;", "Out, Unknown")]
    [InlineData("atomicAdd(a, b[0]);", "InOut, In")]
    [InlineData("if (a == nullptr) return; b[0] = 1;", "Unused, Out")]
    public void The_direction_of_a_buffer_is_what_the_kernel_does_with_it(string body, string directions) =>
        Assert.Equal(directions, string.Join(", ", Describe($"__global__ void k(int *a, int *b) {{ {body} }}").Parameters.Select(p => p.Direction)));

    [Fact]
    public void What_points_to_const_is_only_read() =>
        Assert.Equal(ParameterDirection.In, Describe("__global__ void k(const int *a, const int **b) { *b = a; }").Parameters[0].Direction);

    [Fact]
    public void The_cpu_takes_what_compiles_and_targets_without_a_generator_say_so()
    {
        var description = Describe("__global__ void k(int *p) { p[0] = 1; }");
        Assert.Equal(KernelTargets.Names, description.Targets.Select(t => t.Target));
        Assert.Equal(TargetVerdict.Supported, description.Targets.Single(t => t.Target == "cpu").Verdict);
        Assert.All(description.Targets.Where(t => t.Verdict == TargetVerdict.NotInThisBuild), t => Assert.Contains("this build", t.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_kernel_with_errors_is_described_as_far_as_it_goes()
    {
        var description = KernelDescription.Of(KernelHarness.Compile("__global__ void k(int *p, float x) { p[0] = nope; }").Kernels[0]);
        Assert.False(description.Succeeded);
        Assert.Equal("k(int *p, float x)", description.Signature);
        Assert.Equal((TargetVerdict.NotCompiled, "CW2001"), (description.Targets[0].Verdict, description.Targets[0].Reason));
    }

    [Fact]
    public void Every_launch_of_an_instance_is_listed_with_its_configuration()
    {
        var kernels = KernelHarness.Compile(
            """
            template <typename T> __global__ void k(T *p) { p[0] = 1; }
            void run(float *f, double *d, int n) {
                k<<<(n + 255) / 256, 256>>>(f);
                k<float><<<dim3(n, 2), 32, 64 * sizeof(float)>>>(f);
                k<<<1, 2>>>(d);
            }
            """).Kernels.Select(KernelDescription.Of).ToList();
        Assert.Equal(["k<float>", "k<double>"], kernels.Select(k => k.Name));
        Assert.Equal([("(n + 255) / 256", "256", ""), ("dim3(n, 2)", "32", "64 * sizeof(float)")], kernels[0].Launches.Select(l => (l.Grid, l.Block, l.SharedBytes)));
        Assert.Equal(5, Assert.Single(kernels[1].Launches).Line);
    }

    /// <summary>Whoever adds a kind of node decides here whether it is a feature; see <see cref="KernelFeatures"/>.</summary>
    [Fact]
    public void Every_kind_of_statement_is_a_feature_or_plain()
    {
        string[] features = [nameof(IrBarrier), nameof(IrWarp), nameof(IrAtomic), nameof(IrStore), nameof(IrFence), nameof(IrPrintf), nameof(IrService), nameof(IrTrap)];
        string[] plain = [nameof(IrAssign), nameof(IrCopy), nameof(IrIf), nameof(IrLoop), nameof(IrLabeled), nameof(IrLeave), nameof(IrContinue), nameof(IrSwitch), nameof(IrReturn), nameof(IrCall)];
        string[] madeByPasses = [nameof(IrThreadLoop), nameof(IrWarpExchange), nameof(IrArrival), nameof(IrDivergence)];
        var all = typeof(IrStatement).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(IrStatement)) && !t.IsAbstract).Select(t => t.Name);
        Assert.Equal(features.Concat(plain).Concat(madeByPasses).Order(StringComparer.Ordinal), all.Order(StringComparer.Ordinal));
    }

    private static KernelDescription Describe(string source) => KernelDescription.Of(KernelHarness.CompileOne(source));
}
