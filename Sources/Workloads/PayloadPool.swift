public import Messaging

/// One of a producer's bodies.
@frozen
public struct PooledBody: BitwiseCopyable {
    /// The bytes, which live as long as the pool.
    public let payload: PayloadReference
    /// `KeyedHash.digest(ofBody:)` of them.
    public let digest: UInt64
}

/// The bodies of a producer, made once and shared by reference.
///
/// Several differing bodies are used even for a fixed size, so that a broker which hands out the
/// body of another event is caught. Every body starts on a 64-byte boundary.
@safe
public final class PayloadPool: @unchecked Sendable {
    // SAFETY: unsynchronised are the bytes behind `bodies` and `arena`. Both are written in `init`
    // alone, before any other thread can hold the object, and freed in `deinit`, which the last
    // release happens-before. Checked by: "bodies survive concurrent readers".

    /// What one pool may take at most, in bytes.
    public static let memoryLimit = 1 << 30

    /// The memory that automatically sized pools stay within, in bytes.
    static let automaticMemory = 64 << 20

    @usableFromInline let bodies: UnsafeMutablePointer<PooledBody>
    @usableFromInline let picker: KeyedHash
    @usableFromInline let isDrawn: Bool
    private let arena: UnsafeMutableRawPointer

    /// How many bodies there are.
    public let count: Int
    /// The length of the longest body.
    public let largestBytes: Int
    /// The mean length over the bodies.
    public let meanBytes: Double

    /// Makes the bodies of `source`; `loading` gives the bytes of a file by its path.
    public convenience init(
        _ source: PayloadSource,
        hash: KeyedHash,
        loading: (String) throws -> [UInt8]
    ) throws(WorkloadError) {
        let recipe = try PayloadRecipe(source, hash: hash, loading: loading)
        try self.init(recipe, hash: hash)
    }

    private init(_ recipe: PayloadRecipe, hash: KeyedHash) throws(WorkloadError) {
        let strides = recipe.sizes.map { ($0 + 63) & ~63 }
        let total = strides.reduce(0, +)
        guard total <= Self.memoryLimit else {
            throw .tooLarge(what: "the payload pool", bytes: total, limit: Self.memoryLimit)
        }
        count = recipe.sizes.count
        largestBytes = recipe.sizes.max() ?? 0
        meanBytes = Double(recipe.sizes.reduce(0, +)) / Double(count)
        picker = hash.derived(for: 0x7069_636B)
        isDrawn = recipe.isDrawn
        // SAFETY: both live until `deinit`; every body is initialised below.
        unsafe arena = .allocate(byteCount: max(64, total), alignment: 64)
        unsafe bodies = .allocate(capacity: count)
        var offset = 0
        for body in 0..<count {
            // SAFETY: the strides add up to the arena's size and cover each body's length.
            let target = unsafe UnsafeMutableRawBufferPointer(
                start: arena + offset,
                count: recipe.sizes[body]
            )
            unsafe recipe.fill(target, body: body)
            // SAFETY: body < count; the arena lives as long as the pool and is not written again.
            unsafe (bodies + body).initialize(
                to: PooledBody(
                    payload: PayloadReference(UnsafeRawBufferPointer(target)),
                    digest: KeyedHash.digest(ofBody: UnsafeRawBufferPointer(target))
                )
            )
            offset += strides[body]
        }
    }

    deinit {
        // SAFETY: nobody holds the pool any more, and references are promised to die before it.
        unsafe bodies.deallocate()
        unsafe arena.deallocate()
    }

    /// The body of event number `n`.
    ///
    /// Cost: about 1 ns.
    @inlinable @inline(__always)
    public func body(_ n: UInt64) -> PooledBody {
        let count = UInt64(truncatingIfNeeded: count)
        let place: UInt64
        if isDrawn {
            place = picker.hash(n, 0).multipliedFullWidth(by: count).high
        } else if count & (count &- 1) == 0 {
            // The usual count, without the division.
            place = n & (count &- 1)
        } else {
            place = n % count
        }
        // SAFETY: all forms give a place below `count`.
        return unsafe bodies[Int(truncatingIfNeeded: place)]
    }
}
