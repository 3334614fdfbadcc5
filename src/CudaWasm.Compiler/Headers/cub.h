// Block and warp primitives of cub for blocks of any shape whose size is the template's. Simple shared-memory trees: every thread of
// the block (or warp) calls them together, as cub demands.
#pragma once
#include <__cw/limits.h>
#include <__cw/type_traits.h>

namespace cub {

struct Sum { template <typename T> __host__ __device__ T operator()(const T &a, const T &b) const { return a + b; } };
struct Max { template <typename T> __host__ __device__ T operator()(const T &a, const T &b) const { return a < b ? b : a; } };
struct Min { template <typename T> __host__ __device__ T operator()(const T &a, const T &b) const { return b < a ? b : a; } };
struct ArgMax { template <typename P> __host__ __device__ P operator()(const P &a, const P &b) const { return b.value > a.value || (a.value == b.value && b.key < a.key) ? b : a; } };
struct ArgMin { template <typename P> __host__ __device__ P operator()(const P &a, const P &b) const { return b.value < a.value || (a.value == b.value && b.key < a.key) ? b : a; } };

template <typename K, typename V> struct KeyValuePair {
    K key;
    V value;
    __host__ __device__ KeyValuePair() {}
    __host__ __device__ KeyValuePair(const K &k, const V &v) : key(k), value(v) {}
};

enum BlockReduceAlgorithm { BLOCK_REDUCE_RAKING_COMMUTATIVE_ONLY, BLOCK_REDUCE_RAKING, BLOCK_REDUCE_WARP_REDUCTIONS };
enum BlockScanAlgorithm { BLOCK_SCAN_RAKING, BLOCK_SCAN_RAKING_MEMOIZE, BLOCK_SCAN_WARP_SCANS };

template <typename T, int X, BlockReduceAlgorithm A = BLOCK_REDUCE_WARP_REDUCTIONS, int Y = 1, int Z = 1>
class BlockReduce {
public:
    struct TempStorage { T items[X * Y * Z]; };
    __device__ explicit BlockReduce(TempStorage &storage) : temp(storage) {}
    template <typename Op> __device__ T Reduce(T value, Op op) { return Reduce(value, op, X * Y * Z); }
    template <typename Op> __device__ T Reduce(T value, Op op, int valid) {
        int t = threadIdx.x + X * (threadIdx.y + Y * threadIdx.z);
        temp.items[t] = value;
        __syncthreads();
        // Halves from the top, for any number of items: the upper part is folded onto the lower one.
        for (int n = valid; n > 1;) {
            int half = (n + 1) / 2;
            if (t < n - half) temp.items[t] = op(temp.items[t], temp.items[t + half]);
            __syncthreads();
            n = half;
        }
        return temp.items[0];
    }
    template <typename Op, int N> __device__ T Reduce(T (&values)[N], Op op) {
        T folded = values[0];
        for (int i = 1; i < N; ++i) folded = op(folded, values[i]);
        return Reduce(folded, op);
    }
    __device__ T Sum(T value) { return Reduce(value, cub::Sum()); }
    __device__ T Sum(T value, int valid) { return Reduce(value, cub::Sum(), valid); }
    template <int N> __device__ T Sum(T (&values)[N]) { return Reduce(values, cub::Sum()); }

private:
    TempStorage &temp;
};

template <typename T, int X, BlockScanAlgorithm A = BLOCK_SCAN_RAKING, int Y = 1, int Z = 1>
class BlockScan {
public:
    struct TempStorage { T items[X * Y * Z]; };
    __device__ explicit BlockScan(TempStorage &storage) : temp(storage) {}
    template <typename Op> __device__ void InclusiveScan(T value, T &result, Op op) {
        int t = threadIdx.x + X * (threadIdx.y + Y * threadIdx.z);
        temp.items[t] = value;
        __syncthreads();
        for (int d = 1; d < X * Y * Z; d *= 2) {
            T other = temp.items[t >= d ? t - d : t];
            __syncthreads();
            if (t >= d) temp.items[t] = op(other, temp.items[t]);
            __syncthreads();
        }
        result = temp.items[t];
    }
    template <typename Op> __device__ void InclusiveScan(T value, T &result, Op op, T &aggregate) {
        InclusiveScan(value, result, op);
        aggregate = temp.items[X * Y * Z - 1];
    }
    template <typename Op> __device__ void ExclusiveScan(T value, T &result, T initial, Op op) {
        T inclusive;
        InclusiveScan(value, inclusive, op);
        int t = threadIdx.x + X * (threadIdx.y + Y * threadIdx.z);
        result = t == 0 ? initial : op(initial, temp.items[t - 1]);
    }
    template <typename Op> __device__ void ExclusiveScan(T value, T &result, T initial, Op op, T &aggregate) {
        ExclusiveScan(value, result, initial, op);
        aggregate = temp.items[X * Y * Z - 1];
    }
    __device__ void InclusiveSum(T value, T &result) { InclusiveScan(value, result, cub::Sum()); }
    __device__ void InclusiveSum(T value, T &result, T &aggregate) { InclusiveScan(value, result, cub::Sum(), aggregate); }
    __device__ void ExclusiveSum(T value, T &result) { ExclusiveScan(value, result, T(0), cub::Sum()); }
    __device__ void ExclusiveSum(T value, T &result, T &aggregate) { ExclusiveScan(value, result, T(0), cub::Sum(), aggregate); }
    template <int N> __device__ void ExclusiveSum(T (&values)[N], T (&results)[N]) {
        T total = values[0];
        for (int i = 1; i < N; ++i) total = total + values[i];
        T before;
        ExclusiveSum(total, before);
        for (int i = 0; i < N; ++i) {
            T value = values[i];
            results[i] = before;
            before = before + value;
        }
    }
    template <int N> __device__ void InclusiveSum(T (&values)[N], T (&results)[N]) {
        T total = values[0];
        for (int i = 1; i < N; ++i) total = total + values[i];
        T before;
        ExclusiveSum(total, before);
        for (int i = 0; i < N; ++i) {
            before = before + values[i];
            results[i] = before;
        }
    }

private:
    TempStorage &temp;
};

template <typename T, int Width = 32>
class WarpReduce {
public:
    struct TempStorage { int unused; };
    __device__ explicit WarpReduce(TempStorage &) {}
    template <typename Op> __device__ T Reduce(T value, Op op) {
        for (int d = Width / 2; d > 0; d /= 2) value = op(value, __shfl_down_sync(0xffffffffu, value, d, Width));
        return value;
    }
    __device__ T Sum(T value) { return Reduce(value, cub::Sum()); }
};

template <typename T, int Width = 32>
class WarpScan {
public:
    struct TempStorage { int unused; };
    __device__ explicit WarpScan(TempStorage &) {}
    template <typename Op> __device__ void InclusiveScan(T value, T &result, Op op) {
        unsigned lane = (threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % Width;
        for (int d = 1; d < Width; d *= 2) {
            T other = __shfl_up_sync(0xffffffffu, value, d, Width);
            if (lane >= d) value = op(other, value);
        }
        result = value;
    }
    __device__ void InclusiveSum(T value, T &result) { InclusiveScan(value, result, cub::Sum()); }
    __device__ void InclusiveSum(T value, T &result, T &aggregate) {
        InclusiveScan(value, result, cub::Sum());
        aggregate = __shfl_sync(0xffffffffu, result, Width - 1, Width);
    }
    __device__ void ExclusiveSum(T value, T &result) {
        InclusiveScan(value, result, cub::Sum());
        result = result - value;
    }
    __device__ void ExclusiveSum(T value, T &result, T &aggregate) {
        InclusiveSum(value, result, aggregate);
        result = result - value;
    }
};

}
