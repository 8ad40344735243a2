# SPDX-License-Identifier: MIT OR Apache-2.0
"""The task: input files of OpenRelik in, reports of calhive out."""

from __future__ import annotations

import shlex
import shutil
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

from openrelik_worker_common.file_utils import OutputFile, create_output_file
from openrelik_worker_common.reporting import Priority, Report
from openrelik_worker_common.task_utils import create_task_result, get_input_files

from . import evidence, settings
from .app import QUEUE, celery
from .publication import Publication
from .scan import Scan, counts, scan, summary

TASK_NAME = f"{QUEUE}.tasks.scan"
TASK_METADATA = {
    "display_name": "calhive: Remote Desktop licensing",
    "description": "Reports Remote Desktop licensing from registry hives, archives and disk images",
    "task_config": [
        {
            "name": "reference_time",
            "label": "Reference time",
            "description": "Time at which the validity of tokens is judged, such as 2024-02-01T10:30:00Z",
            "type": "text",
            "required": False,
        },
        {
            "name": "case",
            "label": "Case",
            "description": "Name or number of the case, for the HTML report and the manifest",
            "type": "text",
            "required": False,
        },
        {
            "name": "carve",
            "label": "Carve unallocated clusters (slow)",
            "description": "Search the unallocated clusters of disk images for hives and license tokens",
            "type": "checkbox",
            "required": False,
        },
    ],
}

REPORTS = (
    ("summary.md", "summary.md", "calhive:summary"),
    ("report.html", "report.html", "calhive:report:html"),
    ("report.json", "report.json", "calhive:report:json"),
    # The Timesketch worker uploads every file named *.jsonl. Of ours, it can read the timeline only.
    ("records.jsonl", "records.ndjson", "calhive:records"),
    ("timesketch.jsonl", "timesketch.jsonl", "calhive:timesketch"),
    ("manifest.json", "manifest.json", "calhive:manifest"),
)
"""Files of a report: name in its folder, name in OpenRelik, data type."""


def scan_files(
    self: Any,
    pipe_result: str | None = None,
    input_files: list[dict[str, Any]] | None = None,
    output_path: str | None = None,
    workflow_id: str | None = None,
    task_config: dict[str, Any] | None = None,
) -> str:
    """Scans the input files with calhive, all in one call.

    Returns the result of the task as OpenRelik expects it: JSON in base64. An unreadable input is part of the
    result. Raises an error only if the worker itself cannot work: no command, no output folder, no space.
    """
    if not output_path:
        raise ValueError("the task has no output folder")
    publication = Publication(output_path, str(self.request.id or uuid4()))
    published = publication.result()
    if published is not None:
        return published
    files = evidence.selection(get_input_files(pipe_result, input_files or []))
    runs = len(publication.runs())
    work = publication.begin()
    try:
        if not files:
            done = failure("No input file has a type or a name that calhive reads.", work)
        elif runs >= settings.RUNS:
            done = failure(
                f"{runs} runs of this task ended without a result. calhive was not started again.", work
            )
        else:
            notes = evidence.lay_out(files, work / "evidence")
            done = scan(work, task_config or {}, notes)
        ready, result = result_of(done, work, files, output_path, workflow_id)
        return publication.publish(ready, result)
    except OSError:
        # The first run of a task that finishes removes the folders of its other runs.
        published = publication.result()
        if published is None:
            raise
        return published
    finally:
        shutil.rmtree(work, ignore_errors=True)


def failure(message: str, work: Path) -> Scan:
    """Returns a run that did not begin."""
    return Scan(["calhive", "scan", "evidence"], 1, "", f"{message}\n", work / "report")


def result_of(
    done: Scan, work: Path, files: list[evidence.InputFile], output_path: str, workflow_id: str | None
) -> tuple[Path, str]:
    """Returns a folder with the output files of a run, and the result that names them."""
    ready = work / "ready"
    ready.mkdir()
    source_id = files[0].get("id") if len(files) == 1 else None

    def output(display_name: str, data_type: str) -> OutputFile:
        return create_output_file(
            output_path, display_name=display_name, data_type=data_type, source_file_id=source_id
        )

    found = counts(done.report) if done.is_complete else Counter[str]()
    text = summary(done)
    done.report.mkdir(exist_ok=True)
    (done.report / "summary.md").write_text(text, encoding="utf-8")
    output_files = []
    for name, display_name, data_type in REPORTS:
        if (done.report / name).exists():
            file = output(display_name, data_type)
            (done.report / name).rename(ready / Path(file.path).name)
            output_files.append(file.to_dict())
    log = output("calhive.log", "calhive:log")
    (ready / Path(log.path).name).write_text(done.messages, encoding="utf-8")

    report = Report("Remote Desktop licensing")
    report.summary = done.statement
    if done.is_complete:
        report.summary += f" Hosts: {found['host']}. Tokens: {found['token']}. Findings: {found['finding']}."
    report.priority = priority(done, found)
    # The title is the first line of the text.
    report.add_section().add_paragraph(text.partition("\n")[2])
    result = create_task_result(
        output_files=output_files,
        task_files=[log.to_dict()],
        workflow_id=workflow_id,
        command=shlex.join(done.command),
        meta={"exit_code": "stopped" if done.code is None else str(done.code)},
        task_report=report.to_dict(),
    )
    return ready, result


def priority(done: Scan, found: Counter[str]) -> Priority:
    """Returns the priority of a report: by its most severe finding, and by what was not read."""
    if found["attention"]:
        return Priority.HIGH
    if found["notice"] or done.code != 0:
        return Priority.MEDIUM
    return Priority.LOW


scan_task = celery.task(bind=True, name=TASK_NAME, metadata=TASK_METADATA)(scan_files)
