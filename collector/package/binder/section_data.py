"""09-data: the package for machines: a workbook, JSON, Parquet, OSCAL assessment results, OCSF compliance findings."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb

from collector.normalise import timestamp
from collector.package.binder import cells, ocsf, oscal, printed
from collector.package.binder.section_controls import RESULTS, results
from collector.package.binder.section_coverage import share_done
from collector.package.binder.typeset import typesetter
from collector.package.binder.workbook import workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.package.binder.binder import Binder
    from collector.package.binder.tested import Tested

HOME = "09-data"
_README = """\
What is here is the package again, for machines. Texts and meanings are those of the CSV files.

    package.json             the cover's numbers, and each control with its counts, rule and completeness
    workbook.xlsx            cover, controls, results, deviations, tests of completeness
    results.parquet          each item of each control with its last outcome (columns as in results.csv, and control)
    assessment-results.json  OSCAL {oscal} assessment results: observations, and no findings
    findings.ndjson          OCSF {ocsf} Compliance Findings, one on a line: the outcome of each item by its rule
    tables/                  the records as Parquet, each table with its schema (schema.json)
    reperform.py             runs the written rules again on the CSV files, with plain DuckDB
"""


def put_data(binder: Binder, *, on_paper: bool = False) -> None:
    """Write them."""
    shelf = binder.shelf
    shelf.put(f"{HOME}/README.txt", _README.format(oscal=oscal.VERSION, ocsf=ocsf.VERSION).encode())
    shelf.put(f"{HOME}/package.json", lambda: _summary(binder, on_paper=on_paper))
    shelf.put(f"{HOME}/workbook.xlsx", lambda: workbook(binder))
    shelf.put(f"{HOME}/results.parquet", lambda: _parquet(binder))
    shelf.put(f"{HOME}/assessment-results.json", lambda: oscal.document(binder))
    shelf.put(f"{HOME}/findings.ndjson", lambda: b"".join(ocsf.lines(binder)))
    shelf.put(f"{HOME}/reperform.py", (Path(__file__).parent / "standalone" / "reperform.py").read_bytes())


def _summary(binder: Binder, *, on_paper: bool) -> bytes:
    period, facts, register = binder.period, binder.facts, binder.register
    done, due = share_done(binder)
    said: dict[str, Any] = {
        "version": 1,
        "organisation": facts.organisation,
        "simulated": facts.simulated,
        "period": {
            "first": str(period.first), "last": str(period.last), "zone": period.zone, "from": timestamp(period.start),
            "to": timestamp(period.end), "cut": period.cut, "type": 1 if period.one_date else 2,
        },
        "archive": {"origin": facts.origin, "leaves": facts.size, "root": facts.root},
        # Whether there is one was asked for, and never a matter of the machine; its bytes are those of this version.
        "pdf": {"file": printed.PLACE, "set_by": typesetter()} if on_paper else None,
        "coverage": {"due": due, "done": done},
        "deviations": {
            "carried_in": register.carried, "opened": register.opened, "closed": register.closed, "open": register.open,
        },
        "controls": [_control(binder, one) for one in binder.controls],
    }  # fmt: skip
    return json.dumps(said, indent=1, ensure_ascii=False).encode() + b"\n"


def _control(binder: Binder, one: Tested) -> dict[str, Any]:
    held = binder.whole[one.id]
    return {
        "id": one.id,
        "title": one.rule.header.title,
        "criteria": one.rule.header.criteria,
        "items": len(one.items),
        "counts": one.counts,
        "complete": held.complete,
        "incomplete": [f"{' '.join(test.series)}: {test.name}: {test.detail}" for test in held.failed],
        "absent": list(held.absent),
        "judgements": len(one.judgements),
        "rule_sha256": one.last.said.rule.sha256,
        "parameters": one.last.said.parameters,
    }


def _parquet(binder: Binder) -> bytes:
    head: Sequence[str] = ("control", *RESULTS)
    rows = ((control.id, *row) for control in binder.controls for row in results(control))
    with TemporaryDirectory(prefix="package-") as folder, duckdb.connect() as connection:
        source, target = Path(folder) / "results.csv", Path(folder) / "results.parquet"
        source.write_bytes(cells.document(head, rows))
        connection.execute("SET threads = 1")  # the same rows in the same order, to the byte
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{source}', header = true, all_varchar = true, quote = '\"', escape = '\"', "  # noqa: S608 - a folder of our own
            f"nullstr = '', allow_quoted_nulls = false, max_line_size = 16777216)) TO '{target}' (FORMAT parquet)"
        )
        return target.read_bytes()
