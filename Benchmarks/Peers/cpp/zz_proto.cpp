#include "harness.hpp"
#include <cstring>
#include <cstdlib>
namespace {
using namespace peers;
constexpr auto rlx = std::memory_order_relaxed; constexpr auto acq = std::memory_order_acquire; constexpr auto rel = std::memory_order_release;
inline void prefw(const void *p) { __asm__ volatile("prefetchw %0" ::"m"(*(const char *)p)); }

// Word beside the element; consumers read first and take by CAS, never writing slots.
template <int LOOK> struct Word {
    struct alignas(16) Slot { std::atomic<uint64_t> turn; std::atomic<uint64_t> value; };
    struct alignas(256) Pos { std::atomic<uint64_t> v{0}; };
    Pos tail, head; uint64_t mask; Slot *slots;
    explicit Word(size_t n) : mask(n - 1) { slots = (Slot *)aligned_alloc(256, n * sizeof(Slot)); memset((void*)slots, 0, n * sizeof(Slot)); }
    ~Word() { free(slots); }
    struct P { Word *r; uint64_t known = 0;
        size_t claim(size_t n, uint64_t &start) {
            start = r->tail.v.load(rlx);
            while (true) {
                uint64_t cap = r->mask + 1;
                uint64_t room = cap - (start - known);
                if ((int64_t)room < (int64_t)n) { known = r->head.v.load(acq); 
                    int64_t room2 = (int64_t)(cap - (start - known));
                    if (room2 <= 0) { uint64_t again = r->tail.v.load(rlx); if (again == start) return 0; start = again; continue; }
                    room = room2; if (room > cap) room = cap; }
                size_t m = n < room ? n : room;
                if (r->tail.v.compare_exchange_weak(start, start + m, rlx)) return m;
            }
        }
        bool push(const uint64_t &i) { uint64_t t; if (!claim(1, t)) return false;
            Slot &s = r->slots[t & r->mask];
            if (LOOK && (t & 3) == 0 && t + LOOK - known <= r->mask) prefw(&r->slots[(t + LOOK) & r->mask]);
            s.value.store(i, rlx); s.turn.store(t + 1, rel); return true; }
        size_t push(const uint64_t *i, size_t n) { uint64_t t; size_t m = claim(n, t);
            if (LOOK) for (size_t k = 0; k < m; k += 4) prefw(&r->slots[(t + k) & r->mask]);
            for (size_t k = 0; k < m; k++) { Slot &s = r->slots[(t + k) & r->mask]; s.value.store(i[k], rlx); s.turn.store(t + k + 1, rel); }
            return m; }
    };
    struct C { Word *r;
        bool pop(uint64_t &o) { uint64_t h = r->head.v.load(rlx);
            while (true) { Slot &s = r->slots[h & r->mask];
                if (s.turn.load(acq) != h + 1) { uint64_t again = r->head.v.load(rlx); if (again == h) return false; h = again; continue; }
                uint64_t v = s.value.load(rlx);
                if (r->head.v.compare_exchange_weak(h, h + 1, rel, rlx)) { o = v; return true; } } }
        size_t pop(uint64_t *o, size_t n) { uint64_t h = r->head.v.load(rlx);
            while (true) { size_t m = 0;
                if (LOOK) for (size_t k = 4; k < n; k += 4) __builtin_prefetch(&r->slots[(h + k) & r->mask]);
                while (m < n) { Slot &s = r->slots[(h + m) & r->mask]; if (s.turn.load(acq) != h + m + 1) break; o[m++] = s.value.load(rlx); }
                if (!m) { uint64_t again = r->head.v.load(rlx); if (again == h) return 0; h = again; continue; }
                if (r->head.v.compare_exchange_weak(h, h + m, rel, rlx)) return m; } }
    };
    P producer() { return {this}; }
    C consumer() { return {this}; }
};

// Dense elements, a byte a slot.
template <int LOOK> struct Byte {
    struct alignas(256) Pos { std::atomic<uint64_t> v{0}; };
    Pos tail, head; uint64_t mask; int shift; std::atomic<uint64_t> *values; std::atomic<uint8_t> *laps;
    explicit Byte(size_t n) : mask(n - 1), shift(__builtin_ctzll(n)) { values = (std::atomic<uint64_t> *)aligned_alloc(256, n * 8); laps = (std::atomic<uint8_t> *)aligned_alloc(256, n < 256 ? 256 : n); memset((void*)values, 0, n * 8); memset((void*)laps, 0, n); }
    ~Byte() { free(values); free(laps); }
    uint8_t lap(uint64_t t) const { return uint8_t(t >> shift) + 1; }
    struct P { Byte *r; uint64_t known = 0;
        size_t claim(size_t n, uint64_t &start) {
            start = r->tail.v.load(rlx);
            while (true) {
                uint64_t cap = r->mask + 1;
                uint64_t room = cap - (start - known);
                if ((int64_t)room < (int64_t)n) { known = r->head.v.load(acq); 
                    int64_t room2 = (int64_t)(cap - (start - known));
                    if (room2 <= 0) { uint64_t again = r->tail.v.load(rlx); if (again == start) return 0; start = again; continue; }
                    room = room2; if (room > cap) room = cap; }
                size_t m = n < room ? n : room;
                if (r->tail.v.compare_exchange_weak(start, start + m, rlx)) return m;
            }
        }
        bool push(const uint64_t &i) { uint64_t t; if (!claim(1, t)) return false;
            if (LOOK && (t & 7) == 0 && t + LOOK - known <= r->mask) prefw(&r->values[(t + LOOK) & r->mask]);
            r->values[t & r->mask].store(i, rlx); r->laps[t & r->mask].store(r->lap(t), rel); return true; }
        size_t push(const uint64_t *i, size_t n) { uint64_t t; size_t m = claim(n, t);
            if (LOOK) { for (size_t k = 0; k < m; k += 8) prefw(&r->values[(t + k) & r->mask]); prefw(&r->laps[t & r->mask]); }
            for (size_t k = 0; k < m; k++) r->values[(t + k) & r->mask].store(i[k], rlx);
            std::atomic_thread_fence(rel);
            for (size_t k = 0; k < m;) { uint64_t at = (t + k) & r->mask;
                if ((at & 7) == 0 && m - k >= 8) { __atomic_store_n((uint64_t *)&r->laps[at], r->lap(t + k) * 0x0101010101010101ull, __ATOMIC_RELAXED); k += 8; }
                else { r->laps[at].store(r->lap(t + k), rlx); k++; } }
            return m; }
    };
    struct C { Byte *r;
        bool pop(uint64_t &o) { uint64_t h = r->head.v.load(rlx);
            while (true) { 
                if (r->laps[h & r->mask].load(acq) != r->lap(h)) { uint64_t again = r->head.v.load(rlx); if (again == h) return false; h = again; continue; }
                uint64_t v = r->values[h & r->mask].load(rlx);
                if (r->head.v.compare_exchange_weak(h, h + 1, rel, rlx)) { o = v; return true; } } }
        size_t pop(uint64_t *o, size_t n) { uint64_t h = r->head.v.load(rlx);
            while (true) { size_t m = 0;
                if (LOOK) for (size_t k = 8; k < n; k += 8) __builtin_prefetch(&r->values[(h + k) & r->mask]);
                while (m < n) { uint64_t at = (h + m) & r->mask;
                    if ((at & 7) == 0 && n - m >= 8 && __atomic_load_n((uint64_t *)&r->laps[at], __ATOMIC_ACQUIRE) == r->lap(h + m) * 0x0101010101010101ull) { m += 8; continue; }
                    if (r->laps[at].load(acq) != r->lap(h + m)) break; m++; }
                for (size_t k = 0; k < m; k++) o[k] = r->values[(h + k) & r->mask].load(rlx);
                if (!m) { uint64_t again = r->head.v.load(rlx); if (again == h) return 0; h = again; continue; }
                if (r->head.v.compare_exchange_weak(h, h + m, rel, rlx)) return m; } }
    };
    P producer() { return {this}; }
    C consumer() { return {this}; }
};

template <int LOOK, int BACK, int CLOOK, int STRIDE, int EMPTY> struct Word2 {
    struct alignas(STRIDE) Slot { std::atomic<uint64_t> turn; std::atomic<uint64_t> value; };
    struct alignas(256) Pos { std::atomic<uint64_t> v{0}; };
    static constexpr uint64_t per = STRIDE >= 64 ? 1 : 64 / STRIDE;
    Pos tail, head; uint64_t mask; Slot *slots;
    explicit Word2(size_t n) : mask(n - 1) { slots = (Slot *)aligned_alloc(256, n * sizeof(Slot)); memset((void*)slots, 0, n * sizeof(Slot)); }
    ~Word2() { free(slots); }
    static void pauses(int &k) { if (BACK) { for (int i = 0; i < (1 << k); i++) __builtin_ia32_pause(); if (k < BACK) k++; } }
    struct P { Word2 *r; uint64_t known = 0;
        __attribute__((noinline)) size_t room(size_t n, uint64_t &start) {
            while (true) {
            known = r->head.v.load(acq); uint64_t cap = r->mask + 1;
            int64_t room = (int64_t)(cap - (start - known));
            if (room > 0) return room > (int64_t)cap ? cap : room;
            uint64_t again = r->tail.v.load(rlx); if (again == start) return 0; start = again; }
        }
        size_t claim(size_t n, uint64_t &start) {
            int k = 0;
            start = r->tail.v.load(rlx);
            while (true) {
                uint64_t room = r->mask + 1 - (start - known);
                if ((int64_t)room < (int64_t)n) { room = this->room(n, start); if (!room) return 0; }
                size_t m = n < room ? n : room;
                if (r->tail.v.compare_exchange_weak(start, start + m, rlx)) return m;
                pauses(k); if (BACK) start = r->tail.v.load(rlx);
            }
        }
        bool push(const uint64_t &i) { uint64_t t; if (!claim(1, t)) return false;
            Slot &s = r->slots[t & r->mask];
            if (LOOK && (t % per) == 0 && t + LOOK - known <= r->mask) prefw(&r->slots[(t + LOOK) & r->mask]);
            s.value.store(i, rlx); s.turn.store(t + 1, rel); return true; }
        size_t push(const uint64_t *i, size_t n) { uint64_t t; size_t m = claim(n, t);
            if (LOOK) for (size_t k = 0; k < m; k += per) prefw(&r->slots[(t + k) & r->mask]);
            for (size_t k = 0; k < m; k++) { Slot &s = r->slots[(t + k) & r->mask]; s.value.store(i[k], rlx); s.turn.store(t + k + 1, rel); }
            return m; }
    };
    struct C { Word2 *r; uint64_t knownTail = 0, asked = 0;
        bool pop(uint64_t &o) { int k = 0; uint64_t h = r->head.v.load(rlx);
            while (true) { Slot &s = r->slots[h & r->mask];
                if (s.turn.load(acq) != h + 1) { uint64_t again = r->head.v.load(rlx); if (again == h) { if (EMPTY) __builtin_ia32_pause(); return false; } h = again; continue; }
                uint64_t v = s.value.load(rlx);
                if (r->head.v.compare_exchange_weak(h, h + 1, rel, rlx)) { o = v; 
                    if (CLOOK && (h % per) == 0) { if (h + CLOOK < knownTail) __builtin_prefetch(&r->slots[(h + CLOOK) & r->mask]);
                      else if (h - asked > 64) { asked = h; knownTail = r->tail.v.load(rlx); } }
                    return true; } pauses(k); if (BACK) h = r->head.v.load(rlx); } }
        size_t pop(uint64_t *o, size_t n) { int bk = 0; uint64_t h = r->head.v.load(rlx);
            while (true) { size_t m = 0;
                if (CLOOK) for (size_t k = per; k < n; k += per) __builtin_prefetch(&r->slots[(h + k) & r->mask]);
                while (m < n) { Slot &s = r->slots[(h + m) & r->mask]; if (s.turn.load(acq) != h + m + 1) break; o[m++] = s.value.load(rlx); }
                if (!m) { uint64_t again = r->head.v.load(rlx); if (again == h) return 0; h = again; continue; }
                if (r->head.v.compare_exchange_weak(h, h + m, rel, rlx)) return m; pauses(bk); if (BACK) h = r->head.v.load(rlx); } }
    };
    P producer() { return {this}; }
    C consumer() { return {this}; }
};
const bool added = [] {
    add_mpmc<Word2<16,4,16,16,0>>("w_b4");
    add_mpmc<Word2<16,6,16,16,0>>("w_b6");
    add_mpmc<Word2<16,8,16,16,0>>("w_b8");
    add_mpmc<Word2<16,10,16,16,0>>("w_b10");
    return true;
}();
}
