# SPDX-License-Identifier: MIT OR Apache-2.0
"""Several threads at once. `benches/threads.py` measures their speed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import calhive
from conftest import HIVES, SCENARIOS


def test_threads_give_the_reports_of_one_thread() -> None:
    def scan(scenario: str) -> dict[str, object]:
        return calhive.scan(HIVES / scenario).to_dict()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(scan, SCENARIOS)) == list(map(scan, SCENARIOS))


def test_threads_share_a_hive_and_a_report(client: Path) -> None:
    hive = calhive.Hive(client / "SOFTWARE")
    report = calhive.scan(client)

    def read(_: int) -> tuple[object, ...]:
        keys = [(key.path, [value.data for value in key.values()]) for key in hive.walk()]
        return keys, len(hive.recover()), hive.check(), report.facts, list(report.records(["fact"]))

    with ThreadPoolExecutor(4) as threads:
        first, *others = threads.map(read, range(8))
    assert all(other == first for other in others)
