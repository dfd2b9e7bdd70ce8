"""`collector attach`: seal what people made, as what it is: uploaded, and not read from a source."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector import canonical
from collector.archive.reader import Reader
from collector.cli import collecting, display, options, vouchers
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.cli.opening import open_or_make
from collector.cli.spent import spent
from collector.collect import collect
from collector.engine.pool import Pool
from collector.errors import UnreadableError, UsageError
from collector.model import Scope, Window
from collector.normalise import timestamp
from collector.plan import Task
from collector.recent import kept
from collector.redact import Redactor
from collector.run import judge
from collector.source.files.connection import handed_over
from collector.source.files.content import MEGABYTE
from collector.source.files.settings import FileSettings
from collector.source.files.shelf import read_piece
from collector.source.files.source import Delivery
from collector.trace import lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collector.archive.archive import Archive
    from collector.archive.store import Store
    from collector.cli.options import Providers
    from collector.connector import Connection, EvidenceType
    from collector.model import Exchange, Snapshot
    from collector.pseudonyms import Pseudonyms
    from collector.source.files.content import Piece

HAND = "handed over"
"""The place of a file that nobody watches."""
_MOST_FILES = 1_000


@click.command("attach")
@click.argument("evidence_type", metavar="TYPE")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@options.config_option
@options.archive_option
@click.option("--covers", required=True, metavar="FROM..TO", help="The days it is about: 2026-01-01..2026-03-31.")
@click.option("--owner", required=True, help="Who answers for what stands in it.")
@click.option("--approved-by", required=True, help="Who approved it.")
@click.option("--approved-at", metavar="DAY", help="When.")
@click.option("--version", help="Of a document.")
@click.option(
    "--head-count", type=click.IntRange(0), help="Of a people list: how many work there at its end, as HR says."
)
def command(  # noqa: PLR0913, PLR0917 - click hands over each option by name
    evidence_type: str,
    files: tuple[Path, ...],
    config_file: Path | None,
    archive_path: str | None,
    covers: str,
    owner: str,
    approved_by: str,
    approved_at: str | None,
    version: str | None,
    head_count: int | None,
) -> None:
    """Seal FILEs as the evidence TYPE: PDF, image, CSV, XLSX or JSON.

    A table is read into records whole or not at all: each bad row is named with its line, and then nothing is sealed.
    What is attached replaces what was attached before for the same type and time; the same again changes nothing. The
    next run judges it.
    """
    config = options.read_config(config_file, archive_path)
    providers, people = options.providers(config), options.pseudonyms(config)
    evidence, settings = _chosen(providers, evidence_type)
    if not owner.strip() or not approved_by.strip():
        raise UsageError("--owner and --approved-by: somebody must answer for what is uploaded")
    zone = ZoneInfo(settings.time_zone)
    window = _window(covers, zone)
    pieces = _pieces(files, settings.megabytes * MEGABYTE)
    delivery = Delivery(
        find=lambda: pieces,
        caller=(
            f"uploaded by {options.user()}, not read from a source; owner {owner}, "
            f"approved by {approved_by}, covers {covers}"
        ),
        owner=owner,
        approved_by=approved_by,
        as_of=window.end if window.end < options.now() else None,
        version=version,
        approved_at=datetime.combine(_day(approved_at, "--approved-at"), time(), zone) if approved_at else None,
        head_count=head_count,
    )
    task = Task(evidence, Scope(evidence.provider, settings.company), None if evidence.lasting else window)
    openings = {evidence.provider: handed_over(evidence.provider, settings, evidence.id, delivery)}
    parties = vouchers.parties(config.archive)
    with Pool(config.collect.threads) as pool:
        with options.opened(openings, replace(options.unkept(pool, [evidence]), people=people)) as connections:
            tried, asked = _tried(task, connections, pool, people)
        store, keys, archive = open_or_make(config.archive)
        if (leaf := _known(archive, store, tried, asked)) is not None:
            click.echo(f"attached already, by leaf {leaf}; nothing was done")
            return
        redactor = Redactor(keys.redaction)
        order = collecting.order("attach", [task], config, providers, (), redactor, options.now, parties)
        order = replace(order, broken=())  # other providers are none of its business
        gathered = collecting.gathered(order, openings, archive, pool, redactor, options.now, people=people)
    finished = judge(order, gathered, archive, store, options.now)
    display.summary(finished, spent(finished, store.traffic, config.archive))
    display.note("what is attached is judged by the next run")
    sys.exit(COMPLETE if finished.complete else INCOMPLETE)


def _chosen(providers: Providers, name: str) -> tuple[EvidenceType, FileSettings]:
    """The evidence type and its provider's settings; UsageError for one that cannot be attached."""
    options.refuse_broken([one for one in providers.broken if one[0] == name.partition(".")[0]])
    files = {one: held for one, held in providers.settings.items() if isinstance(held, FileSettings)}
    if not files:
        raise UsageError(f"{name}: nothing can be attached before the configuration has a [hris] or [records] table")
    types = {one.id: one for provider in files for one in providers.connectors[provider].types.values()}
    if name not in types:
        near = get_close_matches(name, types, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"the configuration has tables for {', '.join(files)}"
        raise UsageError(f"{name}: no evidence type of that name is uploaded; {hint}")
    return types[name], files[types[name].provider]


def _window(covers: str, zone: ZoneInfo) -> Window:
    first, dots, last = covers.partition("..")
    begin, end = _day(first, "--covers"), _day(last if dots else "", "--covers")
    if end < begin:
        raise UsageError(f"--covers {covers}: ends before it begins")
    return Window(
        datetime.combine(begin, time(), zone).astimezone(UTC),
        datetime.combine(end + timedelta(days=1), time(), zone).astimezone(UTC),
    )


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option}: {text!r} is no day such as 2026-01-31 (a range is FROM..TO)") from error


