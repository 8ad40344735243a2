# SPDX-License-Identifier: MIT OR Apache-2.0
"""Workers on a broker. Every result is there once, and is the one of a local run, even if a worker is killed.

The small case kills one process of a worker. With `CALHIVE_FULL`, 200 jobs run on two workers, and one of
them is killed with all its processes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from celery import Celery
from redis import Redis

from .conftest import CONFIG, HERE, InputFile, Service, decoded, outputs, stored, tool, wait_for, write_script

IS_FULL = "CALHIVE_FULL" in os.environ
JOBS = 200 if IS_FULL else 12
TIME_LIMIT, MARGIN = 30, 5
# A worker looks for tasks of silent workers every 100 seconds.
LOOK = 100

BROKEN: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("SOFTWARE", lambda hive: b""),
    ("SOFTWARE", lambda hive: b"This is not a hive.\n"),
    ("SOFTWARE", lambda hive: hive[:9000]),
    ("SYSTEM", lambda hive: hive[:4096]),
    ("SYSTEM", lambda hive: bytes(len(hive))),
    ("SOFTWARE", lambda hive: hive[:4096] + b"\xff" * 64 + hive[4160:]),
]
"""Damage to one hive of a host."""


class Job(NamedTuple):
    """One task, and a folder with the same evidence for a local run."""

    id: str
    files: list[InputFile]
    output: Path
    local: Path


def jobs_of(folder: Path) -> list[Job]:
    """Forges hosts: of ten, eight are whole, one is broken, and one is broken in an archive."""
    fleet = folder / "fleet"
    forge = tool("hive-forge", "CALHIVE_FORGE")
    subprocess.run([forge, "fleet", "--machines", str(JOBS), "-o", str(fleet)], check=True)
    store = folder / "store"
    store.mkdir()
    jobs = []
    for number, host in enumerate(sorted(fleet.iterdir())):
        output, local = folder / "output" / host.name, folder / "local" / host.name
        output.mkdir(parents=True)
        local.mkdir(parents=True)
        kind = number % 10
        if kind in (3, 7):
            name, damage = BROKEN[number // 5 % len(BROKEN)]
            hive = host / CONFIG / name
            hive.write_bytes(damage(hive.read_bytes()))
        if kind in (5, 7):
            archive = Path(shutil.make_archive(str(folder / host.name), "zip", host))
            if kind == 7:
                archive.write_bytes(archive.read_bytes()[:-30])
            files = [stored(store, archive, None, data_type="file:generic", mime_type="application/zip")]
        elif kind == 6:
            archive = folder / f"{host.name}.tar.gz"
            with tarfile.open(archive, "w:gz") as opened:
                opened.add(host, arcname=".")
            files = [stored(store, archive, None, data_type="file:generic")]
        elif kind == 8:
            notes = host / "SYSTEM"
            notes.write_text("This is not a hive.\n", encoding="utf-8")
            files = [stored(store, notes, None)]
        else:
            paths = sorted(path for path in host.rglob("*") if path.is_file())
            files = [stored(store, path, str(path.relative_to(host))) for path in paths]
        for file in files:
            target = local / "evidence" / str(file["original_path"] or file["display_name"])
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file["path"], target)
        jobs.append(Job(str(uuid4()), files, output, local))
    assert len(jobs) == JOBS
    return jobs


def worker(name: str, folder: Path, url: str, *, processes: int, command: str) -> Service:
    arguments = ["-m", "celery", "--app=src.app", "worker", "--task-events", f"--concurrency={processes}"]
    environment = {
        **os.environ,
        "REDIS_URL": url,
        "CALHIVE_COMMAND": command,
        "CALHIVE_TIME_LIMIT": str(TIME_LIMIT),
        "CALHIVE_REDELIVERY_MARGIN": str(MARGIN),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Service.start(
        [sys.executable, *arguments, f"--hostname={name}@localhost"],
        folder / f"{name}.log",
        cwd=HERE.parent,
        env=environment,
    )


class Events:
    """Events of tasks, as the server of OpenRelik receives them."""

    def __init__(self, app: Celery) -> None:
        self.app = app
        self.counts: Counter[tuple[str, str]] = Counter()
        self.is_listening = threading.Event()
        self.receiver: Any = None

    def total(self, kind: str) -> int:
        return sum(count for (of, _), count in list(self.counts.items()) if of == kind)

    def several(self, kind: str) -> list[str]:
        return [task for (of, task), count in self.counts.items() if of == kind and count > 1]

    def take(self, event: dict[str, Any]) -> None:
        if "uuid" in event:
            self.counts[event["type"], event["uuid"]] += 1

    def listen(self) -> None:
        with self.app.connection() as connection:
            self.receiver = self.app.events.Receiver(connection, handlers={"*": self.take})
            self.receiver.on_consume_ready = lambda *_, **__: self.is_listening.set()
            self.receiver.capture(limit=None, timeout=None, wakeup=False)


@contextmanager
def events_of(app: Celery) -> Iterator[Events]:
    events = Events(app)
    thread = threading.Thread(target=events.listen, daemon=True)
    thread.start()
    assert events.is_listening.wait(20)
    try:
        yield events
    finally:
        events.receiver.should_stop = True
        thread.join(10)


def send(app: Celery, jobs: list[Job]) -> None:
    for job in jobs:
        app.send_task(
            "openrelik-worker-calhive.tasks.scan",
            queue="openrelik-worker-calhive",
            task_id=job.id,
            kwargs={
                "input_files": job.files,
                "output_path": str(job.output),
                "workflow_id": "1",
                "task_config": {},
            },
        )


def running(service: Service, script: str) -> list[int]:
    """Returns the processes of a worker that wait for the command, which is this script."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        parent, session = int(fields[1]), int(fields[3])
        if session == service.process.pid and script.encode() in command:
            found.append(parent)
    return found


