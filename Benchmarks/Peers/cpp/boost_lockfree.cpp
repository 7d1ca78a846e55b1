#include "harness.hpp"
#if __has_include(<boost/lockfree/queue.hpp>)
#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>

namespace {
using namespace peers;

template <class T>
struct Spsc {
    boost::lockfree::spsc_queue<T, boost::lockfree::capacity<small_capacity>> queue;
    explicit Spsc(size_t) {}
    Spsc &producer() { return *this; }
    Spsc &consumer() { return *this; }
    bool push(const T &item) { return queue.push(item); }
    bool pop(T &item) { return queue.pop(item); }
    size_t push(const T *items, size_t count) { return queue.push(items, count); }
    size_t pop(T *items, size_t count) { return queue.pop(items, count); }
};

struct Mpmc {
    boost::lockfree::queue<uint64_t, boost::lockfree::capacity<small_capacity>> queue;
    explicit Mpmc(size_t) {}
    Mpmc &producer() { return *this; }
    Mpmc &consumer() { return *this; }
    bool push(const uint64_t &item) { return queue.bounded_push(item); }
    bool pop(uint64_t &item) { return queue.pop(item); }
};

const bool added = [] {
    constexpr auto spsc = "boost::lockfree::spsc_queue";
    add_spsc<uint64_t, Spsc<uint64_t>>(spsc, "spsc_8B", false);
    add_spsc<Item64, Spsc<Item64>>(spsc, "spsc_64B", false);
    add_spsc<uint64_t, Spsc<uint64_t>>(spsc, "spsc_batch32_8B", true);
    add_spsc<Item64, Spsc<Item64>>(spsc, "spsc_batch32_64B", true);
    add_single_thread_and_round_trip<Spsc<uint64_t>>(spsc);
    add_mpmc<Mpmc>("boost::lockfree::queue");
    return true;
}();
}  // namespace
#else
static const bool skipped =
    (peers::skip("boost::lockfree", "libboost-dev is not installed"), true);
#endif
