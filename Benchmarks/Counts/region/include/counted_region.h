// The stretch of a program that callgrind counts, by the name of its function.
#ifndef COUNTED_REGION_H
#define COUNTED_REGION_H

#include <stdint.h>

void gyre_counted_region(void (*body)(void *context, intptr_t count), void *context,
                         intptr_t count);

#endif
