// Cooperative groups, as far as one launch on one device goes. A group carries no more than it must: the block has no state, a tile
// is a width, a coalesced group is the mask of its lanes.
#pragma once

namespace cooperative_groups {

namespace details {
__device__ inline unsigned rank_in_block() { return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z); }
__device__ inline unsigned lane() { return rank_in_block() & 31u; }
__device__ inline unsigned lanes_below(unsigned n) { return n >= 32u ? 0xffffffffu : (1u << n) - 1u; }
}

class thread_block {
public:
    __device__ void sync() const { __syncthreads(); }
    __device__ void barrier_sync() const { __syncthreads(); }
    __device__ unsigned thread_rank() const { return details::rank_in_block(); }
    __device__ dim3 thread_index() const { return dim3{threadIdx.x, threadIdx.y, threadIdx.z}; }
    __device__ dim3 group_index() const { return dim3{blockIdx.x, blockIdx.y, blockIdx.z}; }
    __device__ dim3 group_dim() const { return blockDim; }
    __device__ dim3 dim_threads() const { return blockDim; }
    __device__ unsigned size() const { return blockDim.x * blockDim.y * blockDim.z; }
    __device__ unsigned num_threads() const { return blockDim.x * blockDim.y * blockDim.z; }
};

__device__ inline thread_block this_thread_block() { return thread_block{}; }

class grid_group {
public:
    __device__ bool is_valid() const { return true; }
    __device__ void sync() const { __cw_grid_sync(); }
    __device__ unsigned long long block_rank() const { return blockIdx.x + (unsigned long long)gridDim.x * (blockIdx.y + (unsigned long long)gridDim.y * blockIdx.z); }
    __device__ unsigned long long num_blocks() const { return (unsigned long long)gridDim.x * gridDim.y * gridDim.z; }
    __device__ unsigned long long thread_rank() const { return block_rank() * (blockDim.x * blockDim.y * blockDim.z) + details::rank_in_block(); }
    __device__ unsigned long long size() const { return num_blocks() * (blockDim.x * blockDim.y * blockDim.z); }
    __device__ unsigned long long num_threads() const { return size(); }
    __device__ dim3 group_dim() const { return gridDim; }
    __device__ dim3 dim_blocks() const { return gridDim; }
    __device__ dim3 block_index() const { return dim3{blockIdx.x, blockIdx.y, blockIdx.z}; }
};

__device__ inline grid_group this_grid() { return grid_group{}; }

template <unsigned Size, typename Parent = void>
class thread_block_tile {
public:
    __device__ unsigned thread_rank() const { return details::rank_in_block() % Size; }
    __device__ static constexpr unsigned size() { return Size; }
    __device__ static constexpr unsigned num_threads() { return Size; }
    __device__ unsigned meta_group_rank() const { return details::rank_in_block() / Size; }
    __device__ unsigned meta_group_size() const { return (blockDim.x * blockDim.y * blockDim.z + Size - 1u) / Size; }
    __device__ unsigned mask() const { return details::lanes_below(Size) << (details::lane() / Size * Size); }
    __device__ void sync() const { __syncwarp(mask()); }
    template <typename T> __device__ T shfl(T value, int from) const { return __shfl_sync(mask(), value, from, Size); }
    template <typename T> __device__ T shfl_up(T value, unsigned delta) const { return __shfl_up_sync(mask(), value, delta, Size); }
    template <typename T> __device__ T shfl_down(T value, unsigned delta) const { return __shfl_down_sync(mask(), value, delta, Size); }
    template <typename T> __device__ T shfl_xor(T value, unsigned lanes) const { return __shfl_xor_sync(mask(), value, lanes, Size); }
    __device__ int any(int predicate) const { return (__ballot_sync(mask(), predicate) & mask()) != 0u; }
    __device__ int all(int predicate) const { return (__ballot_sync(mask(), !predicate) & mask()) == 0u; }
    __device__ unsigned ballot(int predicate) const { return (__ballot_sync(mask(), predicate) & mask()) >> (details::lane() / Size * Size); }
    template <typename T> __device__ unsigned match_any(T value) const { return (__match_any_sync(mask(), value) & mask()) >> (details::lane() / Size * Size); }
};

template <unsigned Size, typename Group>
__device__ inline thread_block_tile<Size> tiled_partition(const Group &) { return thread_block_tile<Size>{}; }

