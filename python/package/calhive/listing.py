# SPDX-License-Identifier: MIT OR Apache-2.0
"""`Listing`: items of a hive, with the faults of reading them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar, overload

from calhive.errors import FormatError

T = TypeVar("T")


class Listing(Sequence[T]):
    """Items that could be read from a hive, in the order of the hive.

    `faults` has what could not be read, and what contradicts other parts of the hive. A listing without
    faults is complete.
    """

    __slots__ = ("_items", "faults")

    def __init__(self, items: Iterable[T], faults: Iterable[FormatError] = ()) -> None:
        self._items = tuple(items)
        self.faults: tuple[FormatError, ...] = tuple(faults)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"Listing({len(self._items)} items, {len(self.faults)} faults)"
