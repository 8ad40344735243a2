#!/usr/bin/env python3
"""Compares calhive's facts about the system of a hive with regipy and libregf.

    oracle_context.py CORPUS --calhive BINARY --scratch DIR

Each hive of CORPUS (*.xz) is decompressed below DIR, without its logs. Both readers read it, each in a process
of its own. A reader recognizes SYSTEM and SOFTWARE itself, reads Select\\Current, and looks up the values by
the paths below in every control set.

calhive's facts must have these places and no others, with equal types and data. If a reader finds no key or no
value, calhive must report the same. The host section of the report must use the control set in use.

Here the readers decode the data themselves. oracles.py compares raw data, on forged hives.
"""

import argparse
import json
import lzma
import re
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

TIMEOUT = 300  # seconds for one reader on one hive
WIDEST = 72  # characters in a cell of the table

WINDOWS_NT = r"Microsoft\Windows NT\CurrentVersion"
TIME_ZONE = r"Control\TimeZoneInformation"

# An independent list, because this program tests calhive's own paths.
PLACES = {
    "software": [
        ("system.product", WINDOWS_NT, "ProductName"),
        ("system.edition", WINDOWS_NT, "EditionID"),
        ("system.build", WINDOWS_NT, "CurrentBuildNumber"),
        ("system.build.current", WINDOWS_NT, "CurrentBuild"),
        ("system.installed", WINDOWS_NT, "InstallDate"),
    ],
    "system": [
        ("system.computer_name", r"Control\ComputerName\ComputerName", "ComputerName"),
        ("system.product_type", r"Control\ProductOptions", "ProductType"),
        ("system.time_zone", TIME_ZONE, "TimeZoneKeyName"),
        ("system.time_zone.standard", TIME_ZONE, "StandardName"),
        ("system.bias", TIME_ZONE, "Bias"),
        ("system.bias.active", TIME_ZONE, "ActiveTimeBias"),
        ("system.shut_down", r"Control\Windows", "ShutdownTime"),
    ],
}
CODES = [code for places in PLACES.values() for code, _, _ in places]

# States that replace a type.
NO_KEY, NO_VALUE, UNREAD = "no such key", "no such value", "not readable"
STATES = {"not_set": NO_KEY, "not_in_key": NO_VALUE, "not_readable": UNREAD}


@dataclass
class Fault:
    """A proven fault of a reader on a hive, in the keys whose path begins with `below`.

    It excuses a missing reading of one side, never two different readings.
    """

    reader: str
    hive: str
    below: str
    why: str
    seen: int = 0


FAULTS = [
    Fault(
        "regipy",
        "corrupt/corrupted_system_hive",
        "ControlSet003\\",
        "takes an overwritten list of subkeys for an empty one",
    ),
    Fault(
        "libregf",
        "corrupt/corrupted_system_hive",
        "",
        "reads no bin behind an overwritten one, and the list of the root's subkeys lies there",
    ),
]


class Regipy:
    def __init__(self, path):
        import logging

        from regipy import exceptions, registry

        logging.disable(logging.CRITICAL)
        self.missing = exceptions.RegistryKeyNotFoundException
        self.hive = registry.RegistryHive(path)

    def root_names(self):
        return [key.name for key in self.hive.root.iter_subkeys()]

    def key(self, path):
        try:
            return self.hive.get_key("\\" + path)
        except self.missing:
            return None

    def value(self, key, name):
        for value in key.iter_values(trim_values=False):
            if value.name.lower() == name.lower():
                return value.value_type, value.value
        return None


class Libregf:
    TYPES = {1: "REG_SZ", 2: "REG_EXPAND_SZ", 3: "REG_BINARY", 4: "REG_DWORD"}

    def __init__(self, path):
        import pyregf

        self.hive = pyregf.file()
        self.hive.open(path)

    def root_names(self):
        return [key.name for key in self.hive.get_root_key().sub_keys]

    def key(self, path):
        return self.hive.get_key_by_path("\\" + path)

    def value(self, key, name):
        value = key.get_value_by_name(name)
        if value is None:
            return None
        type_ = self.TYPES.get(value.type, str(value.type))
        if type_ in ("REG_SZ", "REG_EXPAND_SZ"):
            return type_, value.get_data_as_string()
        if type_ == "REG_DWORD":
            return type_, value.get_data_as_integer()
        return type_, value.data


READERS = {"regipy": Regipy, "libregf": Libregf}


