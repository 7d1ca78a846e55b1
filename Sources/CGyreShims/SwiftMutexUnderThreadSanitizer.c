// Shows the thread sanitizer what a contended `Synchronization.Mutex` orders. Only its build has
// anything in this file.
//
// The uncontended half of the mutex is inlined into its callers, which are instrumented. The other
// half, where the kernel hands the lock over, is three functions of the standard library, which is
// not: what the mutex guards would be reported as a race as soon as two threads meet at it. So
// these functions stand in for them, by their mangled names, and call them with the ordering said.
#if defined(__linux__) && defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT_NAME(name) __asm__(name)
#define SWIFT_CALL __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK_SLOW "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT_CALL void gyre_lock_slow(uint32_t thread, SELF) SWIFT_NAME(LOCK_SLOW);
SWIFT_CALL bool gyre_try_lock_slow(SELF) SWIFT_NAME(TRY_LOCK_SLOW);
SWIFT_CALL void gyre_unlock_slow(SELF) SWIFT_NAME(UNLOCK_SLOW);

SWIFT_CALL void gyre_lock_slow(uint32_t thread, SELF) {
    SWIFT_CALL void (*lock)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK_SLOW);
    lock(thread, self);
    __tsan_acquire(self);
}

SWIFT_CALL bool gyre_try_lock_slow(SELF) {
    SWIFT_CALL bool (*try_lock)(SELF) = dlsym(RTLD_NEXT, TRY_LOCK_SLOW);
    bool locked = try_lock(self);
    if (locked) __tsan_acquire(self);
    return locked;
}

SWIFT_CALL void gyre_unlock_slow(SELF) {
    SWIFT_CALL void (*unlock)(SELF) = dlsym(RTLD_NEXT, UNLOCK_SLOW);
    __tsan_release(self);
    unlock(self);
}

#endif
#endif