def kill_one(service: Service, script: str) -> bool:
    """Kills one process of a worker that waits for the command. Returns whether there was one."""
    for process in running(service, script)[:1]:
        os.kill(process, signal.SIGKILL)
        return True
    return False


def local_run(job: Job, calhive: str) -> int:
    command = ["calhive", "scan", "--format", "markdown", "--color", "never", "-o", "report", "evidence"]
    with (job.local / "page.md").open("wb") as page:
        done = subprocess.run(
            command, executable=calhive, cwd=job.local, stdout=page, stderr=subprocess.DEVNULL
        )
    return done.returncode


def text_of(path: Path, folder: Path) -> str:
    """Returns a report without absolute paths of its evidence, and without the values that depend on them."""
    text = path.read_text(encoding="utf-8").replace("<wbr>", "")
    text = re.sub(re.escape(str(folder)) + r"(/\.calhive-[^/\"]+)?", "", text)
    for number in re.findall(r'class="report-id">([0-9a-f]+)', text):
        # The foot of a printed page has its first digits.
        text = text.replace(number, "").replace(number[:16], "")
    return re.sub(r"'sha256-[^']+'", "", text)


def check(job: Job, result: dict[str, Any], calhive: str) -> int:
    """Checks that a result is the one of a local run, and its files are there once. Returns the exit code."""
    code = local_run(job, calhive)
    assert result["meta"] == {"exit_code": str(code)}, job
    files = outputs(result)
    named = [*files.values(), *(Path(file["path"]) for file in result["task_files"])]
    assert sorted(path.name for path in job.output.iterdir() if not path.name.startswith(".")) == sorted(
        path.name for path in named
    )
    assert [path.name for path in job.output.glob(".calhive-*.*")] == []
    report = job.local / "report"
    assert ("report.json" in files) == (report / "report.json").exists() == (code in (0, 3))
    if code not in (0, 3):
        assert set(files) == {"summary.md"}
        return code
    assert files["timesketch.jsonl"].read_bytes() == (report / "timesketch.jsonl").read_bytes()
    pairs = (
        ("records.ndjson", "records.jsonl"),
        ("report.json", "report.json"),
        ("report.html", "report.html"),
    )
    for name, local_name in pairs:
        assert text_of(files[name], job.output) == text_of(report / local_name, job.local), name
    manifests = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in (files["manifest.json"], report / "manifest.json")
    ]
    assert manifests[0]["inputs"] == manifests[1]["inputs"]
    assert (job.local / "page.md").read_text(encoding="utf-8") in files["summary.md"].read_text(
        encoding="utf-8"
    )
    return code


def result_of(app: Celery, job: Job) -> dict[str, Any]:
    """Returns the result of a finished task."""
    return decoded(app.backend.get_task_meta(job.id)["result"])


