# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reads registry hives in Spark, and writes the tables of calhive as Parquet.

    hosts = read_paths(spark.table("paths"))
    write_tables(hosts, "tables")

All files of one host are read together, so that each hive finds its logs. A file that cannot be read is a row
of the table `errors`; the job goes on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pyarrow
from pyspark import StorageLevel
from pyspark.sql import functions

import calhive
from calhive import tables

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

SCHEMA: str = get_args(get_type_hints(calhive.Report)["schema"])[0]
"""Version of the schema of all rows."""

FOLDER = tables.Column("folder", "string", "$.folder")
"""First column of every table: the folder of the host. Ids such as `host-1` are unique within one folder."""

ERRORS = tables.Table(
    "errors",
    "error",
    (
        tables.Column("schema", "string", "$.schema"),
        tables.Column("path", "string", "$.path"),
        tables.Column("message", "string", "$.message"),
        tables.Column("offset", "integer", "$.offset"),
    ),
)
"""Files that calhive could not read, or not completely. One row for each file, with the first fault."""

TABLES = (*tables.TABLES, ERRORS)
"""All tables that `write_tables` writes."""

_BELOW_HOST = (
    r"(?i)^(.*?)/(?:windows\.old/|(?:windows|winnt)/(?:system32|repair|serviceprofiles)/"
    r"|(?:users|documents and settings)/[^/]+/(?:ntuser\.dat|appdata/|local settings/))"
)
_PARENT = r"^(.*)/[^/]*$"
_OFFSET = re.compile(r"offset 0x([0-9a-f]+)")
_TYPES = {
    "string": "string",
    "integer": "bigint",
    "boolean": "boolean",
    "time": "timestamp",
    "strings": "array<string>",
}


def host_folder(path: Column) -> Column:
    """Returns the folder above `Windows` or `Users` in a path. Other files belong to their own folder."""
    above = functions.regexp_extract(path, _BELOW_HOST, 1)
    return functions.when(path.rlike(_BELOW_HOST), above).otherwise(
        functions.regexp_extract(path, _PARENT, 1)
    )


def read_paths(files: DataFrame, partitions: int | None = None) -> DataFrame:
    """Reads the files in the column `path`. Every worker must see these files.

    Returns one row for each host, for `write_tables`.

    Args:
        files: Absolute paths. A column `folder` names the host of each file; without it, `host_folder` does.
        partitions: Number of tasks. By default four for each core.
    """
    return _read(files, functions.lit(None).cast("binary"), partitions)


def read_files(files: DataFrame, partitions: int | None = None) -> DataFrame:
    """Reads the files of `spark.read.format("binaryFile")`: columns `path` and `content`.

    Spark moves every byte between its workers. If all workers see the files, `read_paths` is faster.

    Args:
        files: As for `read_paths`, with the bytes of each file.
        partitions: As for `read_paths`.
    """
    return _read(files, functions.col("content"), partitions)


def write_tables(hosts: DataFrame, output: str, mode: str = "error") -> None:
    """Writes one folder of Parquet files for each of `TABLES`. Each hive is read once.

    Args:
        hosts: The rows of `read_paths` or `read_files`.
        output: Folder of the tables.
        mode: What to do if a table exists, as for `DataFrameWriter.mode`.
    """
    kept = hosts.persist(StorageLevel.DISK_ONLY)
    try:
        for table in TABLES:
            rows = kept.select("folder", functions.inline(table.name))
            rows.write.mode(mode).parquet(f"{output}/{table.name}")
    finally:
        kept.unpersist()


def _read(files: DataFrame, content: Column, partitions: int | None) -> DataFrame:
    path = functions.regexp_replace("path", "^file:/+", "/")
    folder = functions.col("folder") if "folder" in files.columns else host_folder(path)
    # Spark joins small partitions, unless their number is given.
    number = partitions or 4 * files.sparkSession.sparkContext.defaultParallelism
    own = files.select(folder.alias("folder"), path.alias("path"), content.alias("content"))
    file = functions.struct("path", "content").alias("file")
    grouped = (
        own.repartition(number, "folder").groupBy("folder").agg(functions.collect_list(file).alias("files"))
    )
    fields = ", ".join(f"{table.name} array<struct<{_fields(table)}>>" for table in TABLES)
    return grouped.mapInArrow(_scan_batches, f"folder string, {fields}")


def _fields(table: tables.Table) -> str:
    return ", ".join(f"`{column.name}`: {_TYPES[column.type]}" for column in table.columns)


def _scan_batches(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
    for batch in batches:
        for row in range(batch.num_rows):
            folder = batch.column("folder")[row].as_py()
            yield _batch(folder, batch.column("files")[row].as_py())


def _batch(folder: str, files: list[dict[str, Any]]) -> pyarrow.RecordBatch:
    """Returns one row: the folder, and the rows of each table as a list."""
    report, errors = scan_host(folder, ((file["path"], file["content"]) for file in files))
    found = tables.to_arrow(()) if report is None else report.to_arrow()
    found[ERRORS.name] = pyarrow.Table.from_pylist(errors, schema=tables.arrow_schema(ERRORS))
    lists = []
    for table in TABLES:
        rows = found[table.name].to_struct_array()
        values = pyarrow.concat_arrays(rows.chunks) if rows.num_chunks else pyarrow.array([], type=rows.type)
        lists.append(pyarrow.ListArray.from_arrays(pyarrow.array([0, len(values)], pyarrow.int32()), values))
    names = ["folder", *(table.name for table in TABLES)]
    return pyarrow.RecordBatch.from_arrays([pyarrow.array([folder]), *lists], names=names)


def scan_host(
    folder: str, files: Iterable[tuple[str, bytes | None]]
) -> tuple[calhive.Report | None, list[dict[str, Any]]]:
    """Scans the files of one host. Returns the report, if a hive was read, and the rows of `errors`.

    Args:
        folder: Folder of the host.
        files: Path and bytes. If the bytes are None, the file is opened.
    """
    first: dict[str, dict[str, Any]] = {}

    def add(path: str, message: str, offset: int | None = None) -> None:
        found = _OFFSET.search(message) if offset is None else None
        offset = int(found[1], 16) if found else offset
        row = {"schema": SCHEMA, "path": path, "message": message, "offset": offset}
        first.setdefault(path, row)

    contents: dict[str, bytes] = {}
    for path, content in sorted(files, key=lambda file: file[0]):
        try:
            data = Path(path).read_bytes() if content is None else bytes(content)
            contents[os.path.relpath(path, folder)] = data
        except OSError as error:
            add(path, str(error))
    report = None
    if not contents:
        return None, list(first.values())
    try:
        report = calhive.scan_bytes(contents, root=folder)
        for fault in report.not_read:
            add(fault.path, str(fault))
        for source in report.sources:
            for unread in source.unread.first if source.unread else ():
                add(source.path, unread.text, unread.offset)
        for skipped in report.skipped.first if report.skipped else ():
            add(skipped.path, str(skipped.text))
    except calhive.NothingReadError as error:
        for path, message in error.not_read:
            add(path, message)
        if not first:
            add(folder, error.message)
    except (calhive.Error, ValueError) as error:
        add(folder, str(error))
    return report, list(first.values())
