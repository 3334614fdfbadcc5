using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Library;

/// <summary>malloc, free, new and delete in kernels; clocks; literals as data.</summary>
public sealed class HeapTests
{
    [Fact]
    public void Memory_of_malloc_is_shared_by_the_blocks_of_a_launch()
    {
        const string Source = """
            __device__ int *table[8];
            __device__ int ready;
            #include <cooperative_groups.h>
            __global__ void k(int *out) {
                if (threadIdx.x == 0) {
                    table[blockIdx.x] = (int *)malloc(4 * sizeof(int));
                    for (int i = 0; i < 4; i++) table[blockIdx.x][i] += blockIdx.x * 10 + i;
                }
                cooperative_groups::this_grid().sync();
                int other = 7 - blockIdx.x;
                if (threadIdx.x < 4) out[blockIdx.x * 4 + threadIdx.x] = table[other][threadIdx.x];
                cooperative_groups::this_grid().sync();
                if (threadIdx.x == 0) free(table[blockIdx.x]);
            }
            """;
        var data = KernelHarness.Run<int>(Source, 32, new Dim3(8), new Dim3(32), new LoadOptions());
        Assert.Equal(Enumerable.Range(0, 32).Select(i => ((7 - (i / 4)) * 10) + (i % 4)), data);
    }

    [Fact]
    public void New_constructs_and_delete_destroys()
    {
        const string Source = """
            __device__ int live;
            struct Node {
                int value; Node *next;
                __device__ Node(int v, Node *n) : value(v), next(n) { live++; }
                __device__ ~Node() { live--; }
            };
            struct Cell { int a = 3; int b = 4; };
            __global__ void k(int *out) {
                Node *list = nullptr;
                for (int i = 0; i < 5; i++) list = new Node(i * i, list);
                out[0] = live;
                int sum = 0;
                while (list) { sum = sum * 10 + list->value % 10; Node *next = list->next; delete list; list = next; }
                out[1] = sum; out[2] = live;
                Cell *cells = new Cell[3]; out[3] = cells[2].a + cells[0].b; delete[] cells;
                int *number = new int(7); out[4] = *number; delete number;
                char room[sizeof(Node)]; Node *placed = new (room) Node(42, nullptr); out[5] = placed->value;
                delete (int *)nullptr; free(nullptr);
            }
            """;
        Assert.Equal([5, 69410, 0, 7, 7, 42], KernelHarness.Run<int>(Source, 6, new Dim3(1), new Dim3(1), new LoadOptions()));
        Assert.Equal([5, 69410, 0, 7, 7, 42], KernelHarness.Run<int>(Source, 6, new Dim3(1), new Dim3(1), new LoadOptions { Unchecked = true }));
    }

    [Fact]
    public void The_heap_ends_at_eight_mebibytes_and_takes_memory_back()
    {
        const string Source = """
            __global__ void k(int *out) {
                out[0] = malloc(9 << 20) == nullptr;
                char *a = (char *)malloc(3 << 20), *b = (char *)malloc(3 << 20), *c = (char *)malloc(2 << 20);
                out[1] = a && b && c && !malloc(1);
                free(b); free(a);
                char *d = (char *)malloc(6 << 20);
                d[(6 << 20) - 1] = 5; out[2] = d[0] + d[(6 << 20) - 1];
                free(d); free(c);
                int *last = nullptr;
                for (int i = 0; i < 200000; i++) { last = new int(i); if (i != 199999) delete last; }
                out[3] = *last;
            }
            """;
        Assert.Equal([1, 1, 5, 199999], KernelHarness.Run<int>(Source, 4, new Dim3(1), new Dim3(1), new LoadOptions()));
    }

    [Theory]
    [InlineData("int *p = (int *)malloc(8); p[2] = 1;", DiagnosticCodes.OutOfBounds)]
    [InlineData("int *p = new int[2]; out[0] = p[-1];", DiagnosticCodes.OutOfBounds)]
    [InlineData("int *p = new int; delete p; *p = 1;", DiagnosticCodes.OutOfBounds)]
    [InlineData("int *p = new int; delete p; delete p;", DiagnosticCodes.Trap)]
    [InlineData("free(out);", DiagnosticCodes.Trap)]
    [InlineData("int *p = new int[4]; free(p + 1);", DiagnosticCodes.Trap)]
    public void Misuse_of_the_heap_is_a_fault(string statements, string code)
    {
        var fault = Assert.Throws<KernelFaultException>(() => KernelHarness.Run<int>($"__global__ void k(int *out) {{ {statements} }}", 4, new Dim3(1), new Dim3(1), new LoadOptions()));
        Assert.Equal(code, fault.Code);
        Assert.Equal(1, fault.Diagnostic.Span.Line);
    }

    [Fact]
    public void Clocks_go_forward()
    {
        const string Source = """
            __global__ void k(int *out) {
                clock_t a = clock(); long long b = clock64();
                unsigned long long g, h; asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(g));
                float x = 1; for (int i = 0; i < 1000000; i++) x = sinf(x);
                asm volatile("mov.u64 %0, %globaltimer;" : "=l"(h));
                unsigned low; asm volatile("mov.u32 %0, %clock;" : "=r"(low));
                out[0] = a > 0 && b >= a; out[1] = clock64() > b; out[2] = h >= g && g > 1700000000000000000ull; out[3] = x > 0 && low != 0;
            }
            """;
        Assert.Equal([1, 1, 1, 1], KernelHarness.Run<int>(Source, 4, new Dim3(1), new Dim3(1), new LoadOptions()));
    }

    [Fact]
    public void Literals_are_data_in_constant_memory()
    {
        const string Source = """
            __device__ int length(const char *s) { int n = 0; while (s[n]) n++; return n; }
            __device__ const char *name(int i) { return i ? "many" : "one"; }
            __global__ void k(int *out) {
                const char *s = "expand 32-byte k";
                out[0] = length(s); out[1] = ((const unsigned char *)"AB")[1]; out[2] = "xyz"[threadIdx.x + 1];
                out[3] = length(name(out[9])) * 10 + length(name(1));
                const char *words[] = {"a", "bc", "def"};
                int n = out[9]; out[4] = length(words[n + 2]);
                printf("%s %.2s|%5s|%d\n", name(out[9]), words[2], out[9] ? "!" : "", 7);
                char local[4] = "hi"; printf("%s %s\n", local, s);
            }
            """;
        var compiled = KernelHarness.CompileOne(Source);
        var data = new int[10];
        var printed = new StringWriter();
        KernelHarness.RunOn(compiled, data, new Dim3(1), new Dim3(1), new LoadOptions(), output: printed);
        Assert.Equal([16, 'B', 'y', 34, 3], data[..5]);
        Assert.Equal("one de|     |7\nhi expand 32-byte k\n", printed.ToString());
        printed = new StringWriter();
        KernelHarness.RunOn(compiled, new int[10], new Dim3(1), new Dim3(1), new LoadOptions { Unchecked = true }, output: printed);
        Assert.Equal("one de|     |7\nhi expand 32-byte k\n", printed.ToString());
    }
}
