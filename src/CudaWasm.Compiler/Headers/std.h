// What the standard headers offer to device code.
#pragma once
#include <__cw/limits.h>
#include <__cw/type_traits.h>
#include <__cw/utility.h>

// libcu++ has the same under its own name, and a few functors more.
namespace cuda {

namespace std { using namespace ::std; }

template <typename T = void> struct maximum { __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return a < b ? b : a; } };
template <typename T = void> struct minimum { __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return b < a ? b : a; } };
template <> struct maximum<void> { template <typename T> __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return a < b ? b : a; } };
template <> struct minimum<void> { template <typename T> __host__ __device__ constexpr T operator()(const T &a, const T &b) const { return b < a ? b : a; } };

}
