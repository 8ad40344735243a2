# SPDX-License-Identifier: MIT OR Apache-2.0
"""`Hive`, and the keys and values in it."""

from __future__ import annotations

from pathlib import Path

import pytest

import calhive
from conftest import HIVES, without_subkeys

STORE = r"Microsoft\MSLicensing\Store"


@pytest.fixture
def software(client: Path) -> calhive.Hive:
    return calhive.Hive(client / "SOFTWARE")


def test_walk_shows_each_key_before_its_subkeys(software: calhive.Hive) -> None:
    keys = software.walk()
    assert keys.faults == ()
    paths = [key.path for key in keys]
    assert paths[0] == "" and STORE in paths
    assert len(set(paths)) == len(paths)
    for path in paths[1:]:
        above = path.rpartition("\\")[0]
        assert paths.index(above) < paths.index(path)


def test_key_is_found_in_any_case(software: calhive.Hive) -> None:
    key = software.key(STORE.upper())
    assert key is not None
    assert (key.name, key.path) == ("Store", STORE)
    assert key.offset > 4096
    assert key.last_written.utc.endswith("Z") and int(key.last_written.filetime) > 0
    assert [it.path for it in key.subkeys()] == [rf"{STORE}\LICENSE000"]
    assert repr(key).startswith("Key(")


def test_root_key_has_the_empty_path(software: calhive.Hive) -> None:
    root = software.key("")
    assert root is not None and root.path == ""
    assert "Microsoft" in [key.name for key in root.subkeys()]


def test_absent_key_is_none(software: calhive.Hive) -> None:
    assert software.key(r"Microsoft\Absent") is None
    assert software.values(r"Microsoft\Absent") is None


def test_values_have_their_data(software: calhive.Hive) -> None:
    values = software.values(r"Microsoft\Windows NT\CurrentVersion")
    assert values is not None and values.faults == ()
    product = next(value for value in values if value.name == "ProductName")
    assert (product.type, product.type_name, product.is_whole) == (1, "REG_SZ", True)
    assert product.data.decode("utf-16-le").rstrip("\0") == "Windows 10 Pro"
    assert product.size == len(product.data) and product.offset > 4096
    assert repr(product).startswith("Value(")


def test_hive_of_bytes_is_the_same(client: Path, software: calhive.Hive) -> None:
    for data in ((client / "SOFTWARE").read_bytes(), bytearray((client / "SOFTWARE").read_bytes())):
        hive = calhive.Hive(data)
        assert hive.path == "<bytes>"
        assert [key.path for key in hive.walk()] == [key.path for key in software.walk()]


def test_handles_survive_hive_and_file(copied_client: Path) -> None:
    path = copied_client / "SOFTWARE"
    store = calhive.Hive(path).key(STORE)
    path.write_bytes(b"")
    assert store is not None
    (license_,) = store.subkeys()
    assert any(value.data for value in license_.values())


def test_logs_are_applied_unless_refused() -> None:
    path = HIVES / "windows-10-client-token-in-logs" / "SOFTWARE"
    with_logs, without_logs = calhive.Hive(path), calhive.Hive(path, logs=False)
    assert with_logs.has_applied_logs and not without_logs.has_applied_logs
    assert with_logs.key(rf"{STORE}\LICENSE000") is not None
    assert without_logs.key(rf"{STORE}\LICENSE000") is None


def test_missing_log_is_a_notice() -> None:
    folder = HIVES / "windows-server-2016-logs-missing" / "Windows" / "System32" / "config"
    notices = [notice for path in folder.iterdir() for notice in calhive.Hive(path).notices]
    assert any("log" in notice for notice in notices)


def test_deleted_keys_and_values_are_recovered() -> None:
    hive = calhive.Hive(HIVES / "client-licenses-removed" / "Windows" / "System32" / "config" / "SOFTWARE")
    found = hive.recover()
    keys = [it for it in found if it.item == "key"]
    values = [it for it in found if it.item == "value"]
    assert keys and values
    key = next(it for it in keys if it.path is not None and it.path.startswith(STORE))
    assert key.path_is_whole and key.last_written is not None
    assert key.confidence in ("high", "medium", "low") and key.why and key.origin
    assert (key.type, key.size, key.data) == (None, None, None)
    value = next(it for it in values if it.data)
    assert value.type is not None and value.size is not None
    assert repr(value).startswith("Recovered(value")


def test_intact_hive_has_no_violations(software: calhive.Hive) -> None:
    assert software.check() == []


def test_lost_subkeys_are_faults_and_violations(client: Path) -> None:
    hive = calhive.Hive(without_subkeys(client / "SOFTWARE"))
    keys = hive.walk()
    assert len(keys) == 1
    assert keys.faults
    fault = keys.faults[0]
    assert isinstance(fault, calhive.FormatError)
    assert fault.path == "<bytes>" and fault.offset is not None
    violation = next(it for it in hive.check() if it.grade == "loss")
    assert violation.message and violation.offset > 0
    assert repr(violation).startswith("Violation(")


def test_key_below_a_lost_list_is_not_absent(client: Path) -> None:
    hive = calhive.Hive(without_subkeys(client / "SOFTWARE"))
    for look_up in (hive.key, hive.values):
        with pytest.raises(calhive.FormatError) as caught:
            look_up("Microsoft")
        assert caught.value.offset is not None
    root = hive.key("")
    assert root is not None and root.subkeys().faults


def test_listing_is_a_sequence(software: calhive.Hive) -> None:
    keys = software.walk()
    assert keys[0].path == "" and len(keys[1:3]) == 2 and list(reversed(keys))[-1].path == ""
    assert repr(keys) == f"Listing({len(keys)} items, 0 faults)"
