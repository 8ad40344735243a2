#!/usr/bin/env python3
"""Compares calhive with three independent readers on the clean hives of hive-forge.

    oracles.py DIR --calhive BINARY [--system-python PYTHON]

DIR holds *.hive and old/*.hive, each with the canonical form of its content beside it. The readers are
hivex, libregf and regipy. Each runs in a process of its own, with a program oracle_*.py. The program prints
one JSON record a line, a key before its values and its subkeys:

    {"key": depth, "name": UTF-16LE hex, "time": FILETIME, "offset": any origin,
     "class": UTF-16LE hex, "security": descriptor hex, "owner": SID, "group": SID}
    {"value": UTF-16LE hex, "type": number, "size": bytes, "sha256": of the raw data}
    {"error": text}

A reader omits what it does not offer, and the comparison skips these fields. A name that a reader cannot
express is null, and the comparison blanks the same names of calhive. It compares multisets of lines:

    K path, last written            C path, class name         O path, owner, group
    V path, name, type, size, hash  S path, security           A path, offset from the root's
    E path, error

A difference is a failure unless FAULTS lists it. FAULTS holds proven faults of the other reader. Even then
another reader, or the forge, must confirm calhive's K or V line.
"""

import argparse
import fnmatch
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
TIMEOUT = 300  # seconds for one reader on one hive
SHOWN = 5  # differences printed for a hive
BLANK = "<not expressible>".encode()

OFFERS = {"forge": "KV", "hivex": "KVAE", "libregf": "KVCSAE", "regipy": "KVCOE"}  # kinds of line

REG_SZ, REG_EXPAND_SZ = 1, 2


@dataclass
class Fault:
    """A proven fault of a reader, with the differing lines that it excuses and the reason.

    `excuses(ours, theirs)` receives a pair of lines from `pairs`; one of them may be None. Without
    `excuses`, the fault excuses the whole hive.
    """

    oracle: str
    hives: str
    why: str
    excuses: Callable | None = None
    seen: int = 0


def string_is_cut(ours, theirs):
    """Excuses strings outside of segments, if the size differs."""
    pair = ours and theirs and ours[0] == "V"
    return pair and ours[3] in (REG_SZ, REG_EXPAND_SZ) and ours[4] <= 16344 and ours[4] != theirs[4]


def short_data_are_moved(ours, theirs):
    return ours and theirs and ours[0] == "V" and ours[4] == theirs[4] and 1 <= ours[4] <= 3


def segments_unknown(ours, theirs):
    return ours and theirs and ours[0] == "V" and ours[4] > 16344 and theirs[4] < 16344


def class_is_moved(ours, theirs):
    return ours and ours[0] == "C"


def no_data_unread(ours, theirs):
    return ours and theirs and ours[0] == "V" and ours[4] == 0 and theirs[5].startswith("unread")


FAULTS = [
    Fault("hivex", "old/v1.1-*", "refuses version 1.1 (Operation not supported)"),
    Fault("regipy", "old/v1.1-*", "takes cells of version 1.1 for those of later ones"),
    Fault(
        "libregf",
        "*",
        "cuts REG_SZ and REG_EXPAND_SZ after the first NUL, or reads on to the cell's next one",
        string_is_cut,
    ),
    Fault("libregf", "*", "loses data of 1 to 3 bytes that lie in the vk", short_data_are_moved),
    Fault("libregf", "v1.4-*", "looks for db records from version 1.5 on", segments_unknown),
    Fault("libregf", "old/v1.1-*", "begins class names at the cell's back link", class_is_moved),
    Fault("hivex", "*", "reports a value without data as a bad address", no_data_unread),
]


@dataclass
class Reading:
    """Reading of one hive by one reader."""

    lines: Counter = field(default_factory=Counter)
    blanked: set = field(default_factory=set)  # names that the reader cannot express
    no_class: set = field(default_factory=set)  # paths of keys whose class the reader does not offer
    root_offset: int | None = None

    def add(self, kind, *parts):
        self.lines[(kind, *parts)] += 1

    def add_key(self, path, record):
        """`path` is a tuple of WTF-8 names; `record` has the fields of a key."""
        self.add("K", path, record["time"])
        if "class" not in record:
            self.no_class.add(path)
        elif record["class"]:
            self.add("C", path, record["class"])
        if "security" in record:
            self.add("S", path, record["security"])
        if "owner" in record:
            self.add("O", path, record["owner"], record["group"])
        if "offset" in record:
            if self.root_offset is None:
                self.root_offset = record["offset"]
            self.add("A", path, record["offset"] - self.root_offset)

    def add_value(self, path, name, record):
        self.add("V", path, name, record["type"], record["size"], record["sha256"])

    def canonical(self):
        """Returns the canonical form: sorted lines, each with a line feed at its end."""
        lines = []
        for (kind, path, *rest), count in self.lines.items():
            if kind in "KV":
                parts = [kind.encode(), b"\x1f".join(path)]
                parts += [part if isinstance(part, bytes) else str(part).encode() for part in rest]
                lines += [b"|".join(parts) + b"\n"] * count
        return b"".join(sorted(lines))


