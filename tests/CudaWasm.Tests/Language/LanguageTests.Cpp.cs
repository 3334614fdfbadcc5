namespace CudaWasm.Tests.Language;

// Templates, classes, lambdas: the C++ in CUDA C++.
public abstract partial class LanguageTests
{
    [Fact]
    public void Templates_instantiate_for_types_and_values()
    {
        var result = Ints(
            """
            out[0] = biggest(3, 9); out[1] = (int)(biggest(1.5f, 0.5f) * 10); out[2] = Power<3>::of(2); out[3] = sum(1, 2, 3, 4);
            out[4] = kind(1) * 10 + kind(1.0f); out[5] = size(Array<double, 6>()); int a[7]; out[6] = length(a);
            """,
            7,
            """
            template <typename T> __device__ T biggest(T a, T b) { return a > b ? a : b; }
            template <int N> struct Power { __device__ static int of(int x) { return x * Power<N - 1>::of(x); } };
            template <> struct Power<0> { __device__ static int of(int) { return 1; } };
            __device__ int sum() { return 0; }
            template <typename T, typename... Rest> __device__ int sum(T first, Rest... rest) { return first + sum(rest...); }
            template <typename T> __device__ int kind(T) { if constexpr (sizeof(T) == 4 && T(0.5f) != 0) return 2; else return 1; }
            template <typename T, int N> struct Array { T items[N]; };
            template <typename T, int N> __device__ int size(Array<T, N>) { return N; }
            template <typename T, int N> __device__ int length(T (&)[N]) { return N; }
            """);
        Assert.Equal([9, 15, 8, 10, 12, 6, 7], result);
    }

    [Fact]
    public void Classes_construct_convert_and_overload_operators()
    {
        var result = Ints(
            """
            Complex a(1, 2), b(3), c = a * b + Complex{1, 1};
            out[0] = c.re; out[1] = c.im; out[2] = a == Complex(1, 2); c += a; out[3] = c.norm(); out[4] = (int)c;
            Counter n; n.add(3).add(4); ++n; out[5] = n[2]; Derived d(5); out[6] = d.both(); out[7] = -a == Complex(-1, -2);
            """,
            8,
            """
            class Complex {
            public:
                int re, im;
                __device__ Complex(int r, int i = 0) : re(r), im(i) {}
                __device__ Complex operator+(const Complex &o) const { return Complex(re + o.re, im + o.im); }
                __device__ Complex &operator+=(const Complex &o) { re += o.re; im += o.im; return *this; }
                __device__ int norm() const { return re * re + im * im; }
                __device__ explicit operator int() const { return re * 1000 + im; }
                __device__ friend Complex operator-(const Complex &c) { return Complex(-c.re, -c.im); }
            };
            __device__ Complex operator*(const Complex &a, const Complex &b) { return Complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re); }
            __device__ bool operator==(const Complex &a, const Complex &b) { return a.re == b.re && a.im == b.im; }
            struct Counter {
                int total = 10;
                __device__ Counter &add(int n) { total += n; return *this; }
                __device__ Counter &operator++() { total++; return *this; }
                __device__ int operator[](int i) const { return total * i; }
            };
            struct Base { int x; __device__ Base(int x) : x(x) {} __device__ int twice() { return x * 2; } };
            struct Derived : public Base { int y; __device__ Derived(int v) : Base(v), y(v + 1) {} __device__ int both() { return twice() * 10 + y; } };
            """);
        Assert.Equal([4, 7, 1, 106, 5009, 36, 106, 1], result);
    }

    [Fact]
    public void Lambdas_capture_by_value_and_by_reference()
    {
        var result = Ints(
            """
            int base = 10, hits = 0;
            auto byValue = [=](int x) { return x + base; };
            auto byReference = [&](int x) { hits += x; return hits; };
            base = 100;
            out[0] = byValue(1); out[1] = byReference(5) + byReference(2); out[2] = hits; out[3] = apply([](int a) { return a * a; }, 7);
            """,
            4,
            "template <typename F> __device__ int apply(F f, int x) { return f(x) + f(1); }");
        Assert.Equal([11, 12, 7, 50], result);
    }

