#include "harness.hpp"
#if __has_include(<ck_ring.h>)
// The header is C and returns `false` as a null pointer, which C++ refuses; NULL is both.
#include <ck_stdbool.h>
#define false NULL
extern "C" {
#include <ck_ring.h>
}
#undef false

namespace {
using namespace peers;

// Holds pointers, so the items travel as such.
template <bool Shared>
struct CkRing {
    ck_ring_t ring;
    std::unique_ptr<ck_ring_buffer_t[]> buffer;
    explicit CkRing(size_t capacity) : buffer(new ck_ring_buffer_t[capacity]()) {
        ck_ring_init(&ring, unsigned(capacity));
    }
    CkRing &producer() { return *this; }
    CkRing &consumer() { return *this; }
    bool push(const uint64_t &item) {
        auto *pointer = reinterpret_cast<void *>(item);
        return Shared ? ck_ring_enqueue_mpmc(&ring, buffer.get(), pointer)
                      : ck_ring_enqueue_spsc(&ring, buffer.get(), pointer);
    }
    bool pop(uint64_t &item) {
        void *pointer = nullptr;
        bool taken = Shared ? ck_ring_dequeue_mpmc(&ring, buffer.get(), &pointer)
                            : ck_ring_dequeue_spsc(&ring, buffer.get(), &pointer);
        item = reinterpret_cast<uint64_t>(pointer);
        return taken;
    }
};

const bool added = [] {
    add_spsc<uint64_t, CkRing<false>>("ck_ring", "spsc_8B", false);
    add_single_thread_and_round_trip<CkRing<false>>("ck_ring");
    add_mpmc<CkRing<true>>("ck_ring");
    return true;
}();
}  // namespace
#else
static const bool skipped = (peers::skip("ck_ring", "libck-dev is not installed"), true);
#endif
