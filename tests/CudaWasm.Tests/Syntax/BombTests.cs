using System.Text;
using CudaWasm.Compiler.Text;
using static CudaWasm.Tests.Syntax.SyntaxTesting;

namespace CudaWasm.Tests.Syntax;

/// <summary>Input made to hurt: each gives one clear error, in the time of an ordinary file and on an ordinary stack.</summary>
public class BombTests
{
    private const int Deep = 10_000;

    [Fact]
    public void Doubling_macros_stop()
    {
        var text = new StringBuilder("#define M0 x x\n");
        for (var i = 1; i <= 64; i++) text.Append($"#define M{i} M{i - 1} M{i - 1}\n");
        ExpectOne(text + "M64", DiagnosticCodes.MacroTooLarge);
    }

    [Fact]
    public void Doubling_macros_of_nothing_stop()
    {
        var text = new StringBuilder("#define M0\n");
        for (var i = 1; i <= 64; i++) text.Append($"#define M{i} M{i - 1} M{i - 1}\n");
        ExpectOne(text + "M64", DiagnosticCodes.MacroTooLarge);
    }

    [Fact]
    public void Doubling_arguments_stop()
    {
        ExpectOne("#define D(x) x x\n" + Nested("D(", "1", ")", 40), DiagnosticCodes.MacroTooLarge);
    }

    [Fact]
    public void Macro_calls_nest_only_so_deep() => ExpectOne("#define I(x) x\n" + Nested("I(", "1", ")", Deep), DiagnosticCodes.NestingTooDeep);

    [Fact]
    public void A_header_that_includes_itself_twice_stops() =>
        ExpectOne("#include \"self.h\"\n", DiagnosticCodes.IncludeTooDeep, ("self.h", "#include \"self.h\"\n#include \"self.h\"\n"));

    [Fact]
    public void Headers_that_include_each_other_stop() =>
        ExpectOne("#include \"a.h\"\n", DiagnosticCodes.IncludeTooDeep, ("a.h", "#include \"b.h\"\n"), ("b.h", "#include \"a.h\"\n"));

    [Fact]
    public void Conditions_nest_only_so_deep() => ExpectOne(Nested("#if 1\n", "x\n", "#endif\n", Deep), DiagnosticCodes.NestingTooDeep);

