// Fibers over the C library's contexts, which save all that a call must preserve.
#if defined(__linux__)
#define _GNU_SOURCE
#else
#define _XOPEN_SOURCE 700
#endif
#include "CGyreShims.h"

#include <ucontext.h>

struct gyre_fiber {
    ucontext_t own;
    ucontext_t resumer;
    void *stack;
    void (*body)(void *);
    void *argument;
};

// Contexts start with integers only, so the fiber's address comes in two halves.
static void run_bodies(unsigned high, unsigned low) {
    gyre_fiber *fiber = (gyre_fiber *)(((uintptr_t)high << 32) | (uintptr_t)low);
    for (;;) {
        fiber->body(fiber->argument);
        gyre_fiber_suspend(fiber);
    }
}

gyre_fiber *gyre_fiber_create(size_t stack_bytes) {
    gyre_fiber *fiber = calloc(1, sizeof *fiber);
    void *stack = malloc(stack_bytes);
    if (fiber == NULL || stack == NULL || getcontext(&fiber->own) != 0) {
        free(fiber);
        free(stack);
        return NULL;
    }
    fiber->stack = stack;
    fiber->own.uc_stack.ss_sp = stack;
    fiber->own.uc_stack.ss_size = stack_bytes;
    uint64_t address = (uintptr_t)fiber;
    makecontext(&fiber->own, (void (*)(void))run_bodies, 2, (unsigned)(address >> 32),
                (unsigned)address);
    return fiber;
}

void gyre_fiber_start(gyre_fiber *fiber, void (*body)(void *), void *argument) {
    fiber->body = body;
    fiber->argument = argument;
    gyre_fiber_resume(fiber);
}

void gyre_fiber_resume(gyre_fiber *fiber) { swapcontext(&fiber->resumer, &fiber->own); }

void gyre_fiber_suspend(gyre_fiber *fiber) { swapcontext(&fiber->own, &fiber->resumer); }

void gyre_fiber_destroy(gyre_fiber *fiber) {
    free(fiber->stack);
    free(fiber);
}
