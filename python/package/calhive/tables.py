# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tables of a report, for Arrow, Spark and DuckDB.

A table has one row for each record of a kind. `TABLES` describes each table, and each column by its place
in the record. The records are the lines that `calhive scan --format jsonl` writes, and that `Report.records`
returns.

Ids such as `host-1` are unique within one report. Add a column of your own before you join several reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow

ColumnType = Literal["string", "integer", "boolean", "time", "strings"]
"""Type of a column. `time` is UTC in microseconds, `strings` a list."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    """Name of the column."""
    type: ColumnType
    """Type of the column."""
    path: str
    """Place in the record, as a JSON path such as `$.provenance.key_path` or `$.observed[*].text`."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: one row for each record of a kind."""

    name: str
    """Name of the table."""
    record: str
    """Kind of the records."""
    columns: tuple[Column, ...]
    """Columns, in order."""


def _columns(*specifications: str) -> tuple[Column, ...]:
    """Returns the columns of lines such as `host string $.host`. The path is the name if not given.

    A time has a second column, with the exact FILETIME in decimal.
    """
    columns = [Column("schema", "string", "$.schema")]
    for specification in specifications:
        name, type_, *rest = specification.split()
        path = rest[0] if rest else f"$.{name}"
        match type_:
            case "time":
                columns.append(Column(name, "time", f"{path}.utc"))
                columns.append(Column(f"{name}_filetime", "string", f"{path}.filetime"))
            case "string" | "integer" | "boolean" | "strings":
                columns.append(Column(name, type_, path))
            case _:
                raise ValueError(specification)
    return tuple(columns)


HOSTS = Table(
    "hosts",
    "host",
    _columns(
        "id string",
        "computer_name string $.system.computer_name.text",
        "domain string $.system.domain.text",
        "product string $.system.product.text",
        "product_type string $.system.product_type.text",
        "edition string $.system.edition.text",
        "build string $.system.build.text",
        "time_zone string $.system.time_zone.text",
        "installed string $.system.installed.text",
        "shut_down string $.system.shut_down.text",
        "farm string $.system.farm.text",
        "session_host string $.session_host.state",
        "license_server string $.license_server.state",
        "licensing_mode integer $.licensing_mode.value",
        "licensing_mode_statement string $.licensing_mode.statement.text",
        "license_servers strings $.license_servers.value",
        "license_servers_statement string $.license_servers.statement.text",
        "registered_with strings $.registered_with[*].text",
        "reference_time time $.reference_time.time",
        "reference_time_is_given boolean $.reference_time.is_given",
        "pairing string",
        "copy string",
        "sources strings",
        "unknown strings $.unknown[*].text",
    ),
)
"""Installations of Windows."""

FACTS = Table(
    "facts",
    "fact",
    _columns(
        "id string",
        "evidence_id string",
        "host string",
        "source string",
        "source_path string",
        "source_sha256 string",
        "code string",
        "title string $.title.text",
        "state string",
        "certainty string",
        "shown string $.shown.text",
        "label string $.label.text",
        "number integer",
        "time time",
        "list strings",
        "data_hex string $.data.hex",
        "data_size integer $.data.size",
        "data_sha256 string $.data.sha256",
        "origin string $.provenance.origin",
        "control_set integer $.provenance.control_set.number",
        "redirected boolean $.provenance.redirected",
        "key_path string $.provenance.key_path",
        "key_offset integer $.provenance.key_offset",
        "key_last_written time $.provenance.key_last_written",
        "value_name string $.provenance.value_name",
        "value_type string $.provenance.value_type",
        "value_offset integer $.provenance.value_offset",
        "line integer $.provenance.line",
        "logs strings $.provenance.from_logs[*].log",
        "confidence string $.provenance.recovered.confidence",
        "why string $.provenance.recovered.why.text",
        "reference string",
    ),
)
"""Facts: what was found at each place, and places that were searched without result."""

TOKENS = Table(
    "tokens",
    "token",
    _columns(
        "id string",
        "host string",
        "kind string",
        "certificate_kind string",
        "origin string",
        "redirected boolean",
        "container string",
        "reading string",
        "error string $.error.text",
        "sha256 string",
        "size integer",
        "valid_from time $.license.valid_from",
        "expires time $.license.expires",
        "is_temporary boolean $.license.is_temporary",
        "issuer string $.license.issuer",
        "issuer_domain string $.license.issuer_domain",
        "license_server string $.license.license_server",
        "license_server_id string $.license.license_server_id",
        "license_server_key_sha256 string $.license.license_server_key_sha256",
        "scope string $.license.scope",
        "license_id string $.license.license_id",
        "company string $.license.company",
        "product_version string $.license.product_version",
        "client_reported_machine string $.license.client_reported_machine",
        "client_reported_user string $.license.client_reported_user",
        "hardware_id string $.license.hardware_id",
        "signature string $.license.signature",
        "integrity string $.license.integrity.text",
        "facts strings",
    ),
)
"""Decoded licenses of clients and certificates of session hosts."""

