# SPDX-License-Identifier: MIT OR Apache-2.0
"""The exceptions of calhive."""

from __future__ import annotations

from collections.abc import Iterable


class Error(Exception):
    """Base of all exceptions of calhive."""

    def __init__(self, message: str, path: str | None = None, offset: int | None = None) -> None:
        super().__init__(message, path, offset)
        self.message = message
        """What happened, in words."""
        self.path = path
        """Path of the file, with special characters escaped. None if no single file is concerned."""
        self.offset = offset
        """Offset in the hive, in bytes. None if no offset is known."""

    def __str__(self) -> str:
        return self.message


class FileError(Error):
    """A file that cannot be opened or read, or that is not a hive."""


class FormatError(Error):
    """A part of a hive that cannot be read, or that contradicts other parts. Has an offset."""


class NothingReadError(Error):
    """A scan that read no hive."""

    def __init__(self, message: str, not_read: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.not_read = tuple(not_read)
        """The inputs that were not read: path and reason."""
        self.args = (message, self.not_read)


class InternalError(Error):
    """A fault of calhive itself. Please report it."""
