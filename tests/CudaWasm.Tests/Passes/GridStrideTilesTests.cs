using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Tests.Passes;

public sealed class GridStrideTilesTests
{
    [Theory]
    [InlineData("for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += x[i];", 1)]
    [InlineData("for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride) { if (x[i] < 0) continue; sum += x[i]; }", 1)]
    [InlineData("for (size_t i = blockIdx.x * 256ul + threadIdx.x; i < n; i += 256ul * gridDim.x) sum += x[i]; for (int j = threadIdx.x; j < n; j += stride) sum ^= x[j];", 2)]
    [InlineData("for (int i = threadIdx.x; i < n; i += stride) atomicAdd(&bins[x[i] & 7], 1);", 1)]
    [InlineData("for (int i = threadIdx.x; i < n; i += stride) sum += atomicAdd(&bins[x[i] & 7], 1);", 0)]
    [InlineData("for (int i = threadIdx.x; i < n; i += stride) atomicAdd(&total, (float)x[i]);", 0)]
    [InlineData("for (int i = threadIdx.x; i < n; i += blockDim.x) sum += x[i];", 0)]
    [InlineData("for (int i = threadIdx.x; i < n; i += stride) { if (x[i] == 3) break; sum += x[i]; }", 0)]
    [InlineData("for (int i = threadIdx.x; i < n; i += stride) { if (x[i] == 3) return; sum += x[i]; }", 0)]
    [InlineData("int i = threadIdx.x; for (; i < n; i += stride) sum += x[i]; sum += i;", 0)]
    [InlineData("for (int i = threadIdx.x; i < n; i += x[0]) sum += x[i];", 0)]
    [InlineData("if (n > 5) { for (int i = threadIdx.x; i < n; i += stride) sum += x[i]; }", 0)]
    public void Loops_take_their_rounds_in_tiles_where_nobody_can_tell(string loops, int count)
    {
        var source =
            $$"""
            __global__ void k(int* x, int* sums, int n, int stride) {
                __shared__ int bins[8];
                __shared__ float total;
                int sum = 0;
                bins[threadIdx.x & 7] = 0;
                __syncthreads();
                {{loops}}
                __syncthreads();
                sums[threadIdx.x] = sum + bins[0] + total;
            }
            """;
        var module = Assert.Single(CudaCompiler.Compile(new SourceText("test.cu", source), new CompileOptions()).Kernels).Module!;

        var program = TargetPasses.ForCpu(module).Module;

        Assert.Empty(IrVerifier.Verify(program, isBlockProgram: true));
        Assert.Equal(count, IrTree.All(program.Kernel.Body).OfType<IrLoop>().Count(l => l.Label.Hint == "tiles"));
    }
}
