internal import CGyreShims
internal import Messaging
internal import RingCore

/// The bytes of a shelf's events: one slot each, allocated once.
///
/// Never initialised as a whole: pages that no shelved event has used cost no memory.
@safe
struct ShelvedBytes: ~Copyable, @unchecked Sendable {
    // SAFETY: (unchecked Sendable) the only owner of the block, which is part of a state that is
    // touched under one lock alone.
    // Checked by: "two threads lose, double and reorder nothing" under the thread sanitizer.
    private let base: UnsafeMutableRawPointer
    let layout: SlotLayout

    init(capacity: Int, layout: SlotLayout) {
        // SAFETY: freed in `deinit`; every access is checked against the capacity.
        unsafe base = .allocate(byteCount: capacity * layout.stride, alignment: 64)
        self.layout = layout
    }

    deinit {
        // SAFETY: allocated in `init`, freed once, here.
        unsafe base.deallocate()
    }

    /// Where the event at place `slot` lies.
    ///
    /// - Safety: `slot` is below the capacity; the bytes are valid while the event is shelved.
    @unsafe
    func address(_ slot: Int) -> UnsafeMutableRawPointer {
        // SAFETY: the caller stays below the capacity.
        unsafe base + slot &* layout.stride
    }
}

/// The events that a group sees of a partition: in the ring, and on its shelf.
struct RingEvents: ~Copyable, EventStore {
    var reader: RingReader
    let shelved: ShelvedBytes

    func key(of offset: UInt64) -> EventKey {
        // SAFETY: a group asks for events that it has claimed or is claiming, so not released.
        unsafe shelved.layout.key(reader.slot(offset))
    }

    func shelve(_ offset: UInt64, into slot: Int) {
        // SAFETY: the offset is not released yet, and the shelf has given the place to it alone.
        unsafe shelved.address(slot).copyMemory(
            from: reader.slot(offset),
            byteCount: shelved.layout.stride
        )
    }

    /// Asks for the lines of an event in the ring, which its writer owns, before they are read.
    @inline(__always)
    func prefetch(_ offset: UInt64) {
        // SAFETY: every number has a slot of `stride` bytes; a prefetch reads nothing.
        let slot = unsafe reader.slot(offset)
        unsafe gyre_prefetch_read(slot)
        unsafe gyre_prefetch_read(slot + SlotLayout.headerBytes)
    }

    /// The slot of an event.
    ///
    /// - Safety: the event lies at `location`, and does so while the slot is read.
    @unsafe
    @inline(__always)
    func slot(_ offset: UInt64, at location: EventLocation) -> UnsafeRawPointer {
        switch location {
        case .ring:
            // SAFETY: the caller says that the offset is claimed and not released.
            unsafe reader.slot(offset)
        case .shelf(let slot):
            // SAFETY: the caller says that the shelf holds the event there.
            unsafe UnsafeRawPointer(shelved.address(slot))
        }
    }
}
