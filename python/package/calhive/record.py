# SPDX-License-Identifier: MIT OR Apache-2.0
"""`Record`: base of the dataclasses of a report, with their conversion from and to JSON."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

R = TypeVar("R", bound="Record")

Convert = Callable[[Any], Any]


class RecordField(NamedTuple):
    """A field of a record."""

    key: str
    """Name in JSON."""
    name: str
    """Name in Python."""
    convert: Convert
    """Conversion from JSON."""
    default: Any
    """Value if the field is absent in JSON, `MISSING` if it is always present."""


class Record:
    """A part of a report."""

    __slots__ = ()

    @classmethod
    def from_dict(cls: type[R], data: Mapping[str, Any]) -> R:
        """Returns the record of a JSON object. Unknown fields are ignored.

        Raises:
            ValueError: A field is missing.
        """
        converted = {it.name: it.convert(data[it.key]) for it in fields_of(cls) if it.key in data}
        try:
            return cls(**converted)
        except TypeError as error:
            raise ValueError(f"not a {cls.__name__}: {error}") from None

    def to_dict(self) -> dict[str, Any]:
        """Returns the JSON object. Fields without a value are absent, as in the JSON of the command."""
        data = {}
        for it in fields_of(type(self)):
            value = getattr(self, it.name)
            if it.default is MISSING or value != it.default:
                data[it.key] = _to_json(value)
        return data


def _to_json(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_to_json(it) for it in value]
    if isinstance(value, Mapping):
        return {key: _to_json(it) for key, it in value.items()}
    return value


def _same(value: Any) -> Any:
    return value


_FIELDS: dict[type[Record], tuple[RecordField, ...]] = {}


def fields_of(cls: type[Record]) -> tuple[RecordField, ...]:
    """Returns the fields of a class of records."""
    found = _FIELDS.get(cls)
    if found is None:
        hints = get_type_hints(cls)
        found = _FIELDS[cls] = tuple(
            RecordField(it.name.removesuffix("_"), it.name, _conversion(hints[it.name]), it.default)
            for it in fields(cls)  # type: ignore[arg-type]
        )
    return found


def _conversion(hint: Any) -> Convert:
    """Returns the conversion of a JSON value into a type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        (hint,) = (it for it in arguments if it is not type(None))
        return _conversion(hint)
    if origin is tuple:
        item = _conversion(arguments[0])
        return tuple if item is _same else lambda values: tuple([item(it) for it in values])
    if origin is not None and origin is not Literal:
        item = _conversion(arguments[1])
        return lambda values: {key: item(it) for key, it in values.items()}
    if isinstance(hint, type) and issubclass(hint, Record):
        return hint.from_dict
    return _same
