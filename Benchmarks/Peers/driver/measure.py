"""Interleaved samples of equal length: A B C A B C and so on, case by case."""

import dataclasses
import os
import re

# Nanoseconds of a raw round trip up to which a placement has its label.
BANDS = ((95, "smt"), (170, "near"), (350, "mid"), (float("inf"), "far"))
ITEMS_FIRST = 1 << 15
ITEMS_MIN = 1 << 10
# The first sample of a few items may be lucky; a step up is bounded.
GROWTH_MAX = 8
CALIBRATIONS = 3
MIXED = "mixed"
DISTURBED = "disturbed"
ATTEMPTS = 3
# A thread that waited for its core longer than this share of a sample shows someone else's work.
LOST_SHARE_MAX = 0.05
TOPOLOGY_THREADS = {"unicast": 2, "pipeline": 4, "sequencer": 4, "multicast": 4, "diamond": 4}


@dataclasses.dataclass
class Sample:
    case: str
    candidate: str
    value: float | None
    placement: str
    violations: int


def label(nanoseconds):
    if nanoseconds == 0:
        return "single"
    return next(name for limit, name in BANDS if nanoseconds <= limit)


def placement(reply):
    before, after = label(reply.before_ns), label(reply.after_ns)
    return before if before == after else MIXED


def threads(case):
    """How many threads a case runs."""
    counts = re.search(r"(\d)p(\d)c$", case)
    if counts:
        return int(counts[1]) + int(counts[2])
    return TOPOLOGY_THREADS.get(case.removeprefix("disruptor_"), 2)


def run_labelled(pool, case, candidate, items):
    """A reply and its label: another process that took a core away makes it `disturbed`."""
    reply = pool.run(case, candidate, items)
    fits = threads(case) <= len(os.sched_getaffinity(0))
    if fits and reply.lost_share > LOST_SHARE_MAX:
        return reply, DISTURBED
    return reply, placement(reply)


def items_for(case, value, milliseconds, items):
    """How many items last that long, at `value` million a second or nanoseconds each."""
    per_second = 1e9 / value if case.endswith("_ns") else value * 1e6
    return max(ITEMS_MIN, min(items * GROWTH_MAX, int(per_second * milliseconds / 1e3)))


def calibrate(pool, case, candidate, milliseconds):
    """Grows a sample to its length; also warms the candidate up. None when it hangs."""
    items = ITEMS_FIRST
    for _ in range(CALIBRATIONS):
        reply = pool.run(case, candidate, items)
        if not reply.value:
            return None
        items = items_for(case, reply.value, milliseconds, items)
    return items


def interleaved(pool, plan, rounds, milliseconds, samples):
    """Appends to `samples`, so that an interrupted run still has what it measured."""
    for case, candidates in sorted(plan.items()):
        print(f"measuring {case} ...", flush=True)
        sizes = {name: calibrate(pool, case, name, milliseconds) for name in candidates}
        for _ in range(rounds):
            for name in candidates:
                if sizes[name] is None:
                    continue
                for _ in range(ATTEMPTS):
                    reply, where = run_labelled(pool, case, name, sizes[name])
                    if where not in (MIXED, DISTURBED) or reply.value is None:
                        break
                if reply.value is None:
                    sizes[name] = None
                    samples.append(Sample(case, name, None, MIXED, 1))
                    continue
                # The next sample lasts as long as this one was to last, at its speed.
                sizes[name] = items_for(case, reply.value, milliseconds, sizes[name])
                samples.append(Sample(case, name, reply.value, where, reply.violations))
        for name, items in sizes.items():
            if items is None and not any(s.case == case and s.candidate == name for s in samples):
                samples.append(Sample(case, name, None, MIXED, 1))
