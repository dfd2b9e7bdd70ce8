"""The collector's evidence about itself: what became of the slots that a run has answered.

Sealed with the run like any evidence, so that LOG-11 is judged by the same machinery as every control.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector import normalise
from collector.kept import COLLECTION
from collector.model import Content, Kind, Scope, Snapshot
from collector.normalise import timestamp
from collector.records import CollectionSlot
from collector.slots import Series, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from collector.turn import Turn


def account(
    turn: Turn, snapshots: Sequence[Snapshot], origin: str, keep: Callable[[bytes], str], now: datetime
) -> Snapshot:
    """A snapshot with one row for each slot that was served and each stretch that was missed.

    `origin` names the archive: the scope it is about. Documents go to `keep`.
    """
    scope = Scope("agent", origin)
    rows = [normalise.line(COLLECTION, scope, record) for record in (*_served(snapshots), *_missed(turn))]
    document, doubles = normalise.document(COLLECTION, rows)
    nothing = Content(keep(b""), 0)
    return Snapshot(
        evidence_type=COLLECTION,
        scope=scope,
        kind=Kind.CONFIGURATION,
        window=None,
        started_at=now,
        ended_at=now,
        caller="the collector itself",
        records=Content(keep(document), document.count(b"\n")),
        exchanges=nothing,
        completeness=nothing,
        gaps=tuple(doubles),
        totals=(),
    )


def _served(snapshots: Sequence[Snapshot]) -> Iterator[CollectionSlot]:
    for one in snapshots:
        if one.slot is not None:
            series = Series(one.evidence_type, one.scope.provider, one.scope.unit_id)
            state = State.of(complete=one.complete, records=one.records.count)
            because = f"lost from {timestamp(one.lost.start)} to {timestamp(one.lost.end)}" if one.lost else None
            yield _row(series, one.slot, one.slot, 1, state, because=because)


def _missed(turn: Turn) -> Iterator[CollectionSlot]:
    for one in turn.missed:
        because = ": ".join(part for part in (one.by, one.because) if part)
        yield _row(one.series, one.first, one.last, one.count, one.cause.state, one.cause.value, because)


def _row(
    series: Series,
    first: datetime,
    last: datetime,
    count: int,
    state: State,
    cause: str | None = None,
    because: str | None = None,
) -> CollectionSlot:
    return CollectionSlot(
        key=f"{' '.join(series)} {normalise.timestamp(first)}",
        seen=(),
        collected_type=series.type,
        collected_provider=series.provider,
        collected_unit=series.unit,
        first_slot=first,
        last_slot=last,
        slots=count,
        state=state.value,
        cause=cause,
        because=because,
    )
