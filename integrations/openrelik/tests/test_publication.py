# SPDX-License-Identifier: MIT OR Apache-2.0
"""One result for one task, whatever the number and the end of its runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from src.publication import Publication


def ready(run: Path, names: list[str]) -> Path:
    folder = run / "ready"
    folder.mkdir()
    for name in names:
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_first_finished_run_is_the_result(tmp_path: Path) -> None:
    publication = Publication(str(tmp_path), "task")
    runs = [publication.begin() for _ in range(3)]
    assert publication.result() is None
    assert publication.publish(ready(runs[1], ["1.json"]), "second") == "second"
    for run in (runs[0], runs[2]):
        run.mkdir(exist_ok=True)
        assert publication.publish(ready(run, ["2.json"]), "later") == "second"
    assert visible(tmp_path) == ["1.json"]
    assert publication.runs() == []


def test_runs_at_one_time_give_one_result(tmp_path: Path) -> None:
    publication = Publication(str(tmp_path), "task")
    folders = [ready(publication.begin(), [f"{number}.json"]) for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        results = set(pool.map(publication.publish, folders, map(str, range(16))))
    assert len(results) == 1
    assert visible(tmp_path) == [f"{results.pop()}.json"]


def test_files_are_moved_after_a_run_was_killed_between(tmp_path: Path) -> None:
    publication = Publication(str(tmp_path), "task")
    folder = ready(publication.begin(), ["1.json", "2.json"])
    (folder / "result").write_text("result", encoding="utf-8")
    # The state after the rename and the first file.
    folder.rename(publication.folder)
    (publication.folder / "1.json").rename(tmp_path / "1.json")
    assert Publication(str(tmp_path), "task").result() == "result"
    assert visible(tmp_path) == ["1.json", "2.json"]


def test_tasks_do_not_see_each_other(tmp_path: Path) -> None:
    first, second = (Publication(str(tmp_path), name) for name in ("../task", "../task."))
    first.begin()
    first.publish(ready(first.begin(), []), "first")
    second.begin()
    assert second.result() is None
    assert len(second.runs()) == 1


def test_full_disk_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        Publication(str(tmp_path), "task").publish(tmp_path / "nowhere", "result")
