// DPDK's ring from its inline headers: no environment layer is started, nothing is linked.
#if __has_include(<rte_config.h>)
#include <rte_config.h>
#include <rte_ring_elem.h>
#include <rte_ring_peek_zc.h>

#include <cstring>

#include "harness.hpp"

namespace {
using namespace peers;

template <class T, rte_ring_sync_type Sync>
struct RteRing {
    std::unique_ptr<rte_ring, void (*)(void *)> ring;

    explicit RteRing(size_t capacity)
        : ring(static_cast<rte_ring *>(std::aligned_alloc(
                   128, sizeof(rte_ring) + capacity * sizeof(T))), std::free) {
        // What rte_ring_init does; that function is the one part that needs the library.
        std::memset(ring.get(), 0, sizeof(rte_ring) + capacity * sizeof(T));
        ring->size = uint32_t(capacity);
        ring->mask = uint32_t(capacity - 1);
        ring->capacity = ring->mask;
        ring->prod.sync_type = Sync;
        ring->cons.sync_type = Sync;
        if (Sync == RTE_RING_SYNC_MT_RTS) {
            ring->rts_prod.htd_max = ring->capacity / 8;
            ring->rts_cons.htd_max = ring->capacity / 8;
        }
    }
    RteRing &producer() { return *this; }
    RteRing &consumer() { return *this; }
    bool push(const T &item) {
        return rte_ring_enqueue_elem(ring.get(), const_cast<T *>(&item), sizeof(T)) == 0;
    }
    bool pop(T &item) { return rte_ring_dequeue_elem(ring.get(), &item, sizeof(T)) == 0; }
    size_t push(const T *items, size_t count) {
        return rte_ring_enqueue_burst_elem(ring.get(), items, sizeof(T), unsigned(count), nullptr);
    }
    size_t pop(T *items, size_t count) {
        return rte_ring_dequeue_burst_elem(ring.get(), items, sizeof(T), unsigned(count), nullptr);
    }
};

const bool added = [] {
    constexpr auto alone = RTE_RING_SYNC_ST, shared = RTE_RING_SYNC_MT;
    constexpr auto name = "rte_ring";
    add_spsc<uint64_t, RteRing<uint64_t, alone>>(name, "spsc_8B", false);
    add_spsc<Item64, RteRing<Item64, alone>>(name, "spsc_64B", false);
    add_spsc<uint64_t, RteRing<uint64_t, alone>>(name, "spsc_batch32_8B", true);
    add_spsc<Item64, RteRing<Item64, alone>>(name, "spsc_batch32_64B", true);
    add_single_thread_and_round_trip<RteRing<uint64_t, alone>>(name);
    add_mpmc<RteRing<uint64_t, shared>>(name);
    add_mpmc_batches<RteRing<uint64_t, shared>>(name);
    // The mode that DPDK recommends when threads may be descheduled.
    constexpr auto relaxed = RTE_RING_SYNC_MT_RTS;
    add_mpmc<RteRing<uint64_t, relaxed>>("rte_ring_rts");
    add_mpmc_batches<RteRing<uint64_t, relaxed>>("rte_ring_rts");
    return true;
}();
}  // namespace
#else
#include "harness.hpp"
static const bool skipped = (peers::skip("rte_ring", "libdpdk-dev is not installed"), true);
#endif
