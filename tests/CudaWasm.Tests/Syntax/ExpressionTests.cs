using CudaWasm.Compiler.Syntax;
using static CudaWasm.Tests.Syntax.SyntaxTesting;

namespace CudaWasm.Tests.Syntax;

public class ExpressionTests
{
    [Theory]
    [InlineData("a + n * 2 - 1", "((a + (n * 2)) - 1)")]
    [InlineData("a = n += 1", "(a = (n += 1))")]
    [InlineData("n >> 2 > 1 == 0", "(((n >> 2) > 1) == 0)")]
    [InlineData("n >>= 1", "(n >>= 1)")]
    [InlineData("n & 1 | n ^ 2 && n || 0", "((((n & 1) | (n ^ 2)) && n) || 0)")]
    [InlineData("n ? a : n ? 1 : 2", "(n ? a : (n ? 1 : 2))")]
    [InlineData("-n++ + --n", "((-(n++)) + (--n))")]
    [InlineData("*p++ = ~n", "((*(p++)) = (~n))")]
    [InlineData("!p[n][0]", "(!p[n][0])")]
    [InlineData("n, a", "(n , a)")]
    [InlineData("not n and 1", "((!n) && 1)")]
    [InlineData("(*p).x->y", "(*p).x->y")]
    [InlineData("f(a, g(1))(2)", "f(a, g(1))(2)")]
    [InlineData("n < a && a > (n)", "((n < a) && (a > n))")]
    [InlineData("a < n > 2", "((a < n) > 2)")]
    [InlineData("x < y && y > (n)", "((x < y) && (y > n))")]
    [InlineData("p[n] < a", "(p[n] < a)")]
    public void Operators_bind_as_in_cpp(string text, string expected) => Assert.Equal(expected, Show(ParseExpression(text)));

    [Theory]
    [InlineData("(float)n * 2", "((float)n * 2)")]
    [InlineData("(float)-n", "(float)(-n)")]
    [InlineData("(unsigned long long)n", "(unsignedlonglong)n")]
    [InlineData("(float4*)p", "(float4*)p")]
    [InlineData("*(const volatile int*)p", "(*(int*)p)")]
    [InlineData("(n) - 1", "(n - 1)")]
    [InlineData("(n)", "n")]
    [InlineData("(Unknown*)p", "(Unknown*)p")]
    [InlineData("(Unknown)n", "(Unknown)n")]
    [InlineData("(lib::Vec<float, 4>&)a", "(lib::Vec<...>&)a")]
    [InlineData("(int (*)[4])p", "(int[]*)p")]
    [InlineData("float(n)", "float(n)")]
    [InlineData("unsigned(n)", "unsignedint(n)")]
    [InlineData("float2{1, 2}", "float2{1, 2}")]
    [InlineData("(float2){1, 2}", "float2{1, 2}")]
    [InlineData("static_cast<int>(a) >> 1", "(static<int>(a) >> 1)")]
    [InlineData("reinterpret_cast<const uint4*>(p)[n]", "reinterpret<uint4*>(p)[n]")]
    [InlineData("typename T::type(3)", "T::type(3)")]
    public void Casts_are_told_from_parentheses(string text, string expected) => Assert.Equal(expected, Show(ParseExpression(text)));

    [Theory]
    [InlineData("lib::fast<int>(n)", "lib::fast<...>(n)")]
    [InlineData("cub::BlockReduce<float, 128>(n).Sum(a)", "cub::BlockReduce<...>(n).Sum(a)")]
    [InlineData("a = std::is_same<int, float>::value && n", "(a = (std::is_same<...>::value && n))")]
    [InlineData("std::numeric_limits<float>::max()", "std::numeric_limits<...>::max()")]
    [InlineData("lib::tile<(n > 1 ? 2 : 3)>()", "lib::tile<...>()")]
    [InlineData("lib::a<lib::b<int>>(n)", "lib::a<...>(n)")]
    [InlineData("lib::a<lib::b<lib::c<int>>>(n)", "lib::a<...>(n)")]
    [InlineData("p->get<3>()", "p->get<...>()")]
    [InlineData("p->n < 3", "(p->n < 3)")]
    [InlineData("g.template shfl<int>(n)", "g.shfl<...>(n)")]
    [InlineData("make<1 << 2>(n)", "make<...>(n)")]
    [InlineData("::rsqrtf(a)", "::rsqrtf(a)")]
    public void Names_from_missing_headers_take_template_arguments(string text, string expected) => Assert.Equal(expected, Show(ParseExpression(text)));

