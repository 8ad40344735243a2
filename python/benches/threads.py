# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measures scans in one and in two threads, and prints the ratio.

    hive-forge fleet --machines 200 -o hosts
    python benches/threads.py hosts

Each folder below the given one is a host. The ratio is the median of interleaved rounds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter

import calhive

ROUNDS = 5

TASKS: dict[str, Callable[[Path], object]] = {
    "scan": calhive.scan,
    "scan, then hosts and findings": lambda host: (report := calhive.scan(host)).hosts and report.findings,
    "scan, then tables": lambda host: calhive.scan(host).to_arrow(),
}


def seconds(task: Callable[[Path], object], hosts: list[Path], threads: int) -> float:
    """Returns the time for all hosts."""
    with ThreadPoolExecutor(threads) as executor:
        began = perf_counter()
        for _ in executor.map(task, hosts):
            pass
        return perf_counter() - began


def main() -> None:
    """Measures the hosts of a folder."""
    hosts = sorted({path.parent for path in Path(sys.argv[1]).rglob("S*") if path.is_file()})
    print(f"{len(hosts)} hosts, {os.cpu_count()} processors, {ROUNDS} rounds")
    for name, task in TASKS.items():
        seconds(task, hosts, 1)
        pairs = [(seconds(task, hosts, 1), seconds(task, hosts, 2)) for _ in range(ROUNDS)]
        one, two = (median(times) for times in zip(*pairs, strict=True))
        ratio = median(one / two for one, two in pairs)
        print(f"{name}: one thread {one:.2f} s, two threads {two:.2f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
