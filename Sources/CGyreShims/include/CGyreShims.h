// Machine instructions and system calls that Swift cannot spell. No logic lives here.
#ifndef C_GYRE_SHIMS_H
#define C_GYRE_SHIMS_H

#include <stdint.h>
#include <time.h>

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

#endif