def reading(reader, path):
    """Returns a reader's reading of a hive: its kind, its control sets, and the values at the places."""
    reader = READERS[reader](path)

    def value(path, name):
        try:
            key = reader.key(path)
            if key is None:
                return NO_KEY, None
            type_, data = reader.value(key, name) or (NO_VALUE, None)
        except Exception:  # any exception of a reader is its answer
            return UNREAD, None
        return type_, data.hex() if isinstance(data, bytes) else data

    names = {name.lower() for name in reader.root_names()}
    sets = sorted(int(name[10:]) for name in names if re.fullmatch(r"controlset\d{3}", name))
    if sets or "select" in names:
        kind, starts = "system", [control_set(number) for number in sets]
    elif value(WINDOWS_NT, "CurrentVersion")[0] == "REG_SZ":  # a user's Software has none
        kind, starts = "software", [""]
    else:
        kind, starts = None, []
    type_, number = value("Select", "Current")
    places = [(code, start + path, name) for start in starts for code, path, name in PLACES[kind]]
    return {
        "kind": kind,
        "sets": sets,
        "current": number if type_ == "REG_DWORD" else None,
        "values": [[*place, *value(*place[1:])] for place in places],
    }


def control_set(number):
    return None if number is None else f"ControlSet{number:03}\\"


def signed(number):
    return number - (1 << 32) if number >> 31 else number


def from_utc(bias):
    """Formats a bias: local time plus bias is UTC."""
    sign, minutes = "-" if bias > 0 else "+", abs(bias)
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}"


