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
    // The callback gets the sum of the tile and gives, in the first warp's first lane, what stood before the tile.
    template <typename Op, typename Callback> __device__ void prefixed(T &result, Op op, Callback &callback) {
        T aggregate = temp.items[X * Y * Z - 1];
        __syncthreads();
        int t = threadIdx.x + X * (threadIdx.y + Y * threadIdx.z);
        if (t < 32) {
            T before = callback(aggregate);
            if (t == 0) temp.items[0] = before;
        }
        __syncthreads();
        T before = temp.items[0];
        result = op(before, result);
        __syncthreads();
    }
    template <typename Callback> __device__ void ExclusiveSum(T value, T &result, Callback &callback) {
        ExclusiveScan(value, result, T(0), cub::Sum());
        prefixed(result, cub::Sum(), callback);
    }
    template <typename Callback> __device__ void InclusiveSum(T value, T &result, Callback &callback) {
        InclusiveScan(value, result, cub::Sum());
        prefixed(result, cub::Sum(), callback);
    }
    template <int N, typename Op> __device__ void InclusiveScan(T (&values)[N], T (&results)[N], Op op) {
        T total = values[0], inclusive;
        for (int i = 1; i < N; ++i) total = op(total, values[i]);
        InclusiveScan(total, inclusive, op);
        int t = threadIdx.x + X * (threadIdx.y + Y * threadIdx.z);
        T running = t == 0 ? values[0] : op(temp.items[t - 1], values[0]);
        results[0] = running;
        for (int i = 1; i < N; ++i) {
            running = op(running, values[i]);
            results[i] = running;
        }
    }
    template <int N, typename Op, typename Callback> __device__ void InclusiveScan(T (&values)[N], T (&results)[N], Op op, Callback &callback) {
        InclusiveScan(values, results, op);
        T aggregate = temp.items[X * Y * Z - 1];
        __syncthreads();
        int t = threadIdx.x + X * (threadIdx.y + Y * threadIdx.z);
        if (t < 32) {
            T before = callback(aggregate);
            if (t == 0) temp.items[0] = before;
        }
        __syncthreads();
        T before = temp.items[0];
        for (int i = 0; i < N; ++i) results[i] = op(before, results[i]);
        __syncthreads();
    }
    template <int N, typename Op> __device__ void ExclusiveScan(T (&values)[N], T (&results)[N], T initial, Op op) {
        T total = values[0], before;
        for (int i = 1; i < N; ++i) total = op(total, values[i]);
        ExclusiveScan(total, before, initial, op);
        for (int i = 0; i < N; ++i) {
            T value = values[i];
            results[i] = before;
            before = op(before, value);
        }
    }
    template <int N> __device__ void ExclusiveSum(T (&values)[N], T (&results)[N], T &aggregate) {
        ExclusiveSum(values, results);
        aggregate = temp.items[X * Y * Z - 1];
    }
    template <int N> __device__ void InclusiveSum(T (&values)[N], T (&results)[N], T &aggregate) {
        InclusiveSum(values, results);
        aggregate = temp.items[X * Y * Z - 1];
    }
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
    template <typename Op> __device__ T Reduce(T value, Op op, int valid) {
        int lane = (threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % Width;
        for (int d = Width / 2; d > 0; d /= 2) {
            T other = __shfl_down_sync(0xffffffffu, value, d, Width);
            if (lane + d < valid) value = op(value, other);
        }
        return value;
    }
    __device__ T Sum(T value) { return Reduce(value, cub::Sum()); }
    __device__ T Sum(T value, int valid) { return Reduce(value, cub::Sum(), valid); }
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

struct Equality { template <typename T, typename U> __host__ __device__ bool operator()(const T &a, const U &b) const { return a == b; } };
struct Inequality { template <typename T, typename U> __host__ __device__ bool operator()(const T &a, const U &b) const { return a != b; } };
struct Difference { template <typename T> __host__ __device__ T operator()(const T &a, const T &b) const { return a - b; } };

template <typename T> struct Uninitialized {
    T storage;
    __host__ __device__ T &Alias() { return storage; }
};

enum BlockLoadAlgorithm { BLOCK_LOAD_DIRECT, BLOCK_LOAD_STRIPED, BLOCK_LOAD_VECTORIZE, BLOCK_LOAD_TRANSPOSE, BLOCK_LOAD_WARP_TRANSPOSE, BLOCK_LOAD_WARP_TRANSPOSE_TIMESLICED };
enum BlockStoreAlgorithm { BLOCK_STORE_DIRECT, BLOCK_STORE_STRIPED, BLOCK_STORE_VECTORIZE, BLOCK_STORE_TRANSPOSE, BLOCK_STORE_WARP_TRANSPOSE, BLOCK_STORE_WARP_TRANSPOSE_TIMESLICED };

template <typename In, typename T, int N> __device__ void LoadDirectBlocked(int t, In in, T (&items)[N]) { for (int i = 0; i < N; ++i) items[i] = in[t * N + i]; }
template <typename In, typename T, int N> __device__ void LoadDirectBlocked(int t, In in, T (&items)[N], int valid) { for (int i = 0; i < N; ++i) if (t * N + i < valid) items[i] = in[t * N + i]; }
template <typename In, typename T, int N> __device__ void LoadDirectBlocked(int t, In in, T (&items)[N], int valid, T other) { for (int i = 0; i < N; ++i) items[i] = t * N + i < valid ? (T)in[t * N + i] : other; }
template <typename T, int N, typename Out> __device__ void StoreDirectBlocked(int t, Out out, T (&items)[N]) { for (int i = 0; i < N; ++i) out[t * N + i] = items[i]; }
template <typename T, int N, typename Out> __device__ void StoreDirectBlocked(int t, Out out, T (&items)[N], int valid) { for (int i = 0; i < N; ++i) if (t * N + i < valid) out[t * N + i] = items[i]; }
template <int X, typename In, typename T, int N> __device__ void LoadDirectStriped(int t, In in, T (&items)[N]) { for (int i = 0; i < N; ++i) items[i] = in[t + i * X]; }
template <int X, typename In, typename T, int N> __device__ void LoadDirectStriped(int t, In in, T (&items)[N], int valid) { for (int i = 0; i < N; ++i) if (t + i * X < valid) items[i] = in[t + i * X]; }
template <int X, typename In, typename T, int N> __device__ void LoadDirectStriped(int t, In in, T (&items)[N], int valid, T other) { for (int i = 0; i < N; ++i) items[i] = t + i * X < valid ? (T)in[t + i * X] : other; }
template <int X, typename T, int N, typename Out> __device__ void StoreDirectStriped(int t, Out out, T (&items)[N]) { for (int i = 0; i < N; ++i) out[t + i * X] = items[i]; }
template <int X, typename T, int N, typename Out> __device__ void StoreDirectStriped(int t, Out out, T (&items)[N], int valid) { for (int i = 0; i < N; ++i) if (t + i * X < valid) out[t + i * X] = items[i]; }

// Every way of loading but the striped one gives each thread neighbouring items; they differ in speed on hardware only.
template <typename T, int X, int N, BlockLoadAlgorithm A = BLOCK_LOAD_DIRECT, int Y = 1, int Z = 1>
class BlockLoad {
public:
    struct TempStorage { int unused; };
    __device__ BlockLoad() {}
    __device__ explicit BlockLoad(TempStorage &) {}
    template <typename In> __device__ void Load(In in, T (&items)[N]) {
        if constexpr (A == BLOCK_LOAD_STRIPED) LoadDirectStriped<X * Y * Z>(thread(), in, items);
        else LoadDirectBlocked(thread(), in, items);
    }
    template <typename In> __device__ void Load(In in, T (&items)[N], int valid) {
        if constexpr (A == BLOCK_LOAD_STRIPED) LoadDirectStriped<X * Y * Z>(thread(), in, items, valid);
        else LoadDirectBlocked(thread(), in, items, valid);
    }
    template <typename In, typename D> __device__ void Load(In in, T (&items)[N], int valid, D other) {
        if constexpr (A == BLOCK_LOAD_STRIPED) LoadDirectStriped<X * Y * Z>(thread(), in, items, valid, (T)other);
        else LoadDirectBlocked(thread(), in, items, valid, (T)other);
    }

private:
    __device__ static int thread() { return threadIdx.x + X * (threadIdx.y + Y * threadIdx.z); }
};

template <typename T, int X, int N, BlockStoreAlgorithm A = BLOCK_STORE_DIRECT, int Y = 1, int Z = 1>
class BlockStore {
public:
    struct TempStorage { int unused; };
    __device__ BlockStore() {}
    __device__ explicit BlockStore(TempStorage &) {}
    template <typename Out> __device__ void Store(Out out, T (&items)[N]) {
        if constexpr (A == BLOCK_STORE_STRIPED) StoreDirectStriped<X * Y * Z>(thread(), out, items);
        else StoreDirectBlocked(thread(), out, items);
    }
    template <typename Out> __device__ void Store(Out out, T (&items)[N], int valid) {
        if constexpr (A == BLOCK_STORE_STRIPED) StoreDirectStriped<X * Y * Z>(thread(), out, items, valid);
        else StoreDirectBlocked(thread(), out, items, valid);
    }

private:
    __device__ static int thread() { return threadIdx.x + X * (threadIdx.y + Y * threadIdx.z); }
};

template <typename T, int X, int N, bool Timesliced = false, int Y = 1, int Z = 1>
class BlockExchange {
public:
    struct TempStorage { T items[X * Y * Z * N]; };
    __device__ explicit BlockExchange(TempStorage &storage) : temp(storage) {}
    template <typename U> __device__ void BlockedToStriped(T (&in)[N], U (&out)[N]) { exchange(in, out, true); }
    template <typename U> __device__ void StripedToBlocked(T (&in)[N], U (&out)[N]) { exchange(in, out, false); }
    __device__ void BlockedToStriped(T (&items)[N]) { exchange(items, items, true); }
    __device__ void StripedToBlocked(T (&items)[N]) { exchange(items, items, false); }
    template <typename U, typename R> __device__ void ScatterToBlocked(T (&in)[N], U (&out)[N], R (&ranks)[N]) { scatter(in, out, ranks, false); }
    template <typename U, typename R> __device__ void ScatterToStriped(T (&in)[N], U (&out)[N], R (&ranks)[N]) { scatter(in, out, ranks, true); }

private:
    TempStorage &temp;
    __device__ static int thread() { return threadIdx.x + X * (threadIdx.y + Y * threadIdx.z); }
    template <typename U> __device__ void exchange(T (&in)[N], U (&out)[N], bool toStriped) {
        int t = thread();
        __syncthreads();
        for (int i = 0; i < N; ++i) temp.items[toStriped ? t * N + i : t + i * X * Y * Z] = in[i];
        __syncthreads();
        for (int i = 0; i < N; ++i) out[i] = temp.items[toStriped ? t + i * X * Y * Z : t * N + i];
    }
    template <typename U, typename R> __device__ void scatter(T (&in)[N], U (&out)[N], R (&ranks)[N], bool toStriped) {
        int t = thread();
        __syncthreads();
        for (int i = 0; i < N; ++i) temp.items[ranks[i]] = in[i];
        __syncthreads();
        for (int i = 0; i < N; ++i) out[i] = temp.items[toStriped ? t + i * X * Y * Z : t * N + i];
    }
};

enum WarpExchangeAlgorithm { WARP_EXCHANGE_SMEM, WARP_EXCHANGE_SHUFFLE };

template <typename T, int N, int Width = 32, WarpExchangeAlgorithm A = WARP_EXCHANGE_SMEM>
class WarpExchange {
public:
    struct TempStorage { T items[Width * N]; };
    __device__ explicit WarpExchange(TempStorage &storage) : temp(storage) {}
    template <typename U> __device__ void BlockedToStriped(const T (&in)[N], U (&out)[N]) { exchange(in, out, true); }
    template <typename U> __device__ void StripedToBlocked(const T (&in)[N], U (&out)[N]) { exchange(in, out, false); }

private:
    TempStorage &temp;
    template <typename U> __device__ void exchange(const T (&in)[N], U (&out)[N], bool toStriped) {
        int t = (threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % Width;
        __syncwarp();
        for (int i = 0; i < N; ++i) temp.items[toStriped ? t * N + i : t + i * Width] = in[i];
        __syncwarp();
        for (int i = 0; i < N; ++i) out[i] = temp.items[toStriped ? t + i * Width : t * N + i];
        __syncwarp();
    }
};

template <typename T, int X, int Y = 1, int Z = 1>
class BlockAdjacentDifference {
public:
    struct TempStorage { T first[X * Y * Z], last[X * Y * Z]; };
    __device__ explicit BlockAdjacentDifference(TempStorage &storage) : temp(storage) {}
    template <int N, typename U, typename Op> __device__ void SubtractLeft(T (&in)[N], U (&out)[N], Op op) {
        publish(in);
        for (int i = N - 1; i > 0; --i) out[i] = op(in[i], in[i - 1]);
        out[0] = thread() == 0 ? (U)in[0] : (U)op(in[0], temp.last[thread() - 1]);
    }
    template <int N, typename U, typename Op> __device__ void SubtractLeft(T (&in)[N], U (&out)[N], Op op, T before) {
        publish(in);
        for (int i = N - 1; i > 0; --i) out[i] = op(in[i], in[i - 1]);
        out[0] = op(in[0], thread() == 0 ? before : temp.last[thread() - 1]);
    }
    template <int N, typename U, typename Op> __device__ void SubtractRight(T (&in)[N], U (&out)[N], Op op) {
        publish(in);
        for (int i = 0; i < N - 1; ++i) out[i] = op(in[i], in[i + 1]);
        out[N - 1] = thread() == X * Y * Z - 1 ? (U)in[N - 1] : (U)op(in[N - 1], temp.first[thread() + 1]);
    }

private:
    TempStorage &temp;
    __device__ static int thread() { return threadIdx.x + X * (threadIdx.y + Y * threadIdx.z); }
    template <int N> __device__ void publish(T (&in)[N]) {
        __syncthreads();
        temp.first[thread()] = in[0];
        temp.last[thread()] = in[N - 1];
        __syncthreads();
    }
};

template <typename T, int X, int Y = 1, int Z = 1>
class BlockDiscontinuity {
public:
    struct TempStorage { T first[X * Y * Z], last[X * Y * Z]; };
    __device__ explicit BlockDiscontinuity(TempStorage &storage) : temp(storage) {}
    template <int N, typename F, typename Op> __device__ void FlagHeads(F (&flags)[N], T (&in)[N], Op op) {
        publish(in);
        for (int i = N - 1; i > 0; --i) flags[i] = op(in[i - 1], in[i]);
        flags[0] = thread() == 0 || op(temp.last[thread() - 1], in[0]);
    }
    template <int N, typename F, typename Op> __device__ void FlagTails(F (&flags)[N], T (&in)[N], Op op) {
        publish(in);
        for (int i = 0; i < N - 1; ++i) flags[i] = op(in[i], in[i + 1]);
        flags[N - 1] = thread() == X * Y * Z - 1 || op(in[N - 1], temp.first[thread() + 1]);
    }

private:
    TempStorage &temp;
    __device__ static int thread() { return threadIdx.x + X * (threadIdx.y + Y * threadIdx.z); }
    template <int N> __device__ void publish(T (&in)[N]) {
        __syncthreads();
        temp.first[thread()] = in[0];
        temp.last[thread()] = in[N - 1];
        __syncthreads();
    }
};

// Bits of a key whose unsigned order is the key's order.
template <typename T> struct Traits { using UnsignedBits = std::make_unsigned_t<T>; static constexpr bool IsFloat = false; static constexpr bool IsSigned = std::is_signed<T>::value;
    __host__ __device__ static UnsignedBits TwiddleIn(UnsignedBits key) { return IsSigned ? key ^ (UnsignedBits(1) << (sizeof(T) * 8 - 1)) : key; }
    __host__ __device__ static UnsignedBits TwiddleOut(UnsignedBits key) { return TwiddleIn(key); } };
template <typename Bits> struct __cw_float_traits { using UnsignedBits = Bits;
    static constexpr Bits High = Bits(1) << (sizeof(Bits) * 8 - 1);
    __host__ __device__ static Bits TwiddleIn(Bits key) { return key ^ (key & High ? (Bits)-1 : High); }
    __host__ __device__ static Bits TwiddleOut(Bits key) { return key ^ (key & High ? High : (Bits)-1); } };
template <> struct Traits<float> : __cw_float_traits<unsigned int> {};
template <> struct Traits<double> : __cw_float_traits<unsigned long long> {};

struct NullType {};

// A stable sort by digits: the block counts, scans and scatters one bit after the other.
template <typename K, int X, int N, typename V = NullType, int RadixBits = 4, bool MemoizeOuter = true, BlockScanAlgorithm A = BLOCK_SCAN_WARP_SCANS, int Y = 1, int Z = 1>
class BlockRadixSort {
    using Bits = typename Traits<K>::UnsignedBits;

public:
    struct TempStorage {
        Bits keys[X * Y * Z * N];
        V values[X * Y * Z * N];
        int zeros[X * Y * Z];
    };
    __device__ explicit BlockRadixSort(TempStorage &storage) : temp(storage) {}
    __device__ void Sort(K (&keys)[N], int begin = 0, int end = sizeof(K) * 8) { sort(keys, nullptr, begin, end, false, false); }
    __device__ void Sort(K (&keys)[N], V (&values)[N], int begin = 0, int end = sizeof(K) * 8) { sort(keys, values, begin, end, false, false); }
    __device__ void SortDescending(K (&keys)[N], int begin = 0, int end = sizeof(K) * 8) { sort(keys, nullptr, begin, end, true, false); }
    __device__ void SortDescending(K (&keys)[N], V (&values)[N], int begin = 0, int end = sizeof(K) * 8) { sort(keys, values, begin, end, true, false); }
    __device__ void SortBlockedToStriped(K (&keys)[N], int begin = 0, int end = sizeof(K) * 8) { sort(keys, nullptr, begin, end, false, true); }
    __device__ void SortBlockedToStriped(K (&keys)[N], V (&values)[N], int begin = 0, int end = sizeof(K) * 8) { sort(keys, values, begin, end, false, true); }
    __device__ void SortDescendingBlockedToStriped(K (&keys)[N], V (&values)[N], int begin = 0, int end = sizeof(K) * 8) { sort(keys, values, begin, end, true, true); }

private:
    static constexpr int Threads = X * Y * Z;
    TempStorage &temp;
    __device__ void sort(K (&keys)[N], V *values, int begin, int end, bool descending, bool striped) {
        int t = threadIdx.x + X * (threadIdx.y + Y * threadIdx.z);
        Bits bits[N];
        V own[N];
        for (int i = 0; i < N; ++i) {
            bits[i] = Traits<K>::TwiddleIn(*(Bits *)&keys[i]);
            if (descending) bits[i] = ~bits[i];
            if (values) own[i] = values[i];
        }
        for (int bit = begin; bit < end; ++bit) {
            int zeros = 0;
            for (int i = 0; i < N; ++i) zeros += ((bits[i] >> bit) & 1) == 0;
            __syncthreads();
            temp.zeros[t] = zeros;
            __syncthreads();
            for (int d = 1; d < Threads; d *= 2) {
                int other = t >= d ? temp.zeros[t - d] : 0;
                __syncthreads();
                temp.zeros[t] += other;
                __syncthreads();
            }
            int zero = temp.zeros[t] - zeros, all = temp.zeros[Threads - 1], one = all + t * N - zero;
            for (int i = 0; i < N; ++i) {
                int to = ((bits[i] >> bit) & 1) == 0 ? zero++ : one++;
                temp.keys[to] = bits[i];
                if (values) temp.values[to] = own[i];
            }
            __syncthreads();
            for (int i = 0; i < N; ++i) {
                bits[i] = temp.keys[t * N + i];
                if (values) own[i] = temp.values[t * N + i];
            }
        }
        __syncthreads();
        for (int i = 0; i < N; ++i) {
            temp.keys[t * N + i] = bits[i];
            if (values) temp.values[t * N + i] = own[i];
        }
        __syncthreads();
        for (int i = 0; i < N; ++i) {
            int from = striped ? t + i * Threads : t * N + i;
            Bits b = temp.keys[from];
            if (descending) b = ~b;
            b = Traits<K>::TwiddleOut(b);
            keys[i] = *(K *)&b;
            if (values) values[i] = temp.values[from];
        }
    }
};

}
