/// A row of cells in one raw block, `spacing` bytes apart.
///
/// Words that different threads write stand `CellBlock.apart` bytes from each other, so that
/// neither a cache line nor the pair of lines that the prefetcher fetches together holds two of
/// them. Cells of one writer may stand densely.
@safe
@frozen
public struct CellBlock<C: Cell64 & ~Copyable>: ~Copyable, @unchecked Sendable {
    // SAFETY: (unchecked Sendable) the address, spacing and count never change; what they point
    // at are cells, which are Sendable and synchronise themselves.
    // Checked by: "the modelled ring keeps every promise in every interleaving".
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let spacing: Int
    @usableFromInline let count: Int

    /// Creates `count` cells, the i-th made by `make(i)`.
    init(count: Int, spacing: Int, make: (Int) -> C) {
        precondition(spacing >= MemoryLayout<C>.stride, "cells would overlap")
        // SAFETY: every cell lies at a multiple of spacing inside the block that is allocated
        // here, is initialised before anyone sees the address, and is deinitialised in deinit.
        unsafe self.base = UnsafeMutableRawPointer.allocate(
            byteCount: Swift.max(1, count) * spacing,
            alignment: cellSpacing
        )
        self.spacing = spacing
        self.count = count
        for index in 0..<count {
            unsafe (base + index * spacing).bindMemory(to: C.self, capacity: 1)
                .initialize(to: make(index))
        }
    }

    deinit {
        // SAFETY: init put a cell at each of these addresses, and nobody else holds the block.
        for index in 0..<count {
            unsafe (base + index * spacing).assumingMemoryBound(to: C.self)
                .deinitialize(count: 1)
        }
        unsafe base.deallocate()
    }

    /// The cursor over the cell at `index`.
    ///
    /// - Safety: the cursor must not outlive the block.
    @unsafe
    @inlinable @inline(__always)
    func cursor(_ index: Int) -> Cursor<C> {
        assert(index >= 0 && index < count, "no such cell")
        // SAFETY: init bound and initialised a cell at this address; index is in range.
        return unsafe Cursor((base + index &* spacing).assumingMemoryBound(to: C.self))
    }
}

/// The cursors over a dense row of cells, by sequence: one word a slot.
@safe
@frozen
@usableFromInline
struct CursorRow<C: Cell64 & ~Copyable>: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) an immutable address of Sendable cells, and a number.
    // Checked by: "the modelled ring keeps every promise in every interleaving".
    @usableFromInline let base: UnsafeMutablePointer<C>
    @usableFromInline let mask: UInt64

    /// - Safety: `block` must be dense, have `mask` + 1 cells, and outlive the row.
    @unsafe
    init(_ block: borrowing CellBlock<C>, mask: UInt64) {
        unsafe base = block.base.assumingMemoryBound(to: C.self)
        self.mask = mask
    }

    @inlinable @inline(__always)
    subscript(sequence: UInt64) -> Cursor<C> {
        // SAFETY: the index is masked by the number of cells less one.
        unsafe Cursor(base + Int(truncatingIfNeeded: sequence & mask))
    }
}

/// Bytes between words that different threads write: two pairs of 64-byte lines.
///
/// 128 suffice for the adjacent-line prefetcher; 256 measured no slower and leave room for
/// machines with 128-byte lines (`performance.md` has the runs).
@usableFromInline let cellSpacing = 256

/// Bytes that move between cores together.
@inlinable @inline(__always)
var cacheLine: Int { 64 }
