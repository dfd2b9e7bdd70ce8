"""`collector package`: the folder that goes to the auditor."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.archive.reader import Reader
from collector.cli import options
from collector.cli.facts import as_of_newest
from collector.errors import UsageError
from collector.package.binder import requests
from collector.package.binder.binder import gather
from collector.package.binder.build import finish, put_all
from collector.package.binder.shelf import Folder, zipped
from collector.package.binder.span import Span, folder_name, span
from collector.package.binder.typeset import HOW, typesetter

if TYPE_CHECKING:
    from datetime import date

    from collector.archive.store import Place
    from collector.config import Config

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("package")
@options.config_option
@options.archive_option
@click.option("--from", "first", type=_DAY, help="The first day of the period.")
@click.option("--to", "last", type=_DAY, help="Its last day.")
@click.option(
    "--type1", "one_date", type=_DAY, metavar="DATE", help="Instead of a period: how things stood on one day."
)
@click.option("--zone", default="UTC", show_default=True, help="Whose midnights the days begin and end at.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder  [default: package-ORGANISATION-FROM_TO]")
@click.option("--zip", "as_zip", is_flag=True, help="Write a zip of it too.")
@click.option("--requests", "list_file", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="The auditor's list of requests, a CSV file: it gets an index.")  # fmt: skip
@click.option("--pdf", "on_paper", is_flag=True, help=f"With a PDF of cover and controls; needs {HOW}")
def command(  # noqa: PLR0913 - click hands over each option by name
    config_file: Path | None,
    archive_path: str | None,
    first: datetime | None,
    last: datetime | None,
    one_date: datetime | None,
    zone: str,
    out: Path | None,
    list_file: Path | None,
    *,
    as_zip: bool,
    on_paper: bool,
) -> None:
    """Verify the archive and write the auditor's package of a period: a folder that is read without this program.

    The same archive and period give the same bytes. It fails, and names it, when a reference leads nowhere.
    """
    if on_paper:
        typesetter()  # before the archive is read, which may take long
    settings = options.read_config(config_file, archive_path)
    store = options.store(settings)
    wanted = requests.read(list_file.read_bytes(), list_file.name) if list_file else None
    reader = Reader(store)
    facts = as_of_newest(settings, store)
    period = asked(first, last, one_date, zone, facts.generated)
    folder = Folder(out or Path(folder_name(facts.organisation, period)))
    put_all(gather(reader, store, period, facts, folder), wanted, on_paper=on_paper)
    finish(folder)
    click.echo(folder.root.resolve())
    if not on_paper:
        click.echo(f"it has no PDF of cover and controls: --pdf adds one (needs {HOW})", err=True)
    if as_zip:
        click.echo(packed(folder).resolve())


def of_one_date(settings: Config, store: Place, folder: Folder) -> date:
    """Write the package of the date on which the archive ends, UTC; that date."""
    facts = as_of_newest(settings, store)
    day = facts.generated.date()
    period = span(day, day, "UTC", facts.generated, one_date=True)
    put_all(gather(Reader(store), store, period, facts, folder))
    finish(folder)
    return day


def packed(folder: Folder) -> Path:
    """The folder as a zip beside it."""
    target = folder.root.with_name(f"{folder.root.name}.zip")
    zipped(folder.root, target)
    return target


def asked(
    first: datetime | None, last: datetime | None, one_date: datetime | None, zone: str, known_until: datetime
) -> Span:
    """The period that the options name."""
    if one_date is not None:
        if first or last:
            raise UsageError("give either --type1 DATE or --from and --to")
        return span(_day(one_date), _day(one_date), zone, known_until, one_date=True)
    if first is None or last is None:
        raise UsageError("give the period, --from and --to, or one date, --type1")
    return span(_day(first), _day(last), zone, known_until)


def _day(moment: datetime) -> date:
    return moment.date()
