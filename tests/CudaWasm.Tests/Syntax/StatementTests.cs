using CudaWasm.Compiler.Syntax;
using static CudaWasm.Tests.Syntax.SyntaxTesting;

namespace CudaWasm.Tests.Syntax;

public class StatementTests
{
    [Theory]
    [InlineData("int x = 1;")]
    [InlineData("Unknown x;")]
    [InlineData("Unknown x(1), y{2};")]
    [InlineData("Unknown* x = nullptr;")]
    [InlineData("Unknown& x = *p;")]
    [InlineData("Unknown const& x = *p;")]
    [InlineData("lib::Unknown<int, 4> x;")]
    [InlineData("typename lib::Unknown<int>::Type x;")]
    [InlineData("lib::Unknown<int>::Type x;")]
    [InlineData("cg::thread_block block = cg::this_thread_block();")]
    [InlineData("__shared__ typename cub::BlockScan<int, 64>::TempStorage temp;")]
    [InlineData("float (*rows)[16] = nullptr;")]
    [InlineData("int (&all)[4] = *reinterpret_cast<int (*)[4]>(p);")]
    [InlineData("float (*fn)(float, int) = nullptr;")]
    [InlineData("float4 v = make_float4(1, 2, 3, 4), *q = &v;")]
    [InlineData("const auto [x, y] = pair;")]
    [InlineData("auto& [x, y] = pair;")]
    [InlineData("extern __shared__ float dynamic[];")]
    [InlineData("static const int table[] = {1, 2, 3};")]
    [InlineData("struct { int a; float b; } local = {1, 2.f};")]
    [InlineData("enum { A, B = 4 };")]
    [InlineData("typedef unsigned char byte; using word = unsigned short;")]
    [InlineData("decltype(n) copy = n;")]
    [InlineData("unsigned x : 3;", false)]
    [InlineData("using namespace lib;")]
    [InlineData("namespace cg = cooperative_groups;")]
    [InlineData("static_assert(sizeof(int) == 4, \"four\");")]
    [InlineData("alignas(16) unsigned char raw[64];")]
    [InlineData("volatile __shared__ int flag;")]
    [InlineData("n * 2;", false)]
    [InlineData("n & 2;", false)]
    [InlineData("f(n);", false)]
    [InlineData("float(n);", false)]
    [InlineData("*p = 1;", false)]
    [InlineData("p[0] = 1;", false)]
    [InlineData("lib::f<int>(n);", false)]
    [InlineData("lib::x = 1;", false)]
    [InlineData("T::run(p);", false)]
    public void A_statement_is_a_declaration_or_not(string text, bool isDeclaration = true)
    {
        if (text.Contains(" : 3", StringComparison.Ordinal))
        {
            Parse($"__device__ void f() {{ {text} }}", out var diagnostics); // A bit-field belongs in a class.
            Assert.Single(diagnostics);
            return;
        }

        Assert.All(ParseBody(text), s => Assert.Equal(isDeclaration, s is DeclarationStatement));
    }

    [Fact]
    public void A_name_declared_in_a_block_hides_a_type()
    {
        var body = ParseBody("int half = 2; { half * n; } ");
        var inner = Assert.IsType<CompoundStatement>(body[1]);
        Assert.IsType<ExpressionStatement>(inner.Statements[0]);
    }

    [Fact]
    public void Declarators_give_their_types()
    {
        var declared = ParseBody("const float *const a[4], (*b)[8], (*c)(int), &d = *p;").OfType<DeclarationStatement>().Single().Declarations.Cast<VariableDeclaration>().ToList();
        var element = Assert.IsType<PointerTypeSyntax>(Assert.IsType<ArrayTypeSyntax>(declared[0].Type).Element);
        Assert.True(element.IsConst);
        Assert.True(element.Element.IsConst);
        Assert.IsType<ArrayTypeSyntax>(Assert.IsType<PointerTypeSyntax>(declared[1].Type).Element);
        Assert.IsType<FunctionTypeSyntax>(Assert.IsType<PointerTypeSyntax>(declared[2].Type).Element);
        Assert.IsType<ReferenceTypeSyntax>(declared[3].Type);
    }

    [Fact]
    public void Arrays_nest_from_left_to_right()
    {
        var declared = (VariableDeclaration)ParseBody("int m[2][3];").OfType<DeclarationStatement>().Single().Declarations[0];
        var outer = Assert.IsType<ArrayTypeSyntax>(declared.Type);
        Assert.Equal(2UL, Assert.IsType<IntegerLiteral>(outer.Size).Value);
        Assert.Equal(3UL, Assert.IsType<IntegerLiteral>(Assert.IsType<ArrayTypeSyntax>(outer.Element).Size).Value);
    }

