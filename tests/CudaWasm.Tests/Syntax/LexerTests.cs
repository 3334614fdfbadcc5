using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;
using static CudaWasm.Tests.Syntax.SyntaxTesting;

namespace CudaWasm.Tests.Syntax;

public class LexerTests
{
    [Theory]
    [InlineData("a+++b", "a ++ + b")]
    [InlineData("p->*q .* r->s", "p ->* q .* r -> s")]
    [InlineData("x<<=2 >>= y", "x <<= 2 > >= y")]
    [InlineData("k<<<g,b>>>()", "k <<< g , b > > > ( )")]
    [InlineData("a<=b>=c!=d==e", "a <= b >= c != d == e")]
    [InlineData("f(...)", "f ( ... )")]
    [InlineData("a<:0:>", "a <: 0 :>")]
    [InlineData("v<::x>", "v < :: x >")]
    [InlineData("1'000'000 0x1.8p+3f .5e-3 1e+2", "1'000'000 0x1.8p+3f .5e-3 1e+2")]
    [InlineData("'\\'' '\"' \"a\\\"b\" L'x' u8\"y\"", "'\\'' '\"' \"a\\\"b\" L'x' u8\"y\"")]
    [InlineData("a /* b */ c // d", "a c")]
    [InlineData("x//y\\\nz\nw", "x w")]
    [InlineData("int\\\r\n x; lo\\\nng y;", "int x ; long y ;")]
    public void Text_is_cut_into_the_longest_tokens(string text, string expected) => Assert.Equal(expected, Preprocess(text));

    [Fact]
    public void A_raw_string_keeps_quotes_escapes_and_lines()
    {
        var literal = Assert.IsType<StringLiteral>(ParseExpression("R\"x(a\\n\")\"\nb)x\""));
        Assert.Equal("a\\n\")\"\nb", literal.Value);
    }

    [Theory]
    [InlineData("42", 42UL, false, 0, true)]
    [InlineData("0xFFu", 255UL, true, 0, false)]
    [InlineData("0b1011", 11UL, false, 0, false)]
    [InlineData("0755L", 493UL, false, 1, false)]
    [InlineData("0", 0UL, false, 0, true)]
    [InlineData("18446744073709551615ull", ulong.MaxValue, true, 2, true)]
    [InlineData("1'024LLU", 1024UL, true, 2, true)]
    public void Integers_have_value_suffix_and_base(string text, ulong value, bool isUnsigned, int longCount, bool isDecimal)
    {
        var literal = Assert.IsType<IntegerLiteral>(ParseExpression(text));
        Assert.Equal((value, isUnsigned, longCount, isDecimal), (literal.Value, literal.IsUnsigned, literal.LongCount, literal.IsDecimal));
    }

    [Theory]
    [InlineData("1.5", 1.5, false)]
    [InlineData("0.1f", 0.1f, true)]
    [InlineData("1e3F", 1000.0, true)]
    [InlineData(".5", 0.5, false)]
    [InlineData("1.", 1.0, false)]
    [InlineData("0x1.8p1", 3.0, false)]
    [InlineData("0x1p-149f", 1.401298464324817e-45, true)]
    [InlineData("1e999f", double.PositiveInfinity, true)]
    public void Floats_are_rounded_once_to_their_type(string text, double value, bool isFloat)
    {
        var literal = Assert.IsType<FloatLiteral>(ParseExpression(text));
        Assert.Equal((value, isFloat), (literal.Value, literal.IsFloat));
    }

    [Theory]
    [InlineData("'a'", 97, BuiltinTypeKind.Char)]
    [InlineData("'\\n'", 10, BuiltinTypeKind.Char)]
    [InlineData("'\\xff'", -1, BuiltinTypeKind.Char)]
    [InlineData("'\\101'", 65, BuiltinTypeKind.Char)]
    [InlineData("'ab'", 0x6162, BuiltinTypeKind.Int)]
    [InlineData("L'\u00e9'", 0xe9, BuiltinTypeKind.WChar)]
    public void Characters_have_their_value_and_type(string text, int value, BuiltinTypeKind type)
    {
        var literal = Assert.IsType<CharLiteral>(ParseExpression(text));
        Assert.Equal((value, type), (literal.Value, literal.Type));
    }

    [Fact]
    public void Neighbouring_strings_join_and_hold_bytes()
    {
        var literal = Assert.IsType<StringLiteral>(ParseExpression("\"a\\t\" \"\u00e9\\u00e9\""));
        Assert.Equal("a\t\u00c3\u00a9\u00c3\u00a9", literal.Value);
    }

    [Theory]
    [InlineData("/* open", DiagnosticCodes.UnterminatedComment)]
    [InlineData("__device__ int x = 1; \"open\n", DiagnosticCodes.UnterminatedLiteral)]
    [InlineData("R\"(open", DiagnosticCodes.UnterminatedLiteral)]
    public void What_is_not_closed_is_reported(string text, string code)
    {
        Parse(text, out var diagnostics);
        Assert.Contains(diagnostics, d => d.Code == code);
    }

    [Theory]
    [InlineData("0b12")]
    [InlineData("09")]
    [InlineData("1.2.3")]
    [InlineData("99999999999999999999")]
    [InlineData("12abc")]
    public void A_bad_number_in_device_code_is_reported(string text)
    {
        Parse($"__device__ int f() {{ return {text}; }}", out var diagnostics);
        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal(DiagnosticCodes.BadNumber, diagnostic.Code);
        Assert.Equal(text.Length, diagnostic.Span.Length);
    }

    [Fact]
    public void Binary_and_empty_files_are_refused()
    {
        Parse("\u007fELF\0\0\u0001", out var binary);
        Assert.Equal(DiagnosticCodes.NotText, Assert.Single(binary).Code);
        Parse(" \n", out var empty);
        Assert.Equal(DiagnosticCodes.NoKernel, Assert.Single(empty).Code);
    }
}
