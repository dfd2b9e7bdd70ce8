"""`collector report`: the page an auditor reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from collector import trace
from collector.archive.reader import Reader
from collector.cli import options
from collector.cli.facts import facts_of
from collector.errors import UsageError
from collector.package.report import write_report

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("report")
@options.config_option
@options.archive_option
@click.option("--run", "run_id", help="Which run; default: the newest.")
@click.option("--from", "first", type=_DAY, help="The first day whose coverage is shown, UTC  [default: a year back]")
@click.option("--until", "last", type=_DAY, help="The last day of it  [default: the run's]")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), default=Path("report"), show_default=True, help="The folder."
)
def command(
    config_file: Path | None,
    archive_path: str | None,
    run_id: str | None,
    first: datetime | None,
    last: datetime | None,
    folder: Path,
) -> None:
    """Verify the archive and write the report of a run: a folder with index.html and the raw answers it links to.

    With the calendar of what became of every slot, over a year up to the run or over the days that are given.
    """
    period = _period(first, last)
    settings = options.read_config(config_file, archive_path)
    store = options.store(settings)
    reader = Reader(store)
    told = replace(facts_of(settings, store, options.now()), period=period)
    page = write_report(reader, run_id or trace.newest_run(reader.leaves()), folder, told)
    click.echo(page.resolve())


def _period(first: datetime | None, last: datetime | None) -> tuple[datetime | None, datetime | None]:
    start = first and first.replace(tzinfo=UTC)
    end = last and min(last.replace(tzinfo=UTC) + timedelta(days=1), options.now())
    if start and start >= (end or options.now()):
        raise UsageError(f"--from {start:%Y-%m-%d} is after the end of the period; name an earlier day")
    return start, end