    [Fact]
    public void Loops_of_every_shape_parse()
    {
        var body = ParseBody("""
            for (int i = 0, j = n; i < j; ++i, --j) continue;
            for (;;) break;
            for (n = 0; ; ) { }
            for (auto x : items) f(x);
            for (const auto& [k, v] : items) f(k);
            for (int i : {1, 2, 3}) f(i);
            while (int left = n--) ;
            do { n--; } while (n > 0);
            """);
        Assert.Equal(
            [typeof(ForStatement), typeof(ForStatement), typeof(ForStatement), typeof(RangeForStatement), typeof(RangeForStatement), typeof(RangeForStatement), typeof(WhileStatement), typeof(DoStatement)],
            body.Select(s => s.GetType()));
        Assert.Equal(["k", "v"], ((RangeForStatement)body[4]).Variable.Bindings);
        Assert.NotNull(((WhileStatement)body[6]).Condition.Declaration);
    }

    [Fact]
    public void Conditions_may_have_initializers_and_declarations()
    {
        var body = ParseBody("if (int i = n; i > 1) { } else if constexpr (sizeof(int) == 4) { } \n if (auto* q = p) ; \n if (x * y) ; \n switch (n += 1; n) { default: ; }");
        var first = Assert.IsType<IfStatement>(body[0]);
        Assert.IsType<DeclarationStatement>(first.Initializer);
        Assert.True(Assert.IsType<IfStatement>(first.Else).IsConstexpr);
        Assert.NotNull(((IfStatement)body[1]).Condition.Declaration);
        Assert.IsType<BinaryExpression>(((IfStatement)body[2]).Condition.Expression);
        Assert.IsType<ExpressionStatement>(((SwitchStatement)body[3]).Initializer);
    }

    [Fact]
    public void Cases_hold_the_statement_behind_them()
    {
        var body = (SwitchStatement)ParseBody("switch (n) { case 1: case 2: f(1); break; default: { } case 'x': }")[0];
        var statements = ((CompoundStatement)body.Body).Statements;
        var first = Assert.IsType<CaseStatement>(statements[0]);
        Assert.IsType<ExpressionStatement>(Assert.IsType<CaseStatement>(first.Statement).Statement);
        Assert.Null(Assert.IsType<CaseStatement>(statements[2]).Value);
        Assert.IsType<EmptyStatement>(Assert.IsType<CaseStatement>(statements[3]).Statement);
    }

    [Fact]
    public void Inline_assembly_has_text_and_operands()
    {
        var asm = Assert.IsType<AsmStatement>(ParseBody("asm volatile(\"add.u32 %0, %1, %2;\\n\" \"// x\" : \"=r\"(n) : \"r\"(p[0]), \"n\"(4) : \"memory\", \"cc\");")[0]);
        Assert.Equal("add.u32 %0, %1, %2;\n// x", asm.Text);
        Assert.Equal(["=r"], asm.Outputs.Select(o => o.Constraint));
        Assert.Equal(["r", "n"], asm.Inputs.Select(o => o.Constraint));
        asm = Assert.IsType<AsmStatement>(ParseBody("asm(\"bar.sync %0;\" :: \"r\"(n));")[0]);
        Assert.Equal((0, 1), (asm.Outputs.Count, asm.Inputs.Count));
        Assert.Empty(Assert.IsType<AsmStatement>(ParseBody("asm(\"exit;\");")[0]).Inputs);
    }

    [Fact]
    public void Goto_labels_and_exceptions_have_nodes()
    {
        var body = ParseBody("again: n--; if (n) goto again; try { f(); } catch (...) { } throw n;");
        Assert.Equal("again", Assert.IsType<LabelStatement>(body[0]).Label);
        Assert.Equal("again", Assert.IsType<GotoStatement>(((IfStatement)body[1]).Then).Label);
        Assert.Equal(["try", "throw"], body.OfType<UnsupportedStatement>().Select(s => s.What));
    }

    [Fact]
    public void Initializers_may_name_fields_and_indices()
    {
        var declared = (VariableDeclaration)ParseBody("Point v = {.x = 1, .y{2}, 3}; ").OfType<DeclarationStatement>().Single().Declarations[0];
        Assert.Equal(InitializerStyle.List, declared.InitializerStyle);
        Assert.Equal(["x", "y", null], Assert.IsType<InitializerList>(declared.Initializers[0]).Elements.Select(e => e.Field));
        declared = (VariableDeclaration)ParseBody("int v[4] = {[2] = 1, 5};").OfType<DeclarationStatement>().Single().Declarations[0];
        Assert.Equal(2UL, Assert.IsType<IntegerLiteral>(Assert.IsType<InitializerList>(declared.Initializers[0]).Elements[0].Index).Value);
    }
}