    [Fact]
    public void Parentheses_in_a_condition_nest_only_so_deep() => ExpectOne($"#if {Nested("(", "1", ")", Deep)}\n#endif\n", DiagnosticCodes.NestingTooDeep);

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("-(", "1", ")")]
    [InlineData("!", "1", "")]
    [InlineData("*", "p", "")]
    [InlineData("p[", "0", "]")]
    [InlineData("f(", "0", ")")]
    [InlineData("(int)", "0", "")]
    [InlineData("1 ? 2 : ", "0", "")]
    [InlineData("a = ", "0", "")]
    [InlineData("1 + ", "0", "")]
    [InlineData("1, ", "0", "")]
    [InlineData("a", ".b", ".b")]
    [InlineData("[] { return ", "0", "; }()")]
    [InlineData("f<", "0", ">")]
    [InlineData("S{", "0", "}")]
    [InlineData("sizeof ", "0", "")]
    [InlineData("new (", "0", ")")]
    public void Expressions_nest_only_so_deep(string open, string core, string close) =>
        ExpectOne($"__device__ int f() {{\n  return {Nested(open, core, close, Deep)};\n}}\n", DiagnosticCodes.NestingTooDeep);

    [Theory]
    [InlineData("{", ";", "}")]
    [InlineData("if (1) ", ";", "")]
    [InlineData("if (1) ; else ", ";", "")]
    [InlineData("for (;;) ", ";", "")]
    [InlineData("do ", ";", " while (1);")]
    [InlineData("while (1) ", ";", "")]
    [InlineData("switch (1) ", ";", "")]
    [InlineData("case 1: ", ";", "")]
    [InlineData("l: ", ";", "")]
    [InlineData("int ", "x", ";")]
    [InlineData("struct S { ", "", " };")]
    public void Statements_nest_only_so_deep(string open, string core, string close)
    {
        if (open == "int ") (open, core, close) = ("(", "x", ")");
        var start = core == "x" ? "int " : "";
        var end = core == "x" ? ";" : "";
        ExpectOne($"__device__ void f() {{\n  {start}{Nested(open, core, close, Deep)}{end}\n}}\n", DiagnosticCodes.NestingTooDeep);
    }

    [Theory]
    [InlineData("int ", "*", " p")]
    [InlineData("int a", "[1]", "")]
    public void Types_nest_only_so_deep(string start, string piece, string end) =>
        ExpectOne($"__device__ {start}{string.Concat(Enumerable.Repeat(piece, Deep))}{end};\n", DiagnosticCodes.NestingTooDeep);

    [Fact]
    public void The_kernel_after_a_bomb_is_still_there()
    {
        var unit = Parse($"__device__ int f() {{ return {Nested("(", "1", ")", Deep)}; }}\n__global__ void after() {{ }}\n", out var diagnostics);
        Assert.Single(diagnostics);
        Assert.Contains(unit.Members, m => m is Compiler.Syntax.FunctionDeclaration { IsKernel: true, HasErrors: false });
    }

    [Theory]
    [InlineData("namespace n {", "", "}")]
    [InlineData("struct S {", "", "};")]
    [InlineData("extern \"C\" {", "", "}")]
    [InlineData("extern \"C\" ", "int x;", "")]
    public void Scopes_nest_only_so_deep(string open, string core, string close) => ExpectOne(Nested(open, core, close, Deep), DiagnosticCodes.NestingTooDeep);

    [Theory]
    [InlineData("int main() {", "{", "}")]
    [InlineData("template <class T> ", "struct S {};", "")]
    [InlineData("template <template <", "class", "> class T> struct S;")]
    [InlineData("#define A(x) (", "", "\n")]
    [InlineData("std::vector<", "int", ">")]
    [InlineData("int x = {", "", "};")]
    [InlineData("]", "", "")]
    [InlineData("}", "", "")]
    [InlineData(")", "", "")]
    [InlineData("__global__ ", "", "")]
    [InlineData("operator ", "", "")]
    [InlineData("~", "", "")]
    [InlineData("<<<", "", "")]
    [InlineData("a::", "", "")]
    public void Anything_deep_outside_of_functions_comes_to_an_end(string open, string core, string close) => Parse(Nested(open, core, close, Deep), out _);

    [Fact]
    public void Ten_megabytes_are_read()
    {
        var comment = new string('-', 900);
        var text = new StringBuilder();
        for (var i = 0; text.Length < 10_000_000; i++) text.Append($"__device__ float f{i}(float a, float b) {{ return a * b + {i}.5f; }} // {comment}\n");
        var unit = ParseValid(text.ToString());
        Assert.True(unit.Members.Count > 9_000);
    }

    [Fact]
    public void Every_prefix_of_a_file_ends_in_diagnostics_or_a_tree()
    {
        for (var length = 0; length < FuzzTests.Sample.Length; length += 7) Parse(FuzzTests.Sample[..length], out _);
    }

    [Theory]
    [InlineData("__global__ void k(int* p) { p[0] = 1;")]
    [InlineData("__global__ void k(int* p) { if (p[0]) {")]
    [InlineData("__global__ void k(int* p")]
    [InlineData("int main() { int x = 1;")]
    [InlineData("namespace a { __device__ int x;")]
    [InlineData("struct S { int x; ")]
    public void A_file_that_was_cut_off_is_reported(string text)
    {
        Parse(text, out var diagnostics);
        Assert.Contains(diagnostics, d => d.Code == DiagnosticCodes.UnexpectedEnd);
    }

    private static string Nested(string open, string core, string close, int depth) =>
        string.Concat(Enumerable.Repeat(open, depth)) + core + string.Concat(Enumerable.Repeat(close, depth));

    private static void ExpectOne(string text, string code, params (string Name, string Text)[] headers)
    {
        Parse(text, out var diagnostics, headers);
        Assert.True(diagnostics.Count == 1, string.Join("\n", diagnostics.Take(5).Select(d => d.ToString())));
        Assert.Equal(code, diagnostics[0].Code);
    }
}
