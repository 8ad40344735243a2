# SPDX-License-Identifier: MIT OR Apache-2.0
"""`calhive/report.py` is current, and the README's examples work."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PROJECT

PACKAGE = PROJECT / "python"


def test_dataclasses_are_those_of_the_schema() -> None:
    subprocess.run([sys.executable, PACKAGE / "generate_report.py", "--check"], check=True)


def test_examples_of_the_readme_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (PACKAGE / "README.md").read_text()
    assert len(text.splitlines()) < 100
    monkeypatch.chdir(PACKAGE)
    names: dict[str, object] = {}
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        exec(example, names)
    printed = capsys.readouterr().out
    assert "RODENT" in printed and "LICENSE000" in printed


def test_stubs_name_every_native_function() -> None:
    from calhive import _native

    stubs = (Path(_native.__file__).parent / "_native.pyi").read_text()
    for name in dir(_native):
        if not name.startswith("__"):
            assert re.search(rf"^(class |def |){name}\b", stubs, re.MULTILINE), name
            for attribute in vars(getattr(_native, name)) if isinstance(getattr(_native, name), type) else ():
                if not attribute.startswith("__"):
                    assert f"    def {attribute}(" in stubs, f"{name}.{attribute}"
