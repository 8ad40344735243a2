# SPDX-License-Identifier: MIT OR Apache-2.0
"""Views in DuckDB over `records.jsonl`, with the columns of the tables in Spark.

python calhive_duckdb.py RECORDS.jsonl cookbook/removed_tokens.sql
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from calhive import tables


def connect(records: str) -> duckdb.DuckDBPyConnection:
    """Returns a connection with a view for each table of a file that `calhive scan --format jsonl` wrote.

    The column `folder` is empty, because all ids of the file are unique.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE MACRO explode(list) AS unnest(list)")
    connection.execute(
        "CREATE TABLE records AS SELECT json, json ->> '$.record' AS record "
        "FROM read_json_objects(?, format = 'newline_delimited')",
        [records],
    )
    for table in tables.TABLES:
        columns = ", ".join(f'{_value(column)} AS "{column.name}"' for column in table.columns)
        connection.execute(
            f"CREATE VIEW {table.name} AS SELECT '' AS folder, {columns} "
            f"FROM records WHERE record = '{table.record}'"
        )
    return connection


def _value(column: tables.Column) -> str:
    """Returns the SQL of a column."""
    text = f"json_extract_string(json, '{column.path}')"
    match column.type:
        case "integer":
            return f"TRY_CAST({text} AS BIGINT)"
        case "boolean":
            return f"CAST({text} AS BOOLEAN)"
        case "time":
            # DuckDB and Spark keep microseconds. Seven digits would be rounded.
            return f"TRY_CAST(substr({text}, 1, 26) AS TIMESTAMP)"
        case "strings" if "[*]" not in column.path:
            return f"CAST(json_extract(json, '{column.path}') AS VARCHAR[])"
        case _:
            return text


if __name__ == "__main__":
    print(connect(sys.argv[1]).sql(Path(sys.argv[2]).read_text(encoding="utf-8")))
