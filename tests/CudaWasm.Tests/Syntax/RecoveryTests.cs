using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;
using static CudaWasm.Tests.Syntax.SyntaxTesting;

namespace CudaWasm.Tests.Syntax;

public class RecoveryTests
{
    [Theory]
    [InlineData("p[0] = 1 + ;", 12, "expected an expression, not ';'")]
    [InlineData("p[0] = 1 p[1] = 2;", 10, "expected ';' after expression")]
    [InlineData("f(1, ;", 6, "expected an expression, not ';'")]
    [InlineData("if p[0] ;", 4, "expected '(' after 'if'")]
    [InlineData("int 3x;", 5, "expected a name, not '3x'")]
    [InlineData("else ;", 1, "expected a statement ('else' has no 'if' before it), not 'else'")]
    [InlineData("p[0 = 1;", 8, "expected ']'")]
    [InlineData("p[0] = @;", 8, "character '@' does not belong in a program")]
    [InlineData("long float x;", 1, "these words do not make a type")]
    [InlineData("goto 1;", 6, "expected a label after 'goto', not '1'")]
    [InlineData("case 1 f();", 8, "expected ':' after 'case'")]
    [InlineData("p[0] = static_cast<int> 1;", 25, "expected '(' after a cast's type")]
    [InlineData("do { } (1);", 8, "expected 'while' after the body of 'do'")]
    public void A_mistake_is_told_at_its_place(string statement, int column, string message)
    {
        var unit = Parse($"__global__ void k(int* p) {{\n{statement}\np[1] = 2;\n}}\n__global__ void next(int* p) {{ }}", out var diagnostics);
        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal((2, column, message), (diagnostic.Span.Line, diagnostic.Span.Column, diagnostic.Message));
        Assert.Equal([true, false], unit.Members.Cast<FunctionDeclaration>().Select(f => f.HasErrors));
    }

    [Fact]
    public void A_semicolon_missing_at_a_line_end_is_told_there()
    {
        Parse("__global__ void k(int* p) {\n    int x = 1\n    p[0] = x\n    return\n}", out var diagnostics);
        Assert.Equal([(2, 14), (3, 13), (4, 11)], diagnostics.Select(d => (d.Span.Line, d.Span.Column)));
    }

    [Fact]
    public void Several_errors_in_several_kernels_are_all_told()
    {
        var unit = Parse("""
            __global__ void a(int* p) { p[0] = ; p[1] = 1 +* ; }
            __device__ int broken(int x, { return x; }
            __global__ void b(int* p) { if (p[0] { p[1] = 2; } }
            __device__ int z
            __global__ void c(int* p) { p[0] = 1;
            __global__ void d(int* p) { p[0] = 2; }
            """, out var diagnostics);
        Assert.Equal([1, 1, 2, 3, 4, 5], diagnostics.Select(d => d.Span.Line));
        Assert.Equal(["a", "b", "c", "d"], unit.Members.OfType<FunctionDeclaration>().Where(f => f.IsKernel).Select(f => f.Name.ToString()));
        Assert.False(unit.Members.OfType<FunctionDeclaration>().Last().HasErrors);
    }

    [Fact]
    public void A_bracket_that_is_not_closed_shows_where_it_was_opened()
    {
        Parse("__device__ int f(int a) {\n  return (a + (a * 2);\n}", out var diagnostics);
        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal("expected ')'", diagnostic.Message);
        Assert.Equal((2, 10), (diagnostic.Notes![0].Span.Line, diagnostic.Notes[0].Span.Column));
    }

    [Fact]
    public void An_error_in_a_member_function_leaves_the_class_whole()
    {
        var unit = Parse("struct S { int a; __device__ int f() { return a + ; } int b; };\n__device__ S s;", out var diagnostics);
        Assert.Single(diagnostics);
        Assert.Equal(3, Assert.IsType<ClassDeclaration>(unit.Members[0]).Members.Count);
    }

    [Fact]
    public void A_flood_of_errors_is_cut()
    {
        Parse("__global__ void k() {\n" + string.Concat(Enumerable.Repeat("x = ;\n", 500)) + "}", out var diagnostics);
        Assert.Equal(DiagnosticBag.Limit, diagnostics.ErrorCount);
    }

    [Fact]
    public void Parsing_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            CudaParser.Parse(new SourceText("k.cu", "int x;"), new ParseOptions { CancellationToken = source.Token }, []));
    }
}
