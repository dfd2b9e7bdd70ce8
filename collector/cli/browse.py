"""`collector browse`: the package's pages live over an archive, for looking around before fieldwork."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import click

from collector.archive.layout import segment_key
from collector.archive.reader import Reader
from collector.cli import options
from collector.cli.facts import as_of_newest
from collector.cli.package import asked
from collector.errors import ArchiveError, UsageError
from collector.package.binder.binder import gather
from collector.package.binder.build import put_all
from collector.package.binder.live import KINDS, Pages
from collector.package.binder.render import waiting
from collector.package.binder.shelf import Memory
from collector.package.binder.span import span
from schedules.port import Answer, Port

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.archive.store import Place
    from collector.config import Config
    from collector.package.binder.live import Tell
    from collector.package.binder.span import Span
    from collector.package.facts import Facts

_DAY = click.DateTime(["%Y-%m-%d"])
_YEAR = timedelta(days=364)
_LOOPBACK = "127.0.0.1"


@click.command("browse")
@options.config_option
@options.archive_option
@click.option("--from", "first", type=_DAY, help="The first day of the period  [default: a year before the last]")
@click.option("--to", "last", type=_DAY, help="Its last day  [default: the archive's last]")
@click.option("--zone", default="UTC", show_default=True, help="Whose midnights the days begin and end at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8322, show_default=True, help="On 127.0.0.1; 0: any.")
def command(
    config_file: Path | None,
    archive_path: str | None,
    first: datetime | None,
    last: datetime | None,
    zone: str,
    port: int,
) -> None:
    """Serve the pages of a period on 127.0.0.1, made from the archive as they are asked for, until stopped.

    Nothing is written, and nobody but this machine can read them. It answers at once, and says how far it is while it
    reads the archive. A commit that is made meanwhile is read when a page is asked for, and shown once it is read;
    until then the pages are as they were, and say up to when they tell.
    """
    settings = options.read_config(config_file, archive_path)
    store = options.store(settings)
    # Each making has the place for itself: pages that are there are given meanwhile, out of the one before.
    live = Pages(_newer(store), lambda tell: _built(settings, options.store(settings), (first, last), zone, tell))
    with Port((_LOOPBACK, port), Served(live)) as opened:
        click.echo(f"http://{_LOOPBACK}:{opened.address[1]}/00-cover/index.html")
        live.refresh()
        while live.wanted.wait():
            _again(live)


class Served(dict[str, "Callable[[], Answer]"]):
    """Every path of the package; the port looks nothing up anywhere else."""

    def __init__(self, live: Pages) -> None:
        super().__init__()
        self._live = live
        self._turn = Lock()

    def get(self, path: str, default: Callable[[], Answer] | None = None) -> Callable[[], Answer] | None:  # type: ignore[override]  # narrower on purpose: the port asks for nothing else
        """What answers at a path; `default` where the package has no such file."""
        place = path.removeprefix("/") or "index.html"
        if not self._live.ready:
            return partial(_not_yet, place, self._live.said)
        with self._turn:  # one page at a time: they share the archive's reader
            content = self._live.get(place)
        if content is None:
            return default
        kind = KINDS.get(place.rpartition(".")[2], "text/plain; charset=utf-8")
        # The page's own policy stands in it; this one is for the other files, in which nothing may run.
        policy = "frame-ancestors 'none'" if place.endswith(".html") else "default-src 'none'; frame-ancestors 'none'"
        return lambda: Answer(content, kind, policy=policy)


def _not_yet(place: str, said: str) -> Answer:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    if not place.endswith(".html"):
        return Answer(f"{said} Ask again.\n".encode(), status=status)
    return Answer(waiting(said), KINDS["html"], status, policy="frame-ancestors 'none'")


def _again(live: Pages) -> None:
    """Read the archive anew. What stands in the way is said, and what is there goes on being shown."""
    try:
        live.refresh()
    except ArchiveError as error:
        click.echo(f"the archive could not be read anew, and the pages are as they were: {error}", err=True)


def _newer(store: Place) -> Callable[[int], bool]:
    """Whether the log has gone on after a commit."""
    return lambda sequence: store.get(segment_key(sequence + 1), 0, 1) is not None


def _built(
    settings: Config, store: Place, days: tuple[datetime | None, datetime | None], zone: str, tell: Tell
) -> tuple[Memory, int]:
    tell("The archive is being verified.")
    facts, reader, shelf = as_of_newest(settings, store), Reader(store), Memory()

    def step(done: int, of: int) -> None:
        tell(f"{done} of {of} controls are worked out.")

    binder = gather(reader, store, _period(facts, *days, zone), facts, shelf, step)
    tell("The controls are worked out, and the pages are being laid out.")
    put_all(binder)
    return shelf, binder.log.leaves[-1].sequence


def _period(facts: Facts, first: datetime | None, last: datetime | None, zone: str) -> Span:
    if first and last:
        return asked(first, last, None, zone, facts.generated)
    end = last.date() if last else facts.generated.date()
    begin = first.date() if first else end - _YEAR
    if begin > end:
        raise UsageError(f"--from {begin} is after the end of the period, {end}")
    return span(begin, end, zone, facts.generated)
