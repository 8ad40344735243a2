"""Reads a hive with hivex: one JSON record a line; oracles.py describes the records."""

import hashlib
import json
import sys

import hivex


def emit(record):
    print(json.dumps(record))


def name(function, handle):
    """Returns the name as UTF-16LE hex, or None if hivex cannot convert it to UTF-8."""
    try:
        return function(handle).encode("utf-16-le", "surrogatepass").hex()
    except (RuntimeError, UnicodeError):
        return None


def value_record(hive, value):
    record = {"value": name(hive.value_key, value)}
    try:
        kind, data = hive.value_value(value)
        record["size"], record["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    except RuntimeError as error:
        kind, record["size"] = hive.value_type(value)
        record["sha256"] = f"unread: {error}"
    record["type"] = kind & 0xFFFF_FFFF
    return record


def walk(hive):
    stack = [(hive.root(), 0)]
    while stack:
        node, depth = stack.pop()
        emit(
            {
                "key": depth,
                "name": name(hive.node_name, node),
                "time": hive.node_timestamp(node) & 0xFFFF_FFFF_FFFF_FFFF,
                "offset": node,
            }
        )
        try:
            for value in hive.node_values(node):
                emit(value_record(hive, value))
        except RuntimeError as error:
            emit({"error": f"values: {error}"})
        try:
            stack.extend((child, depth + 1) for child in reversed(hive.node_children(node)))
        except RuntimeError as error:
            emit({"error": f"subkeys: {error}"})


def main(path):
    try:
        walk(hivex.Hivex(path))
    except RuntimeError as error:
        emit({"error": str(error)})


if __name__ == "__main__":
    main(sys.argv[1])
