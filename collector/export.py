"""The tables of a run as Parquet, with the rules and their parameters, for anyone who has DuckDB and not this program.

In the folder, `cat views.sql use/IAM-01.sql rules/IAM-01.sql | duckdb` runs a rule again, over the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.assess.judge import set_variables
from collector.assess.schema import every_table
from collector.assess.tables import SEALED, loaded, text, views
from collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from collector.assess.completeness import Evidence
    from collector.assess.controls import Control

_OPENING = """\
-- The tables of one run. Start DuckDB in this folder: duckdb -init views.sql
--
-- Each table has its plain name and holds the rows of every evidence type; `snapshot` says what was read, and whether
-- it is complete. To run a rule again, over the rows it may see and with the parameters that were in force:
--
--     cat views.sql use/IAM-01.sql rules/IAM-01.sql | duckdb
--
-- A rule knows nothing of completeness: where `snapshot` says that a scope is not complete, nothing can be told of it.
"""


def export(
    folder: Path, evidence: Sequence[Evidence], content: Callable[[str], bytes], controls: Iterable[Control]
) -> None:
    """Write the records of these snapshots, and these controls with the parameters they carry, into a new folder.

    UsageError when the folder holds anything: an export is never mixed with an older one.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a new folder, so that two exports never mix")
    for name in ("tables", "rules", "use"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with loaded(evidence, content) as tables:
        for table in every_table():
            target = text(str(folder / "tables" / f"{table}.parquet"))
            order = "leaf" if table == "snapshot" else "evidence_type, provider, scope_unit, source_id"
            source = f"SELECT * FROM {SEALED}.{table} ORDER BY {order}"  # noqa: S608 - our own names
            tables.connection.execute(f"COPY ({source}) TO {target} (FORMAT parquet)")
    (folder / "views.sql").write_text(_OPENING + _lines(_open_tables()), "utf-8")
    for control in controls:
        (folder / "rules" / f"{control.id}.sql").write_text(control.text, "utf-8")
        use = [*set_variables(control.parameters), *views(control.evidence, SEALED)]
        (folder / "use" / f"{control.id}.sql").write_text(_lines(use), "utf-8")


def _open_tables() -> list[str]:
    """The statements that open the Parquet files, from inside the folder."""
    statements = [f"CREATE SCHEMA IF NOT EXISTS {SEALED};"]
    for table in every_table():
        statements += [
            f"CREATE OR REPLACE VIEW {SEALED}.{table} AS SELECT * FROM read_parquet('tables/{table}.parquet');",  # noqa: S608 - our own names
            f"CREATE OR REPLACE TEMP VIEW {table} AS SELECT * FROM {SEALED}.{table};",  # noqa: S608 - our own names
        ]
    return statements


def _lines(statements: Iterable[str]) -> str:
    return "".join(f"{statement}\n" for statement in statements)
