using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;
using static CudaWasm.Tests.Syntax.SyntaxTesting;

namespace CudaWasm.Tests.Syntax;

public class PreprocessorTests
{
    [Theory]
    [InlineData("#define N 16\nN + N", "16 + 16")]
    [InlineData("#define SQ(x) ((x) * (x))\nSQ(a + 1) SQ (b)", "( ( a + 1 ) * ( a + 1 ) ) ( ( b ) * ( b ) )")]
    [InlineData("#define F(x) x\nF", "F")]
    [InlineData("#define F(x) x\nF\n(1)", "1")]
    [InlineData("#define F() 1\nF() F( )", "1 1")]
    [InlineData("#define F(a, b) a b\nF((1, 2), 3)", "( 1 , 2 ) 3")]
    [InlineData("#define F (1)\nF", "( 1 )")]
    [InlineData("#define A B\n#define B A\nA B", "A B")]
    [InlineData("#define A x A\nA", "x A")]
    [InlineData("#define f(x) x f\nf(1)(2)", "1 f ( 2 )")]
    [InlineData("#define EMPTY\nEMPTY a EMPTY", "a")]
    [InlineData("#define X 1\n#undef X\nX", "X")]
    [InlineData("#define CAT(a, b) a ## b\nCAT(x, 1) CAT(, y) CAT(z, ) CAT(<, <)", "x1 y z <<")]
    [InlineData("#define CAT(a, b) a ## b\n#define XCAT(a, b) CAT(a, b)\n#define N 4\nCAT(v, N) XCAT(v, N)", "vN v4")]
    [InlineData("#define S(x) #x\nS(a  + \"b\\n\" )", "\"a + \\\"b\\\\n\\\"\"")]
    [InlineData("#define LOG(f, ...) p(f, ##__VA_ARGS__)\nLOG(1) LOG(1, 2, 3)", "p ( 1 ) p ( 1 , 2 , 3 )")]
    [InlineData("#define LOG(f, args...) p(f, args)\nLOG(1, 2)", "p ( 1 , 2 )")]
    [InlineData("#define LOG(f, ...) p(f __VA_OPT__(,) __VA_ARGS__)\nLOG(1) LOG(1, 2)", "p ( 1 ) p ( 1 , 2 )")]
    [InlineData("#define ID(x) x\n#define P(a) ID(ID(a))\nP(P(1))", "1")]
    [InlineData("#define LP (\n#define F(x) [x]\nF LP 1)", "F ( 1 )")]
    [InlineData("#define EVAL(x) x\n#define LP (\n#define F(x) [x]\nEVAL(F LP 1))", "[ 1 ]")]
    [InlineData("__LINE__\n__LINE__ __FILE__", "1 2 \"test.cu\"")]
    [InlineData("#line 40 \"gen.cu\"\n__LINE__ __FILE__", "40 \"gen.cu\"")]
    [InlineData("__COUNTER__ __COUNTER__", "0 1")]
    [InlineData("#define M(x) __LINE__ x\nM(\n1)", "2 1")]
    [InlineData("# define A 1 // note\n%: define B 2\nA B", "1 2")]
    [InlineData("#define LONG a \\\n  b\nLONG", "a b")]
    public void Macros_expand_as_the_standard_says(string text, string expected) => Assert.Equal(expected, Preprocess(text));

    /// <summary>The example of the C++17 standard, [cpp.rescan].</summary>
    [Fact]
    public void The_rescanning_example_of_the_standard_gives_its_result()
    {
        const string Text = """
            #define x 3
            #define f(a) f(x * (a))
            #undef x
            #define x 2
            #define g f
            #define z z[0]
            #define h g(~
            #define m(a) a(w)
            #define w 0,1
            #define t(a) a
            #define p() int
            #define q(x) x
            #define r(x,y) x ## y
            #define str(x) # x
            f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);
            g(x+(3,4)-w) | h 5) & m
                (f)^m(m);
            p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };
            char c[2][6] = { str(hello), str() };
            """;
        const string Expected = "f ( 2 * ( y + 1 ) ) + f ( 2 * ( f ( 2 * ( z [ 0 ] ) ) ) ) % f ( 2 * ( 0 ) ) + t ( 1 ) ; "
            + "f ( 2 * ( 2 + ( 3 , 4 ) - 0 , 1 ) ) | f ( 2 * ( ~ 5 ) ) & f ( 2 * ( 0 , 1 ) ) ^ m ( 0 , 1 ) ; "
            + "int i [ ] = { 1 , 23 , 4 , 5 , } ; char c [ 2 ] [ 6 ] = { \"hello\" , \"\" } ;";
        Assert.Equal(Expected, Preprocess(Text));
    }

