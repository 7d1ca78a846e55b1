/// A fixed-capacity buffer of plain values that is filled, passed on and emptied.
///
/// What modules hand to one another: calls are per batch, never per event. Allocates once, in
/// `init`; one owner, one thread at a time.
@safe
public struct Batch<Element: BitwiseCopyable>: ~Copyable {
    @usableFromInline let base: UnsafeMutablePointer<Element>

    /// How many elements fit.
    public let capacity: Int

    /// How many elements it holds.
    @inlinable public var count: Int { storedCount }

    @usableFromInline var storedCount: Int

    /// An empty batch with room for `capacity` elements.
    public init(capacity: Int) {
        precondition(capacity > 0, "a batch holds at least one element")
        // SAFETY: freed in `deinit`; every access is checked against `count`.
        unsafe base = .allocate(capacity: capacity)
        self.capacity = capacity
        storedCount = 0
    }

    deinit {
        // SAFETY: allocated in `init`, freed once, here; elements are plain values.
        unsafe base.deallocate()
    }

    /// Whether it holds nothing.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// Whether nothing more fits.
    @inlinable public var isFull: Bool { count == capacity }

    /// How many more elements fit.
    @inlinable public var room: Int { capacity &- count }

    /// The element at `index`, which must be below `count`.
    @inlinable
    public subscript(index: Int) -> Element {
        get {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index beyond batch")
            // SAFETY: index < count <= capacity.
            return unsafe base[index]
        }
        set {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index beyond batch")
            // SAFETY: index < count <= capacity.
            unsafe base[index] = newValue
        }
    }

    /// Where the element at `index` lies, which must be below `count`.
    ///
    /// - Safety: the address is good until the next change of the batch.
    @inlinable
    @unsafe
    public func address(_ index: Int) -> UnsafePointer<Element> {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index beyond batch")
        // SAFETY: index < count <= capacity.
        return unsafe UnsafePointer(base + index)
    }

    /// Adds one element at the end; traps when full.
    @inlinable
    public mutating func append(_ element: Element) {
        precondition(count < capacity, "batch is full")
        // SAFETY: count < capacity.
        unsafe (base + count).initialize(to: element)
        storedCount &+= 1
    }

    /// Makes room for one element at the end and says where it lies; traps when full.
    ///
    /// For large elements, which are then written once, in place.
    /// - Safety: the caller writes all of the element before anything else is done with the batch.
    @inlinable
    @unsafe
    public mutating func grow() -> UnsafeMutablePointer<Element> {
        precondition(count < capacity, "batch is full")
        storedCount &+= 1
        // SAFETY: count < capacity before.
        return unsafe base + (count &- 1)
    }

    /// Forgets every element.
    @inlinable
    public mutating func removeAll() {
        storedCount = 0
    }

    /// Forgets the first `removed` elements and moves the rest to the front.
    ///
    /// O(rest).
    public mutating func removeFirst(_ removed: Int) {
        precondition(removed <= count, "cannot remove more than the batch holds")
        guard removed > 0 else { return }
        // SAFETY: removed <= count <= capacity, and update handles the overlap.
        unsafe base.update(from: base + removed, count: count - removed)
        storedCount -= removed
    }
}
