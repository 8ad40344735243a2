# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes `calhive/report.py` from the JSON schema of the report. With `--check`, only compares the file."""

from __future__ import annotations

import json
import keyword
import sys
import textwrap
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SCHEMA = HERE.parent / "src" / "report" / "report.schema.json"
MODULE = HERE / "package" / "calhive" / "report.py"

HEAD = '''\
# SPDX-License-Identifier: MIT OR Apache-2.0
# Written by generate_report.py from the JSON schema of the report. Do not edit.
"""The report of a scan, as dataclasses. Each class and field has the name that the JSON schema gives it.

A field that is absent in JSON is None here. A list that is absent in JSON is an empty tuple.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from calhive.document import Document
from calhive.record import Record

'''

Schema = dict[str, Any]


def reference(schema: Schema) -> str | None:
    """Returns the name of the definition that a schema refers to."""
    target = schema.get("$ref")
    return class_name(target.rsplit("/", 1)[-1]) if isinstance(target, str) else None


def class_name(definition: str) -> str:
    """Returns the name of a definition, as a name of a class."""
    return "".join(part[:1].upper() + part[1:] for part in definition.split("_"))


def is_object(schema: Schema) -> bool:
    """Returns whether a definition becomes a class."""
    return "properties" in schema


class Generator:
    """Writes the module."""

    def __init__(self, definitions: dict[str, Schema]) -> None:
        lines = {name for name in definitions if name.startswith("line_")}
        self.definitions = {
            class_name(name): it for name, it in sorted(definitions.items()) if name not in lines
        }
        self.by_shape = {self.shape(it): name for name, it in self.definitions.items() if is_object(it)}

    @staticmethod
    def shape(schema: Schema) -> str:
        """Returns the shape of an object: schemars writes some definitions in place."""
        properties = {name: {**it, "description": ""} for name, it in schema["properties"].items()}
        return json.dumps([properties, sorted(schema.get("required", []))], sort_keys=True)

    def module(self) -> str:
        """Returns the text of the module."""
        aliases = [self.alias(name, it) for name, it in self.definitions.items() if not is_object(it)]
        classes = [self.record(name, it) for name, it in self.definitions.items() if is_object(it)]
        return HEAD + "\n".join(aliases) + "".join(classes)

    def alias(self, name: str, schema: Schema) -> str:
        """Returns the definition of a type that is no object."""
        words = [f"- `{it['const']}`: {it['description']}" for it in schema.get("oneOf", [])]
        text = "\n".join([words_of(schema), *([""] if words else []), *words])
        return f"{name} = {self.type_of(schema)}\n{docstring(text, '')}"

    def record(self, name: str, schema: Schema) -> str:
        """Returns the class of an object."""
        required = set(schema.get("required", []))
        base = "Document" if name == "Report" else "Record"
        head = f"\n\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass {name}({base}):\n"
        fields = [self.field(key, it, key in required) for key, it in schema["properties"].items()]
        texts = (key for key in ("text", "utc") if schema["properties"].get(key, {}).get("type") == "string")
        shown = next(texts, None)
        as_text = f"\n    def __str__(self) -> str:\n        return self.{shown}\n" if shown else ""
        return head + docstring(words_of(schema), "    ") + "\n" + "".join(fields) + as_text

    def field(self, key: str, schema: Schema, is_required: bool) -> str:
        """Returns a field of a class."""
        name = f"{key}_" if keyword.iskeyword(key) else key
        type_ = self.type_of(schema)
        if is_required:
            default = ""
        elif schema.get("type") == "array":
            default = " = ()"
        elif schema.get("type") == "boolean":
            default = " = False"
        else:
            type_, default = f"{type_} | None", " = None"
        if "const" in schema:
            default = ""
        return f"    {name}: {type_}{default}\n{docstring(words_of(schema), '    ')}"

    def type_of(self, schema: Schema) -> str:
        """Returns the type in Python."""
        name = reference(schema)
        if name is not None:
            return name
        if "anyOf" in schema:
            (only,) = schema["anyOf"]
            return self.type_of(only)
        if "const" in schema:
            return f"Literal[{json.dumps(schema['const'])}]"
        if "oneOf" in schema:
            return "Literal[\n" + "".join(f"    {json.dumps(it['const'])},\n" for it in schema["oneOf"]) + "]"
        kind = schema["type"]
        (kind,) = kind if isinstance(kind, list) else [kind]
        if kind == "array" and "prefixItems" in schema:
            return f"tuple[{', '.join(self.type_of(it) for it in schema['prefixItems'])}]"
        if kind == "array":
            return f"tuple[{self.type_of(schema['items'])}, ...]"
        if kind == "object" and "properties" in schema:
            return self.by_shape[self.shape(schema)]
        if kind == "object":
            return f"Mapping[str, {self.type_of(schema['additionalProperties'])}]"
        types: dict[str, str] = {"string": "str", "integer": "int", "boolean": "bool"}
        return types[kind]


def words_of(schema: Schema) -> str:
    """Returns the description, without examples in Rust."""
    text: str = schema.get("description", "")
    before, fence, _ = text.partition("\n```")
    return before.rpartition("\n\n")[0] if fence else before


def docstring(text: str, indent: str) -> str:
    """Returns a docstring, wrapped."""
    lines: list[str] = []
    paragraph: list[str] = []
    for line in [*text.split("\n"), ""]:
        starts_item = line.startswith("- ") or line[:1].isdigit()
        if paragraph and (not line or starts_item):
            later = "  " if paragraph[0].startswith("- ") else ""
            lines += textwrap.wrap(" ".join(paragraph), 104 - len(indent), subsequent_indent=later)
            paragraph = []
        if line:
            paragraph.append(line.strip())
        elif lines and lines[-1]:
            lines.append("")
    while lines and not lines[-1]:
        lines.pop()
    ending = '"""' if len(lines) < 2 else f'\n{indent}"""'
    raw = "r" if "\\" in text else ""
    body = "\n".join(indent + line if line and at else line for at, line in enumerate(lines))
    return f'{indent}{raw}"""{body}{ending}\n'


def main() -> int:
    """Writes or checks the module."""
    definitions = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
    module = Generator(definitions).module()
    if "--check" not in sys.argv[1:]:
        MODULE.write_text(module, encoding="utf-8")
        return 0
    if MODULE.is_file() and MODULE.read_text(encoding="utf-8") == module:
        return 0
    print(f"{MODULE.name} is not current; run {Path(__file__).name}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
