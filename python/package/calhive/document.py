# SPDX-License-Identifier: MIT OR Apache-2.0
"""`Document`: base of the report, with its records and its tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from calhive import tables
from calhive.errors import Error
from calhive.record import Record, fields_of

if TYPE_CHECKING:
    import pyarrow

    from calhive._native import Scan


D = TypeVar("D", bound="Document")


class Document(Record):
    """A report that a scan made. Each field is decoded at first use."""

    __slots__ = ("_scan",)

    if TYPE_CHECKING:
        _scan: Scan
    else:

        def __getattr__(self, name: str) -> Any:
            """Decodes a field that has no value yet."""
            field = next((it for it in fields_of(type(self)) if it.name == name), None)
            if field is None:
                raise AttributeError(f"{type(self).__name__} has no attribute {name}", name=name, obj=self)
            text = self._scan.field(field.key)
            value = field.default if text is None else field.convert(json.loads(text))
            object.__setattr__(self, name, value)
            return value

    @classmethod
    def of_scan(cls: type[D], scan: Scan) -> D:
        """Returns the report of a scan."""
        report = cls.__new__(cls)
        object.__setattr__(report, "_scan", scan)
        return report

    def records(self, kinds: Iterable[str] | None = None) -> Iterator[dict[str, Any]]:
        """Iterates over the records of the report, as the command writes them with `--format jsonl`.

        Args:
            kinds: Kinds of records, such as `fact`. All kinds if not given.

        Raises:
            Error: The report was not made by a scan in this process.
        """
        scan = getattr(self, "_scan", None)
        if scan is None:
            raise Error("the report has no records: only the report that a scan returned has records")
        lines = scan.records(None if kinds is None else list(kinds))
        return map(json.loads, lines.split("\n")[:-1])

    def to_arrow(self) -> dict[str, pyarrow.Table]:
        """Returns the tables of the report: hosts, facts, tokens, findings, events and edges.

        `calhive.tables` describes the columns.

        Raises:
            ImportError: pyarrow is not installed. `pip install calhive[arrow]` installs it.
            Error: The report was not made by a scan in this process.
        """
        return tables.to_arrow(self.records(table.record for table in tables.TABLES))
