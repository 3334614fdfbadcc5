using CudaWasm.Compiler.Syntax;
using static CudaWasm.Tests.Syntax.SyntaxTesting;

namespace CudaWasm.Tests.Syntax;

public class DeclarationTests
{
    [Fact]
    public void A_kernel_has_its_flags_parameters_and_launch_bounds()
    {
        var unit = ParseValid("extern \"C\" __global__ void __launch_bounds__(256, 2) k(float* __restrict__ x, const int n, const __grid_constant__ S s) { x[0] = n; }");
        var kernel = Assert.IsType<FunctionDeclaration>(Assert.Single(unit.Members));
        Assert.Equal(DeclarationFlags.Global | DeclarationFlags.ExternC, kernel.Flags);
        Assert.Equal([256UL, 2UL], kernel.LaunchBounds.Cast<IntegerLiteral>().Select(l => l.Value));
        Assert.True(Assert.IsType<PointerTypeSyntax>(kernel.Parameters[0].Type).IsRestrict);
        Assert.True(kernel.Parameters[1].Type.IsConst);
        Assert.Equal(DeclarationFlags.GridConstant, kernel.Parameters[2].Flags);
        Assert.Single(kernel.Body!.Statements);
    }

    [Theory]
    [InlineData("unsigned", BuiltinTypeKind.UnsignedInt)]
    [InlineData("long unsigned int", BuiltinTypeKind.UnsignedLong)]
    [InlineData("long long", BuiltinTypeKind.LongLong)]
    [InlineData("unsigned long long int", BuiltinTypeKind.UnsignedLongLong)]
    [InlineData("short int unsigned", BuiltinTypeKind.UnsignedShort)]
    [InlineData("signed char", BuiltinTypeKind.SignedChar)]
    [InlineData("char", BuiltinTypeKind.Char)]
    [InlineData("long double", BuiltinTypeKind.LongDouble)]
    [InlineData("int const", BuiltinTypeKind.Int)]
    [InlineData("unsigned __int128", BuiltinTypeKind.UnsignedInt128)]
    [InlineData("wchar_t", BuiltinTypeKind.WChar)]
    public void Type_words_combine_in_any_order(string text, BuiltinTypeKind kind)
    {
        var variable = Assert.IsType<VariableDeclaration>(Assert.Single(ParseValid($"__device__ {text} x;").Members));
        Assert.Equal(kind, Assert.IsType<BuiltinTypeSyntax>(variable.Type).Kind);
    }

    [Fact]
    public void Marks_may_stand_anywhere_before_the_name()
    {
        var unit = ParseValid("""
            void __global__ a() { }
            static inline int __device__ __forceinline__ b() { return 1; }
            const float4& __device__ c();
            __attribute__((device)) __attribute__((aligned(8))) int d;
            [[nodiscard]] __host__ __device__ constexpr int e() noexcept { return 1; }
            MISSING_MACRO __device__ void f() { }
            MISSING_MACRO(1, 2) __global__ void g() { }
            """);
        var flags = unit.Members.Select(m => m is FunctionDeclaration f ? f.Flags : ((VariableDeclaration)m).Flags).ToList();
        Assert.Equal(DeclarationFlags.Global, flags[0]);
        Assert.Equal(DeclarationFlags.Device | DeclarationFlags.Static | DeclarationFlags.Inline | DeclarationFlags.ForceInline, flags[1]);
        Assert.Equal(DeclarationFlags.Device, flags[2]);
        Assert.Equal(DeclarationFlags.Device, flags[3]);
        Assert.Equal(DeclarationFlags.Host | DeclarationFlags.Device | DeclarationFlags.Constexpr, flags[4]);
        Assert.Equal(DeclarationFlags.Device, flags[5]);
        Assert.Equal(DeclarationFlags.Global, flags[6]);
        Assert.Single(Assert.IsType<VariableDeclaration>(unit.Members[3]).Alignments);
    }

