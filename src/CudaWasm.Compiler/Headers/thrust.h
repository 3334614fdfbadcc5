// What Thrust offers to device code, and its containers so far as their types decide template arguments. Its algorithms run on the host.
#pragma once
#include <__cw/utility.h>

namespace thrust {

using std::pair;
using std::make_pair;
using std::tuple;
using std::make_tuple;
using std::get;
using std::complex;
using std::real;
using std::imag;
using std::conj;
using std::norm;
using std::abs;
using std::arg;
using std::polar;
using std::exp;
using std::log;
using std::sqrt;
using std::pow;
using std::sin;
using std::cos;

template <typename T> __host__ __device__ inline void swap(T &a, T &b) { T c = a; a = b; b = c; }
template <typename T> __host__ __device__ constexpr T min(const T &a, const T &b) { return b < a ? b : a; }
template <typename T> __host__ __device__ constexpr T max(const T &a, const T &b) { return a < b ? b : a; }

template <typename T = void> struct plus { __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return a + b; } };
template <typename T = void> struct minus { __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return a - b; } };
template <typename T = void> struct multiplies { __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return a * b; } };
template <typename T = void> struct divides { __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return a / b; } };
template <typename T = void> struct modulus { __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return a % b; } };
template <typename T = void> struct negate { __host__ __device__ constexpr T operator()(const T &a) const { return -a; } };
template <typename T = void> struct maximum { __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return a < b ? b : a; } };
template <typename T = void> struct minimum { __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return b < a ? b : a; } };
template <typename T = void> struct less { __host__ __device__ constexpr bool operator()(const T &a, const T &b) const { return a < b; } };
template <typename T = void> struct greater { __host__ __device__ constexpr bool operator()(const T &a, const T &b) const { return b < a; } };
template <typename T = void> struct equal_to { __host__ __device__ constexpr bool operator()(const T &a, const T &b) const { return a == b; } };
template <typename T = void> struct identity { __host__ __device__ constexpr T operator()(const T &a) const { return a; } };

template <typename T> class device_ptr {
    T *at;

public:
    __host__ __device__ device_ptr() : at(nullptr) {}
    __host__ __device__ explicit device_ptr(T *p) : at(p) {}
    __host__ __device__ T *get() const { return at; }
    __host__ __device__ T &operator[](long long i) const { return at[i]; }
    __host__ __device__ T &operator*() const { return *at; }
    __host__ __device__ T *operator->() const { return at; }
    __host__ __device__ device_ptr operator+(long long n) const { return device_ptr(at + n); }
    __host__ __device__ device_ptr operator-(long long n) const { return device_ptr(at - n); }
    __host__ __device__ long long operator-(const device_ptr &o) const { return at - o.at; }
    __host__ __device__ device_ptr &operator++() { ++at; return *this; }
    __host__ __device__ device_ptr &operator+=(long long n) { at += n; return *this; }
    __host__ __device__ bool operator==(const device_ptr &o) const { return at == o.at; }
    __host__ __device__ bool operator!=(const device_ptr &o) const { return at != o.at; }
};
template <typename T> __host__ __device__ inline device_ptr<T> device_pointer_cast(T *p) { return device_ptr<T>(p); }
template <typename T> __host__ __device__ inline T *raw_pointer_cast(const device_ptr<T> &p) { return p.get(); }
template <typename T> __host__ __device__ inline T *raw_pointer_cast(T *p) { return p; }

template <typename T> class device_vector {
    T *first, *last, *limit;

public:
    using value_type = T;
    device_ptr<T> data();
    T &operator[](size_t i);
    device_ptr<T> begin();
    device_ptr<T> end();
    size_t size() const;
};
template <typename T> class host_vector {
    T *first, *last, *limit;

public:
    using value_type = T;
    T *data();
    T &operator[](size_t i);
    T *begin();
    T *end();
    size_t size() const;
};

}