def log_of(services: list[Service]) -> str:
    return "\n".join(service.log.read_text(errors="replace")[-3000:] for service in services)


def check_all(app: Celery, events: Events, jobs: list[Job], calhive: str) -> None:
    """Checks every result, and that the server receives each one once."""
    for kind in ("task-failed", "task-retried", "task-revoked"):
        assert events.total(kind) == 0, kind
    assert {task for kind, task in events.counts if kind == "task-succeeded"} == {job.id for job in jobs}
    assert events.several("task-succeeded") == []
    codes = Counter(check(job, result_of(app, job), calhive) for job in jobs)
    print(f"{len(jobs)} results by exit code: {dict(sorted(codes.items()))}")
    assert set(codes) == {0, 1, 3}


@pytest.mark.skipif(IS_FULL, reason="the full case runs")
def test_killed_process_loses_no_result(redis_url: str, calhive: str, tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path)
    app = Celery(broker=redis_url, backend=redis_url)
    script = write_script(tmp_path / "slow", f'sleep 0.5; exec {calhive} "$@"')
    with events_of(app) as events:
        service = worker("one", tmp_path, redis_url, processes=2, command=script)
        try:
            send(app, jobs)
            wait_for(lambda: events.total("task-succeeded") >= 3, 60, lambda: log_of([service]))
            # Other workers on this Redis do not see the tasks of this one, and it does not see theirs.
            broker = Redis.from_url(redis_url)
            wait_for(lambda: bool(broker.exists("openrelik-worker-calhive.unacked_index")), 20, broker.keys)
            assert not broker.exists("unacked", "unacked_index")
            wait_for(lambda: kill_one(service, script), 20, lambda: log_of([service]))
            wait_for(lambda: events.total("task-succeeded") >= JOBS, 90, lambda: log_of([service]))
            time.sleep(1)
            check_all(app, events, jobs, calhive)
            # The worker puts the task back when its process is gone.
            assert events.total("task-rejected") == 1
        finally:
            service.stop()


def test_task_that_kills_every_process_gets_a_result(redis_url: str, calhive: str, tmp_path: Path) -> None:
    job = jobs_of(tmp_path)[0]
    app = Celery(broker=redis_url, backend=redis_url)
    script = write_script(tmp_path / "deadly", "kill -9 $PPID")
    with events_of(app) as events:
        service = worker("one", tmp_path, redis_url, processes=1, command=script)
        try:
            send(app, [job])
            wait_for(lambda: events.total("task-succeeded") > 0, 90, lambda: log_of([service]))
            assert events.total("task-succeeded") == 1
            text = outputs(result_of(app, job))["summary.md"].read_text(encoding="utf-8")
            assert "5 runs of this task ended without a result." in text
        finally:
            service.stop()


@pytest.mark.skipif(not IS_FULL, reason="takes minutes: set CALHIVE_FULL")
def test_killed_worker_loses_no_result(redis_url: str, calhive: str, tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path)
    app = Celery(broker=redis_url, backend=redis_url)
    script = write_script(tmp_path / "slow", f'sleep 0.1; exec {calhive} "$@"')
    with events_of(app) as events:
        services = [worker(name, tmp_path, redis_url, processes=1, command=script) for name in ("one", "two")]
        try:
            began = time.monotonic()
            send(app, jobs)
            wait_for(lambda: events.total("task-succeeded") >= 80, 240, lambda: log_of(services))
            wait_for(lambda: bool(running(services[0], script)), 20, lambda: log_of(services))
            services[0].signal(signal.SIGKILL)
            killed = time.monotonic()
            before = events.total("task-succeeded")
            wait_for(lambda: events.total("task-succeeded") >= JOBS - 1, 240, lambda: log_of(services))
            others = time.monotonic()
            wait_for(
                lambda: events.total("task-succeeded") >= JOBS,
                TIME_LIMIT + MARGIN + 2 * LOOK,
                lambda: log_of(services),
            )
            end = time.monotonic()
            time.sleep(2)
            check_all(app, events, jobs, calhive)
            # The killed worker had one task, which the other worker got too.
            assert len(events.several("task-received")) == 1
            print(f"killed after {before} results and {killed - began:.1f} s")
            print(f"{JOBS - 1} results after {others - began:.1f} s, all after {end - began:.1f} s")
        finally:
            for service in services:
                service.stop()
