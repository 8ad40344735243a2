# SPDX-License-Identifier: MIT OR Apache-2.0
"""The task by the contract of OpenRelik, without a broker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openrelik_worker_common.task_utils import create_task_result

from src import settings
from src.publication import Publication
from src.tasks import TASK_METADATA, TASK_NAME, scan_task

from .conftest import CONFIG, HIVES, decoded, outputs, stored

REPORTS = {"summary.md", "report.html", "report.json", "records.ndjson", "timesketch.jsonl", "manifest.json"}
LOGS = HIVES / "windows-server-2019-settings-in-logs" / CONFIG


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    return folder


def run(output: Path, files: list[dict[str, Any]], task_id: str = "task", **more: Any) -> dict[str, Any]:
    arguments = {"input_files": files, "output_path": str(output), "workflow_id": "7", **more}
    return decoded(scan_task.apply(kwargs=arguments, task_id=task_id, throw=True).get())


def test_server_finds_the_queue_and_reads_the_metadata() -> None:
    assert TASK_NAME.split(".")[0] == "openrelik-worker-calhive"
    # The server reads the metadata out of the text that Celery makes of them.
    from celery.worker.control import registered

    state = SimpleNamespace(app=SimpleNamespace(tasks={TASK_NAME: scan_task}))
    (line,) = registered(state, taskinfoitems=["metadata"])
    assert str(TASK_METADATA) in line


def test_hives_of_a_host_are_read_with_their_logs(calhive: str, store: Path, output: Path) -> None:
    files = [stored(store, path, f"{CONFIG}/{path.name}", id=9) for path in sorted(LOGS.iterdir())]
    result = run(output, files)
    found = outputs(result)
    assert set(found) == REPORTS
    assert [file["display_name"] for file in result["task_files"]] == ["calhive.log"]
    assert result["workflow_id"] == "7"
    assert result["meta"] == {"exit_code": "0"}
    report = json.loads(found["report.json"].read_text(encoding="utf-8"))
    assert len(report["hosts"]) == 1
    assert "applied entry 413 of software" in found["summary.md"].read_text(encoding="utf-8")
    assert result["task_report"]["summary"] == "calhive finished. Hosts: 1. Tokens: 0. Findings: 2."
    # Files of the server: its name for a file is the uuid with the extension.
    for file in [*result["output_files"], *result["task_files"]]:
        assert Path(file["path"]) == output / f"{file['uuid']}{file['extension']}"
        assert Path(file["path"]).stat().st_size > 0 or file["display_name"] == "calhive.log"
    # Only the timeline has a name that the Timesketch worker uploads.
    assert [name for name in found if name.endswith((".jsonl", ".csv"))] == ["timesketch.jsonl"]


def test_second_run_returns_the_same_result(calhive: str, store: Path, output: Path) -> None:
    files = [stored(store, path, f"{CONFIG}/{path.name}") for path in sorted(LOGS.iterdir())]
    first = run(output, files)
    before = sorted(path.name for path in output.iterdir())
    assert run(output, files) == first
    assert sorted(path.name for path in output.iterdir()) == before
    assert run(output, files, "other") != first


def test_result_of_the_task_before_is_the_input(calhive: str, store: Path, output: Path) -> None:
    files = [stored(store, path, f"{CONFIG}/{path.name}") for path in sorted(LOGS.iterdir())]
    piped = create_task_result(output_files=files, workflow_id="7")
    result = run(output, [{"display_name": "SYSTEM", "path": "/nowhere"}], pipe_result=piped)
    assert set(outputs(result)) == REPORTS


def test_archive_is_read(calhive: str, store: Path, output: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "kape"), "zip", HIVES / "windows-10-client-with-token")
    file = stored(store, Path(archive), None, id=5, data_type="file:generic")
    result = run(output, [file])
    assert "Tokens: 2" in result["task_report"]["summary"]
    assert {file["source_file_id"] for file in result["output_files"]} == {5}


def test_disk_image_is_read(calhive: str, store: Path, output: Path, tmp_path: Path) -> None:
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
    mkntfs, ntfscp = (shutil.which(name, path=path) for name in ("mkntfs", "ntfscp"))
    if mkntfs is None or ntfscp is None:
        assert "CI" not in os.environ, "mkntfs and ntfscp are missing"
        pytest.skip("mkntfs and ntfscp are missing")
    image = tmp_path / "disk.raw"
    with image.open("wb") as opened:
        opened.truncate(4 << 20)
    subprocess.run([mkntfs, "-F", "-Q", "-q", str(image)], check=True, capture_output=True)
    for name in ("SYSTEM", "SOFTWARE"):
        hive = HIVES / "windows-10-client-with-token" / name
        subprocess.run([ntfscp, "-f", "-q", str(image), str(hive), name], check=True, capture_output=True)
    result = run(output, [stored(store, image, None, data_type="diskimage:raw")])
    assert "Tokens: 2" in result["task_report"]["summary"]


@pytest.mark.parametrize("data", [b"", b"This is not a hive.\n", b"regf"])
def test_unreadable_input_is_a_result(
    calhive: str, store: Path, output: Path, tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "SYSTEM"
    path.write_bytes(data)
    result = run(output, [stored(store, path, None)])
    text = outputs(result)["summary.md"].read_text(encoding="utf-8")
    assert set(outputs(result)) == {"summary.md"}
    assert "calhive read no evidence and wrote no report." in text
    assert "no hive was read" in text
    assert result["meta"] == {"exit_code": "1"}
    assert result["task_report"]["priority"] == 20


def test_broken_hive_is_reported_beside_a_whole_one(
    calhive: str, store: Path, output: Path, tmp_path: Path
) -> None:
    whole = HIVES / "windows-10-client-with-token"
    (tmp_path / "SOFTWARE").write_bytes((whole / "SOFTWARE").read_bytes()[:9000])
    files = [stored(store, tmp_path / "SOFTWARE", None), stored(store, whole / "SYSTEM", None)]
    result = run(output, files)
    assert set(outputs(result)) == REPORTS
    assert result["meta"] == {"exit_code": "3"}
    assert "SOFTWARE: could not be read completely" in outputs(result)["summary.md"].read_text(
        encoding="utf-8"
    )


def test_missing_file_is_reported(calhive: str, store: Path, output: Path) -> None:
    files = [stored(store, HIVES / "windows-10-client-with-token" / "SYSTEM", None)]
    result = run(output, [*files, {"display_name": "SOFTWARE", "path": "/nowhere/1"}])
    assert result["meta"] == {"exit_code": "3"}
    assert "SOFTWARE: no file at /nowhere/1" in outputs(result)["summary.md"].read_text(encoding="utf-8")


def test_unusable_setting_is_reported(calhive: str, store: Path, output: Path) -> None:
    files = [stored(store, HIVES / "windows-10-client-with-token" / "SYSTEM", None)]
    result = run(output, files, task_config={"reference_time": "yesterday"})
    assert result["meta"] == {"exit_code": "2"}
    assert "yesterday" in outputs(result)["summary.md"].read_text(encoding="utf-8")


def test_no_input_is_a_result(calhive: str, output: Path) -> None:
    result = run(output, [{"display_name": "notes.txt", "path": "/nowhere", "data_type": "file:generic"}])
    assert "No input file has a type or a name that calhive reads." in text_of(result)


def text_of(result: dict[str, Any]) -> str:
    return json.dumps(result) + outputs(result)["summary.md"].read_text(encoding="utf-8")


def test_task_that_kills_its_workers_ends(fake: Callable[[str], None], store: Path, output: Path) -> None:
    fake("exit 0")
    for _ in range(settings.RUNS):
        Publication(str(output), "task").begin()
    files = [stored(store, HIVES / "windows-10-client-with-token" / "SYSTEM", None)]
    result = run(output, files)
    assert "5 runs of this task ended without a result." in outputs(result)["summary.md"].read_text(
        encoding="utf-8"
    )
    assert Publication(str(output), "task").runs() == []


def test_error_of_the_worker_is_an_error(store: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALHIVE_COMMAND", "/nowhere/calhive")
    files = [stored(store, HIVES / "windows-10-client-with-token" / "SYSTEM", None)]
    with pytest.raises(RuntimeError, match="no command"):
        run(output, files)
    assert list(output.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        run(output / "nowhere", files)


def test_evidence_is_not_changed(calhive: str, store: Path, output: Path) -> None:
    files = [stored(store, path, f"{CONFIG}/{path.name}") for path in sorted(LOGS.iterdir())]
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in store.iterdir()}
    run(output, files)
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in store.iterdir()}
