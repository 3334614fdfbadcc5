// cuda::barrier, cuda::pipeline and memcpy_async. Copies are made at once, by the thread that asks for them, so a pipeline has nothing to
// wait for; a barrier of the whole block is __syncthreads, split into its two halves. A barrier of a part of the block ends the launch.
#pragma once

namespace cuda {

enum thread_scope { thread_scope_system, thread_scope_device, thread_scope_block, thread_scope_thread };

template <size_t Alignment> struct aligned_size_t {
    static constexpr size_t align = Alignment;
    size_t value;
    __host__ __device__ constexpr explicit aligned_size_t(size_t size) : value(size) {}
    __host__ __device__ constexpr operator size_t() const { return value; }
};

template <thread_scope Scope, typename Completion = void> class barrier {
    ptrdiff_t expected;

public:
    typedef int arrival_token;
    __device__ barrier() {}
    __device__ explicit barrier(ptrdiff_t count) : expected(count) {}
    __device__ void __cw_init(ptrdiff_t count) { expected = count; }
    __device__ arrival_token arrive(ptrdiff_t update = 1) { return 0; }
    __device__ void wait(arrival_token) const {
        if (Scope == thread_scope_thread) return;
        if (expected != (ptrdiff_t)(blockDim.x * blockDim.y * blockDim.z)) __cw_trap("a cuda::barrier of less than the whole block is not supported");
        __syncthreads();
    }
    __device__ void arrive_and_wait() { wait(arrive()); }
};
template <thread_scope Scope, typename Completion> __device__ inline void init(barrier<Scope, Completion> *b, ptrdiff_t count) { b->__cw_init(count); }

template <thread_scope Scope> class pipeline {
public:
    __device__ void producer_acquire() {}
    __device__ void producer_commit() {}
    __device__ void consumer_wait() {}
    __device__ void consumer_release() {}
};
template <thread_scope Scope, unsigned char Stages> struct pipeline_shared_state {};
// The pipeline of a group whose threads all produce and all consume.
template <typename Group> class __cw_group_pipeline {
    Group group;

public:
    __device__ explicit __cw_group_pipeline(const Group &g) : group(g) {}
    __device__ void producer_acquire() {}
    __device__ void producer_commit() {}
    __device__ void consumer_wait() { group.sync(); }
    __device__ void consumer_release() { group.sync(); }
};
__device__ inline pipeline<thread_scope_thread> make_pipeline() { return pipeline<thread_scope_thread>(); }
template <typename Group, thread_scope Scope, unsigned char Stages>
__device__ inline __cw_group_pipeline<Group> make_pipeline(const Group &group, pipeline_shared_state<Scope, Stages> *) { return __cw_group_pipeline<Group>(group); }
template <unsigned char Prior, typename Pipeline> __device__ inline void pipeline_consumer_wait_prior(Pipeline &) {}
template <typename Pipeline, typename Barrier> __device__ inline void pipeline_producer_commit(Pipeline &, Barrier &) {}

template <typename T, typename Shape, typename Sync>
__device__ inline void memcpy_async(T *target, const T *source, Shape size, Sync &) { memcpy(target, source, (size_t)size); }
template <typename Shape, typename Sync>
__device__ inline void memcpy_async(void *target, const void *source, Shape size, Sync &) { memcpy(target, source, (size_t)size); }
template <typename Group, typename T, typename Shape, typename Sync>
__device__ inline void memcpy_async(const Group &group, T *target, const T *source, Shape size, Sync &) {
    for (size_t i = group.thread_rank(); i < (size_t)size / sizeof(T); i += group.size()) target[i] = source[i];
}

template <typename T, thread_scope Scope = thread_scope_system> class atomic_ref {
    T *place;

public:
    __device__ explicit atomic_ref(T &object) : place(&object) {}
    __device__ T load(int = 0) const { return *(volatile T *)place; }
    __device__ void store(T value, int = 0) const { atomicExch(place, value); }
    __device__ T exchange(T value, int = 0) const { return atomicExch(place, value); }
    __device__ bool compare_exchange_strong(T &expected, T desired, int = 0, int = 0) const {
        T before = atomicCAS(place, expected, desired);
        bool same = before == expected;
        expected = before;
        return same;
    }
    __device__ bool compare_exchange_weak(T &expected, T desired, int = 0, int = 0) const { return compare_exchange_strong(expected, desired); }
    __device__ T fetch_add(T value, int = 0) const { return atomicAdd(place, value); }
    __device__ T fetch_sub(T value, int = 0) const { return atomicAdd(place, -value); }
    __device__ T fetch_min(T value, int = 0) const { return atomicMin(place, value); }
    __device__ T fetch_max(T value, int = 0) const { return atomicMax(place, value); }
    __device__ T fetch_and(T value, int = 0) const { return atomicAnd(place, value); }
    __device__ T fetch_or(T value, int = 0) const { return atomicOr(place, value); }
    __device__ T fetch_xor(T value, int = 0) const { return atomicXor(place, value); }
    __device__ T operator++(int) const { return fetch_add(1); }
    __device__ T operator++() const { return fetch_add(1) + 1; }
    __device__ T operator+=(T value) const { return fetch_add(value) + value; }
    __device__ operator T() const { return load(); }
};
template <typename T, thread_scope Scope = thread_scope_system> class atomic {
    T object;
    __device__ atomic_ref<T, Scope> self() { return atomic_ref<T, Scope>(object); }

public:
    __device__ atomic() {}
    __device__ atomic(T value) : object(value) {}
    __device__ T load(int = 0) { return self().load(); }
    __device__ void store(T value, int = 0) { self().store(value); }
    __device__ T exchange(T value, int = 0) { return self().exchange(value); }
    __device__ bool compare_exchange_strong(T &expected, T desired, int = 0, int = 0) { return self().compare_exchange_strong(expected, desired); }
    __device__ bool compare_exchange_weak(T &expected, T desired, int = 0, int = 0) { return self().compare_exchange_strong(expected, desired); }
    __device__ T fetch_add(T value, int = 0) { return self().fetch_add(value); }
    __device__ T fetch_sub(T value, int = 0) { return self().fetch_sub(value); }
    __device__ T fetch_min(T value, int = 0) { return self().fetch_min(value); }
    __device__ T fetch_max(T value, int = 0) { return self().fetch_max(value); }
    __device__ T fetch_and(T value, int = 0) { return self().fetch_and(value); }
    __device__ T fetch_or(T value, int = 0) { return self().fetch_or(value); }
    __device__ T fetch_xor(T value, int = 0) { return self().fetch_xor(value); }
    __device__ T operator++(int) { return fetch_add(1); }
    __device__ T operator++() { return fetch_add(1) + 1; }
    __device__ T operator+=(T value) { return fetch_add(value) + value; }
    __device__ operator T() { return load(); }
};

enum memory_order { memory_order_relaxed, memory_order_consume, memory_order_acquire, memory_order_release, memory_order_acq_rel, memory_order_seq_cst };
namespace std {
using cuda::memory_order;
using cuda::memory_order_relaxed;
using cuda::memory_order_acquire;
using cuda::memory_order_release;
using cuda::memory_order_acq_rel;
using cuda::memory_order_seq_cst;
}

}

// The same in C (cuda_pipeline.h).
__device__ inline void __pipeline_memcpy_async(void *target, const void *source, size_t size, size_t zeros = 0) {
    memcpy(target, source, size - zeros);
    memset((char *)target + (size - zeros), 0, zeros);
}
__device__ inline void __pipeline_commit() {}
__device__ inline void __pipeline_wait_prior(size_t) {}
