#include "harness.hpp"
#if __has_include(<atomic_queue/atomic_queue.h>)
#include <atomic_queue/atomic_queue.h>

namespace {
using namespace peers;

// `Blocking` takes a ticket by fetch-and-add and spins for its slot: only right while every
// thread has a core.
template <class T, class Queue, bool Blocking>
struct Adapter {
    Queue queue;
    explicit Adapter(size_t) {}
    Adapter &producer() { return *this; }
    Adapter &consumer() { return *this; }
    bool push(const T &item) {
        if constexpr (!Blocking) return queue.try_push(item);
        queue.push(item);
        return true;
    }
    bool pop(T &item) {
        if constexpr (!Blocking) return queue.try_pop(item);
        item = queue.pop();
        return true;
    }
};

// The remaining arguments: spread indices over lines, throughput, order among threads, SPSC.
using Spsc = atomic_queue::AtomicQueue<uint64_t, small_capacity, 0, true, true, false, true>;
using Spsc64 = atomic_queue::AtomicQueue2<Item64, small_capacity, true, true, false, true>;
using Mpmc = atomic_queue::AtomicQueue<uint64_t, small_capacity, 0, true, true, false, false>;

const bool added = [] {
    add_spsc<uint64_t, Adapter<uint64_t, Spsc, false>>("atomic_queue_try", "spsc_8B", false);
    add_spsc<uint64_t, Adapter<uint64_t, Spsc, true>>("atomic_queue_blocking", "spsc_8B", false);
    add_spsc<Item64, Adapter<Item64, Spsc64, false>>("atomic_queue_try", "spsc_64B", false);
    add_spsc<Item64, Adapter<Item64, Spsc64, true>>("atomic_queue_blocking", "spsc_64B", false);
    add_single_thread_and_round_trip<Adapter<uint64_t, Spsc, false>>("atomic_queue_try");
    add_mpmc<Adapter<uint64_t, Mpmc, false>>("atomic_queue_try");
    if (peers_processors() >= 2)
        add("atomic_queue_blocking", "mpmc_1p1c", [](uint64_t items) {
            using Queue = Adapter<uint64_t, Mpmc, true>;
            return transfer<uint64_t, Queue>(1, 1, small_capacity, false, items);
        });
    return true;
}();
}  // namespace
#else
static const bool skipped =
    (peers::skip("atomic_queue", "libatomic-queue-dev is not installed"), true);
#endif
