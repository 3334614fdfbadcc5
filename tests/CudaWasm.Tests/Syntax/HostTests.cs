using CudaWasm.Compiler.Syntax;
using static CudaWasm.Tests.Syntax.SyntaxTesting;

namespace CudaWasm.Tests.Syntax;

public class HostTests
{
    [Fact]
    public void Host_bodies_are_skipped_and_launches_kept()
    {
        var unit = ParseValid("""
            template <typename T, int N> __global__ void scale(T* p, T a);
            namespace app { __global__ void plain(int* p); }
            template <typename T> void run(T* d, int n)
            {
                constexpr int block = 64;
                using value = T;
                std::vector<value> host(n, value{});
                auto print = [&](const auto& x) { std::cout << x << std::endl; };
                for (auto& h : host) { h <<= 2; print(h); }
                switch (n) {
                    case 1: { const int tile = 2; scale<value, tile><<<dim3(n / block), block, n >> 1, nullptr>>>(d, value(2)); break; }
                    default: app::plain<<<(n > 1), 32>>>(nullptr);
                }
                cudaLaunchKernel((const void*)scale<float, 4>, dim3(1), dim3(2), args, 16, 0);
                cudaLaunchKernelEx(&config, &app::plain, d);
            }
            """);
        var run = unit.Members.OfType<FunctionDeclaration>().Single(f => f.Name.ToString() == "run");
        Assert.Null(run.Body);
        Assert.True(run.HasBody);
        Assert.Equal(["scale<...>", "app::plain", "scale<...>", "app::plain"], unit.Launches.Select(l => l.Kernel.ToString()));
        Assert.All(unit.Launches, l => Assert.Same(run, l.HostFunction));
        var first = unit.Launches[0];
        Assert.Equal((4, 2), (first.Configuration.Count, first.Arguments.Count));
        Assert.Equal(["block", "value", "host", "print", "tile"], first.LocalDeclarations.Select(Name));
        Assert.DoesNotContain("tile", unit.Launches[1].LocalDeclarations.Select(Name));
        Assert.Equal(4, unit.Launches[2].Configuration.Count);
        Assert.Single(unit.Launches[3].Arguments);

        static string Name(DeclarationSyntax declaration) => declaration switch
        {
            VariableDeclaration v => v.Name.ToString(),
            AliasDeclaration a => a.Name,
            _ => declaration.GetType().Name,
        };
    }

    [Fact]
    public void Launches_of_odd_spelling_are_found()
    {
        var unit = ParseValid("""
            template <class A, bool B> __global__ void k(A a);
            int main() {
                k<std::pair<int, std::vector<float>>, (1 > 0)> <<< 1, 1 >>> (x);
                (k<int, true>)<<<grid, block>>>(1);
                ::k<float, false><<<1, 1, 0, stream[2]>>>(f(1));
                obj.run([=] { k<char, true><<<1, 1>>>('a'); });
                printf("not <<<a>>> launch");
            }
            """);
        Assert.Equal(["k<...>", "k<...>", "::k<...>", "k<...>"], unit.Launches.Select(l => l.Kernel.ToString()));
        Assert.Equal(2, unit.Launches[0].Kernel.Last.Arguments!.Count);
    }

    [Fact]
    public void Host_declarations_of_any_kind_are_no_errors()
    {
        var unit = ParseValid("""
            #include <iostream>
            template <class T, class = void> struct has : std::false_type {};
            template <class T> struct has<T, std::void_t<decltype(std::declval<T>().size())>> : std::true_type {};
            std::ostream& operator<<(std::ostream& os, const std::map<int, std::string>& m) { for (auto& [k, v] : m) os << k; return os; }
            class Timer { public: Timer() : start_(std::chrono::high_resolution_clock::now()) {} ~Timer() noexcept(false) { throw 1; }
                std::function<int(int)> f_{[](int x) { return x; }}; std::chrono::time_point<std::chrono::system_clock> start_; int Timer::*member; };
            static std::unordered_map<std::string, void (*)(int, char**)> commands = { {"a", [](int, char**) { }}, {"b", nullptr} };
            auto main_loop() -> std::optional<int> try { return co_wait_something(); } catch (const std::exception& e) { return {}; }
            TEST(Suite, Case) { EXPECT_EQ(1, 1); }
            REGISTER_OP("x").Input("y: float").SetShapeFn([](Context* c) { return Status::OK(); });
            @interface Odd ; 
            int operator""_km(unsigned long long v) { return v; }
            template <typename... Ts> requires (sizeof...(Ts) > 0) void constrained(Ts... ts) { }
            __global__ void after(int* p) { *p = 1; }
            """);
        Assert.Contains(unit.Members, m => m is FunctionDeclaration { IsKernel: true, HasErrors: false });
    }

    [Fact]
    public void What_was_left_out_is_remembered()
    {
        var unit = ParseValid("struct S { int ok; int = broken; int also; };\n__device__ S s;");
        Assert.Equal(2, Assert.IsType<ClassDeclaration>(unit.Members[0]).Members.Count);
        Assert.Equal(1, Assert.Single(unit.Tolerated).Span.Line);
    }

    [Fact]
    public void Constexpr_host_functions_keep_their_body()
    {
        var unit = ParseValid("constexpr int next(int n) { return n < 2 ? 1 : n * 2; }\nconstexpr int odd() { return std::accumulate([] { throw 1; }); }\n__device__ int a[next(3)];");
        Assert.NotNull(Assert.IsType<FunctionDeclaration>(unit.Members[0]).Body);
        Assert.Equal(3, unit.Members.Count);
    }
}
