# SPDX-License-Identifier: MIT OR Apache-2.0
"""One run of `calhive scan`, and what its exit code means."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import settings

TEXT_LIMIT = 20_000
"""Characters of messages and of the page in a summary."""


@dataclass(frozen=True)
class Scan:
    """A finished run of the command."""

    command: list[str]
    code: int | None
    """Exit code; negative for a signal, `None` if the time limit ended the run."""
    page: str
    """The page of the report as Markdown."""
    messages: str
    """Messages of the command, and of the worker about its input."""
    report: Path
    """Folder of the report. It has files if the run is complete."""

    @property
    def is_complete(self) -> bool:
        """Whether a report is there. Parts of the evidence can be unreadable."""
        return self.code in (0, 3)

    @property
    def statement(self) -> str:
        """What the exit code means, as a sentence."""
        match self.code:
            case 0:
                return "calhive finished."
            case 3:
                return "calhive finished, but parts of the evidence could not be read. See the messages."
            case 1:
                return "calhive read no evidence and wrote no report. See the messages."
            case 2:
                return "calhive does not accept an option of this task. See the messages."
            case None:
                return f"calhive was stopped after {settings.TIME_LIMIT} seconds. There is no report."
            case code if code < 0:
                return f"calhive was ended by signal {signal_name(-code)}. There is no report."
            case code:
                return f"calhive ended with the unknown exit code {code}. There is no report."


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def options_of(config: dict[str, Any]) -> list[str]:
    """Returns the options of the command for the settings of a task. Each value is part of its option."""
    options = []
    for name in ("reference-time", "time-zone", "case", "evidence-id", "examiner"):
        value = config.get(name.replace("-", "_"))
        if value:
            options.append(f"--{name}={value}")
    if str(config.get("carve", "")).lower() in ("true", "1", "yes", "on"):
        options.append("--carve")
    return options


def scan(work: Path, config: dict[str, Any], notes: list[str]) -> Scan:
    """Scans the folder `evidence` in `work`. The report is in `work/report`.

    `notes` are messages of the worker about the input. Raises `RuntimeError` if there is no command.
    """
    command = ["calhive", "scan", "--format", "markdown", "--color", "never", "-o", "report"]
    command += [*options_of(config), "evidence"]
    page, messages = work / "page.md", work / "messages.txt"
    code: int | None
    with page.open("wb") as output, messages.open("wb") as errors:
        try:
            done = subprocess.run(
                command,
                executable=settings.program(),
                cwd=work,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                timeout=settings.TIME_LIMIT,
                check=False,
            )
            code = done.returncode
        except subprocess.TimeoutExpired:
            code = None
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in (page, messages)]
    own = "".join(f"{note}\n" for note in notes)
    # A file that OpenRelik lists and does not have is a part that was not read.
    return Scan(command, 3 if code == 0 and notes else code, texts[0], own + texts[1], work / "report")


def counts(report: Path) -> Counter[str]:
    """Returns the number of hosts, tokens and findings, and of the findings of each severity."""
    found: Counter[str] = Counter()
    with (report / "records.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            found[record["record"]] += 1
            if record["record"] == "finding":
                found[record["severity"]] += 1
    return found


def summary(done: Scan) -> str:
    """Returns a summary as Markdown: what happened, messages, then the page."""
    parts = [f"# Remote Desktop licensing\n\n{done.statement}\n"]
    if done.code != 0 and done.messages:
        parts.append(f"## Messages\n\n{fence(shorten(done.messages))}\n")
    if done.is_complete:
        parts.append(shorten(done.page))
    parts.append(f"Command: {code_span(shlex.join(done.command))}\n")
    return "\n".join(parts)


def shorten(text: str) -> str:
    """Returns a text within the limit of a summary."""
    if len(text) <= TEXT_LIMIT:
        return text
    return f"{text[:TEXT_LIMIT]}\n\n… {len(text) - TEXT_LIMIT} further characters are in the other files.\n"


def fence(text: str) -> str:
    """Returns a block of code that no line of the text can end."""
    ticks = "`" * max(3, longest_ticks(text) + 1)
    return f"{ticks}text\n{text.rstrip()}\n{ticks}"


def code_span(text: str) -> str:
    """Returns code in a line that the text cannot end."""
    ticks = "`" * (longest_ticks(text) + 1)
    return f"{ticks} {' '.join(text.split())} {ticks}"


def longest_ticks(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