    [Fact]
    public void Namespaces_enums_and_aliases_resolve()
    {
        var result = Ints(
            """
            using namespace physics;
            out[0] = inner::answer() + ::answer(); out[1] = Blue; out[2] = static_cast<int>(Mode::Fast); Grid g = {1, 2}; out[3] = g.y;
            index_t i = 1 << 3; out[4] = (int)i; switch (Mode::Slow) { case Mode::Fast: out[5] = 1; break; case Mode::Slow: out[5] = 2; }
            """,
            6,
            """
            __device__ int answer() { return 2; }
            namespace physics { namespace inner { __device__ int answer() { return 40; } } struct Cell { int x, y; }; typedef Cell Grid; }
            enum Color { Red, Green = 5, Blue };
            enum class Mode : unsigned char { Fast = 3, Slow };
            using index_t = unsigned long long;
            """);
        Assert.Equal([42, 6, 3, 2, 8, 2], result);
    }

    [Fact]
    public void Template_arguments_left_to_their_defaults_fit_a_pattern_without_them()
    {
        Assert.Equal(
            [32, 7, 3],
            Ints(
                "Tile<32> t; out[0] = size<int, 1>(out, t); out[1] = first(Tile<7>()); out[2] = table[1][0];",
                3,
                """
                template <int N, typename Parent = void> struct Tile { };
                template <typename T, int M> __device__ int size(T *, Tile<32> &) { return 32 * M; }
                template <int N> __device__ int first(const Tile<N> &) { return N; }
                static const int table[2][2] = {{1, 2}, {3, 4}};
                """));
    }

    [Fact]
    public void Constant_expressions_run_constexpr_functions()
    {
        var result = Ints(
            """
            constexpr int digits = log2(1000); int a[digits]; out[0] = sizeof(a) / sizeof(int); out[1] = Sizes<float>::Exchange; out[2] = table[2];
            out[3] = Fixed<fib(10)>::value; static_assert(isPrime(97), "97 is prime"); if constexpr (fib(5) == 5) out[4] = 1; else out[4] = 0; out[5] = empty<unsigned>;
            """,
            6,
            """
            #include <algorithm>
            #include <limits>
            constexpr int log2(int n) { int digits = 0; while (n >>= 1) ++digits; return digits; }
            constexpr int fib(int n) { if (n < 2) return n; return fib(n - 1) + fib(n - 2); }
            constexpr bool isPrime(int n) { for (int i = 2; i * i <= n; ++i) if (n % i == 0) return false; return true; }
            template <typename T> struct Sizes { static constexpr int Exchange = std::min(64 * (int)sizeof(T), 32 * 1024); };
            template <int N> struct Fixed { static constexpr int value = N; };
            struct Squares { int at[4]; constexpr Squares() : at{} { for (int i = 0; i < 4; ++i) at[i] = i * i; } };
            constexpr int square(int n) { Squares s; return s.at[n]; }
            __constant__ int table[] = {square(1), square(2), square(3)};
            template <typename T> constexpr T emptyOf() { T all = 0; for (int i = 0; i < 4; ++i) all |= T(1) << i; return all; }
            template <typename T> const T empty = emptyOf<T>();
            """);
        Assert.Equal([9, 256, 9, 55, 1, 15], result);
    }

    [Fact]
    public void Templates_match_as_the_standard_orders_them()
    {
        var result = Ints(
            """
            int five[5]; out[0] = length<5>(five); out[1] = count(five); out[2] = biggest((short)3, (short)4); out[3] = Align<volatile int>::value; out[4] = Align<int *>::value;
            out[5] = Kiss<int>().next<int>(); out[6] = Kiss<long long>().next<int>(); int Color = Color::red; out[7] = Color; out[8] = Holder<int>().get(); out[9] = Kiss<int>::origin();
            """,
            10,
            """
            template <int N> using Ints = int[N];
            template <int N> __device__ int length(Ints<N> &) { return N; }
            template <int N> __device__ int count(Ints<N> &a) { return sizeof(a) / sizeof(a[0]); }
            template <typename T> __device__ const T &biggest(const T &a, const T &b) { return a < b ? b : a; }
            template <typename T, typename U> __device__ T biggest(const T &a, const U &b) { return -1; }
            template <typename T> struct Align { static constexpr int value = alignof(T); };
            template <typename T> struct Align<volatile T> : Align<T> {};
            template <typename T> struct Kiss { template <typename R> __device__ R next(); __device__ static int origin(); };
            template <> template <> __device__ int Kiss<int>::next<int>() { return 32; }
            template <> template <> __device__ int Kiss<long long>::next<int>() { return 64; }
            template <typename T> __device__ int Kiss<T>::origin() { return 7; }
            enum Color { green, red };
            template <typename T> struct Plain { T value = 11; };
            template <typename T, template <typename> class Box = Plain> struct Holder { Box<T> box; __device__ T get() { return box.value; } };
            """);
        Assert.Equal([5, 5, 4, 4, 8, 32, 64, 1, 11, 7], result);
    }