FINDINGS = Table(
    "findings",
    "finding",
    _columns(
        "id string",
        "code string",
        "severity string",
        "certainty string",
        "title string $.title.text",
        "statement string $.statement.text",
        "observed strings $.observed[*].text",
        "hosts strings",
        "facts strings",
        "tokens strings",
    ),
)
"""Findings."""

EVENTS = Table(
    "events",
    "event",
    _columns(
        "id string",
        "host string",
        "time time",
        "clock string",
        "code string",
        "meaning string $.meaning.text",
        "certainty string",
        "change string $.change.kind",
        "key_path string $.change.key_path",
        "value_name string $.change.value_name",
        "facts strings",
        "tokens strings",
    ),
)
"""Events of the timeline. An event without a time follows the event before it in its log."""

EDGES = Table(
    "edges",
    "edge",
    _columns(
        "from string",
        "from_name string",
        "kind string",
        "to string",
        "to_name string",
        "by strings",
        "evidence strings",
    ),
)
"""Relations between clients, session hosts, license servers, scopes and farms."""

TABLES = (HOSTS, FACTS, TOKENS, FINDINGS, EVENTS, EDGES)
"""All tables."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})\d*Z")


def _time(utc: Any) -> datetime | None:
    """Returns a time, rounded down to microseconds. None for years above 9999."""
    match = _TIME.fullmatch(utc)
    return datetime.fromisoformat(match[1]).replace(tzinfo=timezone.utc) if match else None


def _integer(number: Any) -> int | None:
    """Returns a number. None if it needs more than 64 bits with its sign."""
    return number if -(2**63) <= number < 2**63 else None


_CONVERSIONS: Mapping[ColumnType, Callable[[Any], Any]] = {
    "string": str,
    "integer": _integer,
    "boolean": bool,
    "time": _time,
    "strings": list,
}


def reader(column: Column) -> Callable[[Mapping[str, Any]], Any]:
    """Returns a function that reads the value of a column in a record.

    An absent field is None, and an absent list of records is empty.
    """
    convert = _CONVERSIONS[column.type]
    path, is_list, field = column.path.removeprefix("$.").partition("[*].")
    names = tuple(path.split("."))

    def found(record: Mapping[str, Any]) -> Any:
        at: Any = record
        for name in names:
            at = at.get(name)
            if at is None:
                return None
        return at

    def one(record: Mapping[str, Any]) -> Any:
        at = found(record)
        return None if at is None else convert(at)

    def several(record: Mapping[str, Any]) -> list[Any]:
        return [item[field] for item in found(record) or ()]

    return several if is_list else one


def arrow_schema(table: Table) -> pyarrow.Schema:
    """Returns the Arrow schema of a table.

    Raises:
        ImportError: pyarrow is not installed. `pip install calhive[arrow]` installs it.
    """
    import pyarrow

    types = {
        "string": pyarrow.string(),
        "integer": pyarrow.int64(),
        "boolean": pyarrow.bool_(),
        "time": pyarrow.timestamp("us", tz="UTC"),
        "strings": pyarrow.list_(pyarrow.string()),
    }
    return pyarrow.schema([pyarrow.field(column.name, types[column.type]) for column in table.columns])


def to_arrow(records: Iterable[Mapping[str, Any]]) -> dict[str, pyarrow.Table]:
    """Returns all tables of records, by name.

    Raises:
        ImportError: pyarrow is not installed. `pip install calhive[arrow]` installs it.
    """
    import pyarrow

    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        by_kind.setdefault(record["record"], []).append(record)
    tables = {}
    for table in TABLES:
        own, schema = by_kind.get(table.record, []), arrow_schema(table)
        columns = [list(map(reader(column), own)) for column in table.columns]
        arrays = [pyarrow.array(it, type=field.type) for it, field in zip(columns, schema, strict=True)]
        tables[table.name] = pyarrow.Table.from_arrays(arrays, schema=schema)
    return tables
