#!/usr/bin/env python3
"""The sample broker, or the faulty one, declaring only some of what it can do.

    modest_broker.py confirm,redelivery [--defect lose ...]

The first argument names the capabilities. Without `offsets` none are shown, neither in what is
confirmed nor in what is delivered; without `nack` or `extend` such a request ends the program.
"""

import sys

import faulty_broker
import sample_broker


def without_offsets(kind):
    """A broker class like `kind` whose replies show no offsets."""

    class Hiding(kind):
        def publish(self, request):
            return {k: v for k, v in super().publish(request).items() if k != "offset"}

        def receive(self, request):
            deliveries = super().receive(request)
            return [{k: v for k, v in d.items() if k != "offset"} for d in deliveries]

    return Hiding


def main():
    declared = [name for name in sys.argv.pop(1).split(",") if name]
    sample_broker.CAPABILITIES = declared
    is_faulty = len(sys.argv) > 1
    kind = faulty_broker.FaultyBroker if is_faulty else sample_broker.Broker
    if "offsets" not in declared:
        kind = without_offsets(kind)
    for undeclared in {"nack", "extend"} - set(declared):
        setattr(kind, undeclared, None)
    if is_faulty:
        faulty_broker.FaultyBroker = kind
        faulty_broker.main()
    else:
        sample_broker.serve(kind())


if __name__ == "__main__":
    main()
