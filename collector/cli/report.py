"""`collector report`: the page an auditor reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector import __version__, config, registry, trace
from collector.archive import pin
from collector.archive.reader import Reader
from collector.cli import options, vouchers
from collector.cli.verify import checked
from collector.connector import Per
from collector.errors import ArchiveError, UsageError
from collector.package.facts import Description, Facts, Verification
from collector.package.report import write_report

if TYPE_CHECKING:
    from collector.archive.report import Report
    from collector.archive.worm import Lock

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
    key = options.verifier_key(settings)
    found, lock = checked(store, key, pin.read(settings.archive.keys_path), vouchers.trusted(settings.archive))
    facts = replace(_facts(settings, found, lock, key), period=period)
    page = write_report(reader, run_id or trace.newest_run(reader.leaves()), folder, facts)
    click.echo(page.resolve())


def _period(first: datetime | None, last: datetime | None) -> tuple[datetime | None, datetime | None]:
    start = first and first.replace(tzinfo=UTC)
    end = last and min(last.replace(tzinfo=UTC) + timedelta(days=1), options.now())
    if start and start >= (end or options.now()):
        raise UsageError(f"--from {start:%Y-%m-%d} is after the end of the period; name an earlier day")
    return start, end


def _facts(settings: config.Config, checked: Report, lock: Lock, key: str) -> Facts:
    if checked.head is None:
        raise ArchiveError("the archive has no commit that can be read; `collector verify` says what is wrong")
    # Only for words about the evidence types: a connector that cannot be loaded is in the run's own gaps.
    connectors, _ = registry.load(registry.installed())
    return Facts(
        generated=options.now(),
        generator=__version__,
        organisation=settings.organisation,
        origin=key.split("+", maxsplit=1)[0],
        size=checked.head.size,
        root=checked.head.root.hex(),
        verification=Verification(
            sound=checked.sound,
            key=key,
            faults=tuple(f"{fault.object}: {fault.problem}" for fault in checked.faults),
            notes=tuple(checked.notes),
            stamps=tuple(checked.stamps),
            cosigned=tuple(checked.cosigned),
        ),
        lock=str(lock),
        simulated=settings.simulated,
        descriptions={
            one.id: Description(one.title, one.description, one.per is Per.ESTATE)
            for connector in connectors.values()
            for one in connector.types.values()
        },
    )
