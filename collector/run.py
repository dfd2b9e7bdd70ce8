"""One pass: collect what is planned, seal it, have its place prove the lock, judge it, seal proof and judgement.

Evidence and the leaf that ends the run are one commit, so a run is in the archive whole or not at all. The judgement
is a second commit: were the process to die between the two, the evidence stands, and can be judged again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from collector import canonical, collection, seal
from collector.archive.reader import Reader
from collector.assess.completeness import Evidence
from collector.assess.judge import assess
from collector.collect import collect
from collector.connector import Per
from collector.model import Content

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from collector.archive.archive import Archive, Committed
    from collector.archive.staging import Staging
    from collector.archive.store import Store
    from collector.archive.worm import Lock
    from collector.assess.controls import Control
    from collector.assess.judge import Assessment
    from collector.connector import Connection, EvidenceType, Surroundings
    from collector.ledger import Missed
    from collector.model import Gap, Snapshot
    from collector.plan import Task
    from collector.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run is to do, decided before it starts."""

    run: str
    """Its id: unique in the archive, and sorting by time."""
    mode: str
    tasks: Sequence[Task]
    types: Sequence[EvidenceType]
    broken: Sequence[tuple[str, Gap]]
    """Connectors that could not be loaded, each with the gap this leaves."""
    controls: Sequence[Control]
    """With the parameters in force."""
    configuration: Mapping[str, Any]
    version: str
    code: str
    """SHA-256 over the collector's own source."""
    turn: Turn | None = None
    """The slots it serves; None for a run out of schedule."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a run has sealed."""

    run: str
    snapshots: Sequence[Snapshot]
    gaps: Sequence[Gap]
    assessments: Sequence[Assessment]
    lock: Lock
    missed: Sequence[Missed] = ()

    @property
    def complete(self) -> bool:
        """Whether everything that was due was read whole, and nothing in the archive was meddled with."""
        whole = all(snapshot.complete for snapshot in self.snapshots)
        return whole and not self.gaps and not self.missed and not self.lock.findings


@dataclass(frozen=True, slots=True)
class Gathered:
    """The evidence of a run, sealed and not yet judged."""

    snapshots: Sequence[Snapshot]
    evidence: Sequence[Evidence]
    committed: Committed
    missed: Sequence[Missed]


def gather(
    order: Order,
    around: Surroundings,
    connections: Mapping[str, Connection],
    archive: Archive,
    staging: Staging,
    done: Callable[[Snapshot], None],
) -> Gathered:
    """Collect, and return once it is sealed. ArchiveError when it could not be: then nothing of the run is kept."""
    started = around.clock()
    snapshots = collect(order.tasks, connections, around.pool, around.keep, around.clock, done)
    turn = order.turn.confirmed(around.clock()) if order.turn else None
    if turn:  # what another run has taken over meanwhile is still evidence, though it answers no slot
        snapshots = [replace(one, slot=turn.slot(one.evidence_type, one.scope)) for one in snapshots]
        snapshots.append(collection.account(turn, snapshots, archive.origin, staging.put, around.clock()))
    leaves = [seal.evidence_leaf(snapshot, order.run) for snapshot in snapshots]
    missed = list(turn.missed_leaf(staging, around.clock())) if turn else []
    ending = seal.run_leaf(
        order.run,
        mode=order.mode,
        started=started,
        ended=around.clock(),
        expected=len(snapshots),
        snapshots=snapshots,
        gaps=[gap for _, gap in order.broken],
        configuration=_kept(staging, canonical.encode(order.configuration) + b"\n"),
        version=order.version,
        code=order.code,
        slots=turn.summary if turn else None,
    )
    committed = archive.append([*leaves, *missed, ending], staging)
    evidence = [Evidence(index, leaf) for index, leaf in zip(committed.indices, leaves, strict=False)]
    return Gathered(snapshots, evidence, committed, turn.missed if turn else ())


def judge(order: Order, gathered: Gathered, archive: Archive, store: Store, clock: Callable[[], datetime]) -> Finished:
    """Have the place prove its lock, judge the evidence, and seal both. No provider is asked anything."""
    with archive.stage(clock()) as staging:
        lock = store.lock({stored.key: stored.digest for stored in gathered.committed.objects})
        read_back = _read_back(order.run, str(store), gathered.committed, lock, staging, clock())
        assessments = _judged(order, gathered.evidence, Reader(store).content)
        sealed = [_sealed(order.run, one, staging, clock()) for one in assessments]
        archive.append([read_back, *sealed], staging)
    gaps = [gap for _, gap in order.broken]
    return Finished(order.run, gathered.snapshots, gaps, assessments, lock, gathered.missed)


def _read_back(
    run: str, place: str, committed: Committed, lock: Lock, staging: Staging, now: datetime
) -> dict[str, Any]:
    findings = ((finding.object, finding.problem) for finding in lock.findings)
    return seal.storage_leaf(
        run,
        place=place,
        read=now,
        commit=committed.sequence,
        state=lock.state.value,
        because=lock.because,
        facts=lock.facts,
        findings=_kept(staging, seal.findings_document(findings)),
    )


def _judged(order: Order, evidence: Sequence[Evidence], content: Callable[[str], bytes]) -> list[Assessment]:
    collected = {leaf.type for leaf in evidence}
    broken = {provider for provider, _ in order.broken}
    relevant = [
        control
        for control in order.controls
        if not collected.isdisjoint(control.evidence) or broken & {name.split(".")[0] for name in control.evidence}
    ]
    estate = frozenset(one.id for one in order.types if one.per is Per.ESTATE)
    standing = [Evidence(index, body) for index, body in (order.turn.standing if order.turn else ())]
    return list(assess(relevant, [*standing, *evidence], content, order.broken, estate))


def _sealed(run: str, assessment: Assessment, staging: Staging, now: datetime) -> dict[str, Any]:
    control = assessment.control
    text = control.text.encode()
    return seal.outcome_leaf(
        run,
        control=control.id,
        assessed=now,
        rule=Content(staging.put(text), text.count(b"\n")),
        parameters=dict(assessment.parameters),
        outcomes=_kept(staging, assessment.document),
        counts={verdict.value: count for verdict, count in assessment.counts.items()},
        evidence=assessment.leaves,
    )


def _kept(staging: Staging, document: bytes) -> Content:
    return Content(staging.put(document), document.count(b"\n"))
