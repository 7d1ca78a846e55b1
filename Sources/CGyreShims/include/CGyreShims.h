// Machine instructions and system calls that Swift cannot spell. No logic lives here.
#ifndef C_GYRE_SHIMS_H
#define C_GYRE_SHIMS_H

#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// A hint that this thread is spinning: 25–40 ns on x86-64, and kind to a sibling hyperthread.
static inline void gyre_cpu_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

// Monotonic nanoseconds. About 25 ns a call through the vDSO.
static inline int64_t gyre_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// The time-stamp counter, about 10 ns; 0 where the machine has none that user code can read.
static inline uint64_t gyre_timestamp_counter(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return 0;
#endif
}

static inline void gyre_prefetch_read(const void *address) {
    __builtin_prefetch(address, 0, 3);
}

static inline void gyre_prefetch_write(const void *address) {
#if defined(__x86_64__)
    // The builtin asks for a shared line unless the build targets a processor known to have
    // prefetchw; 64-bit processors without it take it for a no-op.
    __asm__ volatile("prefetchw %0" : : "m"(*(const char *)address));
#else
    __builtin_prefetch(address, 1, 3);
#endif
}

// Copies to and from memory that another thread may be writing: word by word, each word a relaxed
// atomic access, so that a copy may be torn but is no data race (a "byte-wise atomic memcpy", C++
// proposal P1478). The shared side must be aligned to 8 bytes and have room for whole words.
typedef uint64_t __attribute__((may_alias)) gyre_shared_word;

__attribute__((always_inline))
static inline void gyre_copy_from_shared(void *into, const void *shared, size_t bytes) {
    const gyre_shared_word *words = (const gyre_shared_word *)shared;
    for (size_t at = 0; at < bytes; at += sizeof *words) {
        uint64_t word = __atomic_load_n(words + at / sizeof *words, __ATOMIC_RELAXED);
        size_t rest = bytes - at;
        __builtin_memcpy((char *)into + at, &word, rest < sizeof word ? rest : sizeof word);
    }
}

__attribute__((always_inline))
static inline void gyre_copy_to_shared(void *shared, const void *from, size_t bytes) {
    gyre_shared_word *words = (gyre_shared_word *)shared;
    for (size_t at = 0; at < bytes; at += sizeof *words) {
        uint64_t word = 0;
        size_t rest = bytes - at;
        __builtin_memcpy(&word, (const char *)from + at, rest < sizeof word ? rest : sizeof word);
        __atomic_store_n(words + at / sizeof *words, word, __ATOMIC_RELAXED);
    }
}

// Gives the processor to another runnable thread: about 0.6 µs when there is none.
static inline void gyre_yield_thread(void) { sched_yield(); }

// Sleeps for at least `nanoseconds`; returns early only when a signal arrives.
static inline void gyre_park_nanoseconds(int64_t nanoseconds) {
    struct timespec span = {
        .tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)};
    nanosleep(&span, NULL);
}

// Pins the calling thread to one processor. 0, or an errno value (ENOSYS where unsupported).
int gyre_pin_current_thread(int processor);

// The number of processors this process may run on; at least 1.
int gyre_allowed_processor_count(void);

// The lowest allowed processor not below `from`, or -1: iterates over the allowed set.
int gyre_next_allowed_processor(int from);

// The calling thread's counter of bytes ever allocated, which jemalloc keeps up to date, or NULL
// where jemalloc is not the allocator that malloc reaches (a sanitizer, another platform).
// The pointer stays valid for the life of the thread: fetch it once, then read through it.
const uint64_t *gyre_thread_allocated_counter(void);

// Bytes ever allocated by the calling thread, or -1 where jemalloc is not the allocator.
int64_t gyre_thread_allocated_bytes(void);

// Bytes allocated and not freed in the whole process, or -1. Refreshes jemalloc's statistics,
// which takes microseconds: never on a hot path.
int64_t gyre_process_allocated_bytes(void);

// How long the calling thread has wanted a processor and had none, in nanoseconds, or -1 where the
// system does not say. A few microseconds: never on a hot path.
int64_t gyre_thread_queued_nanoseconds(void);

// A flow of control with a stack of its own, which runs only while someone resumes it.
typedef struct gyre_fiber gyre_fiber;

// A fiber with nothing to do yet, or NULL without memory.
gyre_fiber *gyre_fiber_create(size_t stack_bytes);

// Runs `body(argument)` on an idle fiber until it suspends or returns; the fiber is then idle again.
void gyre_fiber_start(gyre_fiber *fiber, void (*body)(void *), void *argument);

// Goes on behind the fiber's last suspend, until the next one or the body's end.
void gyre_fiber_resume(gyre_fiber *fiber);

// Returns to whoever resumed the fiber; only from within it.
void gyre_fiber_suspend(gyre_fiber *fiber);

// Frees an idle fiber.
void gyre_fiber_destroy(gyre_fiber *fiber);

#endif
