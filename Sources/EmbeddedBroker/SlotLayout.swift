internal import Messaging

/// How an event lies in a slot: its header in the first cache line, its body behind it.
///
/// Both are published by one cursor, so a body costs no second ring. A body shorter than its
/// header says (a truncated one) is marked in the top bit of the header's length; its true
/// length then stands at the end of the slot, where such a body always leaves a byte.
struct SlotLayout: Hashable, Sendable {
    /// Bytes for the body: the topic's longest payload, in whole cache lines.
    let bodyBytes: Int

    /// Bytes of a slot.
    var stride: Int { Self.headerBytes + bodyBytes }

    static let headerBytes = 64
    private static let lineBytes = 64
    private static let truncated: UInt32 = 1 << 31
    /// In the last byte: the number of unused bytes stands before it, in four bytes.
    private static let longGap: UInt8 = 255

    init(largestPayloadBytes: Int) {
        precondition(MemoryLayout<EventHeader>.size == Self.headerBytes, "a header is one line")
        let lines = (largestPayloadBytes + Self.lineBytes - 1) / Self.lineBytes
        bodyBytes = lines * Self.lineBytes
    }

    /// Whether `event` can lie in a slot.
    func holds(_ event: OutboundEvent) -> Bool {
        let count = event.payload.count
        return count <= bodyBytes && count <= Int(event.header.payloadBytes)
            && Int(event.header.payloadBytes) <= bodyBytes
    }

    /// Writes an event that fits.
    ///
    /// - Safety: `slot` has `stride` bytes, aligned to 8, that nobody else touches.
    @unsafe
    func write(_ event: OutboundEvent, to slot: UnsafeMutableRawPointer) {
        // SAFETY: a header takes the first 64 bytes of the slot.
        unsafe slot.storeBytes(of: event.header, as: EventHeader.self)
        let count = event.payload.count
        // SAFETY: `holds` was asked: the body fits behind the header; payloads outlive the call.
        unsafe Self.copy(event.payload.bytes, to: slot + Self.headerBytes)
        if count != Int(event.header.payloadBytes) {
            // SAFETY: as for the header.
            unsafe markTruncated(event, in: slot)
        }
    }

    /// The header and the body of the event in `slot`.
    ///
    /// - Safety: `slot` holds an event, and goes on doing so while the reference is used.
    @unsafe
    func read(_ slot: UnsafeRawPointer) -> (header: EventHeader, payload: PayloadReference) {
        // SAFETY: a header takes the first 64 bytes of the slot.
        var header = unsafe slot.load(as: EventHeader.self)
        var count = Int(header.payloadBytes)
        if header.payloadBytes & Self.truncated != 0 {
            header.payloadBytes &= ~Self.truncated
            // SAFETY: the mark says that the slot's end holds the gap.
            count = unsafe bodyBytes &- gap(in: slot)
        }
        // SAFETY: the body was written behind the header with that length.
        let body = unsafe UnsafeRawBufferPointer(start: slot + Self.headerBytes, count: count)
        // SAFETY: the caller keeps the slot while the reference is used.
        return unsafe (header, PayloadReference(body))
    }

    /// The key of the event in `slot`.
    ///
    /// - Safety: `slot` holds an event.
    @unsafe
    func key(_ slot: UnsafeRawPointer) -> EventKey {
        // SAFETY: a header takes the first 64 bytes of the slot.
        unsafe slot.load(as: EventHeader.self).key
    }

    private func markTruncated(_ event: OutboundEvent, in slot: UnsafeMutableRawPointer) {
        var header = event.header
        header.payloadBytes |= Self.truncated
        let gap = bodyBytes - event.payload.count
        let end = stride - 1
        // SAFETY: count < payloadBytes <= bodyBytes, so the last byte is unused; and the four
        // bytes before it are too when 255 or more are.
        unsafe slot.storeBytes(of: header, as: EventHeader.self)
        unsafe slot.storeBytes(
            of: UInt8(min(gap, Int(Self.longGap))),
            toByteOffset: end,
            as: UInt8.self
        )
        if gap >= Int(Self.longGap) {
            unsafe slot.storeBytes(of: UInt32(gap), toByteOffset: end - 4, as: UInt32.self)
        }
    }

    private func gap(in slot: UnsafeRawPointer) -> Int {
        let end = stride - 1
        // SAFETY: the last byte of the slot, and the four before it, lie in the body.
        let short = unsafe slot.load(fromByteOffset: end, as: UInt8.self)
        guard short == Self.longGap else { return Int(short) }
        return Int(unsafe slot.loadUnaligned(fromByteOffset: end - 4, as: UInt32.self))
    }

    /// Copies whole cache lines by vector moves, the rest by `memcpy`.
    private static func copy(_ body: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
        guard let source = body.baseAddress else { return }
        let count = body.count
        var offset = 0
        while offset &+ lineBytes <= count {
            // SAFETY: offset + 64 <= count, which both sides have.
            unsafe target.storeBytes(
                of: source.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self),
                toByteOffset: offset,
                as: SIMD8<UInt64>.self
            )
            offset &+= lineBytes
        }
        guard offset < count else { return }
        // SAFETY: the rest lies in both.
        unsafe (target + offset).copyMemory(from: source + offset, byteCount: count &- offset)
    }
}