# Characters that the canonical form escapes.
ESCAPED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\\\\(?=u{)"
)


def escape(name):
    return ESCAPED.sub(lambda found: f"\\u{{{ord(found[0]):X}}}", name)


def wtf8(utf16_hex):
    units = bytes.fromhex(utf16_hex)
    name = units.decode("utf-16-le", "surrogatepass")
    return escape(name).encode("utf-8", "surrogatepass")


def run(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, timeout=TIMEOUT)
    if done.returncode != 0:
        error = done.stderr.decode("utf-8", "replace").strip()[-300:]
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {error}")
    return done.stdout


def calhive(binary, hive):
    """Returns calhive's reading, from its JSON Lines, and calhive's own canonical form."""
    reading = Reading()
    for line in run([binary, "walk", hive, "--format", "jsonl"]).splitlines():
        record = json.loads(line)
        if record["record"] not in ("key", "value"):
            continue
        path = tuple(wtf8(name) for name in record["path_hex"])
        if record["record"] == "value":
            reading.add_value(path, wtf8(record["name_hex"]), record)
            continue
        security = record["security"]
        reading.add_key(
            path,
            {
                "time": int(record["last_written_filetime"]),
                "offset": record["offset"],
                "class": record["class_hex"] or "",
                "security": security and security["descriptor_hex"],
                "owner": security and security["owner"],
                "group": security and security["group"],
            },
        )
    return reading, run([binary, "walk", hive, "--format", "canonical"])


def oracle(name, python, hive):
    """Returns the reading of another reader."""
    reading, path = Reading(), ()
    try:
        output = run([python, "-B", HERE / f"oracle_{name}.py", hive])
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        reading.add("E", (), str(error))
        return reading
    for line in output.splitlines():
        record = json.loads(line)
        if "error" in record:
            reading.add("E", path, record["error"])
            continue
        raw = record.get("name" if "key" in record else "value")
        name = BLANK if raw is None else wtf8(raw)
        if "value" in record:
            reading.add_value(path, name, record)
        else:
            depth = record["key"]
            path = (*path[: depth - 1], name) if depth else ()
            reading.add_key(path, record)
        if raw is None:
            reading.blanked.add((path, "value" in record))
    return reading


def expressible(ours, theirs, offers):
    """Returns calhive's lines in the form that the other reader can express."""

    def blank(path):
        return tuple(BLANK if is_surrogate(name) else name for name in path)

    lines = Counter()
    for (kind, path, *rest), count in ours.lines.items():
        if kind not in offers:
            continue
        if theirs.blanked:
            path = blank(path)
            rest = [*blank(rest[:1]), *rest[1:]] if kind == "V" else rest
        if kind == "C" and path in theirs.no_class:
            continue
        lines[(kind, path, *rest)] += count
    return lines


def is_surrogate(name):
    """Returns whether a WTF-8 name is not UTF-8. hivex needs UTF-8."""
    try:
        name.decode("utf-8")
        return False
    except UnicodeDecodeError:
        return True


def pairs(ours, theirs):
    """Yields differing lines in pairs of one path, and for values of one name and type."""
    groups = defaultdict(lambda: ([], []))
    for side, lines in enumerate((ours, theirs)):
        for line in sorted(lines.elements(), key=repr):
            groups[line[:4] if line[0] == "V" else line[:2]][side].append(line)
    for left, right in groups.values():
        for index in range(max(len(left), len(right))):
            yield left[index] if index < len(left) else None, (
                right[index] if index < len(right) else None
            )


def show(line):
    kind, path, *rest = line

    def text(part):
        return ascii(part.decode("utf-8", "backslashreplace") if isinstance(part, bytes) else part)

    where = "\\".join(text(name)[1:-1] for name in path) or "(root)"
    return f"{kind} {where[-100:]} {' '.join(text(part)[:90] for part in rest)}"


