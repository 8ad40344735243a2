# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tables made by Spark, compared with the records of the command, and the cookbook in Spark and DuckDB."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.dataset
import pytest
from pyspark.sql import SparkSession

import calhive_duckdb
import calhive_spark
from calhive import tables

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[2]
COOKBOOK = sorted((HERE.parent / "cookbook").glob("*.sql"))
IS_FULL = "CALHIVE_FULL" in os.environ
HOSTS, BROKEN = (500, 20) if IS_FULL else (12, 3)
CONFIG = "Windows/System32/config"

Row = tuple[Any, ...]


def put(offset: int, data: bytes) -> Callable[[bytes], bytes]:
    """Returns a change that overwrites bytes."""
    return lambda hive: hive[:offset] + data + hive[offset + len(data) :]


def root_cell(hive: bytes) -> int:
    return 4096 + int.from_bytes(hive[36:40], "little")


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty file": lambda hive: b"",
    "text": lambda hive: b"This is not a hive.\n",
    "zeros": lambda hive: bytes(len(hive)),
    "part of the base block": lambda hive: hive[:256],
    "base block alone": lambda hive: hive[:4096],
    "first bytes of the bins": lambda hive: hive[:9000],
    "signature of the base block": put(0, b"XXXX"),
    "signature of the root key": lambda hive: put(root_cell(hive) + 4, b"XX")(hive),
    "subkey list of the root key": lambda hive: put(root_cell(hive) + 32, b"\xf0\xff\xff\x7f")(hive),
    "size of the root cell": lambda hive: put(root_cell(hive), b"\xf0\xff\xff\x80")(hive),
}
"""Ten kinds of damage to SOFTWARE."""


class Fleet(NamedTuple):
    """Forged hosts, some broken, and what the command reports on them."""

    root: Path
    broken: dict[str, str]
    """Path of each broken hive, with the kind of its damage."""
    rows: dict[str, list[Row]]
    """Rows of each table, from the records of the command. Each folder is scanned on its own."""
    records: Path
    """Records of the command on all folders at once."""


def tool(name: str, variable: str) -> str:
    path = os.environ.get(variable, str(PROJECT / "target" / "release" / name))
    assert Path(path).is_file(), f"no {name} at {path}: build it, or name it in {variable}"
    return path


def records_of(folder: Path) -> str:
    command = [tool("calhive", "CALHIVE_COMMAND"), "scan", "--quiet", "--format", "jsonl", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    # Code 3: the scan is finished, but an input is incomplete.
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


def rows_of(folder: str, found: dict[str, pyarrow.Table]) -> dict[str, list[Row]]:
    return {name: [(folder, *row.values()) for row in it.to_pylist()] for name, it in found.items()}


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Returns forged hosts of a fleet, and the hosts of all scenarios."""
    root = tmp_path_factory.mktemp("fleet")
    forge = tool("hive-forge", "CALHIVE_FORGE")
    subprocess.run([forge, "fleet", "--machines", str(HOSTS), "-o", str(root)], check=True)
    folders = sorted(root.iterdir())
    assert len(folders) == HOSTS
    broken = {}
    for number in range(BROKEN):
        kind = list(DAMAGE)[number % len(DAMAGE)] if IS_FULL else list(DAMAGE)[3 * number]
        hive = folders[number * HOSTS // BROKEN] / CONFIG / "SOFTWARE"
        hive.write_bytes(DAMAGE[kind](hive.read_bytes()))
        broken[str(hive)] = kind
    with ThreadPoolExecutor(2) as pool:
        records = list(pool.map(records_of, folders))
    rows: dict[str, list[Row]] = {table.name: [] for table in tables.TABLES}
    for folder, lines in zip(folders, records, strict=True):
        found = tables.to_arrow(map(json.loads, lines.splitlines()))
        for name, own in rows_of(str(folder), found).items():
            rows[name].extend(own)
    everything = tmp_path_factory.mktemp("records") / "records.jsonl"
    everything.write_text(records_of(root), encoding="utf-8")
    return Fleet(root, broken, rows, everything)


def session(master: str) -> SparkSession:
    # Spark returns times in the time zone of the process.
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(master).appName("calhive")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.executorEnv.PYTHONPATH": str(HERE.parent),
        "spark.sql.warehouse.dir": os.devnull,
    }.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.addPyFile(calhive_spark.__file__)
    return spark


MASTERS = ["local[2]", "local-cluster[2,1,1024]"] if IS_FULL else ["local[2]"]


@pytest.fixture(scope="session", params=MASTERS)
def spark(request: pytest.FixtureRequest) -> Iterator[SparkSession]:
    spark = session(request.param)
    yield spark
    spark.stop()


def paths_of(root: Path) -> list[tuple[str]]:
    return [(str(path),) for path in sorted(root.rglob("*")) if path.is_file()]


@pytest.fixture(scope="session")
def output(spark: SparkSession, fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of the tables that Spark wrote."""
    output = tmp_path_factory.mktemp("tables") / "tables"
    files = spark.createDataFrame(paths_of(fleet.root), "path string")
    calhive_spark.write_tables(calhive_spark.read_paths(files), str(output))
    return output


def written(output: Path) -> dict[str, list[Row]]:
    """Returns the rows of the Parquet files."""
    rows = {}
    for table in calhive_spark.TABLES:
        names = ["folder", *(column.name for column in table.columns)]
        found = pyarrow.dataset.dataset(str(output / table.name)).to_table(columns=names)
        times = {column.name for column in table.columns if column.type == "time"}
        for index, field in enumerate(found.schema):
            if field.name in times:
                utc = found[field.name].cast(pyarrow.timestamp("us", tz="UTC"))
                found = found.set_column(index, field.name, utc)
        rows[table.name] = [tuple(row.values()) for row in found.to_pylist()]
    return rows


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=repr)