    [Fact]
    public void A_specialisation_may_be_told_by_what_it_returns()
    {
        Assert.Equal(
            [3, 8, 0],
            Ints(
                "out[0] = make<int>(3); int2 v = make<int2>(4); out[1] = v.x + v.y; out[2] = (int)make<double>(9);",
                3,
                """
                template <typename T> __device__ T make(int v) { return 0; }
                template <> __device__ int make(int v) { return v; }
                template <> __device__ int2 make(int v) { return make_int2(v, v); }
                """));
    }

    [Fact]
    public void Qualified_patterns_fit_only_qualified_types()
    {
        Assert.Equal(
            [0, 1, 2, 3, 9],
            Ints(
                "out[0] = Kind<int>::value; out[1] = Kind<const int>::value; out[2] = Kind<volatile int>::value; out[3] = Kind<const volatile int>::value; out[4] = Holder<int>::size();",
                5,
                """
                template <typename T> struct Kind { enum { value = 0 }; };
                template <typename T> struct Kind<const T> { enum { value = 1 }; };
                template <typename T> struct Kind<volatile T> { enum { value = 2 }; };
                template <typename T> struct Kind<const volatile T> { enum { value = 3 }; };
                template <typename U> struct Nine { static const int value = 9; };
                template <typename T, template <typename U> class Trait = Nine> struct Holder { static __device__ int size(); };
                template <typename T, template <typename U> class Trait> __device__ int Holder<T, Trait>::size() { return Trait<T>::value; }
                """));
    }

    [Fact]
    public void A_type_after_the_arrow_may_name_the_parameters()
    {
        Assert.Equal(
            [7, 5],
            Ints(
                "Sum sum; Max max; out[0] = (int)sum(3, 4.5f); int a = 5; out[1] = max(a, 2);",
                2,
                """
                #include <type_traits>
                struct Sum { template <typename T, typename U> __device__ auto operator()(T &&t, U &&u) const -> decltype(std::forward<T>(t) + std::forward<U>(u)) { return t + u; } };
                struct Max { template <typename T, typename U> __device__ typename std::common_type<T, U>::type operator()(T &&t, U &&u) const { return t > u ? t : u; } };
                """));
    }

    [Fact]
    public void Numbers_are_rounded_to_integers_and_floats_as_the_names_say()
    {
        var result = Ints(
            """
            float x = out[0] + 2.5f, y = -x - 1.0f; double d = x + 1e10;
            out[0] = __float2int_rn(x); out[1] = __float2int_rd(y); out[2] = __float2int_ru(x); out[3] = __float2int_rz(y); out[4] = lrintf(y); out[5] = lroundf(y);
            out[6] = __double2ll_rn(d) == 10000000002ll; out[7] = __float2uint_rn(3e9f) == 3000000000u; out[8] = (int)llround(x + 0.0); out[9] = __float2int_rn(1e20f) == 2147483647;
            int big = 16777217 + out[10]; out[10] = __int2float_rd(big) == 16777216.0f; out[11] = __int2float_ru(big) == 16777218.0f; out[12] = __int2float_rz(-big) == -16777216.0f;
            """,
            13);
        Assert.Equal([2, -4, 3, -3, -4, -4, 1, 1, 3, 1, 1, 1, 1], result);
    }
}
