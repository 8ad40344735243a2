# SPDX-License-Identifier: MIT OR Apache-2.0
"""`carve` and `token`: raw bytes."""

from __future__ import annotations

from pathlib import Path

import calhive


def test_hive_inside_other_bytes_is_carved(client: Path, tmp_path: Path) -> None:
    hive = (client / "SOFTWARE").read_bytes()
    image = tmp_path / "image"
    image.write_bytes(bytes(8192) + hive + bytes(8192))
    found = calhive.carve(image)
    whole = next(item for item in found if item.kind == "hive")
    assert (whole.offset, whole.length, whole.is_whole, whole.unpacked_at) == (8192, len(hive), True, None)
    assert repr(whole).startswith("Carved(")


def test_file_without_hives_has_nothing_to_carve(tmp_path: Path) -> None:
    path = tmp_path / "zeros"
    path.write_bytes(bytes(65536))
    assert calhive.carve(str(path)) == []


def test_token_is_decoded(client: Path) -> None:
    hive = calhive.Hive(client / "SOFTWARE")
    values = hive.values(r"Microsoft\MSLicensing\Store\LICENSE000")
    assert values is not None
    data = next(value.data for value in values if value.name == "ClientLicense")
    token = calhive.token(data)
    assert token.error is None and token.license is not None
    assert token.license.client_reported_machine == "RODENT"
    of_scan = calhive.scan(client).tokens[0]
    assert token.sha256 == of_scan.sha256 and token.certificates == of_scan.certificates


def test_other_bytes_are_no_token() -> None:
    token = calhive.token(b"no token")
    assert token.error is not None and token.license is None
    assert calhive.TokenReport.from_dict(token.to_dict()) == token
