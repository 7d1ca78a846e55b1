"""One partition of the sample broker, and what a consumer group knows of it.

Times are seconds on whatever clock the caller uses.
"""

import heapq
from bisect import bisect_left, insort

DEDUP_WINDOW = 1024  # sequence numbers remembered for each producer and partition


class Refused(Exception):
    """The request certainly had no effect."""


class Log:
    """One partition: the stored events, and what is known of their producers."""

    def __init__(self):
        self.records, self.next, self.producers = {}, 0, {}

    def append(self, record):
        self.records[self.next] = record
        self.next += 1
        return self.next - 1

    def known_offset(self, producer, epoch, sequence):
        """The offset of an earlier copy, or None; refuses what is too old to tell."""
        last_epoch, offsets, newest = self.producers.get(producer, (epoch, {}, -1))
        if epoch < last_epoch:
            raise Refused(f"epoch {epoch} of producer {producer} is over")
        if epoch > last_epoch:
            offsets, newest = {}, -1
        self.producers[producer] = (epoch, offsets, newest)
        if sequence <= newest - DEDUP_WINDOW:
            raise Refused(f"sequence {sequence} is older than the window")
        return offsets.get(sequence)

    def remember(self, producer, epoch, sequence, offset):
        _, offsets, newest = self.producers[producer]
        offsets[sequence] = offset
        for old in range(newest - DEDUP_WINDOW + 1, sequence - DEDUP_WINDOW + 1):
            offsets.pop(old, None)
        self.producers[producer] = (epoch, offsets, max(newest, sequence))


class Cursor:
    """What one group knows of one partition."""

    def __init__(self, log, lease):
        self.log, self.lease, self.next, self.holder = log, lease, 0, None
        self.leases = {}  # offset: (attempt, deadline)
        self.deadlines = []  # heap of (deadline, offset, attempt); outdated entries are skipped
        self.attempts = {}  # offset: deliveries so far
        self.due = []  # heap of (time, offset); outdated entries are skipped
        self.not_before = {}  # offset: when it may be delivered again
        self.waiting = {}  # key: its events that are held back, in order

    def claim(self, most, now):
        """Leases up to `most` events: those to deliver again first, then new ones."""
        self.expire(now)
        claimed = []
        while self.due and len(claimed) < most and self.due[0][0] <= now:
            due, offset = heapq.heappop(self.due)
            # One behind another of its key is put back when that one is done.
            if self.not_before.get(offset) == due and self.is_first_of_key(offset):
                del self.not_before[offset]
                claimed.append(self.hand_out(offset, now))
        while self.next < self.log.next and len(claimed) < most:
            offset, self.next = self.next, self.next + 1
            if offset not in self.log.records:
                continue
            key = self.log.records[offset]["key"]
            if key in self.waiting:
                self.waiting[key].append(offset)
                self.not_before[offset] = 0.0
            else:
                claimed.append(self.hand_out(offset, now))
        return claimed

    def hand_out(self, offset, now):
        attempt = self.attempts[offset] = self.attempts.get(offset, 0) + 1
        self.set_lease(offset, attempt, now + self.lease)
        return offset, attempt

    def set_lease(self, offset, attempt, deadline):
        self.leases[offset] = (attempt, deadline)
        heapq.heappush(self.deadlines, (deadline, offset, attempt))

    def expire(self, now):
        while self.deadlines and self.deadlines[0][0] <= now:
            deadline, offset, attempt = heapq.heappop(self.deadlines)
            if self.leases.get(offset) == (attempt, deadline):
                self.release(offset, now)

    def holds(self, offset, attempt, now):
        held, deadline = self.leases.get(offset, (0, 0.0))
        return held == attempt and now < deadline

    def is_first_of_key(self, offset):
        key = self.log.records[offset]["key"]
        return key is None or self.waiting[key][0] == offset

    def release(self, offset, due):
        """Ends a lease without success: the event comes again, not before `due`."""
        del self.leases[offset]
        key = self.log.records[offset]["key"]
        if key is not None:
            held_back = self.waiting.setdefault(key, [])
            place = bisect_left(held_back, offset)
            if held_back[place : place + 1] != [offset]:
                insort(held_back, offset)
        self.not_before[offset] = due
        heapq.heappush(self.due, (due, offset))

    def finish(self, offset):
        """Ends a lease with success: the event never comes again."""
        del self.leases[offset], self.attempts[offset]
        record = self.log.records[offset]
        held_back = self.waiting.get(record["key"], [])
        place = bisect_left(held_back, offset)
        # Not the first if an earlier one of the key was taken back in the meantime.
        if held_back[place : place + 1] == [offset]:
            held_back.pop(place)
            if not held_back:
                del self.waiting[record["key"]]
            elif place == 0 and held_back[0] in self.not_before:
                first = held_back[0]
                heapq.heappush(self.due, (self.not_before[first], first))
        record["readers"] -= 1
        if record["readers"] == 0:
            del self.log.records[offset]
