# SPDX-License-Identifier: MIT OR Apache-2.0
"""`scan` and `scan_bytes`."""

from __future__ import annotations

import pickle
from datetime import datetime, timezone
from pathlib import Path

import pytest

import calhive
from conftest import HIVES, SCENARIOS


def test_report_has_typed_fields(client: Path) -> None:
    report = calhive.scan(client)
    (host,) = report.hosts
    assert host.system.computer_name is not None
    assert host.system.computer_name.text == "RODENT"
    token = report.tokens[0]
    assert token.license is not None
    assert token.license.issuer == "RODENT"
    assert str(token.license.expires) == "2007-09-18T14:51:35.0000000Z"
    assert report.schema == "urn:calhive:report:1"
    assert report.copies == () and report.run is None


def test_several_paths_are_scanned() -> None:
    paths = [HIVES / name for name in SCENARIOS[:3]]
    report = calhive.scan(paths, threads=2)
    assert len(report.hosts) >= 3
    assert report.to_dict() == calhive.scan([str(path) for path in paths]).to_dict()


def test_logs_are_applied_unless_refused() -> None:
    path = HIVES / "windows-10-client-token-in-logs"
    assert calhive.scan(path).tokens
    assert not calhive.scan(path, logs=False).tokens


@pytest.mark.parametrize(
    "time",
    [
        datetime(2007, 7, 1, tzinfo=timezone.utc),
        calhive.FileTime(utc="2007-07-01T00:00:00.0000000Z", filetime="128277216000000000"),
    ],
)
def test_reference_time_judges_tokens(client: Path, time: datetime | calhive.FileTime) -> None:
    report = calhive.scan(client, reference_time=time)
    reference = report.hosts[0].reference_time
    assert reference.is_given
    assert str(reference.time) == "2007-07-01T00:00:00.0000000Z"
    assert "client.token.past_validity" not in {finding.code for finding in report.findings}


def test_bytes_give_the_same_report_as_files(client: Path) -> None:
    files = {path.name: path.read_bytes() for path in client.iterdir()}
    of_bytes = calhive.scan_bytes(files, root=str(client))
    of_files = calhive.scan(client)
    assert [source.absolute_path for source in of_bytes.sources] == [None, None]
    assert [fact.evidence_id for fact in of_bytes.facts] == [fact.evidence_id for fact in of_files.facts]
    assert of_bytes.findings == of_files.findings
    assert of_bytes.tokens == of_files.tokens


def test_logs_among_bytes_are_applied() -> None:
    folder = HIVES / "windows-10-client-token-in-logs"
    files = {f"host/{path.name}": path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert calhive.scan_bytes(files).tokens
    assert not calhive.scan_bytes(files, logs=False).tokens


def test_names_that_leave_the_root_are_not_read(client: Path) -> None:
    hive = (client / "SYSTEM").read_bytes()
    report = calhive.scan_bytes({"SYSTEM": hive, "../SYSTEM": hive})
    assert len(report.sources) == 1
    (refused,) = report.not_read
    assert refused.path == "../SYSTEM"


def test_unreadable_hive_does_not_stop_the_scan(copied_client: Path) -> None:
    (copied_client / "SYSTEM").write_bytes(b"regf, and nothing else")
    report = calhive.scan(copied_client)
    assert [source.path for source in report.sources] == [str(copied_client / "SOFTWARE")]
    assert str(copied_client / "SYSTEM") in {it.path for it in report.not_read}


def test_report_survives_its_files(copied_client: Path) -> None:
    report = calhive.scan(copied_client)
    for path in copied_client.iterdir():
        path.unlink()
    assert report.facts and list(report.records(["fact"]))


def test_report_is_frozen_and_can_be_compared_and_copied(client: Path) -> None:
    report = calhive.scan(client)
    with pytest.raises(AttributeError):
        report.hosts = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        _ = report.unknown  # type: ignore[attr-defined]
    copy = pickle.loads(pickle.dumps(report))
    assert copy == report
    assert copy.to_dict() == report.to_dict()
    assert calhive.Report.from_dict(report.to_dict()) == report
    with pytest.raises(calhive.Error, match="has no records"):
        copy.records()


def test_incomplete_document_is_refused() -> None:
    with pytest.raises(ValueError, match="not a Report"):
        calhive.Report.from_dict({})


def test_records_are_those_of_the_kinds(client: Path) -> None:
    report = calhive.scan(client)
    assert {record["record"] for record in report.records(["token", "edge"])} == {"token", "edge"}
    first, *_ = report.records()
    assert first["record"] == "report"
