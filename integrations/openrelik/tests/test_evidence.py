# SPDX-License-Identifier: MIT OR Apache-2.0
"""Selection of input files, and their folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from src import evidence

from .conftest import stored


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def files_below(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "name",
    [
        *("SYSTEM", "software", "ntuser.dat.LOG1", "SYSTEM.LOG2", "_REGISTRY_MACHINE_SYSTEM", "export.REG"),
        *("PC-1.zip", "triage.tar.zst", "disk.E01", "disk.e02", "disk.001", "disk.vmdk", "host.VHDX"),
    ],
)
def test_name_selects_a_file(name: str) -> None:
    file = {"display_name": name, "data_type": "file:generic", "path": "/nowhere"}
    assert evidence.selection([file]) == [file]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("data_type", "extraction:image_export:artifact:WindowsSystemRegistryFiles"),
        ("data_type", "extraction:image_export:artifact:WindowsSystemRegistryTransactionLogFiles"),
        ("data_type", "diskimage:raw"),
        ("mime_type", "application/zip"),
    ],
)
def test_type_selects_a_file(field: str, value: str) -> None:
    file = {"display_name": "x", "path": "/nowhere", field: value}
    assert evidence.selection([file]) == [file]


def test_content_selects_a_hive_and_nothing_else(store: Path, tmp_path: Path) -> None:
    hive = stored(store, write(tmp_path / "backup.bin_", b"regf1234"), None, data_type="file:generic")
    text = stored(store, write(tmp_path / "notes.txt", b"text"), None, data_type="file:generic")
    assert evidence.selection([text, hive]) == [hive]


def test_segments_after_the_first_99_follow_their_image() -> None:
    names = ["disk.E01", "disk.EAA", "disk.FZZ", "other.EAA", "disk.exe1"]
    files = [{"display_name": name, "path": "/nowhere"} for name in names]
    assert [file["display_name"] for file in evidence.selection(files)] == [
        "disk.E01",
        "disk.EAA",
        "disk.FZZ",
    ]


def test_paths_of_the_host_are_kept(store: Path, tmp_path: Path) -> None:
    hive = stored(store, write(tmp_path / "a", b"1"), r"C:\Windows\System32\config\SYSTEM")
    log = stored(store, write(tmp_path / "b", b"2"), "C:/Windows/System32/config/SYSTEM.LOG1")
    upload = stored(store, write(tmp_path / "PC-2_SYSTEM", b"3"), None)
    assert evidence.lay_out([hive, log, upload], tmp_path / "root") == []
    assert files_below(tmp_path / "root") == {
        "C:/Windows/System32/config/SYSTEM": b"1",
        "C:/Windows/System32/config/SYSTEM.LOG1": b"2",
        "PC-2_SYSTEM": b"3",
    }


def test_sources_have_folders_of_their_own(store: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "SYSTEM", b"1")
    files = [stored(store, data, "config/SYSTEM", source_file_id=number) for number in (3, 4)]
    files.append(stored(store, data, None, source_file_id=None))
    assert evidence.lay_out(files, tmp_path / "root") == []
    assert set(files_below(tmp_path / "root")) == {
        "SYSTEM",
        "source-3/config/SYSTEM",
        "source-4/config/SYSTEM",
    }


def test_equal_files_of_one_path_are_one_and_others_are_kept(store: Path, tmp_path: Path) -> None:
    first = write(tmp_path / "1", b"one")
    second = write(tmp_path / "2", b"two")
    below = write(tmp_path / "3", b"three")
    files = [stored(store, data, "config/SYSTEM") for data in (first, first, second)]
    files.append(stored(store, below, "config/SYSTEM/below"))
    assert evidence.lay_out(files, tmp_path / "root") == []
    assert files_below(tmp_path / "root") == {
        "config/SYSTEM": b"one",
        "other-2/config/SYSTEM": b"two",
        "other-3/config/SYSTEM/below": b"three",
    }


@pytest.mark.parametrize(
    ("original_path", "expected"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        (r"..\..\SYSTEM", "SYSTEM"),
        ("a\0b", "a_b"),
        ("..", "file-abc"),
        ("n" * 300, "n" * 255),
        ("\ud800SYSTEM", "?SYSTEM"),
    ],
)
def test_no_path_leaves_the_folder(original_path: str, expected: str) -> None:
    assert str(evidence.relative_path({"original_path": original_path, "uuid": "abc"})) == expected


def test_missing_file_is_a_message(tmp_path: Path) -> None:
    messages = evidence.lay_out([{"display_name": "SYSTEM", "path": "/nowhere/1"}], tmp_path / "root")
    assert messages == ["SYSTEM: no file at /nowhere/1"]


def test_without_links_files_are_copied(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    file = stored(store, write(tmp_path / "SYSTEM", b"1"), None)
    assert evidence.lay_out([file], tmp_path / "root") == []
    assert files_below(tmp_path / "root") == {"SYSTEM": b"1"}
