# SPDX-License-Identifier: MIT OR Apache-2.0
"""The folder of evidence: input files under the paths that they had on their host.

OpenRelik stores every file under a random name. calhive pairs hives and logs by folder and name. It finds
the segments of an image by name.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from openrelik_worker_common.task_utils import filter_compatible_files

InputFile = dict[str, Any]
"""One input file, as OpenRelik describes it."""

NAMES = (
    # Hives and their logs.
    *("SYSTEM*", "SOFTWARE*", "NTUSER.DAT*", "USRCLASS.DAT*", "DEFAULT*", "SAM*", "SECURITY*", "_REGISTRY_*"),
    # Text exports, licenses in files, rows of live registries.
    *("*.reg", "*.cal", "*.json", "*.jsonl"),
    # Archives.
    *("*.zip", "*.tar", "*.tar.gz", "*.tgz", "*.tar.zst"),
    # Disk images.
    *("*.e[0-9][0-9]", "*.[0-9][0-9][0-9]", "*.raw", "*.dd", "*.img", "*.bin"),
    *("*.vhd", "*.vhdx", "*.vmdk", "*.qcow", "*.qcow2"),
)


def in_any_case(pattern: str) -> str:
    """Returns the pattern of a name in capital and small letters."""
    return re.sub("[A-Za-z]", lambda letter: f"[{letter[0].upper()}{letter[0].lower()}]", pattern)


COMPATIBLE_INPUTS = {
    "data_types": [
        "*:artifact:Windows*Registry*",
        "diskimage:*",
    ],
    "mime_types": ["application/zip", "application/x-tar", "application/gzip", "application/zstd"],
    "filenames": [in_any_case(name) for name in NAMES],
}
"""Types and names of the files that calhive reads. A file that begins as a hive is read in any case."""


def selection(files: list[InputFile]) -> list[InputFile]:
    """Returns the files that calhive can read, in the order of their paths."""
    compatible = filter_compatible_files(files, COMPATIBLE_INPUTS)
    images = {path.stem for path in map(relative_path, compatible) if path.suffix.lower() == ".e01"}
    chosen = [file for file in files if file in compatible or is_hive(file) or is_segment(file, images)]
    return sorted(chosen, key=lambda file: (source(file), str(relative_path(file)), str(file.get("uuid"))))


def is_hive(file: InputFile) -> bool:
    """Returns whether a file begins with the signature of a hive."""
    try:
        with open(str(file.get("path")), "rb") as opened:
            return opened.read(4) == b"regf"
    except OSError:
        return False


def is_segment(file: InputFile, images: set[str]) -> bool:
    """Returns whether a file is named as a segment of one of these images: E01 to E99, EAA to ZZZ."""
    path = relative_path(file)
    return path.stem in images and re.fullmatch(r"\.[e-z][0-9a-z]{2}", path.suffix.lower()) is not None


def source(file: InputFile) -> str:
    """Returns the id of the image or archive that a file is from, or an empty text."""
    return str(file.get("source_file_id") or "")


def relative_path(file: InputFile) -> Path:
    """Returns the path of a file on its host, without a way out of the folder of evidence."""
    text = str(file.get("original_path") or file.get("display_name") or "")
    names = [safe(name) for name in re.split(r"[\\/]+", text) if name not in ("", ".", "..")]
    return Path(*names) if names else Path(f"file-{safe(str(file.get('uuid') or 'unnamed'))}")


def safe(name: str) -> str:
    """Returns a name that Linux accepts."""
    data = name.replace("\0", "_").replace("/", "_").encode("utf-8", "replace")
    return data[-255:].decode("utf-8", "ignore")


def lay_out(files: Iterable[InputFile], root: Path) -> list[str]:
    """Links the files below `root`. Returns a message for each file that is not there.

    Files of different images or archives get folders of their own. Two different files with one path do too.
    """
    files = list(files)
    root.mkdir(exist_ok=True)
    has_many_sources = len({source(file) for file in files}) > 1
    messages = []
    for file in files:
        path = Path(os.path.realpath(str(file.get("path"))))
        relative = relative_path(file)
        if not path.is_file():
            messages.append(f"{relative}: no file at {path}")
            continue
        folder = root / f"source-{safe(source(file))}" if has_many_sources and source(file) else root
        for candidate in candidates(folder):
            if add(path, candidate / relative):
                break
    return messages


def candidates(folder: Path) -> Iterator[Path]:
    """Returns the folder, then folders beside it for further files of one path."""
    yield folder
    for number in count(2):
        yield folder / f"other-{number}"


def add(path: Path, target: Path) -> bool:
    """Links or copies a file. Returns `False` if another file has its place.

    image_export stores a file once for each of its artifacts. An equal file in one place is the same file.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        return False
    if target.exists():
        return target.is_file() and filecmp.cmp(path, target, shallow=False)
    try:
        os.link(path, target)
    except OSError:
        # Another volume, or a volume without links.
        shutil.copyfile(path, target)
    return True
