#!/usr/bin/env python3
"""Checks the form of the files for Velociraptor, KAPE and Timesketch.

Usage: check.py [EVENTS]

EVENTS is the output of `calhive scan --format timesketch`. If the importer client of Timesketch is installed, its own
checks run over the events too. Needs PyYAML. The exit code is 1 if a check fails.
"""

import json
import re
import sys
import uuid
from datetime import datetime
from pathlib import Path

import yaml

HERE = Path(__file__).parent
# Fields of an artifact, from the reference of Velociraptor.
ARTIFACT = {
    "name": str, "aliases": list, "type": str, "description": str, "author": str, "reference": list, "parameters": list,
    "sources": list, "column_types": list, "precondition": str, "export": str, "imports": list, "resources": dict,
    "tools": list, "impersonate": str, "implied_permissions": list, "required_permissions": list, "reports": list,
}
PARAMETER = {"name", "description", "default", "type", "choices", "friendly_name", "validating_regex", "artifact_type"}
PARAMETER_TYPES = {
    "string", "regex", "int", "int64", "integer", "float", "timestamp", "csv", "json", "json_array", "yara", "bool",
    "choices", "multichoice", "hidden", "artifactset", "upload", "upload_file", "redacted", "server_metadata",
}
SOURCE = {"name", "description", "precondition", "query", "queries", "notebook"}
# Fields of a target, from the template of KapeFiles: name and whether it is required.
TARGETS = {"Description": True, "Author": True, "Version": True, "Id": True, "RecreateDirectories": True, "Targets": True}
TARGET = {
    "Name": True, "Category": True, "Path": True, "Recursive": False, "FileMask": False, "AlwaysAddToQueue": False,
    "SaveAsFileName": False, "MinSize": False, "MaxSize": False, "Comment": False,
}
# Fields of a rule, from the tagger of Timesketch.
RULE = {
    "query_string", "query_dsl", "tags", "emojis", "save_search", "search_name", "regular_expression", "re_flags",
    "re_attribute", "modifiers",
}

failures = []


def check(condition, message):
    """Keeps the message of a failure."""
    if not condition:
        failures.append(message)


def artifact(path):
    """Checks an artifact of Velociraptor."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    where = path.name
    for name, value in content.items():
        check(name in ARTIFACT, f"{where}: unknown field {name}")
        check(isinstance(value, ARTIFACT.get(name, object)), f"{where}: {name} has another type")
    check(content["name"] == path.stem, f"{where}: the name is {content['name']}")
    check(content["name"].startswith("Custom."), f"{where}: a custom artifact begins with Custom.")
    check(content["type"] in ("CLIENT", "SERVER"), f"{where}: type {content['type']}")
    names = set()
    for parameter in content.get("parameters", []):
        check(set(parameter) <= PARAMETER, f"{where}: fields of parameter {parameter}")
        check(parameter.get("type", "string") in PARAMETER_TYPES, f"{where}: type of {parameter['name']}")
        check(parameter["name"] not in names, f"{where}: {parameter['name']} twice")
        names.add(parameter["name"])
        if parameter.get("type") == "csv":
            rows = [line.count(",") for line in parameter["default"].splitlines()]
            check(len(set(rows)) == 1, f"{where}: rows of {parameter['name']} differ in their number of cells")
    for source in content["sources"]:
        check(set(source) <= SOURCE and "query" in source, f"{where}: fields of a source {set(source)}")
        query = source["query"]
        without_texts = re.sub(r"--[^\n]*", "", re.sub(r'"(\\.|[^"\\])*"', '""', query))
        for opening, closing in ("()", "{}", "[]"):
            check(without_texts.count(opening) == without_texts.count(closing), f"{where}: {opening} without {closing}")
        check("SELECT" in without_texts, f"{where}: a source without SELECT")
    used = " ".join(source["query"] for source in content["sources"])
    for name in names:
        check(re.search(rf"\b{name}\b", used), f"{where}: parameter {name} is not used")
    return 1


def target(path):
    """Checks a target of KAPE."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    where = path.name
    check(set(content) == set(TARGETS), f"{where}: fields {set(content)}")
    check(str(uuid.UUID(content["Id"])) == content["Id"], f"{where}: Id is no GUID")
    check(isinstance(content["Version"], float), f"{where}: Version")
    check(content["RecreateDirectories"] is True, f"{where}: RecreateDirectories")
    for entry in content["Targets"]:
        check(set(entry) <= set(TARGET), f"{where}: fields {set(entry)}")
        check({name for name, needed in TARGET.items() if needed} <= set(entry), f"{where}: a field is missing")
        check(re.fullmatch(r"C:\\.*\\", entry["Path"]), f"{where}: path {entry['Path']}")
    check(path.read_text(encoding="utf-8").endswith("\n"), f"{where}: no line feed at the end")
    return 1


