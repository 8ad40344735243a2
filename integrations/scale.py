#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measures what a host costs by each way of scanning many hosts, and prints a table.

    hive-forge fleet --machines 500 -o hosts
    python integrations/scale.py hosts [WAY...]

Each folder below the given one is a host. The ways are `command-1`, `command-2`, `python-1`, `python-2`, `spark`
and `worker`. CALHIVE_COMMAND names the command. The way `spark` needs the packages of `spark/requirements.txt`, the way
`worker` those of `openrelik/requirements.txt` and Redis.

Every way runs in a process of its own, which also starts the command. Seconds cover the whole process. Memory is
the highest sum of the resident memory of the process and its children, read ten times a second.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PAGE = os.sysconf("SC_PAGE_SIZE")


def command(threads: int) -> Callable[[Path, Path], None]:
    """One process of the command for all hosts."""

    def run(hosts: Path, output: Path) -> None:
        program = os.environ.get("CALHIVE_COMMAND", "calhive")
        line = [program, "scan", "--quiet", "--format", "jsonl", "--threads", str(threads)]
        with (output / "records.jsonl").open("wb") as records:
            code = subprocess.run([*line, str(hosts)], check=False, stdout=records).returncode
        # Code 3: the scan is finished, but an input is incomplete.
        assert code in (0, 3), code

    return run


def python(threads: int) -> Callable[[Path, Path], None]:
    """One call of the Python package for each host, in threads of one process."""

    def run(hosts: Path, output: Path) -> None:
        import calhive

        def scan(host: Path) -> None:
            with (output / f"{host.name}.jsonl").open("w", encoding="utf-8") as records:
                for record in calhive.scan(host).records():
                    records.write(json.dumps(record) + "\n")

        with ThreadPoolExecutor(threads) as executor:
            list(executor.map(scan, folders(hosts)))

    return run


def spark(hosts: Path, output: Path) -> None:
    """Spark with two local cores, from a table of paths to Parquet tables."""
    sys.path.insert(0, str(Path(__file__).parent / "spark"))
    from pyspark.sql import SparkSession

    import calhive_spark

    builder = SparkSession.builder.master("local[2]")
    session = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.sparkContext.addPyFile(calhive_spark.__file__)
    files = [(str(path), str(host)) for host in folders(hosts) for path in host.rglob("*") if path.is_file()]
    paths = session.createDataFrame(files, "path string, folder string")
    calhive_spark.write_tables(calhive_spark.read_paths(paths), str(output / "tables"))
    session.stop()


def worker(hosts: Path, output: Path) -> None:
    """Two workers of OpenRelik with one process each, on a Redis of their own, and one job for each host."""
    from celery import Celery

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    url = f"redis://127.0.0.1:{port}/0"
    redis = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    celery = [sys.executable, "-m", "celery", "--app=src.app", "worker", "--concurrency=1"]
    folder = Path(__file__).resolve().parent / "openrelik"
    environment = {**os.environ, "REDIS_URL": url}
    commands = [redis, *([*celery, f"--hostname={name}@localhost"] for name in ("one", "two"))]
    more: dict[str, Any] = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "start_new_session": True,
    }
    services = [subprocess.Popen(line, cwd=folder, env=environment, **more) for line in commands]
    try:
        run_jobs(Celery(broker=url, backend=url), hosts, output)
    finally:
        for service in services:
            os.killpg(service.pid, signal.SIGKILL)


def run_jobs(app: Any, hosts: Path, output: Path) -> None:
    """Sends a job for each host, and waits for all."""
    jobs = [send(app, host.resolve(), output / host.name) for host in folders(hosts)]
    for job in jobs:
        while (state := app.backend.get_state(job)) != "SUCCESS":
            assert state != "FAILURE", app.backend.get_result(job)
            time.sleep(0.02)


def send(app: Any, host: Path, output: Path) -> str:
    """Sends the files of a host to the workers. Returns the id of the job."""
    output.mkdir()
    files = [
        {
            "path": str(path),
            "display_name": path.name,
            "original_path": str(path.relative_to(host)),
            "data_type": "extraction:image_export:artifact:WindowsSystemRegistryFiles",
        }
        for path in sorted(host.rglob("*"))
        if path.is_file()
    ]
    arguments = {"input_files": files, "output_path": str(output), "workflow_id": "1", "task_config": {}}
    queue = "openrelik-worker-calhive"
    return str(app.send_task(f"{queue}.tasks.scan", queue=queue, kwargs=arguments).id)


WAYS: dict[str, Callable[[Path, Path], None]] = {
    "command-1": command(1),
    "command-2": command(2),
    "python-1": python(1),
    "python-2": python(2),
    "spark": spark,
    "worker": worker,
}


def folders(hosts: Path) -> list[Path]:
    return sorted(path for path in hosts.iterdir() if path.is_dir())


def bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def resident(process: int) -> int:
    """Returns the resident memory of a process and its children, in bytes."""
    try:
        own = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
        tasks = Path(f"/proc/{process}/task").iterdir()
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except (OSError, IndexError):
        return 0
    return own + sum(resident(int(child)) for child in children)


def measure(way: str, hosts: Path) -> tuple[float, int, int]:
    """Returns the seconds, the highest memory and the bytes written."""
    with tempfile.TemporaryDirectory() as output:
        began, memory = time.perf_counter(), 0
        process = subprocess.Popen([sys.executable, __file__, "--run", way, str(hosts), output])
        while process.poll() is None:
            memory = max(memory, resident(process.pid))
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        assert process.returncode == 0, f"{way} ended with {process.returncode}"
        return seconds, memory, bytes_below(Path(output))


def main() -> None:
    """Measures the chosen ways, or runs one of them."""
    if sys.argv[1] == "--run":
        way, hosts, output = sys.argv[2:]
        WAYS[way](Path(hosts), Path(output))
        return
    hosts = Path(sys.argv[1])
    number = len(folders(hosts))
    print(f"{number} hosts, {bytes_below(hosts) / number / 1e6:.2f} MB a host, {os.cpu_count()} processors\n")
    print("| Way | Seconds | Hosts a second | Memory, MB | Bytes out a host |")
    print("|---|---:|---:|---:|---:|")
    for way in sys.argv[2:] or WAYS:
        seconds, memory, written = measure(way, hosts)
        rate = number / seconds
        row = f"| `{way}` | {seconds:.1f} | {rate:.1f} | {memory / 1e6:.0f} | {written / number:.0f} |"
        print(row, flush=True)


if __name__ == "__main__":
    main()
