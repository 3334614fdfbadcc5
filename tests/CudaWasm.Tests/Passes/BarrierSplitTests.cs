using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Tests.Passes;

/// <summary>The form of block programs. What they compute is tested where kernels are run.</summary>
public sealed class BarrierSplitTests
{
    [Fact]
    public void A_kernel_without_barriers_is_one_region()
    {
        var kernel = Split("__global__ void k(int* x, int n) { for (int i = threadIdx.x; i < n; i += 32) { if (x[i] == 3) return; x[i] = i; } }");

        Assert.IsType<IrThreadLoop>(Assert.Single(kernel.Body.Statements));
        Assert.All(kernel.Slots, s => Assert.Equal(IrSlotStorage.Register, s.Storage));
    }

    [Fact]
    public void Uniform_loops_around_barriers_need_no_masks()
    {
        var kernel = Split("""
            __global__ void k(float* x, int n) {
                __shared__ float tile[32];
                float sum = 0;
                for (int t = 0; t < n / 32; t++) {
                    tile[threadIdx.x] = x[t * 32 + threadIdx.x];
                    __syncthreads();
                    for (int j = 0; j < 32; j++) sum += tile[j];
                    __syncthreads();
                }
                x[threadIdx.x] = sum;
            }
            """);

        var loop = Assert.Single(kernel.Body.Statements.OfType<IrLoop>());
        Assert.Equal(["IrThreadLoop", "IrBarrier", "IrThreadLoop", "IrBarrier"], loop.Body.Statements.Select(s => s.GetType().Name));
        Assert.Equal(["sum"], Names(kernel, IrSlotStorage.PerThread));
        Assert.Equal(["t"], Names(kernel, IrSlotStorage.Uniform));
        Assert.DoesNotContain(kernel.Slots, s => s.Type == IrType.Bool);
    }

    [Fact]
    public void Uniform_exits_are_taken_by_the_block()
    {
        var kernel = Split("""
            __global__ void k(int* x, int n, int m) {
                if (n == 0) return;
                for (int i = 0;; i++) { if (i == m) break; if (i == 1) continue; __syncthreads(); }
                x[threadIdx.x] = n;
            }
            """);

        Assert.IsType<IrIf>(kernel.Body.Statements[0]);
        Assert.DoesNotContain(kernel.Slots, s => s.Type == IrType.Bool);
        Assert.Contains(IrTree.All(kernel.Body), s => s is IrLeave);
    }

    [Fact]
    public void Divergent_returns_make_one_mask_and_end_an_empty_block()
    {
        var kernel = Split("__global__ void k(int* x, int n) { if (threadIdx.x >= n) return; __syncthreads(); x[threadIdx.x] = 1; }");

        Assert.Equal(["alive"], kernel.Slots.Where(s => s is { Type: IrType.Bool, Storage: IrSlotStorage.PerThread }).Select(s => s.Name));
        Assert.DoesNotContain(IrTree.All(kernel.Body), s => s is IrDivergence);
        Assert.Contains(kernel.Body.Statements, s => s is IrIf { Then.Statements: [IrReturn] });
    }

    [Fact]
    public void Barriers_under_a_mask_are_checked()
    {
        var kernel = Split("__global__ void k(int* x) { if (x[threadIdx.x] > 0) __syncthreads(); }");

        Assert.Contains(IrTree.All(kernel.Body), s => s is IrDivergence);
    }

    [Fact]
    public void Only_locals_that_live_over_regions_are_kept_for_each_thread()
    {
        var program = Program("""
            __global__ void k(int* x) {
                int before[4], across[4];
                for (int i = 0; i < 4; i++) { before[i] = x[i]; across[i] = before[3 - i]; }
                __syncthreads();
                x[threadIdx.x] = across[threadIdx.x & 3];
            }
            """);

        Assert.Equal(["across"], program.PerThreadVariables.Select(v => v.Name));
    }

    [Fact]
    public void Provenance_follows_pointers_through_slots_to_one_object()
    {
        var kernel = Split("""
            __global__ void k(int* a, int* b, int c) {
                int* p = a; p += c; int* q = c ? a : b; int* r = p + 1; r = nullptr; r = p;
                *p = 1; *q = 2; *r = 3;
            }
            """);
        var provenance = PointerProvenance.Analyze(kernel);

        Assert.Equal(["a", null, "a"], IrTree.All(kernel.Body).OfType<IrStore>().Select(s => provenance.Root(s.Address)?.Name));
    }

    [Fact]
    public void The_module_that_comes_in_stays_as_it_is()
    {
        var module = Compile("__global__ void k(int* x) { int i = threadIdx.x; __syncthreads(); x[i] = i; }");
        var before = IrPrinter.Print(module);

        TargetPasses.ForCpu(module);

        Assert.Equal(before, IrPrinter.Print(module));
    }

    private static IEnumerable<string> Names(IrFunction kernel, IrSlotStorage storage) => kernel.Slots.Where(s => s.Storage == storage).Select(s => s.Name).Order();

    private static IrFunction Split(string source) => Program(source).Module.Kernel;

    private static IrBlockProgram Program(string source)
    {
        var program = TargetPasses.ForCpu(Compile(source));
        Assert.Empty(IrVerifier.Verify(program.Module, isBlockProgram: true));
        return program;
    }

    private static IrModule Compile(string source)
    {
        var compilation = CudaCompiler.Compile(new SourceText("test.cu", source), new CompileOptions());
        Assert.Empty(compilation.AllDiagnostics.Select(d => d.Render()));
        var module = Assert.Single(compilation.Kernels).Module!;
        Assert.Empty(IrVerifier.Verify(module));
        return module;
    }
}
