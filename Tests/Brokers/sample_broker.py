#!/usr/bin/env python3
"""A small, correct broker in memory that speaks Gyre's subprocess protocol.

Every group sees every event. The members of a group share its partitions: a partition belongs
to one of the members that asked lately, and changes hands only while none of its events is
leased. A refused or expired event holds back the later events of its key.
"""

import json
import os
import sys
import time
import zlib

from partition import Cursor, Log, Refused

CAPABILITIES = ["confirm", "nack", "redelivery", "offsets", "extend", "dedup", "key-order"]
MEMBER_SECONDS = 1.0  # a member that has not asked for so long has left


class Broker:
    """Answers requests, one after the other."""

    cursor_type = Cursor

    def __init__(self):
        self.logs, self.cursors, self.members, self.closed = {}, {}, {}, False

    def answer(self, request):
        operation = getattr(self, request["op"].replace("-", "_"))
        try:
            return {"id": request["id"], "ok": operation(request)}
        except Refused as refusal:
            error = {"message": str(refusal), "definite": True}
            return {"id": request["id"], "error": error}

    def open(self, request):
        config, groups = request["config"], request["config"].get("groups", {})
        self.logs = {t["name"]: [Log() for _ in range(t["partitions"])] for t in request["topics"]}
        for group in request["groups"]:
            own = groups.get(group, {})
            lease = own.get("lease_ms", config.get("lease_ms", 30000)) / 1000
            self.members[group] = {}
            for topic in [own["topic"]] if "topic" in own else self.logs:
                cursors = [self.cursor_type(log, lease) for log in self.logs[topic]]
                self.cursors[group, topic] = cursors
        return {"capabilities": CAPABILITIES}

    def publish(self, request):
        logs, key = self.logs[request["topic"]], request.get("key")
        partition = request.get("partition", zlib.crc32((key or "").encode()) % len(logs))
        log, offset = logs[partition], None
        if "sequence" in request:
            identity = request["producer"], request["epoch"], request["sequence"]
            offset = log.known_offset(*identity)
        if offset is None:
            readers = sum(topic == request["topic"] for _, topic in self.cursors)
            body, headers = request["payload"], request.get("headers", {})
            record = {"key": key, "headers": headers, "payload": body, "readers": readers}
            offset = log.append(record)
            if "sequence" in request:
                log.remember(*identity, offset)
            if readers == 0:
                del log.records[offset]
        return {"partition": partition, "offset": offset}

    def receive(self, request):
        now, group, member = time.monotonic(), request["group"], request["consumer"]
        asked, deliveries = self.members[group], []
        asked[member] = now
        live = sorted(m for m, last in asked.items() if now - last < MEMBER_SECONDS)
        cursors = self.cursors[group, request["topic"]]
        for partition in range(live.index(member), len(cursors), len(live)):
            cursor = cursors[partition]
            cursor.expire(now)
            if cursor.leases and cursor.holder != member:
                continue
            cursor.holder = member
            for offset, attempt in cursor.claim(request["max"] - len(deliveries), now):
                deliveries.append(
                    self.delivery(request["topic"], partition, cursor, offset, attempt))
        return deliveries

    def delivery(self, topic, partition, cursor, offset, attempt):
        record = cursor.log.records[offset]
        return {
            "topic": topic, "partition": partition, "offset": offset, "key": record["key"],
            "headers": record["headers"], "payload": record["payload"], "attempt": attempt,
            "redelivered": attempt > 1, "receipt": f"{partition}/{offset}/{attempt}/{topic}",
        }

    def settle(self, request, action):
        """Acts on every lease that is still held; the receipts of the others are stale."""
        now, stale = time.monotonic(), []
        for receipt in request["receipts"]:
            partition, offset, attempt, topic = receipt.split("/", 3)
            cursor = self.cursors[request["group"], topic][int(partition)]
            if cursor.holds(int(offset), int(attempt), now):
                action(cursor, int(offset), int(attempt), now)
            else:
                stale.append(receipt)
        return {"stale": stale} if stale else {}

    def ack(self, request):
        return self.settle(request, lambda cursor, offset, *_: cursor.finish(offset))

    def nack(self, request):
        delay = request["delay_ms"] / 1000
        return self.settle(
            request, lambda cursor, offset, _, now: cursor.release(offset, now + delay))

    def extend(self, request):
        more = request["by_ms"] / 1000
        return self.settle(
            request,
            lambda cursor, offset, attempt, now: cursor.set_lease(offset, attempt, now + more))

    def close(self, request):
        self.closed = True
        return {}


def serve(broker, encode=lambda reply: [json.dumps(reply, separators=(",", ":"))]):
    """Answers standard input until it ends or `close` is asked for."""
    unfinished = b""
    while not broker.closed and (chunk := os.read(0, 1 << 18)):
        *lines, unfinished = (unfinished + chunk).split(b"\n")
        for line in lines:
            for text in encode(broker.answer(json.loads(line))):
                sys.stdout.write(text + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve(Broker())