    [Fact]
    public void A_template_argument_that_may_be_either_has_both_readings()
    {
        var call = Assert.IsType<CallExpression>(ParseExpression("lib::f<Unknown, n, int, 4, Unknown*>(0)"));
        var arguments = Assert.IsType<NameExpression>(call.Callee).Name.Last.Arguments!;
        Assert.Equal([true, false, true, false, true], arguments.Select(a => a.Type is not null));
        Assert.Equal([true, true, false, true, false], arguments.Select(a => a.Expression is not null));
    }

    [Theory]
    [InlineData("sizeof(int)", true, false)]
    [InlineData("sizeof(Unknown)", true, true)]
    [InlineData("sizeof(n)", false, true)]
    [InlineData("sizeof n", false, true)]
    [InlineData("sizeof(float4*)", true, false)]
    [InlineData("sizeof(p[0])", false, true)]
    [InlineData("alignof(double)", true, false)]
    public void Sizeof_knows_types_values_and_doubt(string text, bool hasType, bool hasExpression)
    {
        var node = Assert.IsType<SizeOfExpression>(ParseExpression(text));
        Assert.Equal((hasType, hasExpression), (node.Type is not null, node.Expression is not null));
    }

    [Fact]
    public void A_lambda_has_captures_parameters_and_body()
    {
        var lambda = Assert.IsType<LambdaExpression>(ParseExpression("[=, &p, this, k = n + 1] __device__ (int i, auto x) mutable -> float { return a; }"));
        Assert.True(lambda.CapturesAllByValue);
        Assert.Equal([("p", true, false), (null, false, true), ("k", false, false)], lambda.Captures.Select(c => (c.Name, c.IsReference, c.IsThis)));
        Assert.NotNull(lambda.Captures[2].Initializer);
        Assert.Equal(2, lambda.Function.Parameters.Count);
        Assert.Equal(BuiltinTypeKind.Float, Assert.IsType<BuiltinTypeSyntax>(lambda.Function.ReturnType).Kind);
        Assert.True(lambda.Function.IsDevice);
    }

    [Fact]
    public void A_statement_expression_is_a_lambda_called_at_once()
    {
        var call = Assert.IsType<CallExpression>(ParseExpression("({ int t = n; t + 1; })"));
        var lambda = Assert.IsType<LambdaExpression>(call.Callee);
        Assert.True(lambda.CapturesAllByReference);
        Assert.IsType<ReturnStatement>(lambda.Function.Body!.Statements[^1]);
    }

    [Theory]
    [InlineData("(xs + ...)", BinaryOperator.Add, true, false, true)]
    [InlineData("(... && xs)", BinaryOperator.LogicalAnd, false, true, false)]
    [InlineData("(0 + ... + f(xs))", BinaryOperator.Add, true, true, false)]
    [InlineData("(xs * ... * 1)", BinaryOperator.Multiply, true, true, true)]
    [InlineData("(use(xs), ...)", BinaryOperator.Comma, true, false, true)]
    public void Folds_know_their_pack(string text, BinaryOperator op, bool hasLeft, bool hasRight, bool packIsLeft)
    {
        var unit = ParseValid($"template <class... Ts> __device__ auto fold(Ts... xs) {{ return {text}; }}");
        var body = unit.Members.OfType<FunctionDeclaration>().Single().Body!;
        var fold = Assert.IsType<FoldExpression>(Assert.IsType<ReturnStatement>(body.Statements[0]).Value);
        Assert.Equal((op, hasLeft, hasRight, packIsLeft), (fold.Operator, fold.Left is not null, fold.Right is not null, fold.PackIsLeft));
    }

