#include "harness.hpp"
#if __has_include(<concurrentqueue/concurrentqueue.h>)
#include <concurrentqueue/concurrentqueue.h>

namespace {
using namespace peers;

// Bounded by the blocks it starts with: `try_` calls never allocate. With a token a producer keeps
// its blocks for good, so several of them would starve each other; those go without.
template <class T, bool Tokens>
struct Moodycamel {
    using Queue = moodycamel::ConcurrentQueue<T>;
    Queue queue;
    explicit Moodycamel(size_t capacity) : queue(capacity, Tokens ? 1 : 0, Tokens ? 0 : 4) {}

    struct TokenProducer {
        Queue &queue;
        moodycamel::ProducerToken token;
        bool push(const T &item) { return queue.try_enqueue(token, item); }
        size_t push(const T *items, size_t count) {
            return queue.try_enqueue_bulk(token, items, count) ? count : 0;
        }
    };
    struct PlainProducer {
        Queue &queue;
        bool push(const T &item) { return queue.try_enqueue(item); }
        size_t push(const T *items, size_t count) {
            return queue.try_enqueue_bulk(items, count) ? count : 0;
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
    auto producer() {
        if constexpr (Tokens)
            return TokenProducer{queue, moodycamel::ProducerToken(queue)};
        else
            return PlainProducer{queue};
    }
    Consumer consumer() { return {queue, moodycamel::ConsumerToken(queue)}; }
};

const bool added = [] {
    constexpr auto name = "moodycamel::ConcurrentQueue";
    add_spsc<uint64_t, Moodycamel<uint64_t, true>>(name, "spsc_8B", false);
    add_spsc<Item64, Moodycamel<Item64, true>>(name, "spsc_64B", false);
    add_spsc<uint64_t, Moodycamel<uint64_t, true>>(name, "spsc_batch32_8B", true);
    add_spsc<Item64, Moodycamel<Item64, true>>(name, "spsc_batch32_64B", true);
    add_single_thread_and_round_trip<Moodycamel<uint64_t, true>>(name);
    add_mpmc<Moodycamel<uint64_t, true>>(name, single_producer);
    add_mpmc<Moodycamel<uint64_t, false>>(name, many_producers);
    add_mpmc_batches<Moodycamel<uint64_t, true>>(name, single_producer);
    add_mpmc_batches<Moodycamel<uint64_t, false>>(name, many_producers);
    return true;
}();
}  // namespace
#else
static const bool skipped =
    (peers::skip("moodycamel", "libconcurrentqueue-dev is not installed"), true);
#endif
