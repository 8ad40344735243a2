# SPDX-License-Identifier: MIT OR Apache-2.0
"""Jobs, and services that the tests start and stop."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[2]
HIVES = PROJECT / "testdata" / "hives"
CONFIG = "Windows/System32/config"

InputFile = dict[str, Any]


def tool(name: str, variable: str) -> str:
    path = os.environ.get(variable, str(PROJECT / "target" / "release" / name))
    assert Path(path).is_file(), f"no {name} at {path}: build it, or name it in {variable}"
    return path


@pytest.fixture(scope="session")
def calhive() -> str:
    """Returns the path of the command, which the worker in this process uses too."""
    path = tool("calhive", "CALHIVE_COMMAND")
    os.environ["CALHIVE_COMMAND"] = path
    return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Returns a folder for the files that OpenRelik keeps."""
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a script in the place of the command."""

    def put(script: str) -> None:
        monkeypatch.setenv("CALHIVE_COMMAND", write_script(tmp_path / "fake", script))

    return put


def write_script(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def stored(store: Path, file: Path, original_path: str | None, **fields: Any) -> InputFile:
    """Copies a file into the store, and describes it as OpenRelik does."""
    uuid = uuid4().hex
    path = store / f"{uuid}{file.suffix}"
    shutil.copyfile(file, path)
    described = {
        "id": None,
        "uuid": uuid,
        "display_name": file.name,
        "extension": file.suffix.lstrip("."),
        "data_type": "extraction:image_export:artifact:WindowsSystemRegistryFiles",
        "mime_type": "application/octet-stream",
        "path": str(path),
        "original_path": original_path,
    }
    return described | fields


def decoded(result: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(base64.b64decode(result))
    return document


def outputs(result: dict[str, Any]) -> dict[str, Path]:
    """Returns the paths of the output files by their names."""
    return {file["display_name"]: Path(file["path"]) for file in result["output_files"]}


class Service(NamedTuple):
    """A process in a session of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, command: list[str], log: Path, **more: Any) -> Service:
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **more,
            )
        return cls(process, log)

    def signal(self, number: int) -> None:
        """Sends a signal to the process and all its children."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def stop(self) -> None:
        self.signal(15)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.signal(9)
            self.process.wait()
        self.signal(9)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Starts Redis on a free port of the loopback address. Nothing is saved."""
    folder = tmp_path_factory.mktemp("redis")
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    service = Service.start([*command, "--dir", str(folder)], folder / "log")
    try:
        wait_for(lambda: accepts(port), 20, lambda: service.log.read_text())
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        service.stop()


def accepts(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Callable[[], bool], seconds: float, explain: Callable[[], object]) -> None:
    """Waits until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {explain()}"
        time.sleep(0.05)
