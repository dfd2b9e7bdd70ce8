"""One run's snapshots as they were sealed, with every reference followed: row to exchange, gap to exchange.

A reference that leads nowhere is an ArchiveError that names it: a page is made whole or not at all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector import trace, windows
from collector.errors import ArchiveError, UsageError
from collector.normalise import timestamp
from collector.package.sealed import (
    CompletenessLine,
    EvidenceBody,
    ExchangeLine,
    OutcomeBody,
    RunBody,
    StorageBody,
    TimeBody,
    Window,
    body,
    lines,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from collector.archive.reader import Leaf
    from collector.package.sealed import Archived, Cited, GapLine, TotalLine

_OWN = ("table", "row_id", "source_id", "observed_at", "origins")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, with its place on the page."""

    anchor: str
    said: ExchangeLine


@dataclass(frozen=True, slots=True)
class Origin:
    """The answer a row was read from, and where inside it. `body` is the answer's digest."""

    exchange: Exchange
    body: str
    path: str


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `fields` are the columns of its table, as they are in the records document."""

    anchor: str
    table: str
    row_id: str
    source_id: str
    observed_at: str | None
    fields: dict[str, Any]
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one table in one snapshot."""

    name: str
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the source gave at least once."""
        given = {name: None for row in self.rows for name, value in row.fields.items() if value is not None}
        return tuple(name for name in self._all if name in given)

    @property
    def lacking(self) -> tuple[str, ...]:
        """The columns that the source gave in no row."""
        given = set(self.columns)
        return tuple(name for name in self._all if name not in given)

    @property
    def _all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for row in self.rows for name in row.fields))


@dataclass(frozen=True, slots=True)
class Unread:
    """A gap; `exchange` is the one that shows it, where there was one."""

    anchor: str
    gap: GapLine
    exchange: Exchange | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A control total."""

    anchor: str
    total: TotalLine


@dataclass(frozen=True, slots=True)
class SealedSnapshot:
    """One evidence type in one scope, and all that was sealed of it."""

    leaf: Leaf
    said: EvidenceBody
    exchanges: tuple[Exchange, ...]
    rows: tuple[Row, ...]
    gaps: tuple[Unread, ...]
    totals: tuple[Counted, ...]

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"e{self.leaf.index}"

    @property
    def scope(self) -> str:
        """Its scope in one line."""
        return " ".join(part for part in (self.said.provider, self.said.unit, self.said.unit_name) if part)

    @property
    def lost(self) -> Window | None:
        """The stretch that was never read whole, and that the source remembered no more."""
        found = windows.lost(self.leaf.body)
        return Window(timestamp(found.start), timestamp(found.end)) if found else None

    @property
    def apart(self) -> tuple[Counted, ...]:
        """The control totals that do not tie."""
        return tuple(counted for counted in self.totals if not counted.total.ties)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its rows by table, in the order of the document."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.table, []).append(row)
        return tuple(Table(name, tuple(rows)) for name, rows in found.items())


@dataclass(frozen=True, slots=True)
class Gathered:
    """One run: its own leaf, its snapshots (with those of earlier runs that it judged), its outcome leaves.

    `withheld`: what is sealed about each authority and witness that gave nothing. `storage`: the leaves of what the
    place said of its lock when it was asked about the run's objects.
    """

    leaf: Leaf
    run: RunBody
    snapshots: tuple[SealedSnapshot, ...]
    outcomes: tuple[tuple[Leaf, OutcomeBody], ...]
    withheld: tuple[TimeBody, ...]
    storage: tuple[tuple[Leaf, StorageBody], ...] = ()


def gather(archive: Archived, run: str) -> Gathered:
    """Read all that the log says of a run; UsageError when it does not know the run."""
    leaves = [leaf for leaf in archive.leaves() if leaf.body.get("run") == run]
    ends = _of_kind(leaves, "run")
    if not ends:
        raise UsageError(f"the archive has no finished run {run}; give the id that the run printed")
    if len(ends) > 1:
        raise ArchiveError(f"run {run} ends twice, at leaf {ends[0].index} and at leaf {ends[1].index}")
    outcomes = tuple((leaf, body(leaf, OutcomeBody)) for leaf in _of_kind(leaves, "outcome"))
    # A run that judged shards is about all that these collected, judged or not.
    runs = {run, *ends[0].body.get("shards", ())}
    evidence = {leaf.index: leaf for leaf in trace.evidence_of(archive.leaves(), runs)}
    judged = {index for _, outcome in outcomes for index in outcome.evidence}
    if missing := judged - evidence.keys():
        evidence |= _earlier(archive, missing)
    snapshots = [_snapshot(archive, evidence[index]) for index in sorted(evidence)]
    snapshots.sort(key=lambda one: (one.said.type, one.said.provider, one.said.unit, one.leaf.index))
    withheld = tuple(body(leaf, TimeBody) for leaf in _of_kind(leaves, "time"))
    storage = tuple((leaf, body(leaf, StorageBody)) for leaf in _of_kind(leaves, "storage"))
    return Gathered(ends[0], body(ends[0], RunBody), tuple(snapshots), outcomes, withheld, storage)