    [Fact]
    public void A_class_has_bases_members_and_alignment()
    {
        var unit = ParseValid("""
            template <typename T> struct Base { T value; };
            template <typename T, int N>
            class __align__(16) Vec final : public Base<T>, private lib::Other {
            public:
                using value_type = T;
                enum Mode { A, B = 2 };
                struct Inner { int deep; };
                T data[N], *ptr = nullptr;
                unsigned low : 4, : 2, high : N;
                static constexpr int size = N * sizeof(T);
                union { int i; float f; };
                explicit __device__ Vec(T x) : Base<T>{x}, ptr(&data[0]) { later(); }
                __device__ ~Vec() { }
                Vec(const Vec&) = default;
                Vec& operator=(const Vec&) = delete;
                __device__ T operator()(int i) const { return data[i] < last_ ? data[i] : T(0); }
                __device__ T& operator[](int i) { return data[i]; }
                __device__ bool operator<(const Vec& o) const;
                __device__ explicit operator bool() const { return true; }
                friend __device__ Vec operator+(Vec a, const Vec& b) { return a; }
                template <class U> __device__ Vec& operator<<=(U u) { Later x; return *this; }
                virtual void print(std::ostream& os) = 0;
            private:
                T last_;
                typedef Inner Later;
            };
            template <typename T, int N> __device__ bool Vec<T, N>::operator<(const Vec& o) const { value_type v = data[0]; return v < o.data[0]; }
            """);
        var type = Assert.IsType<ClassDeclaration>(unit.Members[1]);
        Assert.Equal(["Base<...>", "lib::Other"], type.Bases.Select(b => ((NamedTypeSyntax)b).Name.ToString()));
        Assert.Single(type.Alignments);
        Assert.Equal(2, type.TemplateParameters!.Count);
        var functions = type.Members.OfType<FunctionDeclaration>().ToList();
        Assert.Equal(
            ["Vec", "~Vec", "Vec", "operator=", "operator()", "operator[]", "operator<", "operator", "operator+", "operator<<=", "print"],
            functions.Select(f => f.Name.Last.Identifier));
        Assert.Equal([true, false, true], functions.Take(3).Select(f => f.IsConstructor));
        Assert.True(functions[1].IsDestructor);
        Assert.Equal([true, false], functions[0].MemberInitializers.Select(i => i.IsList));
        Assert.Equal(BuiltinTypeKind.Bool, Assert.IsType<BuiltinTypeSyntax>(functions[7].Name.Last.ConversionType).Kind);
        Assert.True(functions[3].Flags.HasFlag(DeclarationFlags.Deleted));
        Assert.True(functions[4].Flags.HasFlag(DeclarationFlags.ConstMember));
        Assert.Equal(3, type.Members.OfType<VariableDeclaration>().Count(v => v.BitWidth is not null));
        Assert.Contains(type.Members, m => m is ClassDeclaration { Key: ClassKey.Union, Name: null });
        var outside = Assert.IsType<FunctionDeclaration>(unit.Members[2]);
        Assert.Null(outside.TemplateParameters);
        Assert.Equal(2, outside.OuterTemplateParameters!.Count);
    }

    [Fact]
    public void A_class_defined_with_variables_stands_before_them()
    {
        var unit = ParseValid("typedef struct node { struct node* next; int v; } Node, *NodePtr;\nstruct { int a; } one, two;\n__constant__ struct P { int x; } p = {1};");
        Assert.Equal("node", Assert.IsType<ClassDeclaration>(unit.Members[0]).Name!.ToString());
        Assert.Equal(["Node", "NodePtr"], unit.Members.OfType<AliasDeclaration>().Select(a => a.Name));
        var nameless = unit.Members.OfType<VariableDeclaration>().Where(v => v.Type is DefinedTypeSyntax).ToList();
        Assert.Equal(2, nameless.Count);
        Assert.Same(((DefinedTypeSyntax)nameless[0].Type).Definition, ((DefinedTypeSyntax)nameless[1].Type).Definition);
        Assert.IsType<NamedTypeSyntax>(Assert.IsType<VariableDeclaration>(unit.Members[^1]).Type);
    }

    [Fact]
    public void Enums_have_scope_type_and_values()
    {
        var unit = ParseValid("enum Color { Red, Green = 1 << 2, };\nenum class Op : unsigned char { Add };\nenum Later : int;");
        var enums = unit.Members.Cast<EnumDeclaration>().ToList();
        Assert.Equal([false, true, false], enums.Select(e => e.IsScoped));
        Assert.Equal(["Red", "Green"], enums[0].Enumerators!.Select(e => e.Name));
        Assert.NotNull(enums[1].Underlying);
        Assert.Null(enums[2].Enumerators);
    }

