# SPDX-License-Identifier: MIT OR Apache-2.0
"""Exceptions: each has the file, and the offset if one is known."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import calhive


def test_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "absent"
    open_: Callable[[Path], object]
    for open_ in (calhive.Hive, calhive.carve):
        with pytest.raises(calhive.FileError) as caught:
            open_(path)
        assert caught.value.path == str(path)
        assert caught.value.offset is None
        assert str(path) in str(caught.value)


def test_folder_is_no_hive(tmp_path: Path) -> None:
    with pytest.raises(calhive.FileError, match="folder"):
        calhive.Hive(tmp_path)


def test_file_that_is_no_hive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no hive")
    with pytest.raises(calhive.FileError) as caught:
        calhive.Hive(path)
    assert caught.value.path == str(path)


def test_bytes_that_are_no_hive_have_an_offset() -> None:
    with pytest.raises(calhive.FormatError) as caught:
        calhive.Hive(b"no hive")
    assert (caught.value.path, caught.value.offset) == ("<bytes>", 0)


def test_truncated_base_block_has_an_offset(tmp_path: Path) -> None:
    path = tmp_path / "SYSTEM"
    path.write_bytes(b"regf" + bytes(100))
    with pytest.raises(calhive.FormatError) as caught:
        calhive.Hive(path)
    assert caught.value.path == str(path) and caught.value.offset is not None


def test_scan_without_hives_has_the_reasons(tmp_path: Path) -> None:
    path = tmp_path / "SYSTEM"
    path.write_bytes(b"regf" + bytes(100))
    scans: list[Callable[[], object]] = [
        lambda: calhive.scan(path),
        lambda: calhive.scan_bytes({"SYSTEM": path.read_bytes()}),
    ]
    for scan in scans:
        with pytest.raises(calhive.NothingReadError) as caught:
            scan()
        ((named, reason),) = caught.value.not_read
        assert named.endswith("SYSTEM") and reason


def test_unusable_arguments_are_refused(client: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        calhive.scan(client, reference_time=datetime(2024, 1, 1))
    with pytest.raises(ValueError, match="1601"):
        calhive.scan(client, reference_time=datetime(1600, 1, 1, tzinfo=timezone.utc))
    with pytest.raises(ValueError):
        calhive.scan(client, threads=0)
    with pytest.raises(TypeError):
        calhive.Hive(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        calhive.scan_bytes({"SYSTEM": "text"})  # type: ignore[dict-item]


def test_time_in_another_zone_is_the_same_time(client: Path) -> None:
    time = datetime(2007, 7, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    reference = calhive.scan(client, reference_time=time).hosts[0].reference_time
    assert str(reference.time) == "2007-07-01T00:00:00.0000000Z"


@pytest.mark.parametrize(
    "error",
    [
        calhive.Error("message"),
        calhive.FileError("message", "file"),
        calhive.FormatError("message", "file", 5),
        calhive.InternalError("message"),
        calhive.NothingReadError("message", [("file", "reason")]),
    ],
)
def test_exceptions_can_be_copied_between_processes(error: calhive.Error) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error) and vars(copy) == vars(error)
    assert isinstance(error, calhive.Error) and str(error) == "message"


def test_damaged_bytes_raise_only_exceptions_of_calhive(client: Path) -> None:
    intact = (client / "SOFTWARE").read_bytes()
    random_ = random.Random(19)
    opened = 0
    for _ in range(200):
        data = bytearray(intact)
        for _ in range(random_.randrange(1, 20)):
            at = random_.randrange(len(data) - 4)
            data[at : at + 4] = random_.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", random_.randbytes(4)])
        try:
            hive = calhive.Hive(data)
        except calhive.FormatError:
            continue
        opened += 1
        for key in hive.walk():
            key.values()
        hive.recover()
        hive.check()
        try:
            hive.key(r"Microsoft\MSLicensing\Store")
        except calhive.FormatError as error:
            assert error.offset is not None
    assert opened > 100
