// The same work and the same consumer check for every C and C++ candidate.
//
// A candidate is a type `Q` with `Q(size_t capacity)`, `producer()` and `consumer()`; their results
// have `bool push(const T &)` and `bool pop(T &)` and, for batches, `size_t push(const T *, size_t)`
// and `size_t pop(T *, size_t)`, which say how many they took.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "probe.h"

namespace peers {

constexpr size_t batch_size = 32;
constexpr size_t small_capacity = 1024;
constexpr size_t large_capacity = 65536;
constexpr int producer_shift = 48;
constexpr uint64_t item_mask = (uint64_t{1} << producer_shift) - 1;

struct Outcome {
    double value = 0;  // million operations a second, or nanoseconds
    uint64_t violations = 0;
};

using Run = std::function<Outcome(uint64_t items)>;

// Candidates register themselves before main.
void add(std::string name, std::string case_name, Run run);
void skip(std::string name, std::string reason);

// 64 bytes, every word of which says which item it is: a torn or stale one is seen.
struct alignas(64) Item64 {
    std::array<uint64_t, 8> words;
};

inline void fill(uint64_t &item, uint64_t value) { item = value; }
inline void fill(Item64 &item, uint64_t value) { item.words.fill(value); }
inline uint64_t value_of(uint64_t item) { return item; }
inline uint64_t value_of(const Item64 &item) { return item.words[0]; }
inline bool torn(uint64_t) { return false; }
inline bool torn(const Item64 &item) {
    uint64_t difference = 0;
    for (uint64_t word : item.words) difference |= word ^ item.words[0];
    return difference != 0;
}

struct Waiting {
    int threads;
    int attempts = 0;
    void idle() { peers_idle(threads, attempts++); }
    void reset() { attempts = 0; }
};

// Every consumer's view: order of each producer, and a sum over everything taken.
template <class T>
class Check {
  public:
    explicit Check(bool sees_all) : sees_all_(sees_all) {}

    void take(const T &item) {
        uint64_t value = value_of(item);
        uint64_t &last = last_[(value >> producer_shift) & (last_.size() - 1)];
        uint64_t number = value & item_mask;
        bool follows = sees_all_ ? number == last + 1 : number > last;
        violations_ += !follows | torn(item);
        last = number;
        sum_ += value;
    }

    uint64_t violations() const { return violations_; }
    uint64_t sum() const { return sum_; }