    [Fact]
    public void Templates_have_parameters_of_all_kinds()
    {
        var unit = ParseValid("""
            template <typename T, class U = float, int N = (4 > 2), template <class, int> class C = lib::Tile, typename... Rest> struct All;
            template <typename T, typename = typename std::enable_if<std::is_same<T, int>::value && true>::type> __device__ T f(T);
            template <bool B, std::enable_if_t<B, int> = 0> __device__ void g();
            template <auto V, int... Is> constexpr int total = (Is + ... + V);
            template <class T> using Ptr = T*;
            template <> struct All<int> { };
            template <> __device__ int f<int>(int x) { return x; }
            template __device__ float f<float>(float);
            template struct All<float, float>;
            template <class T> template <class U> __device__ void Outer<T>::method(U u) { }
            """);
        var all = Assert.IsType<ClassDeclaration>(unit.Members[0]).TemplateParameters!;
        Assert.Equal(
            [TemplateParameterKind.Type, TemplateParameterKind.Type, TemplateParameterKind.Value, TemplateParameterKind.Template, TemplateParameterKind.Type],
            all.Select(p => p.Kind));
        Assert.True(all[4].IsPack);
        Assert.NotNull(all[2].DefaultValue);
        var members = unit.Members.ToList();
        Assert.Empty(Assert.IsType<ClassDeclaration>(members[5]).TemplateParameters!);
        Assert.Empty(Assert.IsType<FunctionDeclaration>(members[6]).TemplateParameters!);
        Assert.Equal([false, true], members.OfType<ExplicitInstantiation>().Select(i => i.IsClass));
        var method = Assert.IsType<FunctionDeclaration>(members[9]);
        Assert.Equal(("U", "T"), (method.TemplateParameters!.Single().Name, method.OuterTemplateParameters!.Single().Name));
    }

    [Fact]
    public void Packs_expand_in_parameters_arguments_and_bases()
    {
        var unit = ParseValid("""
            template <class... Bs> struct Many : Bs... { using Bs::operator()...; };
            template <class F, class... Ts> __device__ auto call(F f, const Ts&... ts) -> decltype(f(ts...)) { return f(std::forward<Ts>(ts)...); }
            template <class... Ts> __device__ int count() { return sizeof...(Ts); }
            """);
        Assert.IsType<PackTypeSyntax>(Assert.IsType<ClassDeclaration>(unit.Members[0]).Bases[0]);
        var call = Assert.IsType<FunctionDeclaration>(unit.Members[1]);
        Assert.True(call.Parameters[1].IsPack);
        Assert.IsType<DecltypeSyntax>(call.ReturnType);
        var result = (CallExpression)((ReturnStatement)call.Body!.Statements[0]).Value!;
        Assert.IsType<PackExpansionExpression>(result.Arguments[0]);
        var count = Assert.IsType<FunctionDeclaration>(unit.Members[2]);
        Assert.True(Assert.IsType<SizeOfExpression>(((ReturnStatement)count.Body!.Statements[0]).Value).IsPack);
    }

    [Fact]
    public void Namespaces_nest_and_their_names_are_found()
    {
        var unit = ParseValid("""
            namespace a::b { template <class T> struct Box { T v; static constexpr int n = 2; }; typedef int word; }
            namespace { __device__ int hidden; }
            inline namespace v1 { struct Seen { }; }
            namespace ab = a::b;
            using a::b::Box;
            __device__ int f(int n) { Box<int> x; ab::Box<float> y; a::b::word w = n; Seen s; return Box<int>::n < n; }
            """);
        var outer = Assert.IsType<NamespaceDeclaration>(unit.Members[0]);
        Assert.Equal("b", Assert.IsType<NamespaceDeclaration>(outer.Members[0]).Name);
        Assert.Null(Assert.IsType<NamespaceDeclaration>(unit.Members[1]).Name);
        var body = unit.Members.OfType<FunctionDeclaration>().Single().Body!.Statements;
        Assert.Equal(4, body.Count(s => s is DeclarationStatement));
        Assert.Equal(BinaryOperator.Less, Assert.IsType<BinaryExpression>(((ReturnStatement)body[^1]).Value).Operator);
    }

    [Fact]
    public void A_variable_and_a_function_are_told_apart()
    {
        var unit = ParseValid("__device__ int f(int);\n__constant__ Big b(1, 2);\n__device__ Unknown g(Unknown u, lib::V<int>& v);\n__device__ float (*table[2])(float);\n__device__ int (*h(int n))[4];");
        Assert.Equal(
            [typeof(FunctionDeclaration), typeof(VariableDeclaration), typeof(FunctionDeclaration), typeof(VariableDeclaration), typeof(FunctionDeclaration)],
            unit.Members.Select(m => m.GetType()));
        Assert.Equal("h", ((FunctionDeclaration)unit.Members[4]).Name.ToString());
        Assert.IsType<PointerTypeSyntax>(((FunctionDeclaration)unit.Members[4]).ReturnType);
    }
}