class coalesced_group {
    unsigned lanes;

public:
    __device__ explicit coalesced_group(unsigned mask) : lanes(mask) {}
    __device__ unsigned mask() const { return lanes; }
    __device__ unsigned size() const { return __popc(lanes); }
    __device__ unsigned num_threads() const { return __popc(lanes); }
    __device__ unsigned thread_rank() const { return __popc(lanes & details::lanes_below(details::lane())); }
    __device__ void sync() const { __syncwarp(lanes); }
    // The lane of the n-th member.
    __device__ int lane_of(unsigned rank) const {
        unsigned rest = lanes;
        for (unsigned i = 0; i < rank && rest != 0u; ++i) rest &= rest - 1u;
        return __ffs(rest) - 1;
    }
    template <typename T> __device__ T shfl(T value, unsigned rank) const { return __shfl_sync(lanes, value, lane_of(rank % size())); }
    template <typename T> __device__ T shfl_up(T value, unsigned delta) const {
        unsigned rank = thread_rank();
        return __shfl_sync(lanes, value, lane_of(rank < delta ? rank : rank - delta));
    }
    template <typename T> __device__ T shfl_down(T value, unsigned delta) const {
        unsigned rank = thread_rank();
        return __shfl_sync(lanes, value, lane_of(rank + delta >= size() ? rank : rank + delta));
    }
    __device__ int any(int predicate) const { return (__ballot_sync(lanes, predicate) & lanes) != 0u; }
    __device__ int all(int predicate) const { return (__ballot_sync(lanes, !predicate) & lanes) == 0u; }
    __device__ unsigned ballot(int predicate) const {
        unsigned votes = __ballot_sync(lanes, predicate) & lanes, packed = 0u, at = 0u;
        for (unsigned rest = lanes; rest != 0u; rest &= rest - 1u, ++at) packed |= ((votes >> (__ffs(rest) - 1)) & 1u) << at;
        return packed;
    }
};

__device__ inline coalesced_group coalesced_threads() { return coalesced_group(__activemask()); }

template <typename Group> __device__ inline void sync(const Group &group) { group.sync(); }
template <typename Group> __device__ inline auto thread_rank(const Group &group) { return group.thread_rank(); }
template <typename Group> __device__ inline auto group_size(const Group &group) { return group.size(); }

template <typename T = void> struct plus { __device__ T operator()(T a, T b) const { return a + b; } };
template <typename T = void> struct less { __device__ T operator()(T a, T b) const { return b < a ? b : a; } };
template <typename T = void> struct greater { __device__ T operator()(T a, T b) const { return a < b ? b : a; } };
template <typename T = void> struct bit_and { __device__ T operator()(T a, T b) const { return a & b; } };
template <typename T = void> struct bit_or { __device__ T operator()(T a, T b) const { return a | b; } };
template <typename T = void> struct bit_xor { __device__ T operator()(T a, T b) const { return a ^ b; } };

template <unsigned Size, typename Parent, typename T, typename Op>
__device__ inline T reduce(const thread_block_tile<Size, Parent> &group, T value, Op op) {
    for (unsigned i = Size / 2; i > 0; i /= 2) value = op(value, group.shfl_xor(value, i));
    return value;
}

template <typename T, typename Op>
__device__ inline T reduce(const coalesced_group &group, T value, Op op) {
    T result = group.shfl(value, 0);
    for (unsigned i = 1; i < group.size(); ++i) result = op(result, group.shfl(value, i));
    return result;
}

template <unsigned Size, typename Parent, typename T, typename Op>
__device__ inline T inclusive_scan(const thread_block_tile<Size, Parent> &group, T value, Op op) {
    for (unsigned i = 1; i < Size; i *= 2) {
        T other = group.shfl_up(value, i);
        if (group.thread_rank() >= i) value = op(other, value);
    }
    return value;
}

template <unsigned Size, typename Parent, typename T>
__device__ inline T inclusive_scan(const thread_block_tile<Size, Parent> &group, T value) { return inclusive_scan(group, value, plus<T>()); }

template <unsigned Size, typename Parent, typename T>
__device__ inline T exclusive_scan(const thread_block_tile<Size, Parent> &group, T value) { return inclusive_scan(group, value, plus<T>()) - value; }

// Copies at once; wait then has nothing to wait for but the other threads.
template <typename Group, typename T>
__device__ inline void memcpy_async(const Group &group, T *target, const T *source, size_t bytes) {
    for (size_t i = group.thread_rank(); i < bytes / sizeof(T); i += group.size()) target[i] = source[i];
}
template <typename Group> __device__ inline void wait(const Group &group) { group.sync(); }

}
