// What the machine itself allows: no queue, no names in the ranking.
#include <cstring>

#include "harness.hpp"

namespace {
using namespace peers;

// Two words, each on lines of its own, passed back and forth.
Outcome raw_atomics(uint64_t items) {
    struct alignas(256) Word {
        std::atomic<uint64_t> value{0};
    };
    Word words[2];
    double duration = timed(2, [&](int index) {
        auto &out = words[index].value, &in = words[1 - index].value;
        for (uint64_t number = 1; number <= items; number++) {
            if (index == 0) out.store(number, std::memory_order_release);
            while (in.load(std::memory_order_acquire) != number) {
            }
            if (index == 1) out.store(number, std::memory_order_release);
        }
    });
    return {duration / double(items), 0};
}

// Copies of half a ring each, handed over whole: the copy bandwidth between two cores.
template <class T>
struct HalfCopies {
    static constexpr size_t half = small_capacity / 2;
    struct alignas(256) Flag {
        std::atomic<uint64_t> value{0};
    };
    T places[2][half];
    Flag filled, drained;

    Outcome run(uint64_t items) {
        uint64_t rounds = std::max<uint64_t>(1, items / half);
        Check<T> result(true);
        double duration = timed(2, [&](int index) {
            if (index == 0) return fill_all(rounds);
            Check<T> check(true);
            drain_all(rounds, check);
            result = check;
        });
        return {double(rounds * half) * 1e3 / duration, result.violations()};
    }

    void fill_all(uint64_t rounds) {
        for (uint64_t round = 0; round < rounds; round++) {
            while (round >= 2 && drained.value.load(std::memory_order_acquire) < round - 1) {
            }
            for (size_t i = 0; i < half; i++) fill(places[round % 2][i], round * half + i + 1);
            filled.value.store(round + 1, std::memory_order_release);
        }
    }

    void drain_all(uint64_t rounds, Check<T> &check) {
        for (uint64_t round = 0; round < rounds; round++) {
            while (filled.value.load(std::memory_order_acquire) <= round) {
            }
            for (size_t i = 0; i < half; i++) check.take(places[round % 2][i]);
            drained.value.store(round + 1, std::memory_order_release);
        }
    }
};

template <class T>
Outcome half_copies(uint64_t items) {
    return std::make_unique<HalfCopies<T>>()->run(items);
}

const bool added = [] {
    add("floor:raw_atomics", "round_trip_ns", raw_atomics);
    add("floor:half_copies", "spsc_batch32_8B", half_copies<uint64_t>);
    add("floor:half_copies", "spsc_batch32_64B", half_copies<Item64>);
    return true;
}();
}  // namespace
