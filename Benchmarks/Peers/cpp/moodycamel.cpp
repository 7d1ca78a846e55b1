#include "harness.hpp"
#if __has_include(<concurrentqueue/concurrentqueue.h>)
#include <concurrentqueue/concurrentqueue.h>

namespace {
using namespace peers;

// Bounded by the blocks it starts with: `try_` calls never allocate.
template <class T>
struct Moodycamel {
    using Queue = moodycamel::ConcurrentQueue<T>;
    Queue queue;
    explicit Moodycamel(size_t capacity) : queue(capacity, 4, 0) {}

    struct Producer {
        Queue &queue;
        moodycamel::ProducerToken token;
        bool push(const T &item) { return queue.try_enqueue(token, item); }
        size_t push(const T *items, size_t count) {
            return queue.try_enqueue_bulk(token, items, count) ? count : 0;
        }
    };
    struct Consumer {
        Queue &queue;
        moodycamel::ConsumerToken token;
        bool pop(T &item) { return queue.try_dequeue(token, item); }
        size_t pop(T *items, size_t count) {
            return queue.try_dequeue_bulk(token, items, count);
        }
    };
    Producer producer() { return {queue, moodycamel::ProducerToken(queue)}; }
    Consumer consumer() { return {queue, moodycamel::ConsumerToken(queue)}; }
};

const bool added = [] {
    constexpr auto name = "moodycamel::ConcurrentQueue";
    add_spsc<uint64_t, Moodycamel<uint64_t>>(name, "spsc_8B", false);
    add_spsc<Item64, Moodycamel<Item64>>(name, "spsc_64B", false);
    add_spsc<uint64_t, Moodycamel<uint64_t>>(name, "spsc_batch32_8B", true);
    add_spsc<Item64, Moodycamel<Item64>>(name, "spsc_batch32_64B", true);
    add_single_thread_and_round_trip<Moodycamel<uint64_t>>(name);
    add_mpmc<Moodycamel<uint64_t>>(name);
    add_mpmc_batches<Moodycamel<uint64_t>>(name);
    return true;
}();
}  // namespace
#else
static const bool skipped =
    (peers::skip("moodycamel", "libconcurrentqueue-dev is not installed"), true);
#endif
