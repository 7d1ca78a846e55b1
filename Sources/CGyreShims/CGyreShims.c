// Calls that need feature macros or state per thread, so they cannot be inline in the header.
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "CGyreShims.h"

#include <errno.h>

#if defined(__linux__)
#include <fcntl.h>
#include <stdio.h>

int gyre_pin_current_thread(int processor) {
    if (processor < 0 || processor >= CPU_SETSIZE) return EINVAL;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

int gyre_allowed_processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

int gyre_next_allowed_processor(int from) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return -1;
    for (int cpu = from < 0 ? 0 : from; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &set)) return cpu;
    }
    return -1;
}

// From jemalloc, which the package links on Linux. Declared here because its header redeclares
// malloc with attributes that differ from the C library's.
extern int mallctl(const char *name, void *old, size_t *old_size, void *new_value, size_t new_size);

// A sanitizer keeps malloc for itself while mallctl still answers, so the counter must be seen to
// move before it is believed.
const uint64_t *gyre_thread_allocated_counter(void) {
    uint64_t *counter = NULL;
    size_t size = sizeof counter;
    if (mallctl("thread.allocatedp", &counter, &size, NULL, 0) != 0 || counter == NULL) return NULL;
    uint64_t before = *(volatile uint64_t *)counter;
    void *volatile probe = malloc(64);
    free(probe);
    return *(volatile uint64_t *)counter == before ? NULL : counter;
}

int64_t gyre_thread_allocated_bytes(void) {
    static _Thread_local const uint64_t *counter;
    static _Thread_local int asked;
    if (!asked) {
        counter = gyre_thread_allocated_counter();
        asked = 1;
    }
    return counter == NULL ? -1 : (int64_t)*counter;
}

int64_t gyre_process_allocated_bytes(void) {
    if (gyre_thread_allocated_bytes() < 0) return -1;
    uint64_t epoch = 1;
    size_t size = sizeof epoch;
    if (mallctl("epoch", &epoch, &size, &epoch, sizeof epoch) != 0) return -1;
    size_t allocated = 0;
    size = sizeof allocated;
    return mallctl("stats.allocated", &allocated, &size, NULL, 0) == 0 ? (int64_t)allocated : -1;
}

// Time on processors, time in run queues, and how often the thread got a processor. A kernel that
// does not count says 0 three times, though whoever reads has got one.
int64_t gyre_thread_queued_nanoseconds(void) {
    int file = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    char text[96];
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0) return -1;
    text[size] = '\0';
    long long queued, turns;
    if (sscanf(text, "%*s %lld %lld", &queued, &turns) != 2 || turns == 0) return -1;
    return queued;
}

#else

int gyre_pin_current_thread(int processor) {
    (void)processor;
    return ENOSYS;
}

int gyre_allowed_processor_count(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

int gyre_next_allowed_processor(int from) {
    return from < gyre_allowed_processor_count() ? (from < 0 ? 0 : from) : -1;
}

const uint64_t *gyre_thread_allocated_counter(void) { return NULL; }
int64_t gyre_thread_allocated_bytes(void) { return -1; }
int64_t gyre_process_allocated_bytes(void) { return -1; }
int64_t gyre_thread_queued_nanoseconds(void) { return -1; }

#endif
