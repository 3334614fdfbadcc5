using System.Globalization;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Tests.Robustness;

/// <summary>Sources made to hurt, through the whole compiler: each ends with errors, in the time and memory of an ordinary file.</summary>
public sealed class BombTests
{
    private const int Deep = 10_000;

    /// <summary>Far more than any of them takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const long MaxBytes = 1L << 30;

    public static TheoryData<string, string, string> Nested => new()
    {
        { "out[0] = " + Many("(") + "1" + Many(")") + ";", "parentheses", DiagnosticCodes.NestingTooDeep },
        { Many("{") + Many("}"), "blocks", DiagnosticCodes.NestingTooDeep },
        { Many("S<") + "int" + Many(">") + " s;", "template arguments", DiagnosticCodes.NestingTooDeep },
        { "int a[] = " + Many("{") + "1" + Many("}") + ";", "initialisers", DiagnosticCodes.NestingTooDeep },
        { "int " + Many("*") + "p = 0;", "pointers", DiagnosticCodes.NestingTooDeep },
        { "out[0] = " + Many("- ") + "1;", "unary operators", DiagnosticCodes.NestingTooDeep },
        { "out[0] = 1" + Many(" + 1") + ";", "binary operators", DiagnosticCodes.NestingTooDeep },
        { "if (out[0] == 1) ;" + Many(" else if (out[0] == 2) ;"), "else-ifs", DiagnosticCodes.NestingTooDeep },
        { "out[0] = " + Many("out[") + "0" + Many("]") + ";", "subscripts", DiagnosticCodes.NestingTooDeep },
        { "out[0] = " + Many("(int)") + "1;", "casts", DiagnosticCodes.NestingTooDeep },
        { "out[0] = " + Many("1 ? 2 : ") + "3;", "conditional operators", DiagnosticCodes.NestingTooDeep },
        { "auto f = " + Many("[] { return ") + "1" + Many("; }") + ";", "lambdas", DiagnosticCodes.NestingTooDeep },
        { Many("for (;;) ") + ";", "loops", DiagnosticCodes.NestingTooDeep },
    };

    [Theory]
    [MemberData(nameof(Nested))]
    public void Statements_that_nest_ten_thousand_deep_are_errors(string body, string what, string code) =>
        ExpectError($"template <typename T> struct S {{ T t; }};\n__global__ void k(int *out) {{ {body} }}\n", code, what);

    [Fact]
    public void Namespaces_that_nest_ten_thousand_deep_are_errors() =>
        ExpectError($"{Many("namespace n { ")}__global__ void k(int *out) {{ }}{Many(" }")}\n", DiagnosticCodes.NestingTooDeep, "namespaces");

    [Theory]
    [InlineData("template <int N> __device__ int f() { return f<N + 1>(); }\n__global__ void k(int *out) { out[0] = f<0>(); }", DiagnosticCodes.TemplateTooDeep)]
    [InlineData("template <int N> __device__ int f() { return f<N + 1>() + f<N + 2>(); }\n__global__ void k(int *out) { out[0] = f<0>(); }", DiagnosticCodes.TemplateTooDeep)]
    [InlineData("template <int N> __device__ int f() { int a = f<N + 1>(); int b = f<N + 1>(); return a + b; }\n__global__ void k(int *out) { out[0] = f<0>(); }", DiagnosticCodes.TemplateTooDeep)]
    [InlineData("template <typename T> struct S { typename S<S<T>>::type t; };\n__global__ void k(int *out) { S<int> s; }", DiagnosticCodes.TemplateTooDeep)]
    [InlineData("template <int N> struct S { static const int v = S<N + 1>::v + S<N + 2>::v; };\n__global__ void k(int *out) { out[0] = S<0>::v; }", DiagnosticCodes.TemplateTooDeep)]
    [InlineData("template <typename T> __device__ int f(T x) { return f(&x); }\n__global__ void k(int *out) { out[0] = f(1); }", DiagnosticCodes.TemplateTooDeep)]
    public void Templates_without_end_are_errors(string source, string code) => ExpectError(source, code, source);

    [Fact]
    public void Functions_that_double_at_each_call_are_errors()
    {
        var functions = string.Join('\n', Enumerable.Range(1, 40).Select(i => string.Create(CultureInfo.InvariantCulture, $"__device__ void f{i}(int *p) {{ f{i - 1}(p); f{i - 1}(p + 1); }}")));
        ExpectError($"__device__ void f0(int *p) {{ p[0] += 1; }}\n{functions}\n__global__ void k(int *out) {{ f40(out); }}\n", DiagnosticCodes.TooLargeForTarget, "calls");
    }

    [Fact]
    public void Macros_that_double_at_each_use_are_errors()
    {
        var macros = string.Join('\n', Enumerable.Range(1, 64).Select(i => string.Create(CultureInfo.InvariantCulture, $"#define M{i} M{i - 1} M{i - 1}")));
        ExpectError($"#define M0 +1\n{macros}\n__global__ void k(int *out) {{ out[0] = M64; }}\n", DiagnosticCodes.MacroTooLarge, "macros");
    }

    [Fact]
    public void Arrays_larger_than_any_memory_are_errors() =>
        ExpectError("__global__ void k(int *out) { __shared__ int a[1000000][1000000][1000000]; a[0][0][0] = 1; out[0] = a[0][0][1]; }", DiagnosticCodes.BadArraySize, "arrays");

    private static string Many(string piece) => string.Concat(Enumerable.Repeat(piece, Deep));

    private static void ExpectError(string source, string code, string what)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var compilation = CudaCompiler.Compile(new SourceText("bomb.cu", source), new CompileOptions { CancellationToken = patience.Token });
        Assert.True(compilation.AllDiagnostics.Any(d => d.Code == code), $"{what}: {string.Join("; ", compilation.AllDiagnostics.Take(3).Select(d => d.ToString()[..Math.Min(200, d.ToString().Length)]))}");
        Assert.InRange(GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes, 0, MaxBytes);
    }
}