    [Theory]
    [InlineData("1 + 2 * 3 == 7", true)]
    [InlineData("(1 ? 2 : 0) && !0", true)]
    [InlineData("-1 > 0u", true)]
    [InlineData("-1 < 0", true)]
    [InlineData("0 && 1 / 0", false)]
    [InlineData("1 || 1 / 0", true)]
    [InlineData("8 >> 1 == 4 && 1 << 3 == 8", true)]
    [InlineData("defined X && !defined(Y)", true)]
    [InlineData("HAS_X", true)]
    [InlineData("UNKNOWN", false)]
    [InlineData("'A' == 65", true)]
    [InlineData("0x10 == 16 and not false", true)]
    [InlineData("__CUDA_ARCH__ >= 700 && defined(__CUDACC__)", true)]
    [InlineData("__has_include(\"there.h\") && !__has_include(\"no.h\") && __has_include(<cuda_runtime.h>)", true)]
    [InlineData("~0 == -1 && (3 ^ 1) == 2 && (5 & 4 | 2) == 6 && 7 % 4 == 3", true)]
    [InlineData("INT_MAX == 2147483647 && ULLONG_MAX == 18446744073709551615ULL", true)]
    public void Conditions_are_evaluated_on_64_bits(string condition, bool isTrue)
    {
        var text = $"#define X\n#define HAS_X defined(X)\n#if {condition}\nyes\n#else\nno\n#endif\n";
        Assert.Equal(isTrue ? "yes" : "no", Preprocess(text, ("there.h", "")));
    }

    [Theory]
    [InlineData("#ifdef A\n1\n#elif 1\n2\n#else\n3\n#endif", "2")]
    [InlineData("#define A\n#ifdef A\n1\n#elif 1/0\n2\n#endif", "1")]
    [InlineData("#if 0\n#if 1\n1\n#else\n2\n#endif\n#else\n3\n#endif", "3")]
    [InlineData("#if 0\ndon't \"stop /* here\n#endif\n4", "4")]
    [InlineData("#if 0\n/* #endif */\n1\n#endif\n5", "5")]
    [InlineData("#ifndef A\n1\n#elifdef B\n2\n#endif", "1")]
    [InlineData("#if 0\n#error not seen\n#bogus\n#elifndef B\n2\n#endif", "2")]
    public void Conditional_groups_nest(string text, string expected) => Assert.Equal(expected, Preprocess(text));

    [Fact]
    public void Headers_are_read_once_where_they_say_so()
    {
        var result = Preprocess(
            "#include \"once.h\"\n#include \"once.h\"\n#include \"guard.h\"\n#include \"guard.h\"\n#include \"twice.h\"\n#include \"twice.h\"\n#define NAME \"twice.h\"\n#include NAME\n",
            ("once.h", "#pragma once\nonce\n"),
            ("guard.h", "// guarded\n#ifndef G\n#define G\nguarded\n#endif\n"),
            ("twice.h", "twice\n"));
        Assert.Equal("once guarded twice twice twice", result);
    }

