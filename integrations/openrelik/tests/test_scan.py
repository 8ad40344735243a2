# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs of the command, and summaries of hostile text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from src import settings
from src.scan import Scan, code_span, fence, options_of, scan, summary


@pytest.mark.parametrize(
    ("script", "code", "statement"),
    [
        ("exit 0", 0, "calhive finished."),
        ("exit 1", 1, "calhive read no evidence"),
        ("exit 2", 2, "does not accept an option"),
        ("exit 3", 3, "parts of the evidence could not be read"),
        ("exit 101", 101, "unknown exit code 101"),
        ("kill -9 $$", -9, "signal SIGKILL"),
        ("exec sleep 60", None, "stopped after 1 seconds"),
    ],
)
def test_exit_code_has_a_meaning(
    fake: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    code: int | None,
    statement: str,
) -> None:
    monkeypatch.setattr(settings, "TIME_LIMIT", 1 if code is None else 60)
    fake(f"echo page; echo trouble >&2; {script}")
    done = scan(tmp_path, {}, [])
    assert done.code == code
    assert statement in done.statement
    assert (done.page, done.messages) == ("page\n", "trouble\n")
    assert ("trouble" in summary(done)) == (code != 0)
    assert ("page" in summary(done)) == done.is_complete


def test_missing_command_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALHIVE_COMMAND", "/nowhere/calhive")
    with pytest.raises(RuntimeError, match="no command /nowhere/calhive"):
        scan(tmp_path, {}, [])


def test_note_about_an_input_makes_the_scan_incomplete(fake: Callable[[str], None], tmp_path: Path) -> None:
    fake("exit 0")
    done = scan(tmp_path, {}, ["SYSTEM: no file at x"])
    assert (done.code, done.messages) == (3, "SYSTEM: no file at x\n")


def test_settings_become_options_that_cannot_be_others() -> None:
    config = {"case": "--force; rm -rf /", "reference_time": "2024-02-01", "carve": "true", "other": "x"}
    assert options_of(config) == ["--reference-time=2024-02-01", "--case=--force; rm -rf /", "--carve"]
    assert options_of({"carve": False, "case": ""}) == []


def test_no_text_ends_its_block() -> None:
    assert fence("a\n````\n# b") == "`````text\na\n````\n# b\n`````"
    assert code_span("a `b` c") == "`` a `b` c ``"


def test_long_messages_are_shortened(tmp_path: Path) -> None:
    text = summary(Scan(["calhive"], 3, "p" * 30_000, "m" * 30_000, tmp_path))
    assert text.count("10000 further characters") == 2
    assert len(text) < 41_000