    [Fact]
    public void Offsetof_is_an_address_in_an_object_at_zero() =>
        Assert.Equal("(size_t)(&((S*)0)->x)", Show(ParseExpression("offsetof(S, x)")).Replace("(S*)0->", "((S*)0)->", StringComparison.Ordinal));

    [Fact]
    public void Func_is_the_name_of_the_function() => Assert.Equal("kernel", Assert.IsType<StringLiteral>(ParseExpression("__func__")).Value);

    [Fact]
    public void A_device_launch_has_configuration_and_arguments()
    {
        var launch = Assert.IsType<LaunchExpression>(ParseExpression("child<int><<<n >> 1, (n > 2), 0>>>(p, a)"));
        Assert.Equal(["(n >> 1)", "(n > 2)", "0"], launch.Configuration.Select(Show));
        Assert.Equal(2, launch.Arguments.Count);
    }

    /// <summary>An expression with a parenthesis around each operator.</summary>
    private static string Show(ExpressionSyntax expression) => expression switch
    {
        BinaryExpression e => $"({Show(e.Left)} {Operator(e.OperatorSpan.Source!.Text.Substring(e.OperatorSpan.Start, e.OperatorSpan.Length))} {Show(e.Right)})",
        AssignmentExpression e => $"({Show(e.Target)} {e.OperatorSpan.Source!.Text.Substring(e.OperatorSpan.Start, e.OperatorSpan.Length)} {Show(e.Value)})",
        UnaryExpression { Operator: UnaryOperator.PostIncrement } e => $"({Show(e.Operand)}++)",
        UnaryExpression { Operator: UnaryOperator.PreDecrement } e => $"(--{Show(e.Operand)})",
        UnaryExpression e => $"({"+-~!*&"[(int)e.Operator]}{Show(e.Operand)})",
        ConditionalExpression e => $"({Show(e.Condition)} ? {Show(e.WhenTrue)} : {Show(e.WhenFalse)})",
        CallExpression e => $"{Show(e.Callee)}({string.Join(", ", e.Arguments.Select(Show))})",
        IndexExpression e => $"{Show(e.Target)}[{Show(e.Index)}]",
        MemberExpression e => $"{Show(e.Target)}{(e.IsArrow ? "->" : ".")}{e.Name}",
        CastExpression { Kind: CastKind.CStyle } e => $"({Show(e.Type)}){Show(e.Arguments[0])}",
        CastExpression { Kind: CastKind.Functional } e => $"{Show(e.Type)}({string.Join(", ", e.Arguments.Select(Show))})",
        CastExpression { Kind: CastKind.List } e => $"{Show(e.Type)}{{{string.Join(", ", e.Arguments.Select(Show))}}}",
        CastExpression e => $"{e.Kind.ToString().ToLowerInvariant()}<{Show(e.Type)}>({Show(e.Arguments[0])})",
        IntegerLiteral e => e.Value.ToString(null, null),
        NameExpression e => e.Name.ToString(),
        _ => expression.GetType().Name,
    };

    private static string Operator(string text) => text switch { "and" => "&&", "or" => "||", _ => text };

    private static string Show(TypeSyntax type) => type switch
    {
        PointerTypeSyntax t => Show(t.Element) + "*",
        ReferenceTypeSyntax t => Show(t.Element) + "&",
        ArrayTypeSyntax t => Show(t.Element) + "[]",
        NamedTypeSyntax t => t.Name.ToString(),
        BuiltinTypeSyntax t => t.Kind.ToString().ToLowerInvariant(),
        _ => type.GetType().Name,
    };
}
