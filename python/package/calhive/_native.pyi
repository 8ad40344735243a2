# SPDX-License-Identifier: MIT OR Apache-2.0
"""Native part of calhive."""

import os
from typing import Literal, final

from calhive.listing import Listing
from calhive.report import FileTime

VERSION: str

@final
class Scan:
    """The report of a scan."""

    def field(self, name: str) -> str | None:
        """Returns a field of the JSON document, as JSON. None if the field is absent.

        Raises:
            InternalError: calhive has a fault.
        """

    def records(self, kinds: list[str] | None) -> str:
        """Returns the records of these kinds, each as one line of JSON. None returns all records.

        Raises:
            InternalError: calhive has a fault.
        """

def scan(
    paths: list[str | os.PathLike[str]],
    logs: bool,
    reference_time: int | None,
    threads: int,
) -> Scan: ...
def scan_in_memory(
    root: str,
    files: list[tuple[str, bytes]],
    logs: bool,
    reference_time: int | None,
    threads: int,
) -> Scan: ...
def carve(path: str | os.PathLike[str]) -> list[Carved]: ...
def token(data: bytes) -> str: ...

@final
class Hive:
    """A registry hive. Keeps its bytes: keys and values stay valid if the file changes or disappears.

    calhive reads the whole file. With `logs`, calhive applies the transaction logs beside the file in memory.
    Bytes without a path have no logs.
    """

    def __new__(cls, source: str | os.PathLike[str] | bytes | bytearray, *, logs: bool = True) -> Hive:
        """Opens a hive, clean or dirty, intact or damaged.

        Raises:
            FileError: The file cannot be read, or is not a hive.
            FormatError: The bytes have no base block of a hive.
            InternalError: calhive has a fault.
        """

    @property
    def path(self) -> str:
        """Path of the file, with special characters escaped. `<bytes>` for bytes."""

    @property
    def has_applied_logs(self) -> bool:
        """Whether bytes come from transaction logs."""

    @property
    def notices(self) -> list[str]:
        """Warnings and remarks about the file and its logs, such as a missing log."""

    def walk(self) -> Listing[Key]:
        """Returns all keys, each before its subkeys, as Windows would show them.

        The faults of the listing name each key and list that could not be read.

        Raises:
            InternalError: calhive has a fault.
        """

    def key(self, path: str) -> Key | None:
        r"""Returns the key at a path such as `Microsoft\MSLicensing`, None if the hive has no such key.

        The empty path is the root key. Upper and lower case do not matter.

        Raises:
            FormatError: A list or key on the path cannot be read, so the key may exist.
            InternalError: calhive has a fault.
        """

    def values(self, path: str) -> Listing[Value] | None:
        """Returns the values of the key at a path, None if the hive has no such key.

        The faults of the listing name each value that could not be read, and data that are not whole.

        Raises:
            FormatError: A list or key on the path cannot be read, so the key may exist.
            InternalError: calhive has a fault.
        """

    def recover(self) -> Listing[Recovered]:
        """Returns the deleted keys and values that are still in the hive or its logs.

        First come the records of the hive by offset, then records of the file that its logs overwrite, then
        records in the logs alone. The faults of the listing name the limits that the search reached.

        Raises:
            InternalError: calhive has a fault.
        """

    def check(self) -> list[Violation]:
        """Returns every broken rule of the format. A hive that Windows wrote and closed has none.

        Raises:
            InternalError: calhive has a fault.
        """

@final
class Key:
    """A key. Keeps the bytes of its hive."""

    @property
    def name(self) -> str:
        """Name, with special characters escaped."""

    @property
    def path(self) -> str:
        """Path from the root of the hive, without the name of the root. `Hive.key` accepts the path."""

    @property
    def offset(self) -> int:
        """Offset of the cell, in bytes from the start of the hive."""

    @property
    def last_written(self) -> FileTime:
        """Last-written time, UTC."""

    def subkeys(self) -> Listing[Key]:
        """Returns the subkeys. The faults name each subkey that could not be read.

        Raises:
            InternalError: calhive has a fault.
        """

    def values(self) -> Listing[Value]:
        """Returns the values. The faults name each value that could not be read, and data that are not whole.

        Raises:
            InternalError: calhive has a fault.
        """

@final
class Value:
    """A value, with the data that could be read."""

    @property
    def name(self) -> str:
        """Name, with special characters escaped. Empty for the default value."""

    @property
    def type(self) -> int:
        """Type, as a number."""

    @property
    def type_name(self) -> str | None:
        """Windows name of the type, such as `REG_DWORD`. None for an unknown type."""

    @property
    def offset(self) -> int:
        """Offset of the cell, in bytes from the start of the hive."""

    @property
    def size(self) -> int:
        """Size of the data as stored, in bytes."""

    @property
    def is_whole(self) -> bool:
        """Whether all data could be read."""

    @property
    def data(self) -> bytes:
        """The data that could be read."""

@final
class Recovered:
    """A deleted key or value."""

    @property
    def item(self) -> str:
        """`key` or `value`."""

    @property
    def path(self) -> str | None:
        """Known part of the path of the key. For a value, of its key. None if the key is unknown."""

    @property
    def path_is_whole(self) -> bool:
        """Whether the path leads to the root."""

    @property
    def name(self) -> str:
        """Name of the key or value, with special characters escaped."""

    @property
    def last_written(self) -> FileTime | None:
        """Last-written time of the key, UTC. None if the key is unknown."""

    @property
    def offset(self) -> int:
        """Offset of the record, in bytes from the start of the hive."""

    @property
    def origin(self) -> str:
        """Kind of space that holds the record, such as `free_cell`."""

    @property
    def state(self) -> Literal["now", "before_replay", "log"]:
        """State of the hive that holds the record: with its logs applied, before that, or in a log alone."""

    @property
    def log(self) -> str | None:
        """Path of the log that holds the record. None if the hive holds it."""

    @property
    def log_offset(self) -> int | None:
        """Offset of the record in this log, in bytes. None if the hive holds it."""

    @property
    def sequence(self) -> int | None:
        """Sequence number of the log entry that holds the record. None if the hive holds it, or in the old
        format.
        """

    @property
    def confidence(self) -> str:
        """Confidence: `high`, `medium` or `low`."""

    @property
    def why(self) -> str:
        """Reasons for the confidence, in words."""

    @property
    def type(self) -> int | None:
        """Type of a value, as a number. None for a key."""

    @property
    def type_name(self) -> str | None:
        """Windows name of the type. None for an unknown type, or for a key."""

    @property
    def size(self) -> int | None:
        """Size of the data as stored, in bytes. None for a key."""

    @property
    def data(self) -> bytes | None:
        """The data that survive, from the start to the first gap. None for a key."""

@final
class Violation:
    """A broken rule of the format."""

    @property
    def message(self) -> str:
        """The fault, in words."""

    @property
    def offset(self) -> int:
        """Offset of the fault, in bytes from the start of the hive."""

    @property
    def grade(self) -> str:
        """Effect of the fault: `note`, `repairable`, `contradiction` or `loss`."""

@final
class Carved:
    """An item found by carving."""

    @property
    def kind(self) -> str:
        """Kind: `hive`, `bins`, `log`, `log entry`, `key`, `value`, or a name for a token or chain."""

    @property
    def offset(self) -> int:
        """Offset in the file, in bytes."""

    @property
    def length(self) -> int:
        """Length in bytes, decompressed."""

    @property
    def is_whole(self) -> bool:
        """Whether the item is complete."""

    @property
    def unpacked_at(self) -> int | None:
        """Offset in the decompressed bytes. None for an uncompressed item."""
