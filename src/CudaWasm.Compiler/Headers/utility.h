// The part of <utility>, <tuple>, <array>, <complex> and <vector> that device code and the types of launches use.
#pragma once
#include <__cw/type_traits.h>

namespace std {

template <typename A, typename B> struct pair {
    using first_type = A;
    using second_type = B;
    A first;
    B second;
    __host__ __device__ constexpr pair() : first(), second() {}
    __host__ __device__ constexpr pair(const A &a, const B &b) : first(a), second(b) {}
    template <typename C, typename D> __host__ __device__ constexpr pair(const pair<C, D> &other) : first(other.first), second(other.second) {}
};
template <typename A, typename B> __host__ __device__ constexpr pair<decay_t<A>, decay_t<B>> make_pair(A a, B b) { return pair<decay_t<A>, decay_t<B>>(a, b); }
template <typename A, typename B> __host__ __device__ constexpr bool operator==(const pair<A, B> &x, const pair<A, B> &y) { return x.first == y.first && x.second == y.second; }
template <typename A, typename B> __host__ __device__ constexpr bool operator!=(const pair<A, B> &x, const pair<A, B> &y) { return !(x == y); }
template <typename A, typename B> __host__ __device__ constexpr bool operator<(const pair<A, B> &x, const pair<A, B> &y) {
    return x.first < y.first || (!(y.first < x.first) && x.second < y.second);
}

template <typename... Ts> struct tuple;
template <> struct tuple<> {};
template <typename T, typename... Rest> struct tuple<T, Rest...> {
    T head;
    tuple<Rest...> tail;
    __host__ __device__ constexpr tuple() : head(), tail() {}
    __host__ __device__ constexpr tuple(const T &first, const Rest &... rest) : head(first), tail(rest...) {}
};

template <size_t I, typename Tuple> struct tuple_element;
template <typename T, typename... Rest> struct tuple_element<0, tuple<T, Rest...>> { using type = T; };
template <size_t I, typename T, typename... Rest> struct tuple_element<I, tuple<T, Rest...>> { using type = typename tuple_element<I - 1, tuple<Rest...>>::type; };
template <size_t I, typename Tuple> using tuple_element_t = typename tuple_element<I, Tuple>::type;
template <typename Tuple> struct tuple_size;
template <typename... Ts> struct tuple_size<tuple<Ts...>> : integral_constant<size_t, sizeof...(Ts)> {};
template <typename Tuple> inline constexpr size_t tuple_size_v = tuple_size<Tuple>::value;

template <size_t I, typename T, typename... Rest> __host__ __device__ constexpr auto &get(tuple<T, Rest...> &t) {
    if constexpr (I == 0) return t.head;
    else return get<I - 1>(t.tail);
}
template <size_t I, typename T, typename... Rest> __host__ __device__ constexpr const auto &get(const tuple<T, Rest...> &t) {
    if constexpr (I == 0) return t.head;
    else return get<I - 1>(t.tail);
}
template <size_t I, typename A, typename B> __host__ __device__ constexpr auto get(const pair<A, B> &p) {
    if constexpr (I == 0) return p.first;
    else return p.second;
}
template <typename... Ts> __host__ __device__ constexpr tuple<decay_t<Ts>...> make_tuple(Ts... values) { return tuple<decay_t<Ts>...>(values...); }

template <typename T, size_t N> struct array {
    using value_type = T;
    T items[N];
    __host__ __device__ constexpr T &operator[](size_t i) { return items[i]; }
    __host__ __device__ constexpr const T &operator[](size_t i) const { return items[i]; }
    __host__ __device__ constexpr T *data() { return items; }
    __host__ __device__ constexpr const T *data() const { return items; }
    __host__ __device__ constexpr T *begin() { return items; }
    __host__ __device__ constexpr T *end() { return items + N; }
    __host__ __device__ constexpr const T *begin() const { return items; }
    __host__ __device__ constexpr const T *end() const { return items + N; }
    __host__ __device__ constexpr T &front() { return items[0]; }
    __host__ __device__ constexpr T &back() { return items[N - 1]; }
    __host__ __device__ static constexpr size_t size() { return N; }
    __host__ __device__ constexpr void fill(const T &value) { for (size_t i = 0; i < N; ++i) items[i] = value; }
};

#include <__cw/complex.h>

// Of host code only the types count: what a launch passes decides template arguments.
template <typename T> class vector {
    T *first, *last, *limit;

public:
    using value_type = T;
    T *data();
    const T *data() const;
    T &operator[](size_t i);
    const T &operator[](size_t i) const;
    size_t size() const;
    T *begin();
    T *end();
    T &front();
    T &back();
};

}
