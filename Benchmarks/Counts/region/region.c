#include "counted_region.h"

__attribute__((noinline)) void gyre_counted_region(void (*body)(void *context, intptr_t count),
                                                   void *context, intptr_t count) {
    body(context, count);
}
