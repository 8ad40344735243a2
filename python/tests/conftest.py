# SPDX-License-Identifier: MIT OR Apache-2.0
"""Forged hives, and the command to compare with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
HIVES = PROJECT / "testdata" / "hives"
SCENARIOS = sorted(path.name for path in HIVES.iterdir() if path.is_dir())


@pytest.fixture
def client() -> Path:
    """Returns the folder of a client that holds a token."""
    return HIVES / "windows-10-client-with-token"


@pytest.fixture
def copied_client(client: Path, tmp_path: Path) -> Path:
    """Returns a copy of the folder of a client, to change."""
    return Path(shutil.copytree(client, tmp_path / "client"))


@pytest.fixture(scope="session")
def command() -> str:
    """Returns the path of the command. Without the command, the test is skipped, and fails in the gate."""
    path = os.environ.get("CALHIVE_COMMAND", str(PROJECT / "target" / "release" / "calhive"))
    if not Path(path).is_file():
        message = f"no command at {path}: build it, or name it in CALHIVE_COMMAND"
        pytest.fail(message) if "CI" in os.environ else pytest.skip(message)
    return path


def without_subkeys(hive: Path) -> bytes:
    """Returns a hive whose root key refers to a subkey list outside the hive."""
    data = bytearray(hive.read_bytes())
    root = 4096 + int.from_bytes(data[36:40], "little") + 4
    assert data[root : root + 2] == b"nk"
    data[root + 28 : root + 32] = (0x7FFF_FFF0).to_bytes(4, "little")
    return bytes(data)
