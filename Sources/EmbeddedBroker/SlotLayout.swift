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
        precondition(
            MemoryLayout<OutboundEvent>.offset(of: \.header) == 0,
            "an event begins with its header"
        )
        precondition(
            MemoryLayout<Delivery>.offset(of: \.header) == 0,
            "a delivery begins with its header"
        )
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
    /// The header goes from memory to memory as one vector: the fewer stores, the fewer places they
    /// take in the store buffer, where they wait for lines that a reader has.
    /// - Safety: `slot` has `stride` bytes, aligned to 8, that nobody else touches; `event` is
    ///   readable.
    @unsafe
    func write(_ event: UnsafePointer<OutboundEvent>, to slot: UnsafeMutableRawPointer) {
        // SAFETY: a header is as long as the vector, begins the event, and takes the first 64
        // bytes of the slot.
        unsafe slot.storeBytes(
            of: UnsafeRawPointer(event).loadUnaligned(as: SIMD8<UInt64>.self),
            as: SIMD8<UInt64>.self
        )
        let payload = unsafe event.pointee.payload
        // SAFETY: `holds` was asked: the body fits behind the header; payloads outlive the call.
        unsafe Self.copy(payload.bytes, to: slot + Self.headerBytes)
        if unsafe payload.count != Int(event.pointee.header.payloadBytes) {
            // SAFETY: as for the header.
            unsafe markTruncated(slot, to: payload.count)
        }
    }

    /// Writes header and body of the event in `slot` into a delivery, whose other fields stay.
    ///
    /// - Safety: `slot` holds an event, and goes on doing so while the body is used; `delivery`
    ///   may be written.
    @unsafe
    func read(_ slot: UnsafeRawPointer, into delivery: UnsafeMutablePointer<Delivery>) {
        // SAFETY: a header takes the first 64 bytes of the slot, and of the delivery.
        unsafe UnsafeMutableRawPointer(delivery).storeBytes(
            of: slot.load(as: SIMD8<UInt64>.self),
            as: SIMD8<UInt64>.self
        )
        let said = unsafe slot.load(as: EventHeader.self).payloadBytes
        if said & Self.truncated != 0 {
            unsafe delivery.pointee.header.payloadBytes = said & ~Self.truncated
        }
        unsafe delivery.pointee.payload = payload(slot)
    }

    /// The body of the event in `slot`.
    ///
    /// - Safety: `slot` holds an event, and goes on doing so while the reference is used.
    @unsafe
    @inline(__always)
    func payload(_ slot: UnsafeRawPointer) -> PayloadReference {
        // SAFETY: a header takes the first 64 bytes of the slot.
        let said = unsafe slot.load(as: EventHeader.self).payloadBytes
        var count = Int(said)
        // SAFETY: the mark says that the slot's end holds the gap.
        if said & Self.truncated != 0 { count = unsafe bodyBytes &- gap(in: slot) }
        // SAFETY: the body was written behind the header with that length.
        let body = unsafe UnsafeRawBufferPointer(start: slot + Self.headerBytes, count: count)
        // SAFETY: the caller keeps the slot while the reference is used.
        return unsafe PayloadReference(body)
    }

    /// The key of the event in `slot`.
    ///
    /// - Safety: `slot` holds an event.
    @unsafe
    func key(_ slot: UnsafeRawPointer) -> EventKey {
        // SAFETY: a header takes the first 64 bytes of the slot.
        unsafe slot.load(as: EventHeader.self).key
    }

    @inline(never)
    private func markTruncated(_ slot: UnsafeMutableRawPointer, to count: Int) {
        // SAFETY: the slot's header was just written.
        var header = unsafe slot.load(as: EventHeader.self)
        header.payloadBytes |= Self.truncated
        let gap = bodyBytes - count
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
