// Cooperative groups, as far as one launch on one device goes. A group carries no more than it must: the block has no state, a tile
// is a width, a coalesced group is the mask of its lanes.
#pragma once
#include <__cw/type_traits.h>

namespace cooperative_groups {

namespace details {
__device__ inline unsigned rank_in_block() { return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z); }
__device__ inline unsigned lane() { return rank_in_block() & 31u; }
__device__ inline unsigned lanes_below(unsigned n) { return n >= 32u ? 0xffffffffu : (1u << n) - 1u; }

// Scalars go as they are, anything else by its words.
enum exchange { from_lane, from_below, from_above, from_xor };
template <exchange How, typename T> __device__ inline T shuffle_scalar(unsigned mask, T value, int lane, int width) {
    if constexpr (How == from_below) return __shfl_up_sync(mask, value, lane, width);
    else if constexpr (How == from_above) return __shfl_down_sync(mask, value, lane, width);
    else if constexpr (How == from_xor) return __shfl_xor_sync(mask, value, lane, width);
    else return __shfl_sync(mask, value, lane, width);
}
template <exchange How, typename T> __device__ inline T shuffle(unsigned mask, T value, int lane, int width = 32) {
    if constexpr (std::is_arithmetic<T>::value || std::is_pointer<T>::value) {
        return shuffle_scalar<How>(mask, value, lane, width);
    } else if constexpr (sizeof(T) % 4 == 0 && alignof(T) % 4 == 0) {
        T result;
        for (int i = 0; i < (int)(sizeof(T) / 4); ++i) ((unsigned *)&result)[i] = shuffle_scalar<How>(mask, ((unsigned *)&value)[i], lane, width);
        return result;
    } else {
        T result;
        for (int i = 0; i < (int)sizeof(T); ++i) ((unsigned char *)&result)[i] = (unsigned char)shuffle_scalar<How>(mask, (unsigned)((unsigned char *)&value)[i], lane, width);
        return result;
    }
}
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

// What tiles beyond a warp need on hardware; here they use shared memory of their own.
template <unsigned Size> struct block_tile_memory { char unused; };
template <unsigned Size> __device__ inline thread_block this_thread_block(block_tile_memory<Size> &) { return thread_block{}; }

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

// A tile of up to 32 threads is part of a warp. A larger one is made of whole warps, and all tiles of the block go in step.
template <unsigned Size, typename Parent = void>
class thread_block_tile {
public:
    __device__ unsigned thread_rank() const { return details::rank_in_block() % Size; }
    __device__ static constexpr unsigned size() { return Size; }
    __device__ static constexpr unsigned num_threads() { return Size; }
    __device__ unsigned meta_group_rank() const { return details::rank_in_block() / Size; }
    __device__ unsigned meta_group_size() const { return (blockDim.x * blockDim.y * blockDim.z + Size - 1u) / Size; }
    __device__ unsigned mask() const { return Size >= 32u ? 0xffffffffu : details::lanes_below(Size) << (details::lane() / Size * Size); }
    __device__ void sync() const {
        if constexpr (Size > 32u) __syncthreads();
        else __syncwarp(mask());
    }
    template <typename T> __device__ T shfl(T value, int from) const { return details::shuffle<details::from_lane>(mask(), value, from, Size); }
    template <typename T> __device__ T shfl_up(T value, unsigned delta) const { return details::shuffle<details::from_below>(mask(), value, delta, Size); }
    template <typename T> __device__ T shfl_down(T value, unsigned delta) const { return details::shuffle<details::from_above>(mask(), value, delta, Size); }
    template <typename T> __device__ T shfl_xor(T value, unsigned lanes) const { return details::shuffle<details::from_xor>(mask(), value, lanes, Size); }
    __device__ int any(int predicate) const { return (__ballot_sync(mask(), predicate) & mask()) != 0u; }
    __device__ int all(int predicate) const { return (__ballot_sync(mask(), !predicate) & mask()) == 0u; }
    __device__ unsigned ballot(int predicate) const { return (__ballot_sync(mask(), predicate) & mask()) >> (details::lane() / Size * Size); }
    template <typename T> __device__ unsigned match_any(T value) const { return (__match_any_sync(mask(), value) & mask()) >> (details::lane() / Size * Size); }
    template <typename T> __device__ unsigned match_all(T value, int &predicate) const {
        unsigned same = __match_any_sync(mask(), value) & mask();
        predicate = same == mask();
        return predicate ? same >> (details::lane() / Size * Size) : 0u;
    }
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
    template <typename T> __device__ T shfl(T value, unsigned rank) const { return details::shuffle<details::from_lane>(lanes, value, lane_of(rank % size())); }
    template <typename T> __device__ T shfl_up(T value, unsigned delta) const {
        unsigned rank = thread_rank();
        return details::shuffle<details::from_lane>(lanes, value, lane_of(rank < delta ? rank : rank - delta));
    }
    template <typename T> __device__ T shfl_down(T value, unsigned delta) const {
        unsigned rank = thread_rank();
        return details::shuffle<details::from_lane>(lanes, value, lane_of(rank + delta >= size() ? rank : rank + delta));
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

// The members of a group with the same answer, or the same label.
template <typename Group> __device__ inline coalesced_group binary_partition(const Group &group, bool predicate) {
    unsigned votes = __ballot_sync(group.mask(), predicate) & group.mask();
    return coalesced_group(predicate ? votes : group.mask() & ~votes);
}
template <typename Group, typename Label> __device__ inline coalesced_group labeled_partition(const Group &group, Label label) {
    return coalesced_group(__match_any_sync(group.mask(), label) & group.mask());
}

// Any group, known when running: the block, or lanes of a warp.
class thread_group {
    bool is_block;
    unsigned lanes;

public:
    __device__ thread_group(const thread_block &) : is_block(true), lanes(0u) {}
    __device__ thread_group(const coalesced_group &group) : is_block(false), lanes(group.mask()) {}
    template <unsigned Size, typename Parent> __device__ thread_group(const thread_block_tile<Size, Parent> &group) : is_block(false), lanes(group.mask()) {}
    __device__ thread_group(bool block, unsigned mask) : is_block(block), lanes(mask) {}
    __device__ unsigned size() const { return is_block ? blockDim.x * blockDim.y * blockDim.z : (unsigned)__popc(lanes); }
    __device__ unsigned num_threads() const { return size(); }
    __device__ unsigned thread_rank() const { return is_block ? details::rank_in_block() : (unsigned)__popc(lanes & details::lanes_below(details::lane())); }
    __device__ void sync() const {
        if (is_block) __syncthreads();
        else __syncwarp(lanes);
    }
};

__device__ inline thread_group tiled_partition(const thread_group &, unsigned size) {
    return thread_group(false, details::lanes_below(size) << (details::lane() / size * size));
}

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
    for (unsigned i = (Size < 32u ? Size : 32u) / 2; i > 0; i /= 2) value = op(value, details::shuffle<details::from_xor>(group.mask(), value, i, Size < 32u ? Size : 32));
    if constexpr (Size > 32u) {
        __shared__ T of_warp[32];
        __syncthreads();
        if (details::lane() == 0u) of_warp[details::rank_in_block() / 32u] = value;
        __syncthreads();
        unsigned first = group.meta_group_rank() * (Size / 32u);
        value = of_warp[first];
        for (unsigned i = 1; i < Size / 32u; ++i) value = op(value, of_warp[first + i]);
    }
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

template <unsigned Size, typename Parent, typename T, typename Op>
__device__ inline T exclusive_scan(const thread_block_tile<Size, Parent> &group, T value, Op op) {
    T before = group.shfl_up(inclusive_scan(group, value, op), 1);
    return group.thread_rank() == 0 ? T() : before;
}

template <typename T, typename Op>
__device__ inline T inclusive_scan(const coalesced_group &group, T value, Op op) {
    T result = group.shfl(value, 0);
    for (unsigned i = 1; i < group.size(); ++i) {
        T other = group.shfl(value, i);
        if (i <= group.thread_rank()) result = op(result, other);
    }
    return result;
}
template <typename T> __device__ inline T inclusive_scan(const coalesced_group &group, T value) { return inclusive_scan(group, value, plus<T>()); }
template <typename T> __device__ inline T exclusive_scan(const coalesced_group &group, T value) { return inclusive_scan(group, value, plus<T>()) - value; }

template <typename Group, typename F> __device__ inline void invoke_one(const Group &group, F f) {
    if (group.thread_rank() == 0) f();
}

// Copies at once; wait then has nothing to wait for but the other threads.
template <typename Group, typename T>
__device__ inline void memcpy_async(const Group &group, T *target, const T *source, size_t bytes) {
    for (size_t i = group.thread_rank(); i < bytes / sizeof(T); i += group.size()) target[i] = source[i];
}
template <typename Group> __device__ inline void wait(const Group &group) { group.sync(); }

}
