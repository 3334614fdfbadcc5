// Warp matrix functions (nvcuda::wmma). Which elements a lane's fragment holds is left open by the CUDA C++ Programming Guide, so here
// each lane holds all that its part of the result needs: R rows of A, C columns of B, and R x C elements of the accumulator. Lanes then
// multiply without exchanging anything.
#pragma once
#include <__cw/type_traits.h>

namespace nvcuda { namespace wmma {

struct row_major {};
struct col_major {};
struct matrix_a {};
struct matrix_b {};
struct accumulator {};
enum layout_t { mem_row_major, mem_col_major };
namespace precision { struct tf32 {}; }

namespace details {
template <typename T> struct storage { typedef T type; };
template <> struct storage<precision::tf32> { typedef float type; };

__device__ inline unsigned lane() { return (threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) & 31u; }
// 32 lanes make a grid of M/R by N/C parts.
template <int M, int N> struct part {
    static constexpr int rows = M * N == 64 ? 2 : 4;
    static constexpr int columns = M * N == 64 ? 1 : 2;
    __device__ static int row() { return lane() / (N / columns) * rows; }
    __device__ static int column() { return lane() % (N / columns) * columns; }
};

// Products as exact as the hardware's: of what each format keeps, added in 32 bits.
template <typename T> struct exact { template <typename V> __device__ static float of(V v) { return (float)v; } };
template <> struct exact<precision::tf32> { __device__ static float of(float v) { return __uint_as_float(__float_as_uint(v) & 0xffffe000u); } };
template <> struct exact<double> { __device__ static double of(double v) { return v; } };
template <> struct exact<signed char> { __device__ static int of(signed char v) { return v; } };
template <> struct exact<char> { __device__ static int of(char v) { return v; } };
template <> struct exact<unsigned char> { __device__ static int of(unsigned char v) { return v; } };
template <typename T> struct sum { typedef float type; };
template <> struct sum<int> { typedef int type; };
template <> struct sum<double> { typedef double type; };
}

template <typename Use, int M, int N, int K, typename T, typename Layout = void> struct fragment;

template <int M, int N, int K, typename T, typename Layout> struct fragment<matrix_a, M, N, K, T, Layout> {
    typedef typename details::storage<T>::type element_type;
    typedef element_type storage_element_type;
    static constexpr int num_elements = details::part<M, N>::rows * K;
    static constexpr int num_storage_elements = num_elements;
    element_type x[num_elements];
};
template <int M, int N, int K, typename T, typename Layout> struct fragment<matrix_b, M, N, K, T, Layout> {
    typedef typename details::storage<T>::type element_type;
    typedef element_type storage_element_type;
    static constexpr int num_elements = details::part<M, N>::columns * K;
    static constexpr int num_storage_elements = num_elements;
    element_type x[num_elements];
};
template <int M, int N, int K, typename T, typename Layout> struct fragment<accumulator, M, N, K, T, Layout> {
    typedef T element_type;
    typedef T storage_element_type;
    static constexpr int num_elements = details::part<M, N>::rows * details::part<M, N>::columns;
    static constexpr int num_storage_elements = num_elements;
    T x[num_elements];
};

template <typename Use, int M, int N, int K, typename T, typename Layout, typename V>
__device__ inline void fill_fragment(fragment<Use, M, N, K, T, Layout> &f, const V &value) {
    for (int i = 0; i < f.num_elements; ++i) f.x[i] = value;
}

template <int M, int N, int K, typename T, typename Layout, typename S>
__device__ inline void load_matrix_sync(fragment<matrix_a, M, N, K, T, Layout> &f, const S *p, unsigned ldm) {
    __syncwarp();
    int first = details::part<M, N>::row();
    for (int r = 0; r < details::part<M, N>::rows; ++r) {
        for (int k = 0; k < K; ++k) f.x[r * K + k] = std::is_same<Layout, row_major>::value ? p[(size_t)(first + r) * ldm + k] : p[(size_t)k * ldm + first + r];
    }
}
template <int M, int N, int K, typename T, typename Layout, typename S>
__device__ inline void load_matrix_sync(fragment<matrix_b, M, N, K, T, Layout> &f, const S *p, unsigned ldm) {
    __syncwarp();
    int first = details::part<M, N>::column();
    for (int c = 0; c < details::part<M, N>::columns; ++c) {
        for (int k = 0; k < K; ++k) f.x[c * K + k] = std::is_same<Layout, row_major>::value ? p[(size_t)k * ldm + first + c] : p[(size_t)(first + c) * ldm + k];
    }
}
template <int M, int N, int K, typename T, typename Layout>
__device__ inline void load_matrix_sync(fragment<accumulator, M, N, K, T, Layout> &f, const T *p, unsigned ldm, layout_t layout) {
    __syncwarp();
    typedef details::part<M, N> part;
    int row = part::row(), column = part::column();
    for (int i = 0; i < f.num_elements; ++i) {
        int r = row + i / part::columns, c = column + i % part::columns;
        f.x[i] = p[layout == mem_row_major ? (size_t)r * ldm + c : (size_t)c * ldm + r];
    }
}
template <int M, int N, int K, typename T, typename Layout>
__device__ inline void store_matrix_sync(T *p, const fragment<accumulator, M, N, K, T, Layout> &f, unsigned ldm, layout_t layout) {
    __syncwarp();
    typedef details::part<M, N> part;
    int row = part::row(), column = part::column();
    for (int i = 0; i < f.num_elements; ++i) {
        int r = row + i / part::columns, c = column + i % part::columns;
        p[layout == mem_row_major ? (size_t)r * ldm + c : (size_t)c * ldm + r] = f.x[i];
    }
}

template <int M, int N, int K, typename A, typename LA, typename B, typename LB, typename C, typename D>
__device__ inline void mma_sync(
    fragment<accumulator, M, N, K, D> &d, const fragment<matrix_a, M, N, K, A, LA> &a, const fragment<matrix_b, M, N, K, B, LB> &b, const fragment<accumulator, M, N, K, C> &c, bool saturate = false) {
    typedef details::part<M, N> part;
    for (int i = 0; i < d.num_elements; ++i) {
        typename details::sum<C>::type total = c.x[i];
        int row = i / part::columns * K, column = i % part::columns * K;
        for (int k = 0; k < K; ++k) total += details::exact<A>::of(a.x[row + k]) * details::exact<B>::of(b.x[column + k]);
        d.x[i] = total;
    }
}

// The nearest value with 10 bits behind the point, away from zero where two are as near.
__device__ inline float __float_to_tf32(float v) {
    unsigned bits = __float_as_uint(v);
    if ((bits & 0x7f800000u) == 0x7f800000u) return v;
    return __uint_as_float((bits + 0x1000u) & 0xffffe000u);
}

} }
