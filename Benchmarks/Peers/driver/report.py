"""Tables and CSV: min, median, max and n per placement, and ours over the best peer."""

import csv
import dataclasses
import statistics

from measure import DISTURBED, MIXED

COLUMNS = ("case", "candidate", "ours", "placement", "n", "min_mops", "median_mops", "max_mops",
           "violations")
FLOOR = "floor:"


@dataclasses.dataclass
class Row:
    case: str
    candidate: str
    ours: str
    placement: str
    values: list
    violations: int

    @property
    def median(self):
        return statistics.median(self.values)

    def cells(self):
        figures = (min(self.values), self.median, max(self.values)) if self.values else (0, 0, 0)
        return [self.case, self.candidate.removeprefix(FLOOR), self.ours, self.placement,
                len(self.values), *(f"{figure:.2f}" for figure in figures), self.violations]


def rows(samples, ours):
    """One row per case, candidate and label; violations count over all samples of a candidate.

    A candidate without any sample of one label still has a row, so that its violations show.
    """
    groups, violations = {}, {}
    for sample in samples:
        key = (sample.case, sample.candidate)
        violations[key] = violations.get(key, 0) + sample.violations
        group = groups.setdefault(key, {})
        if sample.value is not None and sample.placement not in (MIXED, DISTURBED):
            group.setdefault(sample.placement, []).append(sample.value)
    result = []
    for (case, candidate), labels in groups.items():
        kind = "" if candidate.startswith(FLOOR) else str(int(candidate in ours))
        for placement, values in sorted((labels or {MIXED: []}).items()):
            result.append(
                Row(case, candidate, kind, placement, values, violations[case, candidate]))
    return result


def is_ranked(row):
    return row.values and not row.violations


def is_better(case, left, right):
    return left < right if case.endswith("_ns") else left > right


def best(case, rows_of_kind):
    found = None
    for row in rows_of_kind:
        if found is None or is_better(case, row.median, found.median):
            found = row
    return found


def table(all_rows, samples):
    """What a run prints: candidates by median, with their ratio to the best peer."""
    mixed = sum(sample.placement == MIXED for sample in samples)
    disturbed = sum(sample.placement == DISTURBED for sample in samples)
    lines = [f"{len(samples)} samples, dropped {mixed} because the cores moved meanwhile or it "
             f"hung, {disturbed} because another process wanted them",
             "(* ours; min, median, max; x ratio to the best peer's median)"]
    for case in dict.fromkeys(row.case for row in all_rows):
        of_case = [row for row in all_rows if row.case == case]
        for placement in dict.fromkeys(row.placement for row in of_case):
            lines += group(case, placement, [r for r in of_case if r.placement == placement])
    return "\n".join(lines) + "\n"


def group(case, placement, some):
    unit = "ns" if case.endswith("_ns") else "M/s"
    peer = best(case, [row for row in some if row.ours == "0" and is_ranked(row)])
    lines = ["", f"{case}, {placement} ({unit})"]
    order = sorted(some, key=lambda row: row.median if row.values else 0,
                   reverse=not case.endswith("_ns"))
    for row in order:
        name = row.candidate + (" *" if row.ours == "1" else "")
        if not row.values:
            lines.append(f"  {name:32} no sample; {row.violations} violations or hung")
            continue
        note = f"x {row.median / peer.median:.2f}" if peer else ""
        if row.violations:
            note = f"NOT RANKED: {row.violations} violations"
        lines.append(f"  {name:32}{min(row.values):9.1f}{row.median:9.1f}{max(row.values):9.1f}"
                     f"  n={len(row.values):<3}{note}")
    return lines


def write_csv(all_rows, path):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row.cells() for row in all_rows)
