# SPDX-License-Identifier: MIT OR Apache-2.0
"""Answers Remote Desktop licensing questions from Windows registry hives, offline.

`scan` finds hives in files and folders, applies their transaction logs in memory, and returns a `Report`:

    >>> import calhive
    >>> report = calhive.scan("evidence/")  # doctest: +SKIP
    >>> for host in report.hosts:  # doctest: +SKIP
    ...     print(host.id, host.licensing_mode.statement)

`Hive` reads a single hive, `carve` searches raw bytes, and `token` decodes a license token. calhive never
modifies evidence. All functions can run in several threads at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone

from calhive import _native
from calhive._native import Carved, Hive, Key, Recovered, Value, Violation
from calhive.errors import Error, FileError, FormatError, InternalError, NothingReadError
from calhive.listing import Listing
from calhive.report import FileTime, Report, TokenReport

__version__: str = _native.VERSION

__all__ = [
    "Carved",
    "Error",
    "FileError",
    "FileTime",
    "FormatError",
    "Hive",
    "InternalError",
    "Key",
    "Listing",
    "NothingReadError",
    "Recovered",
    "Report",
    "TokenReport",
    "Value",
    "Violation",
    "carve",
    "scan",
    "scan_bytes",
    "token",
]

Path = str | os.PathLike[str]
"""Path of a file or folder."""

_FIRST = datetime(1601, 1, 1, tzinfo=timezone.utc)


def scan(
    paths: Path | Iterable[Path],
    *,
    logs: bool = True,
    reference_time: datetime | FileTime | None = None,
    threads: int = 1,
) -> Report:
    """Scans files and folders: hives, archives, disk images, text exports and license files.

    A hive that cannot be read does not stop the scan: `Report.not_read` lists it with the reason.

    Args:
        paths: One path or several.
        logs: Whether to apply transaction logs in memory.
        reference_time: Time at which tokens are judged, with a time zone. By default the newest plausible
            time of the keys of each host.
        threads: Number of hives to read at a time. The report does not depend on the number.

    Raises:
        NothingReadError: No hive could be read.
        ValueError: The reference time has no time zone or is before 1601, or the number of threads is 0.
        InternalError: calhive has a fault.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    return Report.of_scan(_native.scan(given, logs, _filetime(reference_time), threads))


def scan_bytes(
    hives: Mapping[str, bytes],
    *,
    logs: bool = True,
    reference_time: datetime | FileTime | None = None,
    threads: int = 1,
    root: str = "",
) -> Report:
    """Scans files whose bytes are in memory. No file of the system is read.

    The names have the same effect as in a folder. `SYSTEM.LOG1` is a log of `SYSTEM` beside it, and hives in
    one folder can belong to one host: `{"host/SYSTEM": …, "host/SYSTEM.LOG1": …, "host/SOFTWARE": …}`.

    Args:
        hives: The bytes by name. A name is a relative path.
        logs: Whether to apply the transaction logs among the files.
        reference_time: As for `scan`.
        threads: As for `scan`.
        root: Folder before each name in the report.

    Raises:
        NothingReadError: No hive could be read. A name that is absolute or contains `..` is not read.
        ValueError: As for `scan`.
        InternalError: calhive has a fault.
    """
    return Report.of_scan(
        _native.scan_in_memory(root, list(hives.items()), logs, _filetime(reference_time), threads)
    )


def carve(path: Path) -> list[Carved]:
    """Carves hives, logs, keys, values and tokens from a file of raw bytes, such as unallocated space.

    Raises:
        FileError: The file cannot be opened or read.
        InternalError: calhive has a fault.
    """
    return _native.carve(path)


def token(data: bytes) -> TokenReport:
    """Decodes the bytes of a license token. If they are no token, `TokenReport.error` says why.

    Raises:
        InternalError: calhive has a fault.
    """
    return TokenReport.from_dict(json.loads(_native.token(data)))


def _filetime(time: datetime | FileTime | None) -> int | None:
    """Returns the FILETIME of a time."""
    if time is None:
        return None
    if isinstance(time, FileTime):
        return int(time.filetime)
    if time.tzinfo is None:
        raise ValueError("the reference time has no time zone")
    if time < _FIRST:
        raise ValueError("the reference time is before 1601")
    return (time - _FIRST) // timedelta(microseconds=1) * 10
