#!/usr/bin/env python3
"""The sample broker with one defect, to see whether Gyre finds it.

Which events a defect hits is a function of the seed and the event, not of time.
"""

import argparse
import base64
import json
import sys
import time
import zlib

import sample_broker
from partition import Cursor, Refused
from sample_broker import Broker

DEFECTS = {
    "lose": "confirms events that it does not store",
    "store-twice": "stores events twice",
    "deliver-twice": "delivers events again while they are leased, as if for the first time",
    "skip": "never delivers some events to one group",
    "swap-order": "swaps neighbours of one key within a reply",
    "swap-senders": "swaps the ends of a reply where their senders differ",
    "split-order": "the same, to one group alone",
    "swap-bodies": "swaps the bodies of neighbours within a reply",
    "corrupt": "changes one byte of a body",
    "invent": "delivers events that nobody sent",
    "store-refused": "stores events whose refusal it calls definite",
    "redeliver-acked": "delivers events again that were acknowledged",
    "lie-attempt": "does not count a delivery, or counts it thrice",
    "lie-flag": "calls a delivery new that is not",
    "lie-offset": "confirms events at an offset that is not theirs",
    "honour-stale": "takes a late acknowledgement for the lease that replaced it",
    "start-at-two": "calls the first delivery the second",
    "change-header": "changes a header that no digest covers",
    "ignore-backoff": "delivers refused events again at once",
    "forget-nacked": "never delivers refused events again",
    "misroute": "stores events in the next partition",
    "crash": "exits after --after events",
    "garbage": "writes a line that is not JSON after --after events",
    "silent": "stops answering after --after events",
    "double-reply": "answers a request twice after --after events",
    "slow-start": "starts to answer after --seconds",
}


class FaultyCursor(Cursor):
    """A cursor that forgets or repeats on purpose; `broker` is set from outside."""

    broker = None

    def hand_out(self, offset, now):
        if self.broker.strikes("skip", self in self.broker.victims, offset):
            self.leases[offset], self.attempts[offset] = (0, 0.0), 0
            self.finish(offset)
            return None
        return super().hand_out(offset, now)

    def holds(self, offset, attempt, now):
        if super().holds(offset, attempt, now):
            return True
        return offset in self.leases and self.broker.strikes("honour-stale", True, offset)

    def claim(self, most, now):
        return [claimed for claimed in super().claim(most, now) if claimed]

    def release(self, offset, due):
        if self.broker.refusing and self.broker.strikes("forget-nacked", True, offset):
            self.finish(offset)
        elif self.broker.refusing and self.broker.strikes("ignore-backoff", True, offset):
            super().release(offset, time.monotonic())
        else:
            super().release(offset, due)

    def finish(self, offset):
        attempt = self.attempts[offset]
        if attempt == 1 and self.broker.strikes("redeliver-acked", True, offset):
            super().release(offset, time.monotonic())
        else:
            super().finish(offset)


