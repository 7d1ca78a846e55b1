"""Writes a folder with everything that a reader needs to judge or repeat a run."""

import csv
import os
import pathlib
import platform
import re
import subprocess
import sys

import report

COMPILERS = (("swift", "--version"), ("g++", "--version"), ("rustc", "--version"),
             ("java", "--version"))


def first_line(*command):
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "not installed"
    return (result.stdout or result.stderr).strip().splitlines()[0]


def processor():
    found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def peer_packages(here):
    names = re.findall(r"\blib[\w-]+", (here / "install").read_text())
    lines = []
    for name in names:
        result = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name],
                                capture_output=True, text=True, check=False)
        lines.append(f"- {name} {result.stdout or 'not installed'}")
    return lines


def commit(here):
    """The commit that was measured; results of a run that is repeated are no change to it."""
    git = ["git", "-C", str(here.parents[1])]
    described = first_line(*git, "describe", "--always", "--exclude", "*")
    changed = subprocess.run([*git, "status", "--porcelain", "--", ".", ":!results"],
                             capture_output=True, text=True, check=False).stdout
    return described + (", with changes that are not committed" if changed else "")


def readme(here, samples, placements):
    lines = [
        "# Rings beside their peers", "",
        f"`{' '.join(['Benchmarks/Peers/run', *sys.argv[1:]])}`", "",
        f"- commit {commit(here)}",
        f"- {processor()}, {len(os.sched_getaffinity(0))} processors, "
        f"{platform.system()} {platform.release()}",
        *(f"- {first_line(*command)}" for command in COMPILERS),
        *peer_packages(here), "",
        "Medians of samples whose cores kept their distance and were not wanted by another "
        "process;", "`table.txt` has the ratios to the best peer at equal placement, "
        "`peers.csv` the same figures,", "`samples.csv` every sample.", "",
        f"{len(samples)} samples by placement: "
        + ", ".join(f"{name} {count}" for name, count in sorted(placements.items())) + ".", "",
    ]
    return "\n".join(lines)


def publish(folder, here, rows, samples):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    report.write_csv(rows, folder / "peers.csv")
    (folder / "table.txt").write_text(report.table(rows, samples))
    with open(folder / "samples.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("case", "candidate", "placement", "value", "violations"))
        for sample in samples:
            value = "" if sample.value is None else f"{sample.value:.3f}"
            writer.writerow((sample.case, sample.candidate, sample.placement, value,
                             sample.violations))
    placements = {}
    for sample in samples:
        placements[sample.placement] = placements.get(sample.placement, 0) + 1
    (folder / "README.md").write_text(readme(here, samples, placements))
