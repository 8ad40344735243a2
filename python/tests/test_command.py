# SPDX-License-Identifier: MIT OR Apache-2.0
"""The package reports what the command reports, but for the second reader, which only the command has."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

import calhive
from conftest import HIVES, SCENARIOS


def of_command(command: str, scenario: str, format_: str) -> str:
    arguments = [command, "scan", "--quiet", "--format", format_, str(HIVES / scenario)]
    done = subprocess.run(arguments, capture_output=True, check=False, text=True)
    # Code 3: the scan is finished, but an input is incomplete.
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


LEFT_OUT = ("run", "second_reader", "features")
"""Fields of the command alone, and the features of the build."""


def comparable(value: Any) -> Any:
    """Returns a part of a report without the run, the second reader and the features of the build."""
    if isinstance(value, list):
        return [comparable(it) for it in value if not is_about_second_reader(it)]
    if isinstance(value, dict):
        return {key: comparable(it) for key, it in value.items() if key not in LEFT_OUT}
    return value


def is_about_second_reader(value: Any) -> bool:
    """Returns whether a value is the limitation that only reports with a second reader have."""
    return isinstance(value, dict) and str(value.get("text", "")).startswith("The second reader reads ")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_document_is_that_of_the_command(command: str, scenario: str) -> None:
    expected = comparable(json.loads(of_command(command, scenario, "json")))
    report = calhive.scan(HIVES / scenario)
    found = comparable(report.to_dict())
    # The second reader splits the places of a source that were searched without result into two groups.
    assert by_source(found.pop("searched")) == by_source(expected.pop("searched"))
    assert found == expected


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_records_are_those_of_the_command(command: str, scenario: str) -> None:
    expected = [json.loads(line) for line in of_command(command, scenario, "jsonl").split("\n")[:-1]]
    found = list(calhive.scan(HIVES / scenario).records())
    assert comparable(found) == comparable(expected)


WITH_LOGS = (
    "windows-10-client-token-in-logs/SOFTWARE",
    "windows-server-2016-damaged-log/Windows/System32/config/SYSTEM",
    "client-licenses-removed/Windows/System32/config/SOFTWARE",
)
"""Hives with records in left-over pages of logs, and one with records in free cells alone."""


@pytest.mark.parametrize("hive", WITH_LOGS)
def test_recovered_items_are_those_of_the_command(command: str, hive: str) -> None:
    arguments = [command, "recover", "--quiet", "--format", "jsonl", str(HIVES / hive)]
    done = subprocess.run(arguments, capture_output=True, check=False, text=True)
    # Code 3: one of the logs is damaged.
    assert done.returncode == (3 if "damaged" in hive else 0), done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    records = [it for it in records if it["record"] == "recovered"]
    names = ("log", "log_offset", "sequence")
    expected = [
        (
            it["item"],
            it["name"],
            it["state"],
            it["offset"],
            *((it.get("from_log") or {}).get(name) for name in names),
        )
        for it in records
    ]
    found = [
        (it.item, it.name, it.state, it.offset, it.log, it.log_offset, it.sequence)
        for it in calhive.Hive(HIVES / hive).recover()
    ]
    assert found == expected and found
    assert any(it[2] == "log" for it in found) == ("removed" not in hive)


def by_source(searched: list[dict[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """Returns the places that were searched without result, by source: id of the fact, and all else."""
    places: dict[str, list[tuple[str, str]]] = {}
    for search in searched:
        for key in search["keys"]:
            key_alone = json.dumps({name: it for name, it in key.items() if name != "places"}, sort_keys=True)
            own = [(place["id"], key_alone + json.dumps(place, sort_keys=True)) for place in key["places"]]
            places.setdefault(search["source"], []).extend(own)
    return {source: sorted(own) for source, own in places.items()}