def _pieces(files: tuple[Path, ...], most: int) -> list[Piece]:
    """The files, each read once: what is tried is what is sealed."""
    if len(files) > _MOST_FILES:
        raise UsageError(f"{len(files)} files: {_MOST_FILES} can be attached at once")
    try:
        return [replace(read_piece(path, HAND, most), modified_at=None) for path in files]
    except (OSError, UnreadableError) as error:
        raise UsageError(str(error)) from error


def _tried(
    task: Task, connections: Mapping[str, Connection], pool: Pool, people: Pseudonyms
) -> tuple[Snapshot, set[str]]:
    """What sealing the files would make, and the requests in it. Ends with each fault where there is any."""
    asked: set[str] = set()

    def done(_: Snapshot, exchanges: Sequence[Exchange]) -> None:
        asked.update(one.request for one in exchanges)

    (snapshot,) = collect([task], connections, pool, canonical.digest, options.now, done, people=people)
    faults = [(gap.subject, gap.detail) for gap in snapshot.gaps]
    faults += [(one.name, f"{one.expected} stated, {one.found} found") for one in snapshot.totals if not one.ties]
    if faults:
        display.table("Nothing was sealed", ("where", "what is wrong"), faults)
        raise UsageError(f"{task.evidence.id}: {options.counted(len(faults), 'fault')}; nothing was sealed")
    return snapshot, asked


def _known(archive: Archive, store: Store, tried: Snapshot, asked: set[str]) -> int | None:
    """The leaf of what stands, where it is the same files with the same said of them."""
    window = tried.window and {"from": timestamp(tried.window.start), "to": timestamp(tried.window.end)}
    for index, body in kept(archive):
        same = (body["type"], body["unit"], body["window"]) == (tried.evidence_type, tried.scope.unit_id, window)
        if same and body["records"]["sha256"] == tried.records.sha256 and body["caller"] == tried.caller:
            sealed = lines(Reader(store, archive.places), body["exchanges"])
            if {one["request"] for one in sealed} == asked:
                return index
    return None
