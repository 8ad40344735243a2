"""Reads a hive with regipy: one JSON record a line; oracles.py describes the records.

regipy decodes data by type and names as ASCII with replacement, and uses the first cell of the first bin
as the root. This program gets the raw readings with regipy's own means:

- Every value is presented to regipy as REG_BINARY, so that regipy returns its data unchanged. The real
  type is kept separately.
- Names are decoded from the bytes that regipy read.
- The root is the key at the offset that regipy read from the base block.
"""

import hashlib
import io
import json
import logging
import sys

from regipy import registry

logging.disable(logging.CRITICAL)
REG_BINARY = registry.VALUE_TYPE_ENUM.parse((3).to_bytes(4, "little"))


class ValuesAsBinary:
    """Replaces regipy's VALUE_KEY and keeps the last structure that it read."""

    def __init__(self, structure):
        self.structure = structure
        self.name = None
        self.type = None

    def parse_stream(self, stream):
        vk = self.structure.parse_stream(stream)
        self.name = name(vk.name, vk.flags.VALUE_COMP_NAME)
        self.type = int(vk.data_type)
        vk.data_type = REG_BINARY
        return vk


def name(raw, compressed):
    """Returns the bytes of a name as UTF-16LE hex."""
    return (raw.decode("latin-1").encode("utf-16-le") if compressed else raw).hex()


def emit(record):
    print(json.dumps(record))


def key_record(key, depth):
    record = {
        "key": depth,
        "name": name(key.header.key_name_string, key.header.flags.KEY_COMP_NAME),
        "time": key.header.last_modified,
    }
    class_name = key.get_class_name() if key.header.class_name_size else ""
    if "\ufffd" not in class_name:  # regipy replaces what it cannot decode
        record["class"] = class_name.encode("utf-16-le").hex()
    try:
        security = key.get_security_key_info()
        record["owner"], record["group"] = security["owner"], security["group"]
    except Exception as error:  # any exception of regipy is its answer
        record["owner"] = record["group"] = f"unread: {error!r}"
    return record


def walk(root, seen):
    stack = [(root, 0)]
    while stack:
        key, depth = stack.pop()
        emit(key_record(key, depth))
        try:
            for value in key.iter_values(as_json=False, trim_values=False):
                emit(
                    {
                        "value": seen.name,
                        "type": seen.type,
                        "size": len(value.value),
                        "sha256": hashlib.sha256(value.value).hexdigest(),
                    }
                )
        except Exception as error:
            emit({"error": f"values: {error!r}"})
        try:
            # Read all children first: they share one stream, and reading their values moves it.
            stack.extend((child, depth + 1) for child in reversed(list(key.iter_subkeys())))
        except Exception as error:
            emit({"error": f"subkeys: {error!r}"})


def root_key(path):
    with open(path, "rb") as file:
        stream = io.BytesIO(file.read())
    header = registry.REGF_HEADER.parse_stream(stream)
    # Skip the size of the cell and the signature of the key, like regipy's own lists of subkeys.
    offset = registry.REGF_HEADER_SIZE + header.root_key_offset + 4 + 2
    return registry.NKRecord(registry.Cell(offset, "nk", 0), stream)


def main(path):
    seen = registry.VALUE_KEY = ValuesAsBinary(registry.VALUE_KEY)
    try:
        walk(root_key(path), seen)
    except Exception as error:
        emit({"error": repr(error)})


if __name__ == "__main__":
    main(sys.argv[1])
