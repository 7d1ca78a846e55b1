"""Interleaved samples of equal length: A B C A B C and so on, case by case."""

import dataclasses

# Nanoseconds of a raw round trip up to which a placement has its label.
BANDS = ((95, "smt"), (170, "near"), (350, "mid"), (float("inf"), "far"))
ITEMS_FIRST = 1 << 15
ITEMS_MIN = 1 << 10
CALIBRATIONS = 3
MIXED = "mixed"


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


def items_for(case, value, milliseconds):
    """How many items last that long, at `value` million a second or nanoseconds each."""
    per_second = 1e9 / value if case.endswith("_ns") else value * 1e6
    return max(ITEMS_MIN, int(per_second * milliseconds / 1e3))


def calibrate(pool, case, candidate, milliseconds):
    """Grows a sample to its length; also warms the candidate up. None when it hangs."""
    items = ITEMS_FIRST
    for _ in range(CALIBRATIONS):
        reply = pool.run(case, candidate, items)
        if not reply.value:
            return None
        items = items_for(case, reply.value, milliseconds)
    return items


def interleaved(pool, plan, rounds, milliseconds):
    samples = []
    for case, candidates in sorted(plan.items()):
        print(f"measuring {case} ...", flush=True)
        sizes = {name: calibrate(pool, case, name, milliseconds) for name in candidates}
        for _ in range(rounds):
            for name in candidates:
                if sizes[name] is None:
                    continue
                reply = pool.run(case, name, sizes[name])
                if reply.value is None:
                    sizes[name] = None
                    samples.append(Sample(case, name, None, MIXED, 1))
                    continue
                # The next sample lasts as long as this one was to last, at its speed.
                sizes[name] = items_for(case, reply.value, milliseconds)
                samples.append(
                    Sample(case, name, reply.value, placement(reply), reply.violations))
        for name, items in sizes.items():
            if items is None and not any(s.case == case and s.candidate == name for s in samples):
                samples.append(Sample(case, name, None, MIXED, 1))
    return samples
