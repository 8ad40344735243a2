# SPDX-License-Identifier: MIT OR Apache-2.0
"""Output files of a task, published once.

Each run of a task works in a folder of its own. One rename makes the first finished run the result of the
task. Any later run returns the same result. A killed run leaves its folder, which counts as a run without a
result.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5


class Publication:
    """The result of one task, whatever the number of its runs."""

    def __init__(self, output: str, task: str) -> None:
        self.output = Path(output)
        name = f".calhive-{uuid5(NAMESPACE_OID, task).hex}"
        self.folder = self.output / name
        """Folder of the published result."""
        self.prefix = f"{name}."

    def runs(self) -> list[Path]:
        """Returns the folders of runs that ended without a result, or did not end yet."""
        return sorted(self.output.glob(f"{self.prefix}*"))

    def begin(self) -> Path:
        """Returns a new folder for one run."""
        return Path(tempfile.mkdtemp(prefix=self.prefix, dir=self.output))

    def publish(self, ready: Path, result: str) -> str:
        """Publishes the files in `ready`, unless another run did so before. Returns the result of the task.

        The name of each file is its name in the output folder.
        """
        try:
            (ready / "result").write_text(result, encoding="utf-8")
            ready.rename(self.folder)
        except OSError:
            # The folder exists, or a faster run removed the folders of the slower ones.
            if not self.folder.exists():
                raise
        published = self.result()
        assert published is not None
        return published

    def result(self) -> str | None:
        """Returns the published result, if any, after its files are in their places."""
        try:
            result = (self.folder / "result").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        for file in sorted(self.folder.iterdir()):
            if file.name != "result":
                try:
                    os.replace(file, self.output / file.name)
                except FileNotFoundError:
                    # Another run moved the file in this moment.
                    continue
        for run in self.runs():
            shutil.rmtree(run, ignore_errors=True)
        return result
