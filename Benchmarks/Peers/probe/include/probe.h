// Placement, pinning and time for every worker, whatever its language: one probe, so that
// its figures compare.
#ifndef PEERS_PROBE_H
#define PEERS_PROBE_H

#ifdef __cplusplus
extern "C" {
#endif

// The number of processors that this process may run on.
int peers_processors(void);

// Pins the calling thread to the `index`-th allowed processor, modulo their number.
void peers_pin(int index);

// A waiter's next step after `attempts` failures: nothing at all while every thread has a core of
// its own, else 16 pauses and then a yield each.
void peers_idle(int threads, int attempts);

// Nanoseconds of one round trip over two atomic words between the first two processors: the
// median of short runs over different lines. 0 when there is one processor only. One call at a
// time.
double peers_round_trip_ns(void);

// Nanoseconds of a monotonic clock.
double peers_now_ns(void);

// Around a thread's part of a sample: the time for which it wants a processor there and has none is
// lost to others. `peers_end` returns the time.
void peers_begin(void);
double peers_end(void);

// The largest share, 0 to 1, that a thread has lost since the last call.
double peers_lost_share(void);

// Starts `count` pinned threads together, each with its index, and returns the nanoseconds until
// all have ended.
double peers_timed(int count, void (*body)(int index, void *context), void *context);

// Writes to standard output at once.
void peers_write(const void *bytes, long count);

#ifdef __cplusplus
}
#endif
#endif