  private:
    bool sees_all_;
    std::array<uint64_t, 8> last_{};
    uint64_t violations_ = 0;
    uint64_t sum_ = 0;
};

// Runs `body(index)` on `count` pinned threads and returns the nanoseconds until all have ended.
template <class Body>
double timed(int count, Body body) {
    auto call = [](int index, void *context) { (*static_cast<Body *>(context))(index); };
    return peers_timed(count, call, &body);
}

template <class T, class End>
void produce(End &end, uint64_t producer, uint64_t items, Waiting waiting) {
    T item;
    for (uint64_t number = 1; number <= items; number++) {
        fill(item, producer << producer_shift | number);
        while (!end.push(item)) waiting.idle();
        waiting.reset();
    }
}

template <class T, class End>
void consume(End &end, uint64_t items, Check<T> &check, Waiting waiting) {
    T item;
    for (uint64_t taken = 0; taken < items; taken++) {
        while (!end.pop(item)) waiting.idle();
        waiting.reset();
        check.take(item);
    }
}

template <class T, class End>
void produce_batches(End &end, uint64_t producer, uint64_t items, Waiting waiting) {
    std::array<T, batch_size> batch;
    for (uint64_t number = 1; number <= items;) {
        size_t count = std::min<uint64_t>(batch_size, items - number + 1);
        for (size_t i = 0; i < count; i++) fill(batch[i], producer << producer_shift | number++);
        for (size_t done = 0; done < count;) {
            size_t pushed = end.push(batch.data() + done, count - done);
            done += pushed;
            pushed == 0 ? waiting.idle() : waiting.reset();
        }
    }
}

template <class T, class End>
void consume_batches(End &end, uint64_t items, Check<T> &check, Waiting waiting) {
    std::array<T, batch_size> batch;
    for (uint64_t taken = 0; taken < items;) {
        size_t count = end.pop(batch.data(), std::min<uint64_t>(batch_size, items - taken));
        for (size_t i = 0; i < count; i++) check.take(batch[i]);
        taken += count;
        count == 0 ? waiting.idle() : waiting.reset();
    }
}

// Producers push `items` in all; each consumer takes an equal part.
template <class T, class Q>
Outcome transfer(int producers, int consumers, size_t capacity, bool batches, uint64_t items) {
    uint64_t unit = uint64_t(producers) * consumers;
    uint64_t total = std::max<uint64_t>(1, items / unit) * unit;
    auto queue = std::make_unique<Q>(capacity);
    std::vector<Check<T>> checks(consumers, Check<T>(consumers == 1));
    Waiting waiting{producers + consumers};
    double duration = timed(producers + consumers, [&](int index) {
        if (index < producers) {
            auto &&end = queue->producer();
            if constexpr (requires(T *t) { end.push(t, size_t{1}); }) {
                if (batches) return produce_batches<T>(end, index, total / producers, waiting);
            }
            produce<T>(end, index, total / producers, waiting);
        } else {
            auto &&end = queue->consumer();
            Check<T> check = checks[index - producers];  // on this thread's own stack
            if constexpr (requires(T *t) { end.pop(t, size_t{1}); }) {
                if (batches) consume_batches<T>(end, total / consumers, check, waiting);
            }
            if (!batches) consume<T>(end, total / consumers, check, waiting);
            checks[index - producers] = check;
        }
    });
    uint64_t sum = 0, violations = 0, each = total / producers;
    for (auto &check : checks) sum += check.sum(), violations += check.violations();
    for (uint64_t p = 0; p < uint64_t(producers); p++)
        sum -= each * (p << producer_shift) + each * (each + 1) / 2;
    return {double(total) * 1e3 / duration, violations + (sum != 0)};
}

// Nanoseconds of a round trip over two queues.
template <class Q>
Outcome round_trip(uint64_t items) {
    auto there = std::make_unique<Q>(small_capacity), back = std::make_unique<Q>(small_capacity);
    Waiting waiting{2};
    Check<uint64_t> check(true);
    double duration = timed(2, [&](int index) {
        auto &&out = index == 0 ? there->producer() : back->producer();
        auto &&in = index == 0 ? back->consumer() : there->consumer();
        for (uint64_t number = 1; number <= items; number++) {
            uint64_t item = number;
            if (index == 0)
                while (!out.push(item)) waiting.idle();
            while (!in.pop(item)) waiting.idle();
            if (index == 0)
                check.take(item);
            else
                while (!out.push(item)) waiting.idle();
        }
    });
    return {duration / double(items), check.violations()};
}

// Nanoseconds of a push and a pop by one thread.
template <class Q>
Outcome uncontended(uint64_t items) {
    auto queue = std::make_unique<Q>(small_capacity);
    Check<uint64_t> check(true);
    double duration = timed(1, [&](int) {
        auto &&out = queue->producer();
        auto &&in = queue->consumer();
        uint64_t item = 0;
        for (uint64_t number = 1; number <= items; number++) {
            while (!out.push(number)) {
            }
            while (!in.pop(item)) {
            }
            check.take(item);
        }
    });
    return {duration / double(items), check.violations()};
}

struct Topology {
    const char *name;
    int producers, consumers;
};
constexpr Topology topologies[] = {
    {"1p1c", 1, 1}, {"2p1c", 2, 1}, {"1p2c", 1, 2}, {"2p2c", 2, 2}, {"3p1c", 3, 1}};

inline bool every_topology(const Topology &) { return true; }
inline bool single_producer(const Topology &topology) { return topology.producers == 1; }
inline bool many_producers(const Topology &topology) { return topology.producers > 1; }

template <class T, class Q>
void add_spsc(const char *name, const char *case_name, bool batches) {
    add(name, case_name, [=](uint64_t items) {
        return transfer<T, Q>(1, 1, small_capacity, batches, items);
    });
}

template <class Q>
void add_single_thread_and_round_trip(const char *name) {
    add(name, "uncontended_ns", uncontended<Q>);
    add(name, "round_trip_ns", round_trip<Q>);
}

template <class Q>
void add_mpmc(const char *name, bool (*selects)(const Topology &) = every_topology) {
    for (const auto &topology : topologies) {
        if (!selects(topology)) continue;
        add(name, std::string("mpmc_") + topology.name, [&topology](uint64_t items) {
            return transfer<uint64_t, Q>(topology.producers, topology.consumers, small_capacity,
                                         false, items);
        });
    }
}

template <class Q>
void add_mpmc_batches(const char *name, bool (*selects)(const Topology &) = every_topology) {
    for (const auto &topology : topologies) {
        if (!selects(topology)) continue;
        for (bool large : {false, true}) {
            auto case_name = std::string("mpmc_batch32_") + (large ? "64k_" : "1k_");
            add(name, case_name + topology.name, [&topology, large](uint64_t items) {
                size_t capacity = large ? large_capacity : small_capacity;
                return transfer<uint64_t, Q>(topology.producers, topology.consumers, capacity,
                                             true, items);
            });
        }
    }
}

}  // namespace peers