def _of_kind(leaves: Iterable[Leaf], kind: str) -> list[Leaf]:
    return [leaf for leaf in leaves if leaf.body.get("kind") == kind]


def _earlier(archive: Archived, indices: Collection[int]) -> dict[int, Leaf]:
    """Evidence of earlier runs that this run's rules judged."""
    wanted = (leaf for leaf in archive.leaves() if leaf.index in indices)
    found = {leaf.index: leaf for leaf in _of_kind(wanted, "evidence")}
    for index in sorted(indices):
        if index not in found:
            raise ArchiveError(f"an outcome was judged on leaf {index}, which is no evidence in this archive")
    return found


def _snapshot(archive: Archived, leaf: Leaf) -> SealedSnapshot:
    said = body(leaf, EvidenceBody)
    where = f"leaf {leaf.index}, {said.type} of {said.provider} {said.unit}"
    anchor = f"e{leaf.index}"
    exchanges = tuple(
        Exchange(f"{anchor}-x{number}", line)
        for number, line in enumerate(lines(archive, said.exchanges, ExchangeLine, f"{where}: exchanges"), 1)
    )
    asked = {(one.said.request, one.said.page): one for one in exchanges}
    gaps, totals = _completeness(archive, said.completeness, anchor, exchanges, where)
    if Counter(one.gap.cause for one in gaps) != said.gaps:
        raise ArchiveError(f"{where}: its leaf counts other gaps than its completeness document lists")
    if said.complete != (not gaps and all(one.total.ties for one in totals)):
        raise ArchiveError(f"{where}: its leaf says complete={said.complete}, its completeness document does not")
    rows = tuple(
        _row(f"{anchor}-r{number}", line, asked, where)
        for number, line in enumerate(lines(archive, said.records, dict[str, Any], f"{where}: records"), 1)
    )
    return SealedSnapshot(leaf, said, exchanges, rows, gaps, totals)


def _completeness(
    archive: Archived, cited: Cited, anchor: str, exchanges: Iterable[Exchange], where: str
) -> tuple[tuple[Unread, ...], tuple[Counted, ...]]:
    """A gap is shown by the last page of its request: reading ends where it breaks off."""
    found = lines(archive, cited, CompletenessLine, f"{where}: completeness")
    last = {one.said.request: one for one in sorted(exchanges, key=lambda one: one.said.page)}
    gaps: list[Unread] = []
    for number, gap in enumerate((line.gap for line in found if line.gap), 1):
        if gap.request is not None and gap.request not in last:
            raise ArchiveError(f"{where}: a gap is shown by request {gap.request}, which is not among its exchanges")
        gaps.append(Unread(f"{anchor}-g{number}", gap, last[gap.request] if gap.request else None))
    totals = (line.total for line in found if line.total)
    return tuple(gaps), tuple(Counted(f"{anchor}-t{number}", total) for number, total in enumerate(totals, 1))


def _row(anchor: str, line: dict[str, Any], asked: dict[tuple[str, int], Exchange], where: str) -> Row:
    try:
        origins = tuple(
            _origin(asked, request, page, path, f"{where}: row {line['row_id']}")
            for request, page, path in line["origins"]
        )
        fields = {name: value for name, value in line.items() if name not in _OWN}
        return Row(anchor, line["table"], line["row_id"], line["source_id"], line["observed_at"], fields, origins)
    except (KeyError, ValueError, TypeError) as error:
        raise ArchiveError(f"{where}: line {anchor} of its records is no record: {error!r}") from error


def _origin(asked: dict[tuple[str, int], Exchange], request: str, page: int, path: str, where: str) -> Origin:
    exchange = asked.get((request, page))
    if exchange is None:
        raise ArchiveError(f"{where} was read from request {request} page {page}, which is not among its exchanges")
    if exchange.said.body is None:
        raise ArchiveError(f"{where} was read from request {request} page {page}, which has no body")
    return Origin(exchange, exchange.said.body, path)