class FaultyBroker(Broker):
    """Has the defect that `options` name."""

    cursor_type = FaultyCursor

    def __init__(self, options):
        super().__init__()
        self.options, self.published, self.refusing = options, 0, False
        self.again, self.victims = {}, []
        FaultyCursor.broker = self

    def strikes(self, defect, applies, *what):
        """Whether the defect is `defect` and hits what is named."""
        if defect != self.options.defect or not applies:
            return False
        drawn = zlib.crc32(f"{self.options.seed}/{defect}/{what}".encode())
        # The checksum of near texts is near: spread it.
        return (drawn * 0x9E3779B1 & 0xFFFFFFFF) < self.options.rate * (1 << 32)

    def open(self, request):
        reply = super().open(request)
        self.victims = next(iter(self.cursors.values()), [])
        return reply

    def publish(self, request):
        self.published += 1
        topic, partition = request["topic"], request.get("partition", 0)
        log = self.logs[topic][partition]
        what = (topic, partition, request["headers"].get("gyre-n"))
        if self.strikes("lose", True, *what):
            log.next += 1
            return {"partition": partition, "offset": log.next - 1}
        if self.strikes("misroute", len(self.logs[topic]) > 1, *what):
            return super().publish(request | {"partition": (partition + 1) % len(self.logs[topic])})
        reply = super().publish(request)
        if self.strikes("store-twice", True, *what):
            super().publish({k: v for k, v in request.items() if k != "sequence"})
        if self.strikes("invent", True, *what):
            super().publish(self.invented(request))
        if self.strikes("lie-offset", True, *what):
            reply = reply | {"offset": reply["offset"] + 1}
        if self.strikes("store-refused", True, *what):
            raise Refused("refused, it says")
        return reply

    def invented(self, request):
        """An event that looks like this one, with a number that its producer never reached."""
        headers = dict(request["headers"])
        headers["gyre-id"] = f"{int(headers['gyre-id'], 16) + (1 << 40):016x}"
        headers["gyre-n"] = str(int(headers["gyre-n"]) + (1 << 40))
        return {k: v for k, v in request.items() if k != "sequence"} | {"headers": headers}

    def receive(self, request):
        place = (request["group"], request["consumer"])
        repeated = self.again.pop(place, [])
        now, later = repeated[: request["max"]], repeated[request["max"] :]
        fresh = super().receive(request | {"max": request["max"] - len(now)})
        self.again[place] = later + [dict(d) for d in fresh if self.hits("deliver-twice", d)]
        deliveries = now + fresh
        self.swap(deliveries)
        self.swap_ends(deliveries, request["group"])
        return [self.bent(delivery) for delivery in deliveries]

    def hits(self, defect, delivery):
        return self.strikes(
            defect, True, delivery["topic"], delivery["partition"], delivery["offset"])

    def swap(self, deliveries):
        last = {}
        for index, delivery in enumerate(deliveries):
            neighbour = last.get((delivery["partition"], delivery["key"]))
            last[delivery["partition"], delivery["key"]] = index
            if neighbour is None:
                continue
            other = deliveries[neighbour]
            if self.hits("swap-order", delivery):
                deliveries[neighbour], deliveries[index] = delivery, other
            if self.hits("swap-bodies", delivery):
                delivery["payload"], other["payload"] = other["payload"], delivery["payload"]

    def swap_ends(self, deliveries, group):
        ends = deliveries[:1] + deliveries[-1:]
        senders = {delivery["headers"].get("gyre-producer") for delivery in ends}
        if len(senders) < 2 or any(delivery["attempt"] > 1 for delivery in ends):
            return
        is_first = group == next(iter(self.members))
        if self.hits("swap-senders", ends[0]) or is_first and self.hits("split-order", ends[0]):
            deliveries[0], deliveries[-1] = ends[1], ends[0]

    def bent(self, delivery):
        """The delivery with whatever is wrong about it alone."""
        if self.hits("corrupt", delivery):
            body = bytearray(base64.b64decode(delivery["payload"])) or bytearray(1)
            body[len(body) // 2] ^= 0x40
            delivery["payload"] = base64.b64encode(body).decode()
        if delivery["attempt"] == 1 and self.hits("start-at-two", delivery):
            delivery["attempt"] = 2
        if self.hits("change-header", delivery):
            headers = delivery["headers"]
            delivery["headers"] = headers | {"gyre-sent": str(int(headers["gyre-sent"]) + 1)}
        if delivery["attempt"] > 1 and self.hits("lie-attempt", delivery):
            delivery["attempt"] += -1 if delivery["offset"] % 2 else 2
        if delivery["redelivered"] and self.hits("lie-flag", delivery):
            delivery["redelivered"] = False
        return delivery

    def nack(self, request):
        self.refusing = True
        try:
            return super().nack(request)
        finally:
            self.refusing = False

    def encode(self, reply):
        """The lines to write for one reply."""
        text = json.dumps(reply, separators=(",", ":"))
        if self.published < self.options.after:
            return [text]
        if self.options.defect == "crash":
            sys.stdout.flush()
            sys.exit(3)
        if self.options.defect == "garbage":
            return ["Segmentation fault (not really)"]
        if self.options.defect == "silent":
            return []
        return [text, text] if self.options.defect == "double-reply" else [text]


def main():
    names = "\n".join(f"  {name:16} {meaning}" for name, meaning in DEFECTS.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"defects:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--defect", choices=DEFECTS, required=True)
    parser.add_argument("--rate", type=float, default=0.01, help="share of what could be hit")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--after", type=int, default=100, help="events before it goes wrong")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a slow start")
    options = parser.parse_args()
    if options.defect == "slow-start":
        time.sleep(options.seconds)
    broker = FaultyBroker(options)
    sample_broker.serve(broker, broker.encode)


if __name__ == "__main__":
    main()