class Table:
    """Result of the comparison, one row a reader."""

    COUNTS = {
        "keys": "K",
        "values": "V",
        "classes": "C",
        "descriptors": "S",
        "owners": "O",
        "offsets": "A",
    }

    def __init__(self):
        self.rows = defaultdict(Counter)

    def compare(self, who, hive, ours, theirs, confirmed):
        """Prints one line for a hive and the first differing lines, and counts both."""
        row = self.rows[who]
        row["hives"] += 1
        mine = expressible(ours, theirs, OFFERS[who])
        differing = list(pairs(mine - theirs.lines, theirs.lines - mine))
        unexcused, excused = [], 0
        for left, right in differing:
            fault = excuse(who, hive, left, right, confirmed)
            if fault:
                fault.seen += 1
                excused += 1
            else:
                unexcused.append((left, right))
        verdict = "differs" if unexcused else "agrees"
        row["alike"] += not differing
        row["excused"] += bool(excused and not unexcused)
        row["differs"] += bool(unexcused)
        row["faults"] += excused
        for name, kind in self.COUNTS.items():
            row[name] += sum(n for line, n in (mine & theirs.lines).items() if line[0] == kind)
        notes = [f"{excused} listed"] if excused else []
        notes += [f"{len(theirs.blanked)} names not expressible"] if theirs.blanked else []
        print(f"{hive}: {who} {verdict}" + (f" ({', '.join(notes)})" if notes else ""))
        for pair in unexcused[:SHOWN]:
            for sign, line in zip(("calhive", who), pair):
                if line:
                    print(f"    {sign}: {show(line)}")
        if len(unexcused) > SHOWN:
            print(f"    and {len(unexcused) - SHOWN} more differences")

    def print(self):
        head = ["reader", "hives", "alike", "but for listed faults", "differ"]
        head += list(self.COUNTS) + ["listed faults"]
        rows = [head]
        for who, row in self.rows.items():
            counts = [row[name] for name in ("hives", "alike", "excused", "differs")]
            counts += [row[name] for name in self.COUNTS] + [row["faults"]]
            rows.append([who, *map(str, counts)])
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        print()
        for row in rows:
            print("  ".join(cell.rjust(width) for cell, width in zip(row, widths)))


def excuse(who, hive, left, right, confirmed):
    """Returns the listed fault that explains a difference, if another reader confirms calhive's line."""
    if left and left[0] in "KV" and left not in confirmed[who]:
        return None
    for fault in FAULTS:
        if fault.oracle == who and fnmatch.fnmatch(hive, fault.hives):
            if fault.excuses is None or fault.excuses(left, right):
                return fault
    return None


def forged(hive):
    """Returns the content of a hive as hive-forge wrote it."""

    def components(path):
        return tuple(path.split(b"\x1f")) if path else ()

    reading = Reading()
    for line in hive.with_suffix(".canonical").read_bytes().splitlines():
        kind, rest = line[:1], line[2:]
        if kind == b"K":
            path, time = rest.rsplit(b"|", 1)
            reading.add("K", components(path), int(time))
        else:
            names, type_, size, digest = rest.rsplit(b"|", 3)
            path, name = names.split(b"|")
            reading.add("V", components(path), name, int(type_), int(size), digest.decode())
    return reading


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("forged", type=Path, help="folder that `hive-forge clean -o` wrote")
    parser.add_argument("--calhive", type=Path, required=True, help="the built command")
    parser.add_argument("--system-python", default="/usr/bin/python3", help="Python with hivex")
    options = parser.parse_args()

    pythons = {"hivex": options.system_python, "libregf": sys.executable, "regipy": sys.executable}
    hives = sorted([*options.forged.glob("*.hive"), *options.forged.glob("old/*.hive")])
    if not hives:
        sys.exit(f"no hives in {options.forged}")

    def read(hive):
        try:
            ours = calhive(options.calhive, hive)
        except (RuntimeError, subprocess.TimeoutExpired, KeyError, ValueError) as error:
            return hive, error, {}
        return hive, ours, {who: oracle(who, python, hive) for who, python in pythons.items()}

    table, failed = Table(), False
    with ThreadPoolExecutor() as pool:
        for hive, ours, readings in pool.map(read, hives):
            label = hive.relative_to(options.forged).as_posix()
            if isinstance(ours, Exception):
                print(f"{label}: calhive gave no answer: {ours!r}")
                failed = True
                continue
            ours, canonical = ours
            if ours.canonical() != canonical:
                print(f"{label}: calhive's jsonl and canonical forms differ")
                failed = True
            readings["forge"] = forged(hive)
            confirmed = {
                who: set().union(*(other.lines for name, other in readings.items() if name != who))
                for who in readings
            }
            for who, theirs in readings.items():
                table.compare(who, label, ours, theirs, confirmed)
    table.print()
    for fault in FAULTS:
        print(f"listed: {fault.oracle} on {fault.hives}: {fault.why} ({fault.seen} lines)")
    failed |= any(row["differs"] for row in table.rows.values())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