def check(fleet: Fleet, output: Path) -> None:
    """Checks that the rows are those of the command, and that each broken hive has one row in `errors`."""
    found = written(output)
    errors = found.pop("errors")
    for name, expected in fleet.rows.items():
        assert in_order(found[name]) == in_order(expected), name
        print(name, len(expected), "rows")
    assert sorted(row[2] for row in errors) == sorted(fleet.broken)
    for folder, schema, path, message, _ in errors:
        assert schema == calhive_spark.SCHEMA and message
        assert path.startswith(f"{folder}/{CONFIG}/")


def test_paths_give_the_rows_of_the_command(fleet: Fleet, output: Path) -> None:
    check(fleet, output)


def test_binary_files_give_the_rows_of_the_command(spark: SparkSession, fleet: Fleet, tmp_path: Path) -> None:
    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(str(fleet.root))
    calhive_spark.write_tables(calhive_spark.read_files(files), str(tmp_path / "tables"))
    # Spark skips files of 0 bytes.
    broken = {path: kind for path, kind in fleet.broken.items() if kind != "empty file"}
    check(fleet._replace(broken=broken), tmp_path / "tables")


def test_hosts_keep_their_logs(spark: SparkSession, tmp_path: Path) -> None:
    scenario = "windows-server-2019-settings-in-logs"
    folder = shutil.copytree(PROJECT / "testdata" / "hives" / scenario, tmp_path / "host")
    files = spark.createDataFrame(paths_of(folder), "path string").selectExpr("path", f"'{folder}' AS folder")
    calhive_spark.write_tables(calhive_spark.read_paths(files), str(tmp_path / "tables"))
    found = tables.to_arrow(map(json.loads, records_of(folder).splitlines()))
    expected = rows_of(str(folder), found)
    assert in_order(written(tmp_path / "tables")["facts"]) == in_order(expected["facts"])
    assert any(fact["logs"] for fact in found["facts"].to_pylist())


def test_missing_file_is_an_error_row(spark: SparkSession, tmp_path: Path) -> None:
    files = spark.createDataFrame([(f"{tmp_path}/absent/SYSTEM",)], "path string")
    rows = calhive_spark.read_paths(files).selectExpr("inline(errors)").collect()
    assert [row["path"] for row in rows] == [f"{tmp_path}/absent/SYSTEM"]
    assert "No such file" in rows[0]["message"]


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("/case/PC-1/Windows/System32/config/SYSTEM", "/case/PC-1"),
        ("/case/PC-1/C/WINDOWS/system32/config/RegBack/SYSTEM", "/case/PC-1/C"),
        ("/case/PC-1/Windows.old/Windows/System32/config/SYSTEM", "/case/PC-1"),
        ("/case/PC-1/Users/anna/NTUSER.DAT", "/case/PC-1"),
        ("/mnt/Users/anna/case/PC-1/SYSTEM", "/mnt/Users/anna/case/PC-1"),
    ],
)
def test_folder_of_host(spark: SparkSession, path: str, folder: str) -> None:
    from pyspark.sql import functions

    files = spark.createDataFrame([(path,)], "path string")
    assert files.select(calhive_spark.host_folder(functions.col("path"))).collect()[0][0] == folder


@pytest.fixture(scope="session")
def scenarios(spark: SparkSession, fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns records of the fleet and of all scenarios. Views of the session have the same hosts."""
    root = tmp_path_factory.mktemp("scenarios")
    (root / "fleet").symlink_to(fleet.root)
    output = root / "tables"
    hives = PROJECT / "testdata" / "hives"
    records = root / "records.jsonl"
    command = [tool("calhive", "CALHIVE_COMMAND"), "scan", "--quiet", "--format", "jsonl"]
    command += [str(fleet.root), str(hives)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode in (0, 3), done.stderr
    records.write_text(done.stdout, encoding="utf-8")
    files = spark.createDataFrame(paths_of(fleet.root) + paths_of(hives), "path string")
    calhive_spark.write_tables(calhive_spark.read_paths(files), str(output))
    for table in calhive_spark.TABLES:
        spark.read.parquet(str(output / table.name)).createOrReplaceTempView(table.name)
    return records


def text_of(value: Any) -> str:
    """Returns a value as text. Both engines return times without a time zone."""
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


@pytest.mark.parametrize("question", COOKBOOK, ids=lambda path: path.stem)
def test_question_has_one_answer(spark: SparkSession, scenarios: Path, question: Path) -> None:
    sql = question.read_text(encoding="utf-8")
    in_spark = [tuple(map(text_of, row)) for row in spark.sql(sql).collect()]
    in_duckdb = [
        tuple(map(text_of, row)) for row in calhive_duckdb.connect(str(scenarios)).sql(sql).fetchall()
    ]
    print(question.stem, len(in_spark), "rows")
    assert in_spark
    assert sorted(in_spark) == sorted(in_duckdb)


def test_cookbook_has_ten_questions() -> None:
    assert len(COOKBOOK) == 10
