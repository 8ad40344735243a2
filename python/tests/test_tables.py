# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tables of a report."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import calhive
from calhive import tables
from conftest import HIVES, PROJECT, SCENARIOS

pyarrow = pytest.importorskip("pyarrow")

SCHEMA = json.loads((PROJECT / "src" / "report" / "report.schema.json").read_text())


def test_tables_have_one_row_for_each_record(client: Path) -> None:
    report = calhive.scan(client)
    found = report.to_arrow()
    assert list(found) == ["hosts", "facts", "tokens", "findings", "events", "edges"]
    for table in tables.TABLES:
        assert found[table.name].num_rows == len(list(report.records([table.record])))
        assert found[table.name].schema.equals(tables.arrow_schema(table))
    assert found["hosts"]["computer_name"].to_pylist() == ["RODENT"]
    assert found["tokens"]["expires"][0].as_py() == datetime(2007, 9, 18, 14, 51, 35, tzinfo=timezone.utc)
    assert found["tokens"]["expires_filetime"][0].as_py() == "128346006950000000"
    assert set(found["findings"]["schema"].to_pylist()) == {"urn:calhive:report:1"}


def test_each_column_is_a_field_of_the_schema() -> None:
    for table in tables.TABLES:
        for column in table.columns:
            kinds = field_types(f"line_{table.record}", column.path)
            expected = {
                "string": "string",
                "time": "string",
                "integer": "integer",
                "boolean": "boolean",
                "strings": "array",
            }[column.type]
            assert expected in kinds, (table.name, column.name, kinds)


def field_types(definition: str, path: str) -> list[str]:
    """Returns the types of a field in the schema."""
    node: dict[str, Any] = {"$ref": f"#/$defs/{definition}"}
    is_list = False
    for name in path.removeprefix("$.").split("."):
        node = resolved(resolved(node)["properties"][name.removesuffix("[*]")])
        if name.endswith("[*]"):
            is_list, node = True, resolved(node["items"])
    kinds = node.get("type", [it["type"] for it in node.get("oneOf", [])])
    return ["array"] if is_list else kinds if isinstance(kinds, list) else [kinds]


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Returns the definition that a node of the schema refers to."""
    while "$ref" in node or "anyOf" in node:
        name = node.get("$ref", "").rpartition("/")[2]
        node = SCHEMA["$defs"][name] if name else node["anyOf"][0]
    return node


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_tables_of_every_scenario_are_filled(scenario: str) -> None:
    found = calhive.scan(HIVES / scenario).to_arrow()
    assert found["hosts"].num_rows > 0 and found["facts"].num_rows > 0
    assert None not in found["facts"]["key_path"].to_pylist()


def test_time_and_number_out_of_range_are_none() -> None:
    times = tables.Column("time", "time", "$.time.utc")
    assert tables.reader(times)({"time": {"utc": "+60056-05-28T05:36:10.9551615Z"}}) is None
    exact = datetime(2024, 2, 1, 0, 0, 0, 123456, timezone.utc)
    assert tables.reader(times)({"time": {"utc": "2024-02-01T00:00:00.1234567Z"}}) == exact
    assert tables.reader(tables.Column("size", "integer", "$.size"))({"size": 2**64 - 1}) is None


def test_absent_fields_are_none_and_absent_lists_empty() -> None:
    assert tables.reader(tables.Column("a", "string", "$.a.b"))({}) is None
    assert tables.reader(tables.Column("a", "strings", "$.a[*].b"))({}) == []
    assert tables.reader(tables.Column("a", "strings", "$.a[*].b"))({"a": [{"b": "c"}]}) == ["c"]