def shown(code, type_, data):
    """Formats a reader's data like calhive."""
    if code in ("system.bias", "system.bias.active") and type_ == "REG_DWORD":
        return f"{signed(data)} ({from_utc(signed(data))})"
    if code == "system.installed" and type_ == "REG_DWORD":
        return f"{datetime.fromtimestamp(data, timezone.utc):%Y-%m-%dT%H:%M:%S}.0000000Z"
    if code == "system.shut_down" and type_ == "REG_BINARY":
        ticks = int.from_bytes(bytes.fromhex(data), "little")
        time = datetime(1601, 1, 1) + timedelta(seconds=ticks // 10**7)
        return f"{time:%Y-%m-%dT%H:%M:%S}.{ticks % 10**7:07}Z"
    return type_ if data is None else str(data)


def of_host(theirs):
    """Returns the expected host section of the report, from a reader's values."""
    in_use = "" if theirs["kind"] == "software" else control_set(theirs["current"])
    values = {
        code: data
        for code, path, _, _, data in theirs["values"]
        if in_use is not None and path.startswith(in_use) and data is not None
    }
    if theirs["kind"] == "software":
        return {
            "product": values.get("system.product"),
            "edition": values.get("system.edition"),
        }
    zone = [values.get("system.time_zone", values.get("system.time_zone.standard"))]
    for code, words in ("system.bias", "standard time"), ("system.bias.active", "last in force"):
        zone.append(f"{words} {from_utc(signed(values[code]))}" if code in values else None)
    return {
        "computer_name": values.get("system.computer_name"),
        "time_zone": ", ".join(part for part in zone if part) or None,
    }


def decoded(fact):
    """Decodes the data of a fact from its bytes, not from the text that calhive shows."""
    type_, data = fact["provenance"]["value_type"], bytes.fromhex(fact["data"].get("hex", ""))
    if type_ in ("REG_SZ", "REG_EXPAND_SZ"):
        return data.decode("utf-16-le", "replace").split("\0")[0]
    return int.from_bytes(data, "little") if type_ == "REG_DWORD" else data.hex()


def places(report):
    """Returns calhive's facts by code and place: type, data and shown text, or only a state."""
    facts = {}
    for key in (key for source in report["searched"] for key in source["keys"]):
        for place in (place for place in key["places"] if place["code"] in CODES):
            where = (place["code"], key["key_path"], place["value_name"])
            facts[where] = (STATES.get(key["state"], key["state"]), None, None)
    for fact in report["facts"]:
        if fact["code"] not in CODES:
            continue
        where, state = fact["provenance"], fact["state"]
        place = (fact["code"], where["key_path"], where["value_name"])
        told = None
        if state == "set":
            told = (where["value_type"], decoded(fact), fact["shown"]["text"])
        facts[place] = told or (STATES.get(state, state), None, None)
    return facts


def run(command):
    return subprocess.run([str(part) for part in command], capture_output=True, timeout=TIMEOUT)


def ask(calhive, hive):
    """Returns calhive's report and the readings of a hive, with None for a reader that fails."""
    output = run([calhive, "scan", hive, "--format", "json"]).stdout
    answers = {"calhive": json.loads(output) if output else None}
    for reader in READERS:
        try:
            done = run([sys.executable, "-B", __file__, "--read", reader, hive])
            answers[reader] = json.loads(done.stdout) if done.returncode == 0 else None
        except subprocess.TimeoutExpired:
            answers[reader] = None
    return answers


class Table:
    HEAD = ("hive", "value", "calhive", "other reader", "agrees", "with")

    def __init__(self):
        self.rows = {}  # row of the table, and its readers
        self.read = Counter()  # values that calhive and a reader read alike
        self.absent = Counter()  # values that both report as absent
        self.failed = False

    def fail(self, text):
        print(text)
        self.failed = True

    def add(self, hive, value, ours, theirs, who, verdict):
        self.failed |= verdict == "NO"
        self.rows.setdefault((hive, value, ours, theirs, verdict), []).append(who)

    def print(self):
        rows = [self.HEAD, *((*said, ", ".join(readers)) for said, readers in self.rows.items())]
        rows = [[printable(cell) for cell in row] for row in rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self.HEAD))]
        above = None
        for row in rows:
            if above not in (None, row[0]):
                print()
            above = row[0]
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def printable(text):
    """Escapes unprintable characters, since names in hives are untrusted."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)[:WIDEST]


def excused(who, hive, path, ours, theirs):
    """Returns whether a listed fault explains that one side reports less than the other."""
    for fault in FAULTS:
        if (fault.reader, fault.hive) == (who, hive) and path.startswith(fault.below):
            if theirs == UNREAD or (ours == UNREAD and theirs in (NO_KEY, NO_VALUE)):
                fault.seen += 1
                return True
    return False


def compare(table, hive, report, who, theirs):
    """Adds the rows of one hive and one reader. Returns the number of values read alike."""

    def plain(value, ours, theirs):
        ours, theirs = str(ours or "none"), str(theirs or "none")
        table.add(hive, value, ours, theirs, who, "yes" if ours == theirs else "NO")

    host = report["hosts"][0]
    if theirs["kind"] == "system":
        sets = {entry["number"]: entry.get("roles", []) for entry in host.get("control_sets", [])}
        plain("control sets", sorted(sets), theirs["sets"])
        current = [number for number, roles in sets.items() if "current" in roles]
        plain(r"Select\Current", *(current or [None]), theirs["current"])

    facts, alike = places(report), 0
    for code, path, name, type_, data in theirs["values"]:
        ours = facts.pop((code, path, name), ("no fact", None, None))
        theirs_shown = shown(code, type_, data)
        ours_shown = ours[2] if ours[1] is not None else ours[0]
        verdict = "NO"
        if ours == (type_, data, theirs_shown if data is not None else None):
            verdict = "yes"
            alike += data is not None
            (table.absent if data is None else table.read)[code] += 1
        elif excused(who, hive, path, ours[0], type_):
            verdict = "listed"
        elif ours_shown == theirs_shown:  # the type or the bytes differ
            ours_shown, theirs_shown = f"{ours!r}", f"{(type_, data)!r}"
        where = path.split("\\")[0] + " " if theirs["kind"] == "system" else ""
        table.add(hive, where + name, ours_shown, theirs_shown, who, verdict)
    for (_, path, name), (type_, _, text) in facts.items():
        table.add(hive, f"{path}, {name}", text or type_, "not looked for", who, "NO")

    for field, expected in of_host(theirs).items():
        told = host["system"].get(field)
        plain(f"host: {field}", told and told["text"], expected)
    return alike


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="folder of real hives, each an xz file")
    parser.add_argument("--calhive", type=Path, required=True, help="the built command")
    parser.add_argument("--scratch", type=Path, required=True, help="where hives are unpacked")
    options = parser.parse_args()

    files = sorted(options.corpus.glob("**/*.xz"))
    files = [file for file in files if not re.search(r"\.log\d?$", file.stem, re.IGNORECASE)]
    table, others = Table(), 0

    def answers(file):
        with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
            hive = Path(folder) / file.stem
            hive.write_bytes(lzma.decompress(file.read_bytes()))
            return ask(options.calhive, hive)

    with ThreadPoolExecutor() as pool:
        for file, told in zip(files, pool.map(answers, files)):
            hive = file.relative_to(options.corpus).with_suffix("").as_posix()
            report = told.pop("calhive")
            kind = report["sources"][0]["kind"] if report else None
            kind = kind if kind in PLACES else None
            alike, contrary = 0, False
            for who, theirs in told.items():
                if theirs is None:
                    if kind:
                        known = excused(who, hive, "", None, UNREAD)
                        verdict = "listed" if known else "NO"
                        table.add(hive, "the hive", kind, UNREAD, who, verdict)
                elif theirs["kind"] != kind:
                    contrary = True
                    table.add(hive, "kind", kind or "other", theirs["kind"] or "other", who, "NO")
                elif kind:
                    alike += compare(table, hive, report, who, theirs)
            others += kind is None and not contrary
            if kind and not alike:
                table.fail(f"{hive}: nothing was compared")

    table.print()
    print()
    for code in CODES:
        print(f"{code}: {table.read[code]} readings alike, {table.absent[code]} that it is absent")
    for fault in FAULTS:
        where = f"{fault.hive}, {fault.below or 'all of it'}"
        print(f"listed: {fault.reader} on {where}: {fault.why} ({fault.seen} rows)")
    print(f"{others} more files that neither calhive nor a reader takes for SYSTEM or SOFTWARE")
    if not table.read:
        table.fail("nothing was compared")
    return 1 if table.failed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        print(json.dumps(reading(*sys.argv[2:])))
    else:
        sys.exit(main())