    [Fact]
    public void Library_headers_are_not_missed_but_own_ones_are()
    {
        Preprocess(
            "#include <cuda_runtime.h>\n#include <vector>\n#include <my/own.hpp>\n#include \"cuda_fp16.h\"\n#include \"stdio.h\"\n#include \"own.cuh\"\n",
            out var diagnostics);
        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal((DiagnosticCodes.IncludeNotFound, DiagnosticSeverity.Warning, 6), (diagnostic.Code, diagnostic.Severity, diagnostic.Span.Line));
        Assert.Contains("own.cuh", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Assert_vanishes_where_ndebug_is_set()
    {
        Assert.Equal("assert ( x ) ;", Preprocess("#include <assert.h>\nassert(x);"));
        Assert.Equal("( ( void ) 0 ) ;", Preprocess("#define NDEBUG\n#include <cassert>\nassert(x);"));
    }

    [Fact]
    public void Definitions_and_prelude_come_before_the_file()
    {
        var diagnostics = new DiagnosticBag();
        var options = new ParseOptions
        {
            Defines = new Dictionary<string, string> { ["N"] = "8", ["TWICE(x)"] = "(2 * x)" },
            Prelude = [new SourceText("prelude.cuh", "__device__ int helper() { return N; }")],
        };
        var unit = CudaParser.Parse(new SourceText("k.cu", "__device__ int v[TWICE(N)];"), options, diagnostics);
        Assert.Empty(diagnostics);
        Assert.Equal(["helper", "v"], unit.Members.Select(m => m is FunctionDeclaration f ? f.Name.ToString() : ((VariableDeclaration)m).Name.ToString()));
    }

    [Theory]
    [InlineData("#define F(a, b) a\nF(1)", DiagnosticCodes.MacroArguments)]
    [InlineData("#define F(a) a\nF(1, 2)", DiagnosticCodes.MacroArguments)]
    [InlineData("#define F(a) a\nF(1", DiagnosticCodes.MacroArguments)]
    [InlineData("#if 1\nx", DiagnosticCodes.UnbalancedConditional)]
    [InlineData("#endif", DiagnosticCodes.UnbalancedConditional)]
    [InlineData("#if 1\n#else\n#else\n#endif", DiagnosticCodes.UnbalancedConditional)]
    [InlineData("#if 1 +\n#endif", DiagnosticCodes.BadDirective)]
    [InlineData("#if 1 / 0\n#endif", DiagnosticCodes.BadDirective)]
    [InlineData("#if 1.5\n#endif", DiagnosticCodes.BadNumber)]
    [InlineData("#frobnicate", DiagnosticCodes.BadDirective)]
    [InlineData("#error this isn't right", DiagnosticCodes.ErrorDirective)]
    [InlineData("#define CAT(a, b) a ## b\nCAT(+, x)", DiagnosticCodes.BadPasting)]
    [InlineData("#define", DiagnosticCodes.BadDirective)]
    [InlineData("#define X ## y", DiagnosticCodes.BadDirective)]
    [InlineData("#include", DiagnosticCodes.BadDirective)]
    public void Mistakes_are_reported_once(string text, string code)
    {
        Preprocess(text, out var diagnostics);
        Assert.Equal(code, Assert.Single(diagnostics).Code);
    }

    [Fact]
    public void An_error_directive_keeps_its_text()
    {
        Preprocess("#error this isn't \"right\n", out var diagnostics);
        Assert.Equal("#error this isn't \"right", Assert.Single(diagnostics).Message);
    }

    [Fact]
    public void An_error_in_a_macro_points_at_its_use_and_tells_the_way()
    {
        Parse("#define INNER(x) x +\n#define OUTER(x) INNER(x) ;\n__device__ void f(int a) {\n  OUTER(a)\n}\n", out var diagnostics);
        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal((4, 3), (diagnostic.Span.Line, diagnostic.Span.Column));
        Assert.Equal(["in expansion of macro 'OUTER'"], diagnostic.Notes!.Select(n => n.Message));
        Assert.Equal(2, diagnostic.Notes![0].Span.Line);
    }

    [Theory]
    [InlineData("#pragma unroll\n", null)]
    [InlineData("#pragma unroll 4\n", 4)]
    [InlineData("#pragma unroll(N)\n", 8)]
    [InlineData("#pragma GCC unroll 2\n", 2)]
    [InlineData("#pragma nounroll\n", 1)]
    [InlineData("_Pragma(\"unroll 3\") ", 3)]
    [InlineData("UNROLL ", 5)]
    public void Unroll_hints_reach_the_loop(string pragma, int? count)
    {
        var unit = ParseValid($"#define N 8\n#define UNROLL _Pragma(\"unroll 5\")\n__global__ void k() {{\n{pragma}for (;;) ;\n}}\n");
        var loop = Assert.IsType<ForStatement>(unit.Members.OfType<FunctionDeclaration>().Single().Body!.Statements[0]);
        Assert.NotNull(loop.Unroll);
        Assert.Equal((ulong?)count, (loop.Unroll.Count as IntegerLiteral)?.Value);
    }

    [Fact]
    public void Macros_can_be_pushed_and_popped()
    {
        Assert.Equal("1 2 1", Preprocess("#define X 1\nX\n#pragma push_macro(\"X\")\n#undef X\n#define X 2\nX\n#pragma pop_macro(\"X\")\nX"));
    }
}