def tags(path):
    """Checks the rules for the tagger of Timesketch."""
    rules = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, rule in rules.items():
        check(set(rule) <= RULE, f"{path.name}: fields of {name}")
        check(("query_string" in rule) != ("query_dsl" in rule), f"{path.name}: {name} needs one query")
        check(rule["tags"] and all(isinstance(tag, str) for tag in rule["tags"]), f"{path.name}: tags of {name}")
        check(isinstance(rule["save_search"], bool), f"{path.name}: save_search of {name}")
        check(f'"{rule["tags"][0]}"' in rule["query_string"], f"{path.name}: {name} tags another code")
    return len(rules)


def events(path):
    """Checks events as the importer of Timesketch requires them."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    check(rows, f"{path.name}: no event")
    for number, row in enumerate(rows, 1):
        for field in ("message", "datetime", "timestamp_desc"):
            check(isinstance(row.get(field), str), f"{path.name}: line {number} has no {field}")
        time = datetime.fromisoformat(row["datetime"])
        check(time.tzinfo is not None, f"{path.name}: line {number} has no offset")
        check(abs(time.timestamp() * 1e6 - row["timestamp"]) < 1e3, f"{path.name}: line {number} has two times")
    try:
        from timesketch_import_client import importer
    except ImportError:
        return f"{len(rows)}, without the importer client"

    class Kept(importer.ImportStreamer):
        """Keeps the events instead of sending them."""

        def __init__(self):
            super().__init__()
            self.events = []

        def _ready(self):
            pass

        def _upload_data_buffer(self, *_, **__):
            self.events += self._data_lines

    streamer = Kept()
    streamer.add_file(str(path))
    streamer.flush()
    taken = streamer.events
    check(len(taken) == len(rows), f"{path.name}: the importer takes {len(taken)} of {len(rows)} events")
    for number, (row, event) in enumerate(zip(rows, taken), 1):
        kept = {field for field in row if field != "datetime" and row[field] == event.get(field)}
        check(kept == set(row) - {"datetime"}, f"{path.name}: the importer changes line {number}")
        times = [datetime.fromisoformat(it["datetime"]) for it in (row, event)]
        check(times[0] == times[1], f"{path.name}: the importer changes the time of line {number}")
    return f"{len(rows)}, through the importer client"


def main():
    """Checks all files, and prints what was checked."""
    artifacts = sum(artifact(path) for path in sorted(HERE.glob("velociraptor/*.yaml")))
    targets = sum(target(path) for path in sorted(HERE.glob("kape/*.tkape")))
    rules = tags(HERE / "timesketch/tags.yaml")
    print(f"artifacts: {artifacts}, targets: {targets}, rules: {rules}")
    check((artifacts, targets) == (3, 1), "a file is missing")
    for path in sys.argv[1:]:
        print(f"events: {events(Path(path))}")
    first = "No Windows build of calhive exists yet"
    for path in (HERE / name / "README.md" for name in ("velociraptor", "kape", "timesketch")):
        check(path.read_text(encoding="utf-8").startswith(first), f"{path}: the first line says something else")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
